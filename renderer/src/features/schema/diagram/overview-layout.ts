import { componentsOf } from './diagram-graph.ts';
import type { TableKey } from './diagram-graph.ts';
import { gridBoxes, packBoxes } from './packing.ts';
import type { Box, Place } from './packing.ts';

export interface OverviewInput {
  readonly tables: readonly { readonly key: TableKey; readonly schema: string }[];
  readonly lines: readonly { readonly from: TableKey; readonly to: TableKey }[];
}

export interface OverviewRegion {
  readonly schema: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly tables: number;
}

/** A whole database as boxes in one region a schema. Plain data, so that it can come from a worker. */
export interface OverviewLayout {
  readonly places: readonly (readonly [TableKey, Place])[];
  readonly regions: readonly OverviewRegion[];
  readonly width: number;
  readonly height: number;
  /** Height of the headings of regions: larger in larger pictures, so that they can be read when all of it is on screen. */
  readonly header: number;
}

export const overviewBox = { width: 150, height: 26 } as const;
const boxGap = 8;
const groupGap = 26;
const regionPadding = 20;
const regionGap = 44;
const aspect = 1.5;

/**
 * Packs a database by schema, and within it by connected group, each as a grid in which neighbours of the most connected
 * table come first. No forces: the same schema always gives the same picture, and it takes milliseconds.
 */
export function layoutOverview({ tables, lines }: OverviewInput): OverviewLayout {
  const neighbours = new Map<TableKey, TableKey[]>();
  for (const { from, to } of lines) {
    if (from === to) continue;
    neighbours.set(from, [...(neighbours.get(from) ?? []), to]);
    neighbours.set(to, [...(neighbours.get(to) ?? []), from]);
  }
  const area = tables.length * (overviewBox.width + boxGap) * (overviewBox.height + boxGap) * 1.6;
  const header = Math.round(Math.min(110, Math.max(44, Math.sqrt(area) * 0.024)));
  const bySchema = Map.groupBy(tables, (table) => table.schema);
  const regions = [...bySchema].map(([schema, own]) =>
    layoutRegion(
      schema,
      own.map((table) => table.key),
      lines,
      neighbours,
      header,
    ),
  );
  const packed = packBoxes(
    regions.map(({ box }) => box),
    regionGap,
    aspect,
  );
  const places: (readonly [TableKey, Place])[] = [];
  const placedRegions = regions.map(({ box, inner, tables: count }): OverviewRegion => {
    const at = packed.places.get(box.id) ?? { x: 0, y: 0 };
    for (const [key, place] of inner) places.push([key, { x: at.x + place.x, y: at.y + place.y }]);
    return { schema: box.id, x: at.x, y: at.y, width: box.width, height: box.height, tables: count };
  });
  return { places, regions: placedRegions, width: packed.width, height: packed.height, header };
}

function layoutRegion(
  schema: string,
  keys: readonly TableKey[],
  lines: OverviewInput['lines'],
  neighbours: ReadonlyMap<TableKey, readonly TableKey[]>,
  header: number,
): { readonly box: Box; readonly inner: readonly (readonly [TableKey, Place])[]; readonly tables: number } {
  const own = new Set(keys);
  const groups = componentsOf(
    keys,
    lines.filter((line) => own.has(line.from) && own.has(line.to)),
  );
  const connected = groups
    .filter((group) => group.length > 1)
    .map((group) => aroundTheMostConnected(group, neighbours));
  const alone = groups
    .filter((group) => group.length === 1)
    .flat()
    .sort();
  const grids = (alone.length > 0 ? [...connected, alone] : connected).map((group) =>
    gridBoxes(
      group.map((key) => ({ id: key, ...overviewBox })),
      boxGap,
      aspect,
    ),
  );
  const packed = packBoxes(
    grids.map((grid, index) => ({ id: String(index), width: grid.width, height: grid.height })),
    groupGap,
    aspect,
  );
  const inner: (readonly [TableKey, Place])[] = [];
  for (const [index, grid] of grids.entries()) {
    const at = packed.places.get(String(index)) ?? { x: 0, y: 0 };
    for (const [key, place] of grid.places)
      inner.push([key, { x: regionPadding + at.x + place.x, y: header + at.y + place.y }]);
  }
  const headingWidth = (schema.length + 4) * header * 0.36;
  const width = Math.max(packed.width, overviewBox.width, headingWidth) + regionPadding * 2;
  return { box: { id: schema, width, height: packed.height + header + regionPadding }, inner, tables: keys.length };
}

/** Breadth first from the table with most keys, so that a grid keeps near what belongs together. */
function aroundTheMostConnected(
  group: readonly TableKey[],
  neighbours: ReadonlyMap<TableKey, readonly TableKey[]>,
): TableKey[] {
  const degree = (key: TableKey) => neighbours.get(key)?.length ?? 0;
  const members = new Set(group);
  const start = group.toSorted((a, b) => degree(b) - degree(a) || (a < b ? -1 : 1))[0];
  if (start === undefined) return [];
  const order = [start];
  const seen = new Set(order);
  for (const key of order) {
    const next = [...new Set(neighbours.get(key) ?? [])]
      .filter((other) => members.has(other) && !seen.has(other))
      .sort((a, b) => degree(b) - degree(a) || (a < b ? -1 : 1));
    for (const other of next) {
      seen.add(other);
      order.push(other);
    }
  }
  return order;
}
