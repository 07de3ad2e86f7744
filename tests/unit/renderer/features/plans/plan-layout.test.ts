import { expect, test } from 'vitest';

import { foldingRanges } from '../../../../../renderer/src/features/plans/folding-ranges.ts';
import { icicleLayout, mostRects } from '../../../../../renderer/src/features/plans/icicle-layout.ts';
import { formatFactor, formatShare, heatStep } from '../../../../../renderer/src/features/plans/plan-heat.ts';
import { statisticsByKind, statisticsByTable } from '../../../../../renderer/src/features/plans/plan-statistics.ts';
import { hidingAncestors, treeRows } from '../../../../../renderer/src/features/plans/tree/tree-rows.ts';

import { estimatedText, indexOf, joinText } from './plan-fixture.ts';

function widePlan(scans: number): string {
  const lines = Array.from(
    { length: scans },
    (_, at) => `  ->  Seq Scan on p_${at}  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..1.000 rows=1 loops=1)`,
  );
  return `Append  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..${scans}.000 rows=${scans} loops=1)\n${lines.join('\n')}\n`;
}

test('heat has five steps, and none for what takes nothing', () => {
  expect([0, 0.001, 0.002, 0.05, 0.15, 0.3, 0.5, 1].map(heatStep)).toEqual([0, 0, 1, 2, 3, 4, 5, 5]);
});

test('shares and factors are written in two or three digits', () => {
  expect([0.0001, 0.004, 0.012, 0.831].map(formatShare)).toEqual(['', '0.4 %', '1 %', '83 %']);
  expect([null, 1, 1.2, 640, 2_000_000].map(formatFactor)).toEqual([null, '1×', '1.2×', '640×', '2e6×']);
});

test('a node folds with everything below it; a node of one line does not fold', () => {
  expect(foldingRanges(indexOf(joinText))).toEqual([
    { start: 1, end: 11 },
    { start: 4, end: 11 },
    { start: 6, end: 9 },
    { start: 10, end: 11 },
  ]);
});

test('the tree leaves out what is below a collapsed node', () => {
  const index = indexOf(joinText);
  const rows = treeRows(index, { collapsed: new Set([3]), openRuns: new Set() });
  expect(rows.map(({ id, depth, expanded }) => [id, depth, expanded])).toEqual([
    [0, 0, true],
    [1, 1, true],
    [2, 2, null],
    [3, 2, false],
  ]);
  expect(hidingAncestors(index, 4, new Set([1, 3]))).toEqual([3, 1]);
});

test('the icicle puts children below their parent, as wide as their time', () => {
  const index = indexOf(estimatedText);
  const rects = icicleLayout(index, index.own, 0, 0.01);
  expect(rects).toEqual([
    { id: 0, nodes: 2, level: 0, left: 0, width: 1 },
    { id: 1, nodes: 1, level: 1, left: 0, width: 1 },
  ]);
});

test('nodes too small to see become one rectangle', () => {
  const index = indexOf(widePlan(1000));
  const rects = icicleLayout(index, index.own, 0, 0.003);
  expect(rects).toHaveLength(2);
  expect(rects[1]).toMatchObject({ id: null, nodes: 1000, level: 1, left: 0 });
  expect(rects[1]?.width).toBeCloseTo(1, 6);
});

test('the icicle never has more rectangles than a page can hold', () => {
  const index = indexOf(widePlan(1000));
  expect(icicleLayout(index, index.own, 0, 0).length).toBe(mostRects);
});

test('statistics gather by node type and by table, heaviest first', () => {
  const index = indexOf(joinText);
  expect(statisticsByKind(index).map((row) => row.name)).toEqual([
    'Seq Scan',
    'Sort',
    'Hash',
    'Hash Join',
    'Index Scan',
  ]);
  expect(
    statisticsByTable(index).map(({ name, nodes, neverExecuted, rows, blocks, blocksRead }) => ({
      name,
      nodes,
      neverExecuted,
      rows,
      blocks,
      blocksRead,
    })),
  ).toEqual([
    { name: 'public.holdings', nodes: 1, neverExecuted: 0, rows: 18_204, blocks: 7020, blocksRead: 6208 },
    { name: 'portfolios', nodes: 1, neverExecuted: 1, rows: 0, blocks: 0, blocksRead: 0 },
  ]);
});
