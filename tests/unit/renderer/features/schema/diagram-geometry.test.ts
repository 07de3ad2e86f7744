import { describe, expect, test } from 'vitest';

import {
  endMark,
  endsOf,
  facingSides,
  plainRoute,
  roundedPath,
} from '../../../../../renderer/src/features/schema/diagram/crows-foot.ts';
import { keyLine } from '../../../../../renderer/src/features/schema/diagram/key-line.ts';
import type { DiagramKey } from '../../../../../renderer/src/features/schema/diagram/diagram-graph.ts';
import { meetingsOf } from '../../../../../renderer/src/features/schema/diagram/key-meetings.ts';
import { nearestTable } from '../../../../../renderer/src/features/schema/diagram/nearest-table.ts';
import { cardOf } from '../../../../../renderer/src/features/schema/diagram/table-card.ts';

import { sampleDiagram } from './schema-samples.ts';

describe('crow’s foot', () => {
  test('a key reads many to exactly one, and its options change either end', () => {
    expect(endsOf({ optional: false, unique: false })).toEqual({ parent: 'exactly one', child: 'many' });
    expect(endsOf({ optional: true, unique: true })).toEqual({ parent: 'zero or one', child: 'one' });
  });

  test('many spreads at the card and meets in one point outside it', () => {
    expect(endMark({ x: 100, y: 50 }, 'left', 'many').path).toBe('M100 44.5L89 50L100 55.5');
    expect(endMark({ x: 100, y: 50 }, 'right', 'many').path).toBe('M100 44.5L111 50L100 55.5');
  });

  test('only zero or one has a circle, outside its bar', () => {
    const mark = endMark({ x: 0, y: 0 }, 'right', 'zero or one');
    expect(mark.circle).toEqual({ center: { x: 13.5, y: 0 }, radius: 3.5 });
    expect(endMark({ x: 0, y: 0 }, 'right', 'exactly one').circle).toBeNull();
  });
});

describe('ways of lines', () => {
  test('between facing cards a line bends half-way', () => {
    expect(plainRoute({ x: 0, y: 0 }, 'right', { x: 200, y: 80 }, 'left')).toEqual([
      { x: 0, y: 0 },
      { x: 100, y: 0 },
      { x: 100, y: 80 },
      { x: 200, y: 80 },
    ]);
  });

  test('from the same side of both cards it goes around outside', () => {
    expect(plainRoute({ x: 10, y: 0 }, 'right', { x: 50, y: 60 }, 'right').map((point) => point.x)).toEqual([
      10, 76, 76, 50,
    ]);
  });

  test('cards face each other where there is room between them', () => {
    expect(facingSides({ left: 0, right: 100 }, { left: 200, right: 300 })).toEqual(['right', 'left']);
    expect(facingSides({ left: 200, right: 300 }, { left: 0, right: 100 })).toEqual(['left', 'right']);
    expect(facingSides({ left: 0, right: 100 }, { left: 20, right: 120 })).toEqual(['right', 'right']);
  });

  test('corners are rounded no further than half of a stretch', () => {
    expect(
      roundedPath([
        { x: 0, y: 0 },
        { x: 4, y: 0 },
        { x: 4, y: 40 },
      ]),
    ).toBe('M0 0L2 0Q4 0 4 2L4 40');
  });

  test('a key without an index gets its label at the referring end', () => {
    const graph = sampleDiagram(['orders', 'users'], ['orders>users']);
    const key = graph.keys[0];
    if (key === undefined) throw new Error('no key');
    const from = { at: { x: 300, y: 0 }, width: 100, y: 20 };
    const to = { at: { x: 0, y: 0 }, width: 100, y: 20 };
    expect(keyLine(key, from, to, null).label).toBeNull();
    const unindexed = { ...key, foreignKey: { ...key.foreignKey, indexed: false } };
    expect(keyLine(unindexed, from, to, null).label).toEqual({ x: 231, y: -1 });
  });
});

test('arrow keys go to the nearest table that lies ahead', () => {
  const box = (id: string, x: number, y: number) => ({ id, x, y, width: 100, height: 50 });
  const boxes = [box('here', 0, 0), box('right', 300, 20), box('far right', 600, 0), box('below', 0, 200)];
  const from = boxes[0];
  if (from === undefined) throw new Error('no box');
  expect(nearestTable(boxes, from, 'ArrowRight')?.id).toBe('right');
  expect(nearestTable(boxes, from, 'ArrowDown')?.id).toBe('below');
  expect(nearestTable(boxes, from, 'ArrowLeft')).toBeNull();
});

test('keys to one column meet in one place, except where their ends read differently', () => {
  const graph = sampleDiagram(['users', 'orders', 'notes', 'logs'], ['orders>users', 'notes>users', 'logs>users']);
  const cards = new Map([...graph.tables.values()].map((table) => [table.key, cardOf(graph, table, 'keys')]));
  const at = (keys: readonly DiagramKey[]) => [...meetingsOf(cards, keys).values()].map((meeting) => meeting.to);
  expect(new Set(at(graph.keys)).size).toBe(1);
  const [first, ...others] = at(
    graph.keys.map((key, index) => (index === 0 ? { ...key, foreignKey: { ...key.foreignKey, optional: true } } : key)),
  );
  expect(others.map((other) => other - (first ?? 0))).toEqual([-12, -12]);
});
