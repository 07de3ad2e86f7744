import { analyzePlans } from '../../../../../electron/plan-core/index.ts';
import { indexPlan } from '../../../../../renderer/src/features/plans/reader/plan-index.ts';
import type { PlanIndex } from '../../../../../renderer/src/features/plans/reader/plan-index.ts';

/** A join with a heavy scan, an estimate far off, and a part that was never executed. */
export const joinText = `Sort  (cost=19875.11..19925.20 rows=20036 width=84) (actual time=611.204..613.901 rows=18204 loops=1)
  Sort Key: p.total_value DESC
  Sort Method: external merge  Disk: 3012kB
  ->  Hash Join  (cost=2103.40..18442.80 rows=20036 width=84) (actual time=24.108..588.021 rows=18204 loops=1)
        Hash Cond: (h.portfolio_id = p.id)
        ->  Seq Scan on public.holdings h  (cost=0.00..15020.00 rows=1000 width=52) (actual time=0.031..541.712 rows=18204 loops=1)
              Filter: ((symbol)::text = 'AAPL'::text)
              Rows Removed by Filter: 281796
              Buffers: shared hit=812 read=6208
        ->  Hash  (cost=1353.00..1353.00 rows=60000 width=40) (actual time=23.402..23.403 rows=60000 loops=1)
              ->  Index Scan using portfolios_pkey on portfolios p  (cost=0.00..1353.00 rows=60000 width=40) (never executed)
Planning Time: 0.412 ms
Execution Time: 614.800 ms
`;

export const estimatedText = `Limit  (cost=0.00..10.00 rows=10 width=8)
  ->  Seq Scan on t  (cost=0.00..90.00 rows=900 width=8)
        Filter: (a > 1)
`;

export function indexOf(text: string): PlanIndex {
  const [plan] = analyzePlans(text);
  if (plan === undefined) throw new Error('no plan');
  return indexPlan(plan);
}
