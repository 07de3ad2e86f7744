import { describe, expect, it } from 'vitest';
import type { Plan, PlanInsight } from '#contract/plan-model.ts';
import { analyzePlans } from '../../../electron/plan-core/index.ts';

function analyze(text: string): Plan {
  const [plan] = analyzePlans(text);
  if (!plan) throw new Error('no plan');
  return plan;
}

function insightsOf(text: string): PlanInsight[] {
  return analyze(text).insights;
}

function rulesOf(text: string): string[] {
  return insightsOf(text).map(({ rule }) => rule);
}

const COST = '(cost=0.00..1.00 rows=1000 width=4)';
const planned = (rows: number): string => `(cost=0.00..1.00 rows=${rows} width=4)`;
const actual = (ms: number, rows: number, loops = 1): string =>
  `(actual time=0.010..${ms.toFixed(3)} rows=${rows} loops=${loops})`;

describe('a wrong row estimate', () => {
  it('is told once, at the lowest node, with statistics for several columns', () => {
    const insights = insightsOf(`Nested Loop  ${planned(1)} ${actual(900, 50000)}
  ->  Nested Loop  ${planned(1)} ${actual(500, 50000)}
        ->  Seq Scan on public.a  ${planned(5)} ${actual(100, 50000)}
              Filter: ((city = 'x'::text) AND (zip = 1))
        ->  Index Scan using i on b  ${planned(1)} ${actual(0.005, 1, 50000)}
  ->  Index Scan using j on c  ${planned(1)} ${actual(0.005, 1, 50000)}`).filter(
      ({ rule }) => rule === 'row-misestimate',
    );
    expect(insights).toMatchObject([
      {
        nodeId: 2,
        severity: 'critical',
        sql: 'create statistics public.a_city_zip_stats (dependencies, ndistinct, mcv) on city, zip from public.a;\nanalyze public.a;',
      },
    ]);
  });

  it('that led to nothing is a note, and only where statistics can mend it', () => {
    const scan = (rows: number, came: number, filter: string): string =>
      `Seq Scan on t  ${planned(rows)} ${actual(100, came)}\n  Filter: ${filter}`;
    expect(insightsOf(scan(10, 50_000, '((a = 1) AND (b = 1))'))).toMatchObject([
      { rule: 'row-misestimate', severity: 'info', sql: expect.stringContaining('create statistics t_a_b_stats') },
    ]);
    expect(insightsOf(scan(10, 50_000, '((a = 1) AND (b = 1))'))[0]?.savedMs).toBeUndefined();
    expect(rulesOf(scan(10, 900, '(a = 1)'))).toEqual([]);
    expect(rulesOf(scan(50_000, 1, '(a = 1)'))).toEqual([]);
    expect(rulesOf(scan(10, 50_000, '(NOT (hashed SubPlan 1))'))).toEqual([]);
  });

  it('of too many rows is told with the table that was read as a whole for them', () => {
    const insights = insightsOf(`Hash Join  ${planned(100_000)} ${actual(900, 5)}
  Hash Cond: (big.id = few.big_id)
  ->  Seq Scan on big  ${planned(1_000_000)} ${actual(700, 1_000_000)}
  ->  Hash  ${planned(50_000)} ${actual(10, 5)}
        ->  Index Scan using i on few  ${planned(50_000)} ${actual(9, 5)}
              Index Cond: (kind = 1)`);
    expect(insights.map(({ rule, nodeId, sql }) => [rule, nodeId, sql])).toEqual([
      ['row-misestimate', 3, 'analyze few;'],
    ]);
    expect(insights[0]?.message).toContain('Seq Scan on big was read as a whole, 1,000,000 rows');
  });

  it('is not told under a LIMIT that stopped the scan', () => {
    expect(
      rulesOf(`Limit  ${planned(10)} ${actual(100, 10)}\n  ->  Seq Scan on t  ${planned(1000000)} ${actual(100, 10)}`),
    ).toEqual([]);
  });
});

describe('memory', () => {
  it('a sort on disk asks for a work_mem that holds it', () => {
    expect(
      insightsOf(`Sort  ${planned(100000)} ${actual(900, 100000)}
  Sort Key: a
  Sort Method: external merge  Disk: 20480kB
  ->  Seq Scan on t  ${planned(100000)} ${actual(100, 100000)}`),
    ).toMatchObject([{ rule: 'disk-sort', nodeId: 0, sql: "set local work_mem = '56MB';" }]);
  });

  it('hash batches that grew say that the estimate was too low', () => {
    const [insight] = insightsOf(`Hash Join  ${planned(100000)} ${actual(900, 100000)}
  ->  Seq Scan on a  ${planned(100000)} ${actual(100, 100000)}
  ->  Hash  ${planned(100000)} ${actual(300, 100000)}
        Buckets: 1024  Batches: 16 (originally 1)  Memory Usage: 4096kB
        ->  Seq Scan on b  ${planned(100000)} ${actual(100, 100000)}`);
    expect(insight).toMatchObject({ rule: 'hash-batches', nodeId: 2, sql: "set local work_mem = '8MB';" });
    expect(insight?.message).toContain('had counted on 1');
  });

  it('a lossy bitmap, temporary files of a Materialize, a Memoize that evicts', () => {
    expect(
      rulesOf(`Bitmap Heap Scan on t  ${planned(1000)} ${actual(300, 1000)}
  Recheck Cond: (a = 1)
  Rows Removed by Index Recheck: 5000
  Heap Blocks: exact=100 lossy=900
  ->  Bitmap Index Scan on i  ${planned(1000)} ${actual(10, 1000)}`),
    ).toEqual(['lossy-bitmap']);
    expect(
      rulesOf(`Materialize  ${planned(100000)} ${actual(500, 100000)}
  Buffers: temp read=1000 written=1000
  ->  Seq Scan on t  ${planned(100000)} ${actual(100, 100000)}`),
    ).toEqual(['temp-blocks']);
    expect(
      rulesOf(`Nested Loop  ${planned(100000)} ${actual(500, 100000)}
  ->  Seq Scan on t  ${planned(100000)} ${actual(100, 100000)}
  ->  Memoize  ${planned(1)} ${actual(0.003, 1, 100000)}
        Hits: 100  Misses: 99900  Evictions: 90000  Overflows: 0  Memory Usage: 4097kB
        ->  Index Scan using i on u  ${planned(1)} ${actual(0.002, 1, 99900)}`),
    ).toContain('memoize-thrash');
  });
});

describe('indexes', () => {
  it('heap fetches are weighed against the rows of all loops', () => {
    const scan = (fetches: number): string =>
      `Index Only Scan using i on public.t  ${planned(10)} ${actual(0.1, 10, 1000)}\n  Heap Fetches: ${fetches}`;
    expect(insightsOf(scan(5000))).toMatchObject([{ rule: 'heap-fetches', sql: 'vacuum (analyze) public.t;' }]);
    expect(rulesOf(scan(900))).toEqual([]);
  });

  it('an index that finds too much gets the filter’s column; one walked for its order does not', () => {
    const scan = `Index Scan using i on t  ${planned(10)} ${actual(500, 10)}`;
    expect(
      insightsOf(`${scan}\n  Index Cond: (a = 1)\n  Filter: (b = 2)\n  Rows Removed by Filter: 90000`),
    ).toMatchObject([{ rule: 'inefficient-index', sql: 'create index concurrently on t (a, b);' }]);
    expect(
      rulesOf(
        `Limit  ${planned(10)} ${actual(500, 10)}\n  ->  ${scan}\n        Filter: (b = 2)\n        Rows Removed by Filter: 90000`,
      ),
    ).toEqual(['order-by-limit-index']);
  });

  it('an imprecise index, an OFFSET, a top-N sort of a whole table', () => {
    expect(
      rulesOf(
        `Bitmap Heap Scan on t  ${planned(1000)} ${actual(300, 1000)}\n  Recheck Cond: (a = 1)\n  Rows Removed by Index Recheck: 50000\n  Heap Blocks: exact=900\n  ->  Bitmap Index Scan on i  ${planned(1000)} ${actual(10, 1000)}`,
      ),
    ).toEqual(['index-recheck']);
    expect(
      rulesOf(
        `Limit  ${planned(10)} ${actual(300, 10)}\n  ->  Index Scan using i on t  ${planned(50010)} ${actual(290, 50010)}`,
      ),
    ).toEqual(['offset-waste']);
    expect(
      insightsOf(
        `Limit  ${planned(10)} ${actual(300, 10)}\n  ->  Sort  ${planned(200000)} ${actual(300, 10)}\n        Sort Key: a DESC, "B"\n        Sort Method: top-N heapsort  Memory: 26kB\n        ->  Seq Scan on t  ${planned(200000)} ${actual(200, 200000)}`,
      ),
    ).toMatchObject([{ rule: 'top-n-sort', sql: 'create index concurrently on t (a desc, "B");' }]);
  });
});

describe('repetition', () => {
  it('a nested loop that met many more rows than planned is told where the count went wrong', () => {
    const insights = insightsOf(`Nested Loop  ${planned(10)} ${actual(900, 20000)}
  ->  Seq Scan on a  ${planned(10)} ${actual(100, 20000)}
  ->  Index Scan using i on b  ${planned(1)} ${actual(0.03, 1, 20000)}`);
    expect(insights.map(({ rule, nodeId }) => [rule, nodeId])).toEqual([['row-misestimate', 1]]);
    expect(insights[0]?.message).toContain('Index Scan using i on b ran 20,000 times');
    expect(insights[0]?.savedMs).toBeCloseTo(800);
  });

  it('and on the loop itself where the count is a guess by nature', () => {
    expect(
      rulesOf(`Nested Loop  ${planned(10)} ${actual(900, 20000)}
  ->  Memoize  ${planned(10)} ${actual(100, 20000)}
        Hits: 10000  Misses: 1  Evictions: 0  Overflows: 0  Memory Usage: 5kB
  ->  Index Scan using i on b  ${planned(1)} ${actual(0.03, 1, 20000)}`),
    ).toEqual(['nested-loop-loops']);
  });

  it('a correlated subquery', () => {
    expect(
      rulesOf(
        `Seq Scan on t  ${planned(5000)} ${actual(500, 5000)}\n  SubPlan 1\n    ->  Aggregate  ${planned(1)} ${actual(0.09, 1, 5000)}\n          ->  Seq Scan on s  ${planned(10)} ${actual(0.08, 10, 5000)}`,
      ),
    ).toEqual(['correlated-subplan']);
  });

  it.each([
    ['17 and later', '(NOT (ANY (id = (SubPlan 1).col1)))'],
    ['before', '(NOT (SubPlan 1))'],
  ])('NOT IN that is not hashed, %s', (_, filter) => {
    expect(
      rulesOf(
        `Seq Scan on t  ${planned(5000)} ${actual(500, 5000)}\n  Filter: ${filter}\n  SubPlan 1\n    ->  Materialize  ${planned(10000)} ${actual(0.09, 10000, 5000)}\n          ->  Seq Scan on s  ${planned(10000)} ${actual(5, 10000)}`,
      ),
    ).toEqual(['hashed-subplan-missing']);
  });

  it('a product without a condition', () => {
    expect(
      rulesOf(
        `Nested Loop  ${planned(1000000)} ${actual(500, 1000000)}\n  ->  Seq Scan on a  ${planned(1000)} ${actual(1, 1000)}\n  ->  Materialize  ${planned(1000)} ${actual(0.05, 1000, 1000)}\n        ->  Seq Scan on b  ${planned(1000)} ${actual(1, 1000)}`,
      ),
    ).toEqual(['cartesian-product']);
  });
});

describe('the statement as a whole', () => {
  const scan = `Seq Scan on t  ${planned(1000)} ${actual(100, 1000)}`;
  it('JIT, triggers, planning', () => {
    expect(
      insightsOf(
        `${scan}\nJIT:\n  Functions: 9\n  Timing: Generation 10.000 ms, Inlining 20.000 ms, Optimization 30.000 ms, Emission 20.000 ms, Total 80.000 ms\nExecution Time: 110.000 ms`,
      ),
    ).toMatchObject([{ rule: 'jit', savedMs: 80, sql: 'set local jit = off;' }]);
    expect(
      insightsOf(
        `Delete on t  ${planned(0)} ${actual(10, 0)}\n  ->  Seq Scan on t  ${planned(5)} ${actual(1, 5)}\nTrigger for constraint fk: time=90.000 calls=5\nExecution Time: 101.000 ms`,
      ),
    ).toMatchObject([{ rule: 'triggers', savedMs: 90, nodeId: 0 }]);
    expect(
      rulesOf(`Result  ${planned(1)} ${actual(0.01, 1)}\nPlanning Time: 50.000 ms\nExecution Time: 0.100 ms`),
    ).toEqual(['planning-time']);
  });

  it('settings and disabled nodes', () => {
    expect(
      insightsOf(`Index Scan using i on t  ${COST}\nSettings: enable_seqscan = 'off', work_mem = '8MB'`),
    ).toMatchObject([{ rule: 'planner-settings', sql: 'reset enable_seqscan;' }]);
    expect(rulesOf(`Seq Scan on t  ${COST}\n  Disabled: true`)).toEqual(['disabled-node']);
  });

  it('cold cache, waiting for reads, workers that did not come', () => {
    expect(rulesOf(`${scan}\n  Buffers: shared hit=10 read=5000`)).toEqual(['cold-cache']);
    expect(
      rulesOf(
        `Seq Scan on t  ${planned(1000)} ${actual(500, 1000)}\n  Buffers: shared hit=10 read=5000\n  I/O Timings: shared read=450.000`,
      ),
    ).toEqual(['io-heavy']);
    expect(
      rulesOf(
        `Gather  ${planned(1000)} ${actual(110, 1000)}\n  Workers Planned: 2\n  Workers Launched: 0\n  ->  Parallel ${scan}`,
      ),
    ).toEqual(['workers-not-launched']);
  });
});

describe('a healthy plan', () => {
  it.each([
    [
      'an index lookup',
      `Index Scan using t_pkey on t  ${planned(1)} ${actual(0.02, 1)}\n  Index Cond: (id = 1)\n  Buffers: shared hit=4\nPlanning Time: 0.1 ms\nExecution Time: 0.040 ms`,
    ],
    [
      'a full aggregate',
      `Aggregate  ${planned(1)} ${actual(120, 1)}\n  Buffers: shared hit=5000\n  ->  Seq Scan on t  ${planned(1000000)} ${actual(80, 1000000)}\n        Buffers: shared hit=5000\nExecution Time: 120.1 ms`,
    ],
    [
      'a hash join in memory',
      `Hash Join  ${planned(100000)} ${actual(90, 100000)}\n  ->  Seq Scan on a  ${planned(100000)} ${actual(20, 100000)}\n  ->  Hash  ${planned(1000)} ${actual(2, 1000)}\n        Buckets: 1024  Batches: 1  Memory Usage: 60kB\n        ->  Seq Scan on b  ${planned(1000)} ${actual(1, 1000)}\nExecution Time: 95 ms`,
    ],
    [
      'a well-estimated nested loop',
      `Nested Loop  ${planned(2000)} ${actual(30, 2000)}\n  ->  Seq Scan on a  ${planned(2000)} ${actual(1, 2000)}\n  ->  Index Scan using i on b  ${planned(1)} ${actual(0.01, 1, 2000)}\n        Index Cond: (id = a.id)`,
    ],
    [
      'a branch that never ran',
      `Append  ${planned(10)} ${actual(5, 10)}\n  ->  Seq Scan on a  ${planned(10)} ${actual(4, 10)}\n  ->  Seq Scan on b  ${planned(100000)} (never executed)`,
    ],
  ])('%s gives no insight', (_, text) => {
    expect(insightsOf(text)).toEqual([]);
  });

  it.each([
    [
      'a slow aggregate of a large table',
      `Aggregate  ${planned(1)} ${actual(900, 1)}\n  Buffers: shared hit=40000\n  ->  Seq Scan on t  ${planned(4_000_000)} ${actual(700, 4_000_000)}\n        Buffers: shared hit=40000`,
    ],
    [
      'a sort in memory',
      `Sort  ${planned(50_000)} ${actual(90, 50_000)}\n  Sort Method: quicksort  Memory: 6000kB\n  ->  Seq Scan on t  ${planned(50_000)} ${actual(20, 50_000)}`,
    ],
    [
      'a join that found nothing to join',
      `Nested Loop  ${planned(5000)} ${actual(50, 0)}\n  ->  Seq Scan on a  ${planned(5000)} ${actual(50, 0)}\n  ->  Index Scan using i on b  ${planned(1)} (never executed)`,
    ],
    [
      'an estimate off by nine',
      `Hash Join  ${planned(900)} ${actual(90, 8000)}\n  ->  Seq Scan on a  ${planned(900)} ${actual(80, 8000)}\n  ->  Hash  ${planned(10)} ${actual(1, 10)}\n        ->  Seq Scan on b  ${planned(10)} ${actual(1, 10)}`,
    ],
  ])('%s gives no insight', (_, text) => {
    expect(insightsOf(text)).toEqual([]);
  });
});
