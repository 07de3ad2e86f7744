import { expect, it } from 'vitest';

import type { RelationStatistics } from '#contract/plan-model.ts';

import { analyzePlans } from '../../../electron/plan-core/index.ts';

/** A nested loop that was chosen for ten rows and got a hundred thousand. */
const wrong = `Nested Loop  (cost=0.00..100.00 rows=10 width=8) (actual time=0.010..900.000 rows=100000 loops=1)
  Buffers: shared hit=400000
  ->  Seq Scan on orders o  (cost=0.00..50.00 rows=10 width=8) (actual time=0.010..50.000 rows=100000 loops=1)
        Filter: ((state = 'open'::text) AND (kind = 'a'::text))
        Buffers: shared hit=1000
  ->  Index Scan using customer_pkey on customer c  (cost=0.00..5.00 rows=1 width=8) (actual time=0.008..0.008 rows=1 loops=100000)
        Index Cond: (id = o.customer_id)
        Buffers: shared hit=399000
Execution Time: 910.000 ms
`;

const orders: RelationStatistics = {
  schema: 'public',
  name: 'orders',
  rows: 1000,
  modified: 0,
  analyzedAt: '2026-11-01 10:20:30.5+00',
};

function adviceFor(relations: readonly RelationStatistics[]) {
  const [plan] = analyzePlans(wrong, { relations: [...relations] });
  const found = plan?.insights.find(({ rule }) => rule === 'row-misestimate');
  return { sql: found?.sql, message: found?.message ?? '' };
}

it('a wrong estimate from old statistics asks for ANALYZE alone, and says how old they are', () => {
  const { sql, message } = adviceFor([{ ...orders, modified: 99_000 }]);
  expect(sql).toBe('analyze orders;');
  expect(message).toContain('The statistics of orders are from 2026-11-01 10:20; 99,000 rows have changed since.');
});

it('a table that was never analyzed is said to be so', () => {
  const { sql, message } = adviceFor([{ ...orders, rows: null, analyzedAt: null }]);
  expect(sql).toBe('analyze orders;');
  expect(message).toContain('orders was never analyzed: the planner guesses.');
});

it('with fresh statistics, or where nobody asked the catalog, extended ones are advised', () => {
  for (const relations of [[{ ...orders, modified: 150 }], []]) {
    expect(adviceFor(relations).sql).toContain('create statistics');
    expect(adviceFor(relations).message).not.toContain('changed since');
  }
});
