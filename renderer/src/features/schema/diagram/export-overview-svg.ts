import type { TableKey } from './diagram-graph.ts';
import type { PictureColors } from './export-svg.ts';
import { overviewBox } from './overview-layout.ts';
import type { OverviewLayout } from './overview-layout.ts';
import { escapeXml } from '../../../lib/escape-xml.ts';

/** An overview as an SVG document of its own. */
export function overviewToSvg(
  layout: OverviewLayout,
  tables: ReadonlyMap<TableKey, { readonly schema: string; readonly name: string }>,
  lines: readonly { readonly from: TableKey; readonly to: TableKey }[],
  colors: PictureColors,
): string {
  const middles = new Map(
    layout.places.map(([key, { x, y }]) => [key, { x: x + overviewBox.width / 2, y: y + overviewBox.height / 2 }]),
  );
  const strokes = lines.flatMap(({ from, to }) => {
    const a = middles.get(from);
    const b = middles.get(to);
    return a === undefined || b === undefined || from === to ? [] : [`M${a.x} ${a.y}L${b.x} ${b.y}`];
  });
  const regions = layout.regions.map(
    ({ schema, x, y, width, height }) =>
      `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="12" fill="${colors.schema(schema)}" fill-opacity="0.06" stroke="${colors.schema(schema)}" stroke-opacity="0.4"/>` +
      `<text x="${x + 20}" y="${y + layout.header * 0.68}" font-size="${layout.header * 0.5}" font-weight="600" fill="${colors.schema(schema)}">${escapeXml(schema)}</text>`,
  );
  const boxes = layout.places.flatMap(([key, { x, y }]) => {
    const table = tables.get(key);
    if (table === undefined) return [];
    const name = table.name.length > 20 ? `${table.name.slice(0, 19)}…` : table.name;
    return [
      `<rect x="${x}" y="${y}" width="${overviewBox.width}" height="${overviewBox.height}" rx="4" fill="${colors.card}" stroke="${colors.border}"/>` +
        `<rect x="${x}" y="${y + 5}" width="3" height="${overviewBox.height - 10}" fill="${colors.schema(table.schema)}"/>` +
        `<text x="${x + 10}" y="${y + 17.5}" font-size="12" fill="${colors.strong}"><title>${escapeXml(key)}</title>${escapeXml(name)}</text>`,
    ];
  });
  const frame = `viewBox="-40 -40 ${layout.width + 80} ${layout.height + 80}" width="${layout.width + 80}" height="${layout.height + 80}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${frame} font-family="Inter, system-ui, sans-serif">`,
    `<rect x="-40" y="-40" width="100%" height="100%" fill="${colors.background}"/>`,
    ...regions,
    `<path d="${strokes.join('')}" fill="none" stroke="${colors.line}" stroke-opacity="0.25"/>`,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}
