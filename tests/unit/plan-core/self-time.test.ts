import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan, PlanNode } from '#contract/plan-model.ts';
import { analyzePlans } from '../../../electron/plan-core/index.ts';

function analyze(text: string): Plan {
  const [plan] = analyzePlans(text);
  if (!plan) throw new Error('no plan');
  return plan;
}

function fixture(name: string): Plan {
  return analyze(readFileSync(join(import.meta.dirname, 'fixtures', name), 'utf8'));
}

function selfTimes({ nodes }: Plan): (number | null)[] {
  return nodes.map((node) => (node.selfMs === undefined ? null : Math.round(node.selfMs * 1000) / 1000));
}

function nodeWhere(plan: Plan, test: (node: PlanNode) => boolean): PlanNode {
  const node = plan.nodes.find(test);
  if (!node) throw new Error('no such node');
  return node;
}

describe('self time', () => {
  it('of a serial plan is time × loops minus that of the inputs', () => {
    const plan =
      analyze(`Nested Loop  (cost=0.00..611.27 rows=13400 width=8) (actual time=0.025..10.198 rows=34956 loops=1)
  ->  Seq Scan on t1  (cost=0.00..6.02 rows=402 width=4) (actual time=0.013..0.058 rows=402 loops=1)
  ->  Materialize  (cost=0.00..2.50 rows=100 width=4) (actual time=0.000..0.008 rows=100 loops=402)
        ->  Seq Scan on t2  (cost=0.00..2.00 rows=100 width=4) (actual time=0.005..0.015 rows=100 loops=1)`);
    expect(selfTimes(plan)).toEqual([6.924, 0.058, 3.201, 0.015]);
  });

  it('is divided by the processes that ran a node, not by those that were planned', () => {
    const plan = analyze(`Gather  (cost=0.00..1.00 rows=1 width=4) (actual time=1.000..100.000 rows=3 loops=1)
  Workers Planned: 4
  Workers Launched: 2
  ->  Parallel Bitmap Heap Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=30.000..90.000 rows=1 loops=3)
        Recheck Cond: (a = 1)
        ->  Bitmap Index Scan on i  (cost=0.00..1.00 rows=1 width=0) (actual time=25.000..25.000 rows=3 loops=1)
              Index Cond: (a = 1)`);
    expect(selfTimes(plan)).toEqual([10, 65, 25]);
    expect(plan.nodes.map((node) => node.processes)).toEqual([1, 3, 1]);
    expect(plan.nodes.map((node) => node.cpuMs)).toEqual([undefined, 270, undefined]);
  });

  it('of a SubPlan under a parallel node is divided as its owner is', () => {
    const plan = analyze(`Gather  (cost=0.00..1.00 rows=1 width=4) (actual time=1.000..100.000 rows=300 loops=1)
  Workers Planned: 2
  Workers Launched: 2
  ->  Parallel Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=1.000..90.000 rows=100 loops=3)
        SubPlan 1
          ->  Seq Scan on s  (cost=0.00..1.00 rows=1 width=4) (actual time=0.100..0.200 rows=1 loops=300)`);
    expect(selfTimes(plan)).toEqual([10, 70, 20]);
  });

  it('of children that ran side by side is scaled into that of their Parallel Append', () => {
    const plan = analyze(`Gather  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..100.000 rows=2 loops=1)
  Workers Planned: 1
  Workers Launched: 1
  ->  Parallel Append  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..80.000 rows=1 loops=2)
        ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..80.000 rows=1 loops=1)
        ->  Seq Scan on b  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..80.000 rows=1 loops=1)`);
    expect(selfTimes(plan)).toEqual([20, 0, 40, 40]);
    expect(plan.nodes.map((node) => node.totalMs)).toEqual([100, 80, 80, 80]);
  });

  it('of a node whose printed time was rounded to nothing does not swallow its input', () => {
    const plan = analyze(`Nested Loop  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..500.000 rows=1 loops=1)
  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..100.000 rows=100000 loops=1)
  ->  Memoize  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..0.000 rows=1 loops=100000)
        ->  Index Scan using i on b  (cost=0.00..1.00 rows=1 width=4) (actual time=0.010..0.020 rows=1 loops=1000)`);
    expect(selfTimes(plan)).toEqual([380, 100, 0, 20]);
    expect(plan.nodes[2]?.roundingMs).toBe(50);
  });

  it('is absent with TIMING OFF and without ANALYZE', () => {
    const untimed = analyze('Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual rows=1 loops=1)');
    expect([untimed.analyzed, untimed.nodes[0]?.selfMs, untimed.nodes[0]?.actualRows]).toEqual([true, undefined, 1]);
    const planned = analyze('Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)');
    expect([
      planned.analyzed,
      planned.nodes[0]?.selfMs,
      planned.nodes[0]?.loops,
      planned.nodes[0]?.neverExecuted,
    ]).toEqual([false, undefined, 1, false]);
  });
});

describe('an InitPlan', () => {
  it('is charged to the node whose expression holds its parameter, told from $10 and $11', () => {
    const plan = analyze(`Append  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..100.000 rows=2 loops=1)
  InitPlan 1 (returns $1)
    ->  Seq Scan on i  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..30.000 rows=1 loops=1)
  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..50.000 rows=1 loops=1)
        Filter: (x = $10)
  ->  Seq Scan on b  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..45.000 rows=1 loops=1)
        Filter: (x = $1)`);
    expect(selfTimes(plan)).toEqual([5, 30, 50, 15]);
  });

  it('is charged where the blocks are, when two nodes ask for it', () => {
    const scan = (
      name: string,
      hit: number,
    ): string => `  ->  Seq Scan on ${name}  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..50.000 rows=1 loops=1)
        Filter: (x = (InitPlan 1).col1)
        Buffers: shared hit=${hit}
`;
    const plan = analyze(`Append  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..101.000 rows=2 loops=1)
  Buffers: shared hit=120
  InitPlan 1
    ->  Seq Scan on i  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..30.000 rows=1 loops=1)
          Buffers: shared hit=100
${scan('a', 10)}${scan('b', 110)}`);
    expect(selfTimes(plan)).toEqual([1, 30, 50, 20]);
    expect(plan.nodes.map((node) => node.selfBuffers?.sharedHit)).toEqual([0, 100, 10, 10]);
  });

  it('evaluated in a rescan is charged to the join above its consumer', () => {
    const plan = analyze(`Nested Loop  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..80.000 rows=2 loops=1)
  InitPlan 1 (returns $0)
    ->  Aggregate  (cost=0.00..1.00 rows=1 width=4) (actual time=72.000..72.000 rows=1 loops=1)
  ->  Seq Scan on a  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..2.000 rows=10 loops=1)
  ->  Index Scan using i on b  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..0.100 rows=1 loops=10)
        Index Cond: (x = $0)`);
    expect(selfTimes(plan)).toEqual([5, 72, 2, 1]);
  });

  it.each(['15', '18'])('of a Gather is charged to it in a real plan of version %s', (version) => {
    const plan = fixture(`timed-parallel.pg${version}.json`);
    const sum = plan.nodes.reduce((total, node) => total + (node.selfMs ?? 0), 0);
    expect(sum).toBeCloseTo(plan.nodes[0]?.totalMs ?? 0, 6);
    const gather = nodeWhere(plan, (node) => node.nodeType === 'Gather Merge');
    const initPlan = nodeWhere(plan, (node) => node.relationship === 'InitPlan');
    const input = nodeWhere(plan, (node) => node.parentId === gather.id);
    expect(gather.selfMs).toBeCloseTo((gather.totalMs ?? 0) - (initPlan.totalMs ?? 0) - (input.totalMs ?? 0), 6);
    expect(gather.selfBuffers?.sharedHit).toBe(0);
  });
});

describe('a CTE', () => {
  it('is charged to the scans that read it first', () => {
    const plan = analyze(`Append  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..1000.000 rows=2 loops=1)
  Buffers: shared hit=50
  CTE x
    ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..600.000 rows=1 loops=1)
          Buffers: shared hit=50
  ->  CTE Scan on x  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..700.000 rows=1 loops=1)
        Buffers: shared hit=50
  ->  CTE Scan on x x_1  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..200.000 rows=1 loops=1)`);
    expect(selfTimes(plan)).toEqual([100, 600, 100, 200]);
    expect(plan.nodes.map((node) => node.selfBuffers?.sharedHit)).toEqual([0, 50, 0, 0]);
  });

  it('with the name of an outer one is told apart by its place', () => {
    const plan = analyze(`Nested Loop  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..100.000 rows=1 loops=1)
  CTE x
    ->  Seq Scan on outer_t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..10.000 rows=1 loops=1)
  ->  CTE Scan on x  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..12.000 rows=1 loops=1)
  ->  Limit  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..80.000 rows=1 loops=1)
        CTE x
          ->  Seq Scan on inner_t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..70.000 rows=1 loops=1)
        ->  CTE Scan on x x_1  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..75.000 rows=1 loops=1)`);
    expect(selfTimes(plan)).toEqual([8, 10, 2, 5, 70, 5]);
  });

  it('that ran on after the root had ended takes nothing from the others', () => {
    const plan = analyze(`Result  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..1.000 rows=1 loops=1)
  CTE gone
    ->  Delete on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..500.000 rows=0 loops=1)`);
    expect(selfTimes(plan)).toEqual([1, 0]);
    expect(plan.nodes[1]?.totalMs).toBe(500);
  });
});

describe('the estimate factor', () => {
  const factors = (text: string): (number | null | undefined)[] =>
    analyze(text).nodes.map((node) => node.estimateFactor);

  it('is null for what never ran and for BitmapAnd, whose rows nobody counts', () => {
    expect(
      factors(`Bitmap Heap Scan on t  (cost=0.00..1.00 rows=100 width=4) (actual time=0.000..1.000 rows=10 loops=1)
  ->  BitmapAnd  (cost=0.00..1.00 rows=100 width=0) (actual time=0.000..1.000 rows=0 loops=1)
        ->  Bitmap Index Scan on a  (cost=0.00..1.00 rows=100 width=0) (actual time=0.000..1.000 rows=100 loops=1)
        ->  Bitmap Index Scan on b  (cost=0.00..1.00 rows=100 width=0) (never executed)`),
    ).toEqual([10, null, 1, null]);
  });

  it('is null for fewer rows than expected under a LIMIT that was reached, and not under one that was not', () => {
    const under = (
      actual: number,
    ): string => `Limit  (cost=0.00..1.00 rows=10 width=4) (actual time=0.000..1.000 rows=${actual} loops=1)
  ->  Seq Scan on t  (cost=0.00..1.00 rows=1000 width=4) (actual time=0.000..1.000 rows=${actual} loops=1)`;
    expect(factors(under(10))).toEqual([1, null]);
    expect(factors(under(2))).toEqual([5, 500]);
  });

  it('compares rows per loop, with one row as the least', () => {
    expect(
      factors('Seq Scan on t  (cost=0.00..1.00 rows=50 width=4) (actual time=0.000..1.000 rows=0 loops=7)'),
    ).toEqual([50]);
  });
});
