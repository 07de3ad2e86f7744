import { expect, test } from 'vitest';

import { foldingRanges } from '../../../../../renderer/src/features/plans/folding-ranges.ts';
import { planMarks } from '../../../../../renderer/src/features/plans/plan-marks.ts';
import { childrenOf } from '../../../../../renderer/src/features/plans/reader/plan-index.ts';
import {
  nothingFolded,
  parentPlace,
  placeOf,
  treeRows,
  withToggled,
} from '../../../../../renderer/src/features/plans/tree/tree-rows.ts';

import { indexOf } from './plan-fixture.ts';

const scan = (name: string, ms: number, rows = 1) =>
  `->  Seq Scan on ${name}  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..${ms.toFixed(3)} rows=${rows} loops=1)`;

/** An Append of ten partitions of which the last is read through an index, and a table that is joined to it. */
const partitioned = `Hash Join  (cost=0.00..9.00 rows=1 width=4) (actual time=0.000..100.000 rows=55 loops=1)
  ->  Append  (cost=0.00..9.00 rows=1 width=4) (actual time=0.000..60.000 rows=55 loops=1)
${Array.from({ length: 9 }, (_, at) => `        ${scan(`p${at + 1}`, at + 1, at + 1)}`).join('\n')}
        ->  Index Scan using p10_key on p10  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..5.000 rows=10 loops=1)
  ->  Hash  (cost=0.00..9.00 rows=1 width=4) (actual time=0.000..3.000 rows=1 loops=1)
        ${scan('other', 2)}
`;

test('eight or more alike siblings are one line, with how their times are spread', () => {
  const index = indexOf(partitioned);
  expect(index.runs).toHaveLength(1);
  expect(index.runs[0]).toMatchObject({
    parentId: 1,
    firstId: 2,
    endId: 10,
    count: 9,
    kind: 'Seq Scan',
    own: { sum: 45, min: 1, median: 5, max: 9 },
    rows: { sum: 45, min: 1, median: 5, max: 9 },
    blocks: null,
  });
  expect(treeRows(index, nothingFolded).map(({ kind, id, depth }) => [kind, id, depth])).toEqual([
    ['node', 0, 0],
    ['node', 1, 1],
    ['run', 2, 2],
    ['node', 11, 2],
    ['node', 12, 1],
    ['node', 13, 2],
  ]);
});

test('a run that is opened shows its siblings one level deeper, and closes again', () => {
  const index = indexOf(partitioned);
  const [, , run] = treeRows(index, nothingFolded);
  if (run === undefined) throw new Error('no run');
  const opened = withToggled(nothingFolded, run, true);
  const rows = treeRows(index, opened);
  expect(rows.map(({ kind, id, depth }) => [kind, id, depth]).slice(2, 13)).toEqual([
    ['run', 2, 2],
    ...Array.from({ length: 9 }, (_, at) => ['node', at + 2, 3]),
    ['node', 11, 2],
  ]);
  expect(treeRows(index, withToggled(opened, run, false))).toEqual(treeRows(index, nothingFolded));
});

test('a node inside a folded run is found at the run, and at its own line once that is open', () => {
  const index = indexOf(partitioned);
  const folded = treeRows(index, nothingFolded);
  expect(folded[placeOf(folded, index, { id: 7, onRun: false })]).toMatchObject({ kind: 'run', id: 2 });
  expect(folded[placeOf(folded, index, { id: 13, onRun: false })]).toMatchObject({ kind: 'node', id: 13 });
  const open = treeRows(index, { collapsed: new Set(), openRuns: new Set([2]) });
  expect(open[placeOf(open, index, { id: 7, onRun: false })]).toMatchObject({ kind: 'node', id: 7 });
  const collapsed = treeRows(index, { collapsed: new Set([1]), openRuns: new Set() });
  expect(collapsed[placeOf(collapsed, index, { id: 7, onRun: false })]).toMatchObject({ kind: 'node', id: 1 });
});

test('an open run and its first sibling are two lines: each can be chosen, and leads to the line above it', () => {
  const index = indexOf(partitioned);
  const rows = treeRows(index, { collapsed: new Set(), openRuns: new Set([2]) });
  const run = placeOf(rows, index, { id: 2, onRun: true });
  const sibling = placeOf(rows, index, { id: 2, onRun: false });
  expect([rows[run]?.kind, rows[sibling]?.kind, sibling - run]).toEqual(['run', 'node', 1]);
  expect(parentPlace(rows, sibling)).toBe(run);
  expect(parentPlace(rows, sibling + 5)).toBe(run);
  expect(rows[parentPlace(rows, run)]).toMatchObject({ kind: 'node', id: 1 });
  expect(parentPlace(rows, 0)).toBe(-1);
});

test('seven alike siblings are not folded', () => {
  const seven = `Append  (cost=0.00..1.00 rows=1 width=4)\n${Array.from({ length: 7 }, (_, at) => `  ->  Seq Scan on p${at}  (cost=0.00..1.00 rows=1 width=4)`).join('\n')}\n`;
  expect(indexOf(seven).runs).toEqual([]);
});

test('in the text a run folds at its first line, and its lens speaks for all of it', () => {
  const index = indexOf(partitioned);
  const line = index.plan.nodes[2]?.line ?? 0;
  const marks = planMarks(index);
  expect(marks.foldedAtFirst).toEqual([line]);
  expect(foldingRanges(index)).toContainEqual({ start: line, end: line + 8 });
  expect(marks.lensAt(line)).toMatchObject({ text: '1.0 ms · 1 %', foldedText: '9 alike · 45.0 ms · 45 %' });
  expect(marks.lensAt(line + 1)).toMatchObject({ foldedText: null });
});

test('children are found in a tree that only knows where each node’s descendants end', () => {
  const index = indexOf(partitioned);
  expect([0, 1, 2, 12].map((id) => childrenOf(index, id))).toEqual([
    [1, 12],
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
    [],
    [13],
  ]);
});
