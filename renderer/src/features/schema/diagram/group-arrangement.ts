import type { Point } from './crows-foot.ts';
import type { TableKey } from './diagram-graph.ts';
import type { GroupLayout } from './elk-graph.ts';
import { gridBoxes, packBoxes } from './packing.ts';
import type { TableCard } from './table-card.ts';

interface Arrangement {
  readonly positions: ReadonlyMap<TableKey, Point>;
  readonly routes: ReadonlyMap<string, readonly Point[]>;
}

const gap = 64;
const gridGap = 28;
const aspect = 1.5;

/** Packs laid-out groups side by side, and the tables without any line as a grid beside them. */
export function arrangeGroups(groups: readonly GroupLayout[], alone: readonly TableCard[]): Arrangement {
  const grid = gridBoxes(
    [...alone]
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map((card) => ({ id: card.key, width: card.width, height: card.height })),
    gridGap,
    aspect,
  );
  const boxes = groups.map((group, index) => ({ id: String(index), width: group.width, height: group.height }));
  if (alone.length > 0) boxes.push({ id: 'alone', width: grid.width, height: grid.height });
  const { places } = packBoxes(boxes, gap, aspect);
  const positions = new Map<TableKey, Point>();
  const routes = new Map<string, readonly Point[]>();
  for (const [index, group] of groups.entries()) {
    const at = places.get(String(index)) ?? { x: 0, y: 0 };
    for (const [key, point] of group.positions) positions.set(key, moved(point, at));
    for (const [key, points] of group.routes)
      routes.set(
        key,
        points.map((point) => moved(point, at)),
      );
  }
  const at = places.get('alone') ?? { x: 0, y: 0 };
  for (const [key, point] of grid.places) positions.set(key, moved(point, at));
  return { positions, routes };
}

/** All cards in a grid by name, for where a layout took too long. */
export function gridLayout(cards: readonly TableCard[]): Arrangement {
  return arrangeGroups([], cards);
}

function moved(point: Point, by: Point): Point {
  return { x: Math.round((point.x + by.x) * 10) / 10, y: Math.round((point.y + by.y) * 10) / 10 };
}
