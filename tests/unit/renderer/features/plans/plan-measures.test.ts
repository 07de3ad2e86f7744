import { expect, test } from 'vitest';

import { sumsBelow } from '../../../../../renderer/src/features/plans/icicle-layout.ts';
import { statisticsByFunction, statisticsByIndex } from '../../../../../renderer/src/features/plans/plan-statistics.ts';
import { isLoose, measureOf, relationOf } from '../../../../../renderer/src/features/plans/reader/plan-index.ts';
import {
  defaultColumns,
  hasColumn,
  treeColumns,
} from '../../../../../renderer/src/features/plans/tree/tree-columns.ts';

import { estimatedText, indexOf, joinText } from './plan-fixture.ts';

const withTimings = `Aggregate  (cost=1.00..2.00 rows=1 width=8) (actual time=50.000..50.000 rows=1 loops=1)
  Buffers: shared hit=10 read=90
  I/O Timings: shared read=40.000
  WAL: records=3 bytes=300
  ->  Bitmap Heap Scan on t  (cost=1.00..2.00 rows=1 width=8) (actual time=1.000..45.000 rows=500 loops=2)
        Buffers: shared hit=10 read=90
        I/O Timings: shared read=40.000
        WAL: records=3 bytes=300
        ->  Bitmap Index Scan on t_a  (cost=1.00..2.00 rows=1 width=8) (actual time=1.000..1.000 rows=500 loops=2)
              Buffers: shared hit=2 read=10
              I/O Timings: shared read=8.000
`;

test('what PostgreSQL prints with the inputs is shown without them', () => {
  const index = indexOf(withTimings);
  expect([...(measureOf(index, 'io') ?? [])]).toEqual([0, 32, 8]);
  expect([...(measureOf(index, 'wal') ?? [])]).toEqual([0, 300, 0]);
  expect([...(measureOf(index, 'blocks') ?? [])]).toEqual([0, 88, 12]);
  expect([...(measureOf(index, 'rows') ?? [])]).toEqual([1, 1000, 1000]);
  expect([...sumsBelow(index, measureOf(index, 'io') ?? index.own)]).toEqual([40, 40, 8]);
});

test('what a CTE wrote is counted once, at the node that wrote it', () => {
  const index = indexOf(`CTE Scan on x  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..9.000 rows=1 loops=1)
  WAL: records=10 bytes=59000
  CTE x
    ->  Insert on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..8.000 rows=1 loops=1)
          WAL: records=10 bytes=59000
          ->  Result  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..0.000 rows=1 loops=1)
`);
  expect([...(measureOf(index, 'wal') ?? [])]).toEqual([0, 59_000, 0]);
});

test('a plan without timings or WAL says so instead of zeros', () => {
  const index = indexOf(joinText);
  expect([measureOf(index, 'io'), measureOf(index, 'wal')]).toEqual([null, null]);
});

test('columns that a plan cannot fill are known', () => {
  const told = (text: string) => {
    const index = indexOf(text);
    return treeColumns.filter((column) => hasColumn(index, column)).map(({ id }) => id);
  };
  expect(told(estimatedText)).toEqual(['self', 'expected', 'cost', 'width']);
  expect(told(joinText)).toEqual(expect.arrayContaining(['total', 'removed', 'read', ...defaultColumns]));
});

test('over many loops the printed time is only a bound, and is shown as one', () => {
  const index = indexOf(`Nested Loop  (cost=0.00..1.00 rows=1 width=4) (actual time=0.010..900.000 rows=1 loops=1)
  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4) (actual time=0.010..100.000 rows=1000000 loops=1)
  ->  Index Only Scan using b_pkey on b  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..0.000 rows=1 loops=1000000)
`);
  expect(index.plan.nodes.map(({ id }) => isLoose(index, id))).toEqual([false, false, true]);
  const self = treeColumns.find(({ id }) => id === 'self');
  expect(self?.text(self.value(index, 2) ?? 0, index, 2)).toBe('≤ 500 ms');
});

test('a bitmap of an index leads to the table above it', () => {
  const index = indexOf(withTimings);
  expect([0, 1, 2].map((id) => relationOf(index, id)?.name ?? null)).toEqual([null, 't', 't']);
});

test('statistics gather by index and by function', () => {
  expect(statisticsByIndex(indexOf(withTimings)).map(({ name, rows }) => [name, rows])).toEqual([['t_a', 1000]]);
  const called = indexOf(
    'Function Scan on generate_series n  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..2.000 rows=9 loops=1)\n',
  );
  expect(statisticsByFunction(called).map(({ name }) => name)).toEqual(['generate_series']);
});
