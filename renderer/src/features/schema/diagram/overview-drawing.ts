import type { DiagramKey, TableKey } from './diagram-graph.ts';
import type { Viewport } from './diagram-view-state.ts';
import { overviewBox } from './overview-layout.ts';
import type { OverviewLayout } from './overview-layout.ts';

export interface OverviewColors {
  readonly surface: string;
  readonly box: string;
  readonly line: string;
  readonly border: string;
  readonly strong: string;
  readonly dim: string;
  readonly accent: string;
  readonly schema: (schema: string) => string;
}

export interface OverviewScene {
  readonly layout: OverviewLayout;
  readonly names: ReadonlyMap<TableKey, { readonly schema: string; readonly name: string }>;
  readonly middles: ReadonlyMap<TableKey, { readonly x: number; readonly y: number }>;
  readonly lines: readonly DiagramKey[];
  /** The table whose relations are brought out: pointed at, else selected. */
  readonly bright: TableKey | null;
  readonly colors: OverviewColors;
}

const namesFrom = 0.5;

/** The middles of all boxes, for lines. */
export function middlesOf(layout: OverviewLayout): Map<TableKey, { readonly x: number; readonly y: number }> {
  return new Map(
    layout.places.map(([key, { x, y }]) => [key, { x: x + overviewBox.width / 2, y: y + overviewBox.height / 2 }]),
  );
}

/** The viewport that shows all of a picture. */
export function fitViewport(
  layout: { readonly width: number; readonly height: number },
  width: number,
  height: number,
): Viewport {
  const top = 58;
  const margin = 20;
  const zoom = Math.min(
    1,
    (width - margin * 2) / Math.max(1, layout.width),
    (height - top - margin) / Math.max(1, layout.height),
  );
  return { zoom, x: (width - layout.width * zoom) / 2, y: top + (height - top - margin - layout.height * zoom) / 2 };
}

/** The table at a point of the screen; null between tables. */
export function tableAt(layout: OverviewLayout, viewport: Viewport, x: number, y: number): TableKey | null {
  const at = { x: (x - viewport.x) / viewport.zoom, y: (y - viewport.y) / viewport.zoom };
  const found = layout.places.find(
    ([, place]) =>
      at.x >= place.x && at.x <= place.x + overviewBox.width && at.y >= place.y && at.y <= place.y + overviewBox.height,
  );
  return found?.[0] ?? null;
}

/** The schema whose region, or heading, is at a point of the screen. */
export function schemaAt(layout: OverviewLayout, viewport: Viewport, x: number, y: number): string | null {
  const at = { x: (x - viewport.x) / viewport.zoom, y: (y - viewport.y) / viewport.zoom };
  return (
    layout.regions.find(
      (region) =>
        at.x >= region.x && at.x <= region.x + region.width && at.y >= region.y && at.y <= region.y + region.height,
    )?.schema ?? null
  );
}

/** Draws what is in sight. */
export function drawOverview(
  context: CanvasRenderingContext2D,
  scene: OverviewScene,
  viewport: Viewport,
  width: number,
  height: number,
): void {
  const { zoom } = viewport;
  context.save();
  context.clearRect(0, 0, width, height);
  context.translate(viewport.x, viewport.y);
  context.scale(zoom, zoom);
  const sight = {
    left: -viewport.x / zoom,
    top: -viewport.y / zoom,
    right: (width - viewport.x) / zoom,
    bottom: (height - viewport.y) / zoom,
  };
  drawRegions(context, scene, zoom, sight);
  drawLines(context, scene, zoom, 'all');
  drawBoxes(context, scene, zoom, sight);
  drawLines(context, scene, zoom, 'bright');
  context.restore();
}

interface Sight {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function drawRegions(
  context: CanvasRenderingContext2D,
  { layout, colors }: OverviewScene,
  zoom: number,
  sight: Sight,
): void {
  context.lineWidth = 1 / zoom;
  for (const region of layout.regions) {
    if (!inSight(sight, region.x, region.y, region.width, region.height)) continue;
    const color = colors.schema(region.schema);
    context.fillStyle = color;
    context.strokeStyle = color;
    context.beginPath();
    context.roundRect(region.x, region.y, region.width, region.height, Math.min(14, 8 / zoom));
    context.globalAlpha = 0.06;
    context.fill();
    context.globalAlpha = 0.35;
    context.stroke();
    context.globalAlpha = 1;
    // A constant size on screen, as far as the region has room for it.
    const size = Math.min(layout.header * 0.6, Math.max(17, 12.5 / zoom));
    context.font = `600 ${size}px 'Inter Variable', Inter, sans-serif`;
    context.textBaseline = 'middle';
    const count = String(region.tables);
    const room = region.width - 30;
    const name = fitText(context, region.schema, room - size * (count.length * 0.65 + 0.8));
    context.fillText(name, region.x + 18, region.y + layout.header / 2);
    if (name !== '') {
      const nameWidth = context.measureText(name).width;
      context.font = `400 ${size * 0.88}px 'JetBrains Mono Variable', monospace`;
      context.fillStyle = colors.dim;
      context.fillText(count, region.x + 18 + nameWidth + size * 0.55, region.y + layout.header / 2);
    }
  }
}

function drawLines(
  context: CanvasRenderingContext2D,
  { lines, middles, bright, colors }: OverviewScene,
  zoom: number,
  which: 'all' | 'bright',
): void {
  if (which === 'bright' && bright === null) return;
  const path = new Path2D();
  for (const { from, to } of lines) {
    const a = middles.get(from);
    const b = middles.get(to);
    if (a === undefined || b === undefined || from === to || (which === 'bright' && from !== bright && to !== bright))
      continue;
    path.moveTo(a.x, a.y);
    path.lineTo(b.x, b.y);
  }
  context.globalAlpha = which === 'bright' ? 0.9 : bright === null ? 0.3 : 0.12;
  context.lineWidth = which === 'bright' ? Math.max(1.2, 1.4 / zoom) : Math.max(0.8, 0.7 / zoom);
  context.strokeStyle = which === 'bright' ? colors.accent : colors.dim;
  context.stroke(path);
  context.globalAlpha = 1;
}

function drawBoxes(context: CanvasRenderingContext2D, scene: OverviewScene, zoom: number, sight: Sight): void {
  const { layout, names, lines, bright, colors } = scene;
  const { width, height } = overviewBox;
  const related = new Set(
    bright === null
      ? []
      : lines.flatMap((line) => (line.from === bright ? [line.to] : line.to === bright ? [line.from] : [])),
  );
  const withNames = zoom >= namesFrom;
  context.textBaseline = 'middle';
  context.font = "500 12.5px 'Inter Variable', Inter, sans-serif";
  for (const [key, { x, y }] of layout.places) {
    if (!inSight(sight, x, y, width, height)) continue;
    const table = names.get(key);
    if (table === undefined) continue;
    const lit = key === bright || related.has(key);
    context.globalAlpha = bright === null || lit ? 1 : 0.55;
    context.beginPath();
    context.roundRect(x, y, width, height, 5);
    context.fillStyle = colors.box;
    context.fill();
    const color = colors.schema(table.schema);
    context.lineWidth = (lit ? 1.6 : 1) / Math.max(0.35, zoom);
    context.strokeStyle = lit ? colors.accent : colors.border;
    context.stroke();
    context.fillStyle = color;
    if (withNames) {
      context.fillRect(x + 7, y + 7, 3, height - 14);
      context.fillStyle = colors.strong;
      context.fillText(fitText(context, table.name, width - 24), x + 16, y + height / 2 + 0.5);
    } else {
      context.globalAlpha *= 0.5;
      context.beginPath();
      context.roundRect(x, y, width, height, 5);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

const fitted = new Map<string, string>();

function fitText(context: CanvasRenderingContext2D, text: string, room: number): string {
  const key = `${context.font} ${Math.round(room)} ${text}`;
  const known = fitted.get(key);
  if (known !== undefined) return known;
  let cut = text;
  if (room <= 0) cut = '';
  while (cut.length > 1 && context.measureText(cut === text ? cut : `${cut}…`).width > room) cut = cut.slice(0, -1);
  const answer = cut === text || cut === '' ? cut : cut.length <= 2 ? '' : `${cut}…`;
  if (fitted.size > 20_000) fitted.clear();
  fitted.set(key, answer);
  return answer;
}

function inSight(sight: Sight, x: number, y: number, width: number, height: number): boolean {
  return x < sight.right && y < sight.bottom && x + width > sight.left && y + height > sight.top;
}
