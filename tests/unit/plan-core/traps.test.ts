import { describe, expect, it } from 'vitest';
import type { Plan } from '#contract/plan-model.ts';
import { analyzePlans } from '../../../electron/plan-core/index.ts';

/** Where other readers of plans are known to be wrong, and no other test looks. */

function analyze(source: string): Plan {
  const [plan] = analyzePlans(source);
  if (!plan) throw new Error('no plan');
  return plan;
}

const planned = (rows: number): string => `(cost=0.00..1.00 rows=${rows} width=4)`;
const actual = (ms: number, rows: number, loops = 1): string =>
  `(actual time=0.010..${ms.toFixed(3)} rows=${rows} loops=${loops})`;
const factors = (text: string): (number | null | undefined)[] =>
  analyze(text).nodes.map(({ estimateFactor }) => estimateFactor);

describe('rows', () => {
  it('below a Gather are compared per process, whatever the loops', () => {
    // 2 workers and the leader: the planner divides by 2.4, PostgreSQL counts in 3 loops.
    expect(
      factors(`Gather  ${planned(1000)} ${actual(9, 1200)}
  Workers Planned: 2
  Workers Launched: 2
  ->  Parallel Seq Scan on t  ${planned(417)} ${actual(8, 400, 3)}`),
    ).toEqual([1.2, 417 / 400]);
  });

  it('of a hash that every process builds for itself are those of one process', () => {
    const { nodes } = analyze(`Gather  ${planned(1000)} ${actual(9, 1000)}
  Workers Planned: 2
  Workers Launched: 2
  ->  Hash Join  ${planned(400)} ${actual(8, 333, 3)}
        Hash Cond: (a.id = b.id)
        ->  Parallel Seq Scan on a  ${planned(400)} ${actual(4, 333, 3)}
        ->  Hash  ${planned(50)} ${actual(1, 50, 3)}
              ->  Seq Scan on b  ${planned(50)} ${actual(1, 50, 3)}`);
    const whole = nodes.find(({ relation }) => relation === 'b');
    expect([whole?.actualRows, whole?.loops, whole?.parallelAware, whole?.estimateFactor]).toEqual([50, 3, false, 1]);
  });

  it.each([
    ['a semi join that had found its row', 'Nested Loop Semi Join'],
    ['a merge join whose other side had ended', 'Merge Join'],
  ])('of the inner side of %s are no mis-estimate', (_, join) => {
    expect(
      factors(
        `${join}  ${planned(10)} ${actual(9, 10)}\n  ->  Seq Scan on a  ${planned(10)} ${actual(1, 10)}\n  ->  Seq Scan on b  ${planned(100_000)} ${actual(1, 10)}`,
      )[2],
    ).toBeNull();
  });

  it('that a merge join read again from its mark are no mis-estimate either', () => {
    expect(
      factors(
        `Merge Join  ${planned(10)} ${actual(9, 10)}\n  ->  Sort  ${planned(10)} ${actual(1, 10)}\n        ->  Seq Scan on a  ${planned(10)} ${actual(1, 10)}\n  ->  Materialize  ${planned(10)} ${actual(1, 5000)}\n        ->  Seq Scan on b  ${planned(10)} ${actual(1, 10)}`,
      )[3],
    ).toBeNull();
  });

  it('that were removed are told for each reason, over all loops', () => {
    const [node] = analyze(`Index Scan using i on t  ${planned(1)} ${actual(1, 1, 10)}
  Index Cond: (a = 1)
  Rows Removed by Index Recheck: 3
  Filter: (b = 1)
  Rows Removed by Filter: 7`).nodes;
    expect([node?.rowsRemovedByIndexRecheck, node?.rowsRemovedByFilter, node?.rowsRemovedByJoinFilter]).toEqual([
      30,
      70,
      undefined,
    ]);
  });
});

describe('a recursive query', () => {
  it('has the loops of its recursive term, and self times that add up', () => {
    const { nodes } = analyze(`CTE Scan on r  ${planned(101)} ${actual(10, 50)}
  CTE r
    ->  Recursive Union  ${planned(101)} ${actual(9, 50)}
          ->  Result  ${planned(1)} ${actual(0.01, 1)}
          ->  WorkTable Scan on r r_1  ${planned(10)} ${actual(0.1, 1, 50)}
                Filter: (n < 50)`);
    expect(nodes.map(({ nodeType, loops }) => [nodeType, loops])).toEqual([
      ['CTE Scan', 1],
      ['Recursive Union', 1],
      ['Result', 1],
      ['WorkTable Scan', 50],
    ]);
    expect(nodes.reduce((sum, { selfMs }) => sum + (selfMs ?? 0), 0)).toBeCloseTo(10, 6);
    expect(nodes[3]?.estimateFactor).toBeNull();
  });
});

describe('names and units', () => {
  it.each([
    ['to 14', 'read=1.500 write=0.500', { 'I/O Read Time': 1.5, 'I/O Write Time': 0.5 }],
    ['of 15 and 16', 'shared/local read=1.500, temp read=2.000', { 'I/O Read Time': 1.5, 'Temp I/O Read Time': 2 }],
    ['since 17', 'shared read=1.500, local read=0.250', { 'Shared I/O Read Time': 1.5, 'Local I/O Read Time': 0.25 }],
  ])('I/O timings %s', (_, timings, expected) => {
    expect(
      analyze(`Seq Scan on t  ${planned(1)} ${actual(9, 1)}\n  I/O Timings: ${timings}`).nodes[0]?.properties,
    ).toMatchObject(expected);
  });

  it('of the total have been three', () => {
    const total = (line: string): number | undefined =>
      analyze(`Seq Scan on t  ${planned(1)} ${actual(9, 1)}\n${line}`).executionMs;
    expect(['Total runtime: 9.5 ms', 'Execution time: 9.5 ms', 'Execution Time: 9.500 ms'].map(total)).toEqual([
      9.5, 9.5, 9.5,
    ]);
  });

  it('workers planned and launched are two numbers', () => {
    expect(
      analyze(
        `Gather  ${planned(1)} ${actual(9, 1)}\n  Workers Planned: 4\n  Workers Launched: 1\n  ->  Seq Scan on t  ${planned(1)} ${actual(8, 1, 2)}`,
      ).nodes[0]?.properties,
    ).toMatchObject({ 'Workers Planned': 4, 'Workers Launched': 1 });
  });
});

describe('heap fetches', () => {
  const scan = (fetches: number): string[] =>
    analyze(
      `Nested Loop  ${planned(10_000)} ${actual(100, 10_000)}\n  ->  Seq Scan on a  ${planned(10_000)} ${actual(1, 10_000)}\n  ->  Index Only Scan using i on b  ${planned(1)} ${actual(0.009, 1, 10_000)}\n        Heap Fetches: ${fetches}`,
    ).insights.map(({ rule }) => rule);
  it('are a total, set against the rows of all loops', () => {
    expect(scan(713)).not.toContain('heap-fetches');
    expect(scan(9000)).toContain('heap-fetches');
  });
});

describe('several plans and double keys', () => {
  it('every statement of a JSON list is a plan', () => {
    const plan = (relation: string): object => ({ Plan: { 'Node Type': 'Seq Scan', 'Relation Name': relation } });
    expect(
      analyzePlans(JSON.stringify([plan('a'), plan('b')])).map(({ nodes }) => nodes.map(({ relation }) => relation)),
    ).toEqual([['a'], ['b']]);
  });

  it('workers that come under the key twice are put together', () => {
    const [node] = analyze(
      '[{"Plan": {"Node Type": "Sort", "Workers": [{"Worker Number": 0, "Sort Method": "quicksort"}], "Workers": [{"Worker Number": 0, "Actual Rows": 5}, {"Worker Number": 1, "Actual Rows": 6}], "Plans": [{"Node Type": "Result"}]}}]',
    ).nodes;
    expect(node?.properties['Workers']).toEqual([
      { 'Worker Number': 0, 'Sort Method': 'quicksort', 'Actual Rows': 5 },
      { 'Worker Number': 1, 'Actual Rows': 6 },
    ]);
  });
});

const CITUS = `Custom Scan (Citus Adaptive)  ${planned(0)} ${actual(100, 604)}
  ->  Distributed Subplan 23_1
        Subplan Duration: 56.57 ms
        Intermediate Data Size: 2995 kB
        ->  Seq Scan on customers c  ${planned(50_000)} ${actual(6, 50_000)}
        Planning Time: 0.000 ms
        Execution Time: 8.687 ms
  Task Count: 32
  Tuple data received from nodes: 41 kB
  Tasks Shown: One of 32
  ->  Task
        Tuple data received from node: 41 kB
        Node: host=worker-1 port=5432 dbname=d
        ->  Group  ${planned(83)} ${actual(90, 604)}
              Group Key: acc.id
              ->  Seq Scan on acc_102008 acc  ${planned(83)} ${actual(80, 604)}
            Planning Time: 1.500 ms
            Execution Time: 91.500 ms
Planning Time: 3.000 ms
Execution Time: 101.000 ms`;

const CITUS_JSON = [
  {
    Plan: {
      'Node Type': 'Custom Scan',
      'Custom Plan Provider': 'Citus Adaptive',
      'Actual Total Time': 100,
      'Actual Rows': 604,
      'Actual Loops': 1,
      'Distributed Query': {
        Subplans: [
          {
            'Subplan Duration': '56.57 ms',
            'Intermediate Data Size': '2995 kB',
            PlannedStmt: [
              {
                Plan: {
                  'Node Type': 'Seq Scan',
                  'Relation Name': 'customers',
                  Alias: 'c',
                  'Actual Total Time': 6,
                  'Actual Rows': 50_000,
                  'Actual Loops': 1,
                },
                'Planning Time': 0,
                'Execution Time': 8.687,
              },
            ],
          },
        ],
        Job: {
          'Task Count': 32,
          'Tuple data received from nodes': '41 kB',
          'Tasks Shown': 'One of 32',
          Tasks: [
            {
              'Tuple data received from node': '41 kB',
              Node: 'host=worker-1 port=5432 dbname=d',
              'Remote Plan': [
                [
                  {
                    Plan: {
                      'Node Type': 'Group',
                      'Actual Total Time': 90,
                      'Actual Rows': 604,
                      'Actual Loops': 1,
                      Plans: [
                        {
                          'Node Type': 'Seq Scan',
                          'Parent Relationship': 'Outer',
                          'Relation Name': 'acc_102008',
                          Alias: 'acc',
                          'Actual Total Time': 80,
                          'Actual Rows': 604,
                          'Actual Loops': 1,
                        },
                      ],
                    },
                    'Planning Time': 1.5,
                    'Execution Time': 91.5,
                  },
                ],
              ],
            },
          ],
        },
      },
    },
    'Planning Time': 3,
    'Execution Time': 101,
  },
];

describe('plans of other servers', () => {
  const shape = ({ nodes }: Plan): unknown[] =>
    nodes.map((node) => [
      node.depth,
      node.nodeType,
      node.relationship ?? null,
      node.alias ?? null,
      Math.round((node.selfMs ?? 0) * 100) / 100,
      node.neverExecuted,
    ]);
  const NODES = [
    [0, 'Custom Scan', null, null, 4, false],
    [1, 'Distributed Subplan', 'Distributed Subplan', null, 0, false],
    [2, 'Seq Scan', 'Remote', 'c', 6, false],
    [1, 'Task', 'Task', null, 0, false],
    [2, 'Group', 'Remote', null, 10, false],
    [3, 'Seq Scan', 'Outer', 'acc', 80, false],
  ];

  it('of Citus are nodes of the tree, in text', () => {
    const plan = analyze(CITUS);
    expect(shape(plan)).toEqual(NODES);
    expect([plan.planningMs, plan.executionMs, plan.incomplete]).toEqual([3, 101, undefined]);
    expect(plan.nodes[0]?.properties).toMatchObject({ 'Task Count': 32, 'Tasks Shown': 'One of 32' });
    expect(plan.nodes[1]?.properties).toMatchObject({ 'Distributed Subplan': '23_1', 'Execution Time': 8.687 });
    expect(plan.nodes[3]?.properties).toMatchObject({
      Node: 'host=worker-1 port=5432 dbname=d',
      'Execution Time': 91.5,
    });
    expect(plan.nodes.map(({ line }) => line)).toEqual([1, 2, 5, 11, 14, 16]);
  });

  it('of Citus are the same nodes in JSON, and its printed text is read back', () => {
    const plan = analyze(JSON.stringify(CITUS_JSON));
    expect(shape(plan)).toEqual(NODES);
    expect([plan.planningMs, plan.executionMs]).toEqual([3, 101]);
    expect(plan.nodes[0]?.properties).not.toHaveProperty('Distributed Query');
    expect(plan.nodes[0]?.properties).toMatchObject({ 'Task Count': 32 });
    expect(shape(analyze(plan.text))).toEqual(NODES);
  });

  it('of Citus are nodes in XML, whose tasks have a Query and a document of their own', () => {
    const plan =
      analyze(`<explain xmlns="http://www.postgresql.org/2009/explain"><Query><Plan><Node-Type>Custom Scan</Node-Type>
<Distributed-Query><Job><Task-Count>2</Task-Count><Tasks>
<Task><Query>SELECT 1</Query><Node>host=a</Node><Remote-Plan><explain xmlns="http://www.postgresql.org/2009/explain"><Query><Plan><Node-Type>Seq Scan</Node-Type><Relation-Name>t_1</Relation-Name></Plan></Query></explain></Remote-Plan></Task>
<Task><Node>host=b</Node><Remote-Plan><explain xmlns="http://www.postgresql.org/2009/explain"><Query><Plan><Node-Type>Seq Scan</Node-Type><Relation-Name>t_2</Relation-Name></Plan></Query></explain></Remote-Plan></Task>
</Tasks></Job></Distributed-Query></Plan></Query></explain>`);
    expect(plan.nodes.map(({ nodeType, relation, parentId }) => [nodeType, relation, parentId])).toEqual([
      ['Custom Scan', undefined, null],
      ['Task', undefined, 0],
      ['Seq Scan', 't_1', 1],
      ['Task', undefined, 0],
      ['Seq Scan', 't_2', 3],
    ]);
    expect(plan.nodes[1]?.properties).toMatchObject({ Query: 'SELECT 1', Node: 'host=a' });
  });

  it('under a Foreign Scan are its children, as a list, as text of JSON, and as text', () => {
    const remote = [{ Plan: { 'Node Type': 'Seq Scan', 'Relation Name': 't' }, 'Planning Time': 0.5 }];
    const foreign = (value: unknown): Plan =>
      analyze(JSON.stringify([{ Plan: { 'Node Type': 'Foreign Scan', 'Relation Name': 'f', 'Remote Plan': value } }]));
    const text = analyze(`Foreign Scan on f  ${planned(1)} ${actual(5, 1)}
  Remote SQL: SELECT a FROM t
  Remote Plan:
    Seq Scan on t  ${planned(1)} ${actual(2, 1)}
      Filter: (a > 1)
    Planning Time: 0.500 ms
Planning Time: 1.000 ms`);
    for (const plan of [foreign(remote), foreign(JSON.stringify(remote)), text])
      expect(plan.nodes.map(({ nodeType, relation, relationship }) => [nodeType, relation, relationship])).toEqual([
        ['Foreign Scan', 'f', undefined],
        ['Seq Scan', 't', 'Remote'],
      ]);
    expect([text.planningMs, text.nodes[1]?.properties['Planning Time']]).toEqual([1, 0.5]);
    expect(foreign('not a plan').nodes[0]?.properties['Remote Plan']).toBe('not a plan');
  });
});

describe('worker imbalance', () => {
  const plan = (
    first: number,
    second: number,
    ms: number,
  ): string => `Gather  ${planned(30_000)} ${actual(ms + 10, 30_000)}
  Workers Planned: 2
  Workers Launched: 2
  ->  Parallel Seq Scan on public.t  ${planned(10_000)} ${actual(ms, 10_000, 3)}
        Output: a
        Worker 0:  ${actual(ms * 2, first).slice(1, -1)}
        Worker 1:  ${actual(ms / 2, second).slice(1, -1)}`;
  const found = (text: string): unknown[] =>
    analyze(text)
      .insights.filter(({ rule }) => rule === 'worker-imbalance')
      .map(({ nodeId, savedMs }) => [nodeId, savedMs]);

  it('is told where one process did nearly all of the work', () => {
    expect(found(plan(29_000, 500, 100))).toEqual([[1, 100]]);
    expect(found(plan(10_000, 10_000, 100))).toEqual([]);
  });

  it('is not told where it costs next to nothing', () => {
    expect(found(plan(29_000, 500, 0.5))).toEqual([]);
  });
});

describe('processes', () => {
  it('below a node that one process ran are one, however often it was run', () => {
    const { nodes } = analyze(`Gather  ${planned(1)} ${actual(100, 2)}
  Workers Planned: 2
  Workers Launched: 2
  ->  Parallel Append  ${planned(1)} ${actual(90, 1, 3)}
        ->  Nested Loop  ${planned(1)} ${actual(80, 5000)}
              ->  Seq Scan on a  ${planned(1)} ${actual(20, 5000)}
              ->  Index Scan using i on b  ${planned(1)} ${actual(0.01, 1, 5000)}
        ->  Parallel Seq Scan on c  ${planned(1)} ${actual(30, 1, 3)}`);
    expect(nodes.map((node) => node.processes)).toEqual([1, 3, 1, 1, 1, 3]);
    expect(nodes[4]?.totalMs).toBe(50);
  });
});

describe('a CTE whose owner is the scan of it', () => {
  it('is not taken for one of the same name further out', () => {
    const { nodes } = analyze(`Nested Loop  ${planned(1)} ${actual(90, 1)}
  CTE c
    ->  Seq Scan on far  ${planned(1)} ${actual(20, 1)}
  ->  CTE Scan on c  ${planned(1)} ${actual(22, 1)}
  ->  CTE Scan on c c_1  ${planned(1)} ${actual(60, 1)}
        CTE c
          ->  CTE Scan on c c_2  ${planned(1)} ${actual(50, 1)}`);
    expect(nodes.reduce((sum, { selfMs }) => sum + (selfMs ?? 0), 0)).toBeCloseTo(90, 6);
    expect(nodes[3]?.selfMs).toBeCloseTo(10, 6);
  });
});

describe('several targets', () => {
  // ON CONFLICT and MERGE print their counts inside of the list: what PostgreSQL 15 to 18 print is no valid JSON.
  const json = `[{"Plan": {"Node Type": "ModifyTable", "Operation": "Merge", "Target Tables": [
    {"Relation Name": "p_1", "Alias": "p_1"}, {"Relation Name": "p_2", "Alias": "p_2"},
    "Tuples Inserted": 1, "Conflict Arbiter Indexes": ["i", "j"]
  ], "Plans": [{"Node Type": "Result"}]}}]`;
  const yaml = `- Plan: \n    Node Type: "ModifyTable"\n    Operation: "Merge"\n    Target Tables: \n      - Relation Name: "p_1"\n        Alias: "p_1"\n      - Relation Name: "p_2"\n        Alias: "p_2"\n      Tuples Inserted: 1\n      Conflict Arbiter Indexes: \n        - "i"\n        - "j"\n    Plans: \n      - Node Type: "Result"`;
  const xml = `<explain xmlns="http://www.postgresql.org/2009/explain"><Query><Plan><Node-Type>ModifyTable</Node-Type><Operation>Merge</Operation><Target-Tables><Target-Table><Relation-Name>p_1</Relation-Name><Alias>p_1</Alias></Target-Table><Target-Table><Relation-Name>p_2</Relation-Name><Alias>p_2</Alias></Target-Table><Tuples-Inserted>1</Tuples-Inserted><Conflict-Arbiter-Indexes><Item>i</Item><Item>j</Item></Conflict-Arbiter-Indexes></Target-Tables><Plans><Plan><Node-Type>Result</Node-Type></Plan></Plans></Plan></Query></explain>`;
  it.each([
    ['JSON', json],
    ['YAML', yaml],
    ['XML', xml],
  ])('leave the counts to the node, in %s', (_, source) => {
    const { nodes } = analyze(source);
    expect(nodes[0]?.properties).toMatchObject({
      'Target Tables': [
        { 'Relation Name': 'p_1', Alias: 'p_1' },
        { 'Relation Name': 'p_2', Alias: 'p_2' },
      ],
      'Tuples Inserted': 1,
      'Conflict Arbiter Indexes': ['i', 'j'],
    });
    expect(nodes.length).toBe(2);
  });
});

describe('triggers', () => {
  it('with the name of a relation in theirs keep it, when no other has one', () => {
    const { triggers } = analyze(
      `Update on t  ${planned(1)} ${actual(1, 0)}\n  ->  Seq Scan on t  ${planned(1)} ${actual(1, 1)}\nTrigger odd: trigger on u: calls=1\nTrigger plain: calls=2\nExecution Time: 2.000 ms`,
    );
    expect(triggers).toEqual([
      { name: 'odd: trigger on u', relation: 't', calls: 1 },
      { name: 'plain', relation: 't', calls: 2 },
    ]);
  });
});

describe('a rule', () => {
  it('gives plans of their own, without costs too', () => {
    expect(
      analyzePlans('Insert on a\n  ->  Result\n\nInsert on b\n  ->  Result').map(({ nodes }) => nodes[0]?.relation),
    ).toEqual(['a', 'b']);
  });
});
