import { describe, expect, it } from 'vitest';
import type { Plan } from '#contract/plan-model.ts';
import { analyzePlans, labelNode, PlanReadError } from '../../../electron/plan-core/index.ts';

function analyze(text: string): Plan {
  const [plan] = analyzePlans(text);
  if (!plan) throw new Error('no plan');
  return plan;
}

const SIMPLE = 'Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.010..0.020 rows=1 loops=1)';

describe('the text reader', () => {
  it('gives the lines of a worker to the worker', () => {
    const { nodes } = analyze(`Gather  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..9.000 rows=3 loops=1)
  Workers Planned: 1
  Workers Launched: 1
  Buffers: shared hit=3489
  ->  Sort  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..8.000 rows=1 loops=2)
        Sort Key: a DESC, lower((b)::text), "c, d"
        Sort Method: external merge  Disk: 432kB
        Buffers: shared hit=3489, temp read=54 written=58
        I/O Timings: shared read=1.5, temp write=0.94
        Worker 0:  actual time=0.000..7.000 rows=1 loops=1
          Sort Method: quicksort  Memory: 25kB
          JIT:
            Functions: 3
            Options: Inlining false, Optimization false, Expressions true, Deforming true
            Timing: Generation 0.848 ms, Inlining 0.000 ms, Optimization 0.249 ms, Emission 9.173 ms, Total 10.270 ms
          Buffers: shared hit=1145
        ->  Parallel Seq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..1.000 rows=1 loops=2)`);
    expect(nodes[0]?.totalBuffers?.sharedHit).toBe(3489);
    expect(nodes[1]?.properties).toMatchObject({
      'Sort Key': ['a DESC', 'lower((b)::text)', '"c, d"'],
      'Sort Method': 'external merge',
      'Sort Space Used': 432,
      'Sort Space Type': 'Disk',
      'Shared Hit Blocks': 3489,
      'Temp Written Blocks': 58,
      'Shared I/O Read Time': 1.5,
      'Temp I/O Write Time': 0.94,
      Workers: [
        {
          'Worker Number': 0,
          'Actual Rows': 1,
          'Sort Method': 'quicksort',
          'Sort Space Type': 'Memory',
          'Shared Hit Blocks': 1145,
          JIT: { Functions: 3, Timing: { Emission: 9.173, Total: 10.27 } },
        },
      ],
    });
  });

  it('recovers what one line packs together', () => {
    const { nodes } =
      analyze(`Hash Right Anti Join  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..9.000 rows=3.50 loops=1)
  ->  Async Foreign Scan on public.f "F"  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..1.000 rows=1.00 loops=1)
  ->  Hash  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..1.000 rows=1.00 loops=1)
        Buckets: 262144 (originally 1024)  Batches: 16 (originally 1)  Memory Usage: 9kB
        ->  Incremental Sort  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..1.000 rows=1.00 loops=1)
              Presorted Key: a
              Full-sort Groups: 1  Sort Method: quicksort  Average Memory: 30kB  Peak Memory: 31kB
              Pre-sorted Groups: 5  Sort Methods: top-N heapsort, quicksort  Average Disk: 40kB  Peak Disk: 41kB
              ->  Partial HashAggregate  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..1.000 rows=1.00 loops=1)
                    Group Key: a
                    Planned Partitions: 4  Batches: 5  Memory Usage: 8kB  Disk Usage: 32kB
                    ->  Parallel Index Only Scan Backward using "i.x" on s.t "A b"  (cost=0.00..1.00 rows=1 width=4) (actual time=0.000..1.000 rows=1.00 loops=1)
                          Index Cond: (a > 1)
                          Heap Fetches: 7
                          Index Searches: 2`);
    expect(nodes[0]?.properties).toMatchObject({
      'Node Type': 'Hash Join',
      'Join Type': 'Right Anti',
      'Actual Rows': 3.5,
    });
    expect(nodes[1]?.properties).toMatchObject({
      'Node Type': 'Foreign Scan',
      Operation: 'Select',
      'Async Capable': true,
      Schema: 'public',
      'Relation Name': 'f',
      Alias: 'F',
      'Parent Relationship': 'Outer',
    });
    expect(nodes[2]?.properties).toMatchObject({
      'Hash Buckets': 262_144,
      'Original Hash Buckets': 1024,
      'Hash Batches': 16,
      'Original Hash Batches': 1,
      'Peak Memory Usage': 9,
      'Parent Relationship': 'Inner',
    });
    expect(nodes[3]?.properties).toMatchObject({
      'Full-sort Groups': {
        'Group Count': 1,
        'Sort Methods Used': ['quicksort'],
        'Sort Space Memory': { 'Average Sort Space Used': 30, 'Peak Sort Space Used': 31 },
      },
      'Pre-sorted Groups': {
        'Group Count': 5,
        'Sort Methods Used': ['top-N heapsort', 'quicksort'],
        'Sort Space Disk': { 'Average Sort Space Used': 40, 'Peak Sort Space Used': 41 },
      },
    });
    expect(nodes[4]?.properties).toMatchObject({
      Strategy: 'Hashed',
      'Partial Mode': 'Partial',
      'Group Key': ['a'],
      'Planned Partitions': 4,
      'HashAgg Batches': 5,
      'Disk Usage': 32,
    });
    expect(nodes[5]?.properties).toMatchObject({
      'Node Type': 'Index Only Scan',
      'Parallel Aware': true,
      'Scan Direction': 'Backward',
      'Index Name': 'i.x',
      Schema: 's',
      'Relation Name': 't',
      Alias: 'A b',
      'Heap Fetches': 7,
      'Index Searches': 2,
      Disabled: false,
    });
  });

  it('reads what concerns the statement', () => {
    const plan = analyze(`${SIMPLE}
Query Identifier: -5424821330993577306
Settings: search_path = '"$user", it''s', work_mem = '8MB'
Planning:
  Buffers: shared hit=6
  Memory: used=6kB  allocated=8kB
Planning Time: 0.065 ms
Trigger RI_ConstraintTrigger_c_1 for constraint c on "odd: on" on t: time=1.500 calls=3
Trigger plain on t: calls=2
JIT:
  Functions: 3
  Options: Inlining true, Optimization false, Expressions true, Deforming true
  Timing: Generation 0.340 ms (Deform 0.100 ms), Inlining 0.000 ms, Optimization 0.168 ms, Emission 1.907 ms, Total 2.414 ms
Serialization: time=4.690 ms  output=5kB  format=text
  Buffers: shared hit=2
Execution Time: 9.500 ms`);
    expect(plan.settings).toEqual({ search_path: '"$user", it\'s', work_mem: '8MB' });
    expect(plan.triggers).toEqual([
      { name: 'RI_ConstraintTrigger_c_1', constraint: 'c on "odd: on"', relation: 't', timeMs: 1.5, calls: 3 },
      { name: 'plain', relation: 't', calls: 2 },
    ]);
    expect(plan.jit).toMatchObject({
      Functions: 3,
      Options: { Inlining: true },
      Timing: { Generation: { Deform: 0.1, Total: 0.34 }, Total: 2.414 },
    });
    expect(plan.properties).toMatchObject({
      'Query Identifier': '-5424821330993577306',
      Planning: { 'Shared Hit Blocks': 6, 'Memory Used': 6, 'Memory Allocated': 8 },
      Serialization: { Time: 4.69, 'Output Volume': 5, Format: 'text', 'Shared Hit Blocks': 2 },
    });
    expect([plan.planningMs, plan.executionMs]).toEqual([0.065, 9.5]);
  });

  it('is not misled by names that look like a plan', () => {
    const plan =
      analyze(`Index Scan using "a on b (cost=1.00..2.00 rows=3 width=4)" on "->  Hash" "x.y ""z"""  (cost=0.00..1.00 rows=1 width=4)
  Filter: ("Execution Time: 1 ms" = 'one
  ->  Seq Scan on evil  (cost=0.00..9.00 rows=9 width=9)
two'::text)
  SubPlan 1
    ->  CTE Scan on "CTE y"  (cost=0.00..1.00 rows=1 width=4)`);
    expect(
      plan.nodes.map((node) => [
        node.nodeType,
        node.index,
        node.relation,
        node.alias,
        node.cteName,
        node.line,
        node.endLine,
      ]),
    ).toEqual([
      ['Index Scan', 'a on b (cost=1.00..2.00 rows=3 width=4)', '->  Hash', 'x.y "z"', undefined, 1, 4],
      ['CTE Scan', undefined, undefined, 'CTE y', 'CTE y', 6, 6],
    ]);
    expect(plan.nodes[0]?.properties['Filter']).toBe(
      '("Execution Time: 1 ms" = \'one\n  ->  Seq Scan on evil  (cost=0.00..9.00 rows=9 width=9)\ntwo\'::text)',
    );
    expect(labelNode(plan.nodes[0] ?? { properties: {} })).toBe(
      'Index Scan using "a on b (cost=1.00..2.00 rows=3 width=4)" on "->  Hash" "x.y ""z"""',
    );
  });

  it('reads plans without costs', () => {
    const plan = analyze(`Nested Loop
  Join Filter: (a.x = b.x)
  ->  Seq Scan on a
  ->  Materialize
        ->  Seq Scan on b`);
    expect(plan.nodes.map((node) => [node.nodeType, node.parentId, node.relation])).toEqual([
      ['Nested Loop', null, undefined],
      ['Seq Scan', 0, 'a'],
      ['Materialize', 0, undefined],
      ['Seq Scan', 2, 'b'],
    ]);
  });

  it('reads every plan of a paste, each with its own lines', () => {
    const plans = analyzePlans(
      `explain select 1;\n QUERY PLAN \n---\n ${SIMPLE}\n(1 row)\n\nexplain select 2;\n QUERY PLAN \n---\n Limit  (cost=0.00..1.00 rows=1 width=4)\n   ->  ${SIMPLE}\n(2 rows)\n`,
    );
    expect(plans.map((plan) => plan.nodes.map((node) => [node.nodeType, node.line]))).toEqual([
      [['Seq Scan', 1]],
      [
        ['Limit', 1],
        ['Seq Scan', 2],
      ],
    ]);
  });
});

describe('the server’s log', () => {
  it('gives each plan of auto_explain its query and duration', () => {
    const plans = analyzePlans(`2024-05-01 10:00:00 UTC [77] LOG:  duration: 12.345 ms  plan:
\tQuery Text: select *
\tfrom t
\t  where a: b
\t${SIMPLE}
\t  Filter: (a = 1)
2024-05-01 10:00:01 UTC [77] LOG:  statement: select 1
2024-05-01 10:00:02 UTC [77] LOG:  duration: 2.000 ms  plan:
\tQuery Text: select 2
\tResult  (cost=0.00..0.01 rows=1 width=4)`);
    expect(
      plans.map(({ queryText, executionMs, nodes, text }) => [
        queryText,
        executionMs,
        nodes.length,
        text.split('\n').at(-1),
      ]),
    ).toEqual([
      ['select *\nfrom t\n  where a: b', 12.345, 1, '  Filter: (a = 1)'],
      ['select 2', 2, 1, 'Result  (cost=0.00..0.01 rows=1 width=4)'],
    ]);
  });

  it('is read from csvlog and jsonlog', () => {
    const message = `duration: 1.5 ms  plan:\nQuery Text: select "x"\n${SIMPLE}\n  Filter: ("x" = 1)`;
    const csv = `2024-05-01 10:00:00.000 UTC,"u","d",77,"[local]",1,1,"SELECT",2024-05-01 10:00:00 UTC,3/2,0,LOG,00000,"${message.replaceAll('"', '""')}",,,,,,,,,"psql","client backend",,0`;
    const json = JSON.stringify({ timestamp: '2024-05-01', error_severity: 'LOG', message });
    for (const source of [csv, json]) {
      const [plan] = analyzePlans(source);
      expect([plan?.queryText, plan?.executionMs, plan?.nodes[0]?.properties['Filter']]).toEqual([
        'select "x"',
        1.5,
        '("x" = 1)',
      ]);
    }
  });
});

describe('structured formats', () => {
  const node = { 'Node Type': 'Result', 'Startup Cost': 0, 'Total Cost': 0.01, 'Plan Rows': 1, 'Plan Width': 4 };

  it('shows every element of the array', () => {
    expect(analyzePlans(JSON.stringify([{ Plan: node }, { Plan: node }])).length).toBe(2);
  });

  it('looks through a client’s result set and CSV quotes', () => {
    expect(analyzePlans(JSON.stringify([{ 'QUERY PLAN': [{ Plan: node }] }])).length).toBe(1);
    expect(analyzePlans(`"${JSON.stringify([{ Plan: node }], null, 2).replaceAll('"', '""')}"`).length).toBe(1);
  });

  it('keeps both lists when an old version prints Workers twice', () => {
    const plan = analyze(
      `[{"Plan": {"Node Type": "Sort", "Workers": [{"Worker Number": 0, "Sort Method": "quicksort"}], "Workers": [{"Worker Number": 0, "Actual Rows": 5}]}}]`,
    );
    expect(plan.nodes[0]?.properties['Workers']).toEqual([
      { 'Worker Number': 0, 'Sort Method': 'quicksort', 'Actual Rows': 5 },
    ]);
  });

  it('keeps an int8 that a double cannot hold', () => {
    expect(
      analyze('[{"Plan": {"Node Type": "Result"}, "Query Identifier": -5424821330993577306}]').properties?.[
        'Query Identifier'
      ],
    ).toBe('-5424821330993577306');
  });

  it('reads YAML that somebody has reformatted', () => {
    expect(
      analyze("- Plan: {'Node Type': Limit, 'Total Cost': 1.5, Plans: [{'Node Type': Result}]}\n").nodes.map(
        (each) => each.nodeType,
      ),
    ).toEqual(['Limit', 'Result']);
  });
});

describe('what is no plan, or not a whole one', () => {
  const position = (source: string): unknown => {
    try {
      analyzePlans(source);
    } catch (error) {
      return error instanceof PlanReadError ? [error.line, error.column, error.message] : error;
    }
    return 'no error';
  };

  it('is refused with its place', () => {
    expect(position('')).toEqual([1, 1, 'The source is empty']);
    expect(position('\n\nhello')).toEqual([3, 1, 'No plan found: expected the output of EXPLAIN']);
    expect(position('[{"Plan": {"Node Type": "Limit",\n"Plans": [')).toEqual([
      2,
      11,
      'The JSON ends before it is whole: the plan is cut off',
    ]);
    expect(
      position(
        `Limit  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)\n  ->  Seq Scan on t  (cost=0.00..1.0`,
      ),
    ).toEqual([2, 37, 'The plan is cut off inside this line']);
    expect(
      position(
        `Limit  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)\n  ->  Hash Join  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)\n        ->  ${SIMPLE}`,
      ),
    ).toEqual([3, 1, 'The plan is cut off: Hash Join has no input']);
    expect(
      position('<explain xmlns="http://www.postgresql.org/2009/explain"><Query><Plan><Node-Type>Limit</Node-Type>'),
    ).toMatchObject([1, expect.any(Number), expect.stringContaining('XML')]);
    expect(position('[{"Plan": {"Node Type": "Limit", "Plans": [{"Total Cost": 1}]}}]')).toMatchObject([
      1,
      1,
      expect.stringContaining('not whole'),
    ]);
  });

  it('without ANALYZE is shown, but marked', () => {
    const plan = analyze(
      `Hash Join  (cost=0.00..1.00 rows=1 width=4)\n  ->  Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)`,
    );
    expect(plan.incomplete).toContain('Hash Join has no input');
    expect(plan.insights.map((insight) => insight.rule)).toEqual(['incomplete-plan']);
  });
});
