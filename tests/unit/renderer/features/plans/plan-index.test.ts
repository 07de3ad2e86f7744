import { expect, test } from 'vitest';

import { heaviestNode, nodeAtLine } from '../../../../../renderer/src/features/plans/reader/plan-index.ts';
import { nodeLabelOf } from '../../../../../renderer/src/features/plans/reader/plan-names.ts';

import { estimatedText, indexOf, joinText } from './plan-fixture.ts';

test('nodes are named as their text names them', () => {
  const index = indexOf(joinText);
  expect(index.names).toEqual([
    { kind: 'Sort', object: null, index: null },
    { kind: 'Hash Join', object: null, index: null },
    { kind: 'Seq Scan', object: 'public.holdings h', index: null },
    { kind: 'Hash', object: null, index: null },
    { kind: 'Index Scan', object: 'portfolios p', index: 'portfolios_pkey' },
  ]);
  expect(index.names.map(nodeLabelOf).at(-1)).toBe('Index Scan on portfolios p');
});

test('a bitmap index scan names its index, not a table', () => {
  const index = indexOf(
    'Bitmap Heap Scan on t  (cost=1.00..2.00 rows=1 width=4)\n  ->  Bitmap Index Scan on t_a  (cost=0.00..1.00 rows=1 width=0)\n',
  );
  expect(index.names).toEqual([
    { kind: 'Bitmap Heap Scan', object: 't', index: null },
    { kind: 'Bitmap Index Scan', object: null, index: 't_a' },
  ]);
});

test('a quoted name is a name, whatever is in it', () => {
  const index = indexOf(
    'Index Scan using "a (cost=" on public."t on u" "x using y"  (cost=0.00..1.00 rows=1 width=4)\n',
  );
  expect(index.names).toEqual([{ kind: 'Index Scan', object: 'public."t on u" "x using y"', index: '"a (cost="' }]);
});

test('the heaviest node is the one with the most time of its own, and shares are parts of the execution', () => {
  const index = indexOf(joinText);
  expect(index.metric).toBe('time');
  expect(heaviestNode(index)).toBe(2);
  expect(index.shares[2]).toBeCloseTo(541.712 / 614.8, 5);
});

test('without times the planner’s costs are weighed, and a Limit costs nothing of its own', () => {
  const index = indexOf(estimatedText);
  expect({ metric: index.metric, own: [...index.own], total: index.total }).toEqual({
    metric: 'cost',
    own: [0, 90],
    total: 90,
  });
});

test('every line of a node leads to it, and the lines below the plan to none', () => {
  const { plan } = indexOf(joinText);
  expect([1, 3, 4, 8, 9, 11, 12, 13].map((line) => nodeAtLine(plan.nodes, line)?.id ?? null)).toEqual([
    0,
    0,
    1,
    2,
    2,
    4,
    null,
    null,
  ]);
});
