import type { PlanIndex } from '../reader/plan-index.ts';

import { heatStep } from '../plan-heat.ts';
import { boxContent } from './box-content.ts';
import { boxHeight, boxWidth, inSight, levelGap } from './diagram-layout.ts';
import type { DiagramBox, DiagramPart, PlanDiagram } from './diagram-layout.ts';

/** Colours as values: a canvas and a picture file know no CSS variables. */
export interface DiagramColors {
  readonly background: string;
  readonly box: string;
  readonly border: string;
  readonly strong: string;
  readonly text: string;
  readonly dim: string;
  readonly name: string;
  readonly warning: string;
  readonly accent: string;
  readonly well: string;
  readonly flow: string;
  /** By heat step, 0 to 5. */
  readonly heat: readonly string[];
}

export type DiagramFont = 'title' | 'data' | 'small';

/** What the diagram is drawn of, on a canvas as in a file. */
export type DiagramShape =
  | {
      readonly kind: 'rectangle';
      readonly left: number;
      readonly top: number;
      readonly width: number;
      readonly height: number;
      readonly radius: number;
      readonly fill: string | null;
      readonly stroke: string | null;
      readonly strokeWidth: number;
    }
  | {
      readonly kind: 'curve';
      readonly fromX: number;
      readonly fromY: number;
      readonly toX: number;
      readonly toY: number;
      readonly stroke: string;
      readonly width: number;
      readonly dashed: boolean;
    }
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly x: number;
      readonly y: number;
      readonly font: DiagramFont;
      readonly fill: string;
      readonly align: 'left' | 'right' | 'center';
      /** Wider text is cut, with an ellipsis. */
      readonly maxWidth: number;
    };

/** Smaller than this, words cannot be read and are left out. */
const leastReadableScale = 0.42;
const padding = 10;

/** The shapes of a part of the diagram, back to front. `chosen` is the place of a box; -1 for none. */
export function diagramShapes(
  diagram: PlanDiagram,
  index: PlanIndex,
  colors: DiagramColors,
  part: DiagramPart,
  view: { readonly scale: number; readonly chosen: number },
): DiagramShape[] {
  const { boxes, passing } = inSight(diagram, part);
  if (view.scale < leastReadableScale) return overviewShapes(diagram, index, colors, boxes, view);
  return [
    ...[...passing, ...boxes].flatMap((box) => flowShapes(diagram, index, colors, box)),
    ...boxes.flatMap((box) => boxShapes(index, colors, box, box === diagram.boxes[view.chosen])),
  ];
}

/** From afar: one rectangle for each box, of those that fall onto the same pixels only the hottest. */
function overviewShapes(
  diagram: PlanDiagram,
  index: PlanIndex,
  colors: DiagramColors,
  boxes: readonly DiagramBox[],
  { scale, chosen }: { readonly scale: number; readonly chosen: number },
): DiagramShape[] {
  const byPlace = new Map<string, { readonly box: DiagramBox; readonly heat: number }>();
  for (const box of boxes) {
    const heat = box === diagram.boxes[chosen] ? 6 : heatOf(index, box);
    const place = `${box.left}:${Math.floor((box.top * scale) / 2)}`;
    if (heat > (byPlace.get(place)?.heat ?? -1)) byPlace.set(place, { box, heat });
  }
  const drawn = [...byPlace.values()];
  const line = (box: DiagramBox): DiagramShape[] => {
    const parent = diagram.boxes[box.parent];
    return parent === undefined ? [] : [curveTo(parent, box, colors, 1 / scale, false)];
  };
  return [
    ...drawn.flatMap(({ box }) => line(box)),
    ...drawn.map(({ box: { left, top }, heat }): DiagramShape => ({
      kind: 'rectangle',
      left,
      top,
      width: boxWidth,
      height: boxHeight,
      radius: 7,
      fill: heat === 0 || heat === 6 ? colors.box : (colors.heat[heat] ?? null),
      stroke: heat === 6 ? colors.accent : colors.border,
      strokeWidth: (heat === 6 ? 2 : 1) / scale,
    })),
  ];
}

function heatOf(index: PlanIndex, { row }: DiagramBox): number {
  const share = row.kind === 'run' ? row.run.own.sum / Math.max(index.total, Number.MIN_VALUE) : index.shares[row.id];
  return heatStep(share ?? 0);
}

function curveTo(
  parent: DiagramBox,
  box: DiagramBox,
  colors: DiagramColors,
  width: number,
  dashed: boolean,
): DiagramShape {
  return {
    kind: 'curve',
    fromX: parent.left + boxWidth,
    fromY: parent.top + boxHeight / 2,
    toX: box.left,
    toY: box.top + boxHeight / 2,
    stroke: colors.flow,
    width,
    dashed,
  };
}

/** The line that carries a box's rows to its parent, as thick as they are many. */
function flowShapes(diagram: PlanDiagram, index: PlanIndex, colors: DiagramColors, box: DiagramBox): DiagramShape[] {
  const parent = diagram.boxes[box.parent];
  if (parent === undefined) return [];
  const { rows, flow, dimmed } = boxContent(index, box.row);
  const line = curveTo(parent, box, colors, flow, dimmed);
  if (rows === null) return [line];
  return [
    line,
    {
      kind: 'text',
      text: rows,
      x: box.left - 6,
      y: box.top + boxHeight / 2 - 5 - flow / 2,
      font: 'small',
      fill: colors.text,
      align: 'right',
      maxWidth: levelGap - 10,
    },
  ];
}

function boxShapes(index: PlanIndex, colors: DiagramColors, box: DiagramBox, chosen: boolean): DiagramShape[] {
  const { left, top, row } = box;
  const { title, subject, isName, amount, share, heat, warning, dimmed } = boxContent(index, row);
  const shapes: DiagramShape[] = [];
  const frame = { kind: 'rectangle', left, top, width: boxWidth, height: boxHeight, radius: 7 } as const;
  if (row.kind === 'run')
    shapes.push({ ...frame, left: left + 4, top: top + 4, fill: colors.box, stroke: colors.border, strokeWidth: 1 });
  shapes.push({ ...frame, fill: colors.box, stroke: null, strokeWidth: 0 });
  // The heat is a wash behind the words; the bar below has it in full.
  if (heat > 1) shapes.push({ ...frame, fill: colors.heat[heat > 3 ? 2 : 1] ?? null, stroke: null, strokeWidth: 0 });
  shapes.push({
    ...frame,
    fill: null,
    stroke: chosen ? colors.accent : colors.border,
    strokeWidth: chosen ? 2 : 1,
  });
  const bar = { kind: 'rectangle', left: left + padding, top: top + boxHeight - 9, height: 3, radius: 1.5 } as const;
  const barWidth = boxWidth - padding * 2;
  shapes.push({ ...bar, width: barWidth, fill: colors.well, stroke: null, strokeWidth: 0 });
  if (share > 0.001)
    shapes.push({
      ...bar,
      width: Math.max(3, barWidth * Math.min(1, share)),
      fill: colors.heat[5] ?? null,
      stroke: null,
      strokeWidth: 0,
    });
  const text = (
    line: number,
    font: DiagramFont,
    content: string,
    fill: string,
    align: 'left' | 'right',
    maxWidth: number,
  ) =>
    shapes.push({
      kind: 'text',
      text: content,
      x: align === 'left' ? left + padding : left + boxWidth - padding,
      y: top + line,
      font,
      fill,
      align,
      maxWidth,
    });
  text(17, 'title', title, dimmed ? colors.dim : colors.strong, 'left', barWidth - (row.expanded === false ? 16 : 0));
  if (row.expanded === false) text(17, 'title', '+', colors.dim, 'right', 14);
  if (subject !== null) text(31, 'data', subject, isName ? colors.name : colors.text, 'left', barWidth);
  text(44, 'small', amount, heat >= 4 ? colors.strong : colors.text, 'left', warning === null ? barWidth : 96);
  if (warning !== null) text(44, 'small', warning, colors.warning, 'right', barWidth - 100);
  return shapes;
}
