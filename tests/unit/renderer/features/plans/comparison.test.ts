import { expect, test } from 'vitest';

import { comparePlans } from '../../../../../electron/plan-core/index.ts';
import { analyzePlans } from '../../../../../electron/plan-core/index.ts';
import {
  comparisonState,
  readComparisonState,
} from '../../../../../renderer/src/features/plans/compare/comparison-state.ts';
import { changeSentence, pairRows, totalName } from '../../../../../renderer/src/features/plans/compare/pair-rows.ts';
import { indexPlan } from '../../../../../renderer/src/features/plans/reader/plan-index.ts';

const before = `Sort  (cost=9.00..9.00 rows=10 width=4) (actual time=90.000..90.000 rows=10 loops=1)
  ->  Seq Scan on t  (cost=0.00..8.00 rows=10 width=4) (actual time=0.000..80.000 rows=10 loops=1)
        Filter: (a = 1)
Execution Time: 90.000 ms
`;
const after = `Index Scan using t_a on t  (cost=0.00..1.00 rows=10 width=4) (actual time=0.000..2.000 rows=10 loops=1)
  Index Cond: (a = 1)
Execution Time: 2.000 ms
`;

function compared(one: string, other: string) {
  const [a] = analyzePlans(one);
  const [b] = analyzePlans(other);
  if (a === undefined || b === undefined) throw new Error('no plan');
  return { before: indexPlan(a), after: indexPlan(b), comparison: comparePlans(a, b) };
}

test('every node of both plans is a line: what it is, what it was, what it took', () => {
  const rows = pairRows(compared(before, after));
  expect(rows.map(({ state, label, formerly }) => [state, label, formerly])).toEqual([
    ['removed', 'Sort', null],
    ['changed', 'Index Scan on t', 'Seq Scan on t'],
  ]);
  expect(rows[1]).toMatchObject({ ownBefore: 80, ownAfter: 2, rowsBefore: 10, rowsAfter: 10 });
  expect(rows[1]?.words).toEqual(expect.arrayContaining(['method', 'index used']));
});

test('the same plan twice has nothing changed', () => {
  expect(pairRows(compared(before, before)).map(({ state }) => state)).toEqual(['same', 'same']);
});

test('where one plan was not run, costs are set side by side', () => {
  const estimated = before.replaceAll(/ \(actual[^)]*\)/g, '').replace(/Execution.*\n/, '');
  const rows = pairRows(compared(estimated, after));
  expect(rows.every(({ ownBefore }) => ownBefore === null || ownBefore >= 0)).toBe(true);
});

test('a change is told with both its values', () => {
  const { comparison } = compared(before, after);
  const sentences = comparison.pairs.flatMap(({ changes }) => changes.map(changeSentence));
  expect(sentences).toContainEqual({ what: 'Index', before: '–', after: 't_a' });
  expect(totalName('wal-full-page-images')).toBe('WAL full page images');
});

test('what a tab kept is read back, and anything else is refused', () => {
  const state = {
    before: { kind: 'saved', savedId: '7', label: 'yesterday' },
    after: { kind: 'text', textId: 'x', label: 'now' },
  } as const;
  expect(readComparisonState(comparisonState(state))).toEqual(state);
  for (const bad of [null, 1, [], {}, { before: state.before }, { before: state.before, after: { kind: 'saved' } }])
    expect(readComparisonState(bad as never)).toBeNull();
});
