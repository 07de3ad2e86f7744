import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { layoutOverview, overviewBox } from '../../../../../renderer/src/features/schema/diagram/overview-layout.ts';
import { gridBoxes, packBoxes } from '../../../../../renderer/src/features/schema/diagram/packing.ts';
import type { Box, Place } from '../../../../../renderer/src/features/schema/diagram/packing.ts';

const boxes = fc
  .array(fc.record({ width: fc.integer({ min: 1, max: 400 }), height: fc.integer({ min: 1, max: 400 }) }), {
    minLength: 1,
    maxLength: 40,
  })
  .map((list): Box[] => list.map((box, index) => ({ ...box, id: String(index) })));

function overlaps(list: readonly Box[], places: ReadonlyMap<string, Place>): string[] {
  const found: string[] = [];
  for (const [index, a] of list.entries()) {
    for (const b of list.slice(index + 1)) {
      const [at, other] = [places.get(a.id), places.get(b.id)];
      if (at === undefined || other === undefined) found.push(`${a.id} or ${b.id} is missing`);
      else if (
        at.x < other.x + b.width &&
        other.x < at.x + a.width &&
        at.y < other.y + b.height &&
        other.y < at.y + a.height
      )
        found.push(`${a.id} and ${b.id}`);
    }
  }
  return found;
}

describe('packing', () => {
  test('places every box and none over another', () => {
    fc.assert(
      fc.property(boxes, (list) => {
        expect(overlaps(list, packBoxes(list, 10, 1.5).places)).toEqual([]);
      }),
    );
  });

  test('a grid places every box and none over another', () => {
    fc.assert(
      fc.property(boxes, (list) => {
        expect(overlaps(list, gridBoxes(list, 10, 1.5).places)).toEqual([]);
      }),
    );
  });

  test('many equal boxes make no ribbon', () => {
    const list = Array.from({ length: 60 }, (_, index) => ({ id: String(index), width: 200, height: 150 }));
    for (const { width, height } of [packBoxes(list, 40, 1.5), gridBoxes(list, 40, 1.5)]) {
      expect(width / height).toBeGreaterThan(1);
      expect(width / height).toBeLessThan(2.2);
    }
  });

  test('nothing takes no room', () => {
    expect(packBoxes([], 10, 1.5)).toEqual({ places: new Map(), width: 0, height: 0 });
    expect(gridBoxes([], 10, 1.5)).toEqual({ places: new Map(), width: 0, height: 0 });
  });
});

describe('the overview', () => {
  const tables = Array.from({ length: 1600 }, (_, index) => ({
    key: `s${index % 13}.t${index}`,
    schema: `s${index % 13}`,
  }));
  const lines = tables.slice(13).map((table, index) => ({ from: table.key, to: tables[index]?.key ?? '' }));

  test('holds every table once, inside the region of its schema', () => {
    const layout = layoutOverview({ tables, lines });
    const regions = new Map(layout.regions.map((region) => [region.schema, region]));
    const outside = layout.places.filter(([key, { x, y }]) => {
      const region = regions.get(key.split('.')[0] ?? '');
      return (
        region === undefined ||
        x < region.x ||
        y < region.y + layout.header ||
        x + overviewBox.width > region.x + region.width ||
        y + overviewBox.height > region.y + region.height
      );
    });
    expect([layout.places.length, new Set(layout.places.map(([key]) => key)).size, outside]).toEqual([1600, 1600, []]);
  });

  test('has about the shape of a window, and is the same each time', () => {
    const layout = layoutOverview({ tables, lines });
    expect(layout.width / layout.height).toBeGreaterThan(1);
    expect(layout.width / layout.height).toBeLessThan(2.4);
    expect(layoutOverview({ tables, lines })).toEqual(layout);
  });
});
