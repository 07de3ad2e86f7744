import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanInsight } from '#contract/plan-model.ts';
import { analyzePlans } from '../../../electron/plan-core/index.ts';
import { describeWithShared } from '../../support/shared.ts';

const planned = (rows: number): string => `(cost=0.00..1.00 rows=${rows} width=4)`;
const actual = (ms: number, rows: number, loops = 1): string =>
  `(actual time=0.010..${ms.toFixed(3)} rows=${rows} loops=${loops})`;

function insightsOf(text: string): PlanInsight[] {
  return analyzePlans(text).flatMap(({ insights }) => insights);
}

function rulesOf(text: string): string[] {
  return insightsOf(text).map(({ rule }) => rule);
}

const savings = (insights: readonly PlanInsight[]): number =>
  insights.reduce((sum, { savedMs }) => sum + (savedMs ?? 0), 0);

describe('what is promised', () => {
  it('stands in the order of what it saves', () => {
    const insights = insightsOf(`Sort  ${planned(100000)} ${actual(900, 100000)}
  Sort Method: external merge  Disk: 20480kB
  ->  Seq Scan on t  ${planned(100000)} ${actual(600, 100000)}
        Filter: (a = 1)
        Rows Removed by Filter: 9000000`);
    expect(insights.map(({ rule }) => rule)).toEqual(['seq-scan-filter', 'disk-sort']);
  });

  it('is not promised twice: an index inside a subquery spares its repetition too', () => {
    const insights = insightsOf(`Seq Scan on t  ${planned(5000)} ${actual(5100, 5000)}
  Buffers: shared hit=450100
  SubPlan 1
    ->  Aggregate  ${planned(1)} ${actual(1, 1, 5000)}
          Buffers: shared hit=450000
          ->  Seq Scan on s  ${planned(10)} ${actual(0.99, 10, 5000)}
                Filter: (t_id = t.id)
                Rows Removed by Filter: 9990
                Buffers: shared hit=450000`);
    expect(insights.map(({ rule, sql }) => [rule, sql])).toEqual([
      ['seq-scan-filter', 'create index concurrently on s (t_id);'],
    ]);
  });

  it('is one thing of one node: a cold cache is not told beside a missing index', () => {
    expect(
      rulesOf(`Seq Scan on t  ${planned(10)} ${actual(500, 10)}
  Filter: (a = 1)
  Rows Removed by Filter: 900000
  Buffers: shared hit=10 read=5000
  I/O Timings: shared read=450.000`),
    ).toEqual(['seq-scan-filter']);
  });

  it('is no more than the statement took, though processes worked side by side', () => {
    const insights = insightsOf(`Gather  ${planned(10)} ${actual(500, 10)}
  Workers Planned: 2
  Workers Launched: 2
  ->  Parallel Append  ${planned(10)} ${actual(490, 3, 3)}
        ->  Seq Scan on orders_2024 orders_1  ${planned(5)} ${actual(480, 5)}
              Filter: (a = 1)
              Rows Removed by Filter: 900000
        ->  Seq Scan on orders_2025 orders_2  ${planned(5)} ${actual(470, 5)}
              Filter: (a = 1)
              Rows Removed by Filter: 900000
Execution Time: 500.000 ms`);
    expect(insights[0]?.rule).toBe('seq-scan-filter');
    expect(savings(insights)).toBeLessThanOrEqual(500);
  });

  it('is nothing below five in a hundred, or one millisecond', () => {
    const sort = (ms: number, scan: number): string => `Sort  ${planned(100_000)} ${actual(scan + ms, 100_000)}
  Sort Method: external merge  Disk: 20480kB
  ->  Seq Scan on t  ${planned(100_000)} ${actual(scan, 100_000)}`;
    expect(rulesOf(sort(100, 400))).toEqual(['disk-sort']);
    expect(rulesOf(sort(30, 900))).toEqual([]);
    expect(rulesOf(sort(0.8, 0.1))).toEqual([]);
  });

  it('is weighed by blocks where nothing was timed', () => {
    const plan = (blocks: number): string => `Hash Join  (cost=0.00..1.00 rows=10 width=4) (actual rows=10 loops=1)
  Buffers: shared hit=${100_000 + blocks}
  ->  Seq Scan on big  (cost=0.00..1.00 rows=100000 width=4) (actual rows=100000 loops=1)
        Buffers: shared hit=100000
  ->  Hash  (cost=0.00..1.00 rows=10 width=4) (actual rows=10 loops=1)
        Buffers: shared hit=${blocks}
        ->  Seq Scan on small  (cost=0.00..1.00 rows=10 width=4) (actual rows=10 loops=1)
              Filter: (a = 1)
              Rows Removed by Filter: 20000
              Buffers: shared hit=${blocks}`;
    expect(rulesOf(plan(5000))).toEqual(['seq-scan-filter']);
    expect(rulesOf(plan(500))).toEqual([]);
  });

  it('is grave only when much of a slow statement is at stake', () => {
    const scan = (ms: number): PlanInsight[] =>
      insightsOf(`Seq Scan on t  ${planned(10)} ${actual(ms, 10)}\n  Filter: (a = 1)\n  Rows Removed by Filter: 20000`);
    expect([3, 30, 300].map((ms) => scan(ms)[0]?.severity)).toEqual(['info', 'warning', 'critical']);
  });
});

describe('times that are in no node', () => {
  const scan = (ms: number): string => `Seq Scan on t  ${planned(1000)} ${actual(ms, 1000)}\n  Buffers: shared hit=100`;

  it('of the executor’s start and end', () => {
    expect(insightsOf(`${scan(10)}\nPlanning Time: 1.000 ms\nExecution Time: 300.000 ms`)).toMatchObject([
      { rule: 'outside-nodes', savedMs: 290, title: '290 ms of the execution are in no node of the plan' },
    ]);
    expect(rulesOf(`${scan(280)}\nExecution Time: 300.000 ms`)).toEqual([]);
  });

  it('of writing out the result', () => {
    expect(
      rulesOf(`${scan(10)}\nSerialization: time=280.000 ms  output=50000kB  format=text\nExecution Time: 300.000 ms`),
    ).toEqual(['serialization']);
  });

  it('of compilation, which every process does for itself', () => {
    const [insight] = insightsOf(`Gather  ${planned(1000)} ${actual(290, 1000)}
  Workers Planned: 2
  Workers Launched: 2
  ->  Parallel Seq Scan on t  ${planned(400)} ${actual(280, 333, 3)}
JIT:
  Functions: 30
  Timing: Generation 30.000 ms, Inlining 300.000 ms, Optimization 210.000 ms, Emission 60.000 ms, Total 600.000 ms
Execution Time: 300.000 ms`);
    expect(insight).toMatchObject({ rule: 'jit', savedMs: 200 });
  });
});

describe('what was not measured', () => {
  it('is told once, for a slow statement only', () => {
    const scan = (ms: number): string => `Seq Scan on t  ${planned(1000)} ${actual(ms, 1000)}`;
    expect(rulesOf(scan(2000))).toEqual(['missing-measures']);
    expect(rulesOf(scan(900))).toEqual([]);
    expect(rulesOf(`${scan(2000)}\n  Buffers: shared hit=100`)).toEqual([]);
  });

  it('can be measured by the command that is given, where the statement is known', () => {
    const [insight] = insightsOf(`Query Text: select count(*) from t;
Seq Scan on t  ${planned(1000)} ${actual(2000, 1000)}`);
    expect(insight?.sql).toBe('explain (analyze, buffers, settings)\nselect count(*) from t;');
  });
});

describe('a large table', () => {
  it('that one process read alone for an aggregate could have had workers', () => {
    const plan = (rows: number, settings = ''): string => `Aggregate  ${planned(1)} ${actual(3000, rows)}
  Buffers: shared hit=90000
  ->  Seq Scan on t  ${planned(9_000_000)} ${actual(2500, 9_000_000)}
        Buffers: shared hit=90000${settings}`;
    expect(rulesOf(plan(1))).toEqual(['parallel-unused']);
    expect(rulesOf(plan(5_000_000))).toEqual([]);
    expect(insightsOf(plan(1, `\nSettings: max_parallel_workers_per_gather = '0'`))[0]?.sql).toBe(
      'set local max_parallel_workers_per_gather = 2;',
    );
  });

  it('of nearly empty pages wants vacuum', () => {
    expect(
      insightsOf(`Seq Scan on public.queue  ${planned(10)} ${actual(50, 10)}\n  Buffers: shared hit=9000`),
    ).toMatchObject([
      {
        rule: 'much-read-for-little',
        title: '9,000 blocks of queue are read for 10 rows',
        sql: 'vacuum (verbose, analyze) public.queue;',
      },
    ]);
    expect(
      rulesOf(
        `Index Scan using i on t  ${planned(10)} ${actual(50, 10)}\n  Order By: (p <-> '(0,0)'::point)\n  Buffers: shared hit=9000`,
      ),
    ).toEqual([]);
  });
});

it('what ran on another server has no SQL for this one', () => {
  const [insight] = insightsOf(`Foreign Scan on f  ${planned(10)} ${actual(500, 10)}
  Remote SQL: SELECT a FROM t
  Remote Plan:
    Seq Scan on t  ${planned(10)} ${actual(400, 10)}
      Filter: (a = 1)
      Rows Removed by Filter: 900000`);
  expect([insight?.rule, insight?.sql]).toEqual(['seq-scan-filter', undefined]);
  expect(insight?.message).toContain('ran on another server');
});

it('a foreign key is only searched where rows are deleted or updated', () => {
  const plan = (root: string): PlanInsight | undefined =>
    insightsOf(`${root} on t  ${planned(0)} ${actual(10, 0)}
  ->  Seq Scan on t  ${planned(5)} ${actual(1, 5)}
Trigger for constraint it's_fk: time=90.000 calls=5
Execution Time: 101.000 ms`)[0];
  expect(plan('Delete')?.sql).toContain(`conname = 'it''s_fk'`);
  expect(plan('Insert')?.sql).toBeUndefined();
});

it('titles stay short with the longest names', () => {
  const name = 'abcdefghij'.repeat(6);
  const texts = [
    `Seq Scan on ${name}  ${planned(10)} ${actual(200, 10)}\n  Filter: (a = 1)\n  Rows Removed by Filter: 123456789`,
    `Index Scan using ${name} on ${name}  ${planned(10)} ${actual(200, 10)}\n  Index Cond: (a = 1)\n  Filter: (b = 1)\n  Rows Removed by Filter: 123456789`,
    `Limit  ${planned(10)} ${actual(200, 10)}\n  ->  Index Scan using ${name} on ${name}  ${planned(10)} ${actual(200, 10)}\n        Filter: (b = 1)\n        Rows Removed by Filter: 123456789`,
    `Index Only Scan using ${name} on ${name}  ${planned(10)} ${actual(0.1, 10, 1000)}\n  Heap Fetches: 9000`,
    `Sort  ${planned(10)} ${actual(900, 12345678)}\n  Sort Method: external merge  Disk: 20480kB\n  ->  Index Only Scan Backward using ${name} on ${name}  ${planned(10)} ${actual(600, 12345678)}`,
  ];
  for (const text of texts)
    for (const { title } of insightsOf(text)) expect(title.length, title).toBeLessThanOrEqual(90);
});

describeWithShared('insights on plans of others', (folder) => {
  const plans = readPlans(path.join(folder, 'plans'));

  it('promise no more than the statement took, in short titles, and nothing twice', () => {
    expect(plans.length).toBeGreaterThan(200);
    for (const plan of plans) {
      const { insights, text } = plan;
      const executionMs = Math.max(plan.executionMs ?? 0, plan.nodes[0]?.totalMs ?? 0) + (plan.planningMs ?? 0);
      expect(savings(insights), text).toBeLessThanOrEqual(executionMs * 1.001 + 0.001);
      expect(insights.filter(({ title }) => title.length > 90).map(({ title }) => title)).toEqual([]);
      expect(new Set(insights.map(({ rule, nodeId, title }) => `${rule} ${nodeId} ${title}`)).size, text).toBe(
        insights.length,
      );
    }
  });

  it('ask for no work_mem beyond 2 GB', () => {
    const memory = plans.flatMap(({ insights }) =>
      insights.flatMap(({ sql }) =>
        [...(sql ?? '').matchAll(/work_mem = '(\d+)MB'/g)].map(([, megabytes]) => Number(megabytes)),
      ),
    );
    expect(memory.length).toBeGreaterThan(5);
    expect(Math.max(...memory)).toBeLessThanOrEqual(2048);
  });
});

function readPlans(folder: string): Plan[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      try {
        return analyzePlans(readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
      } catch {
        return [];
      }
    });
}
