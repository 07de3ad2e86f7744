import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { PlanComparison } from '#contract/plan-comparison.ts';
import type { Plan } from '#contract/plan-model.ts';
import { comparePlans } from '../../../../electron/plan-core/compare/index.ts';
import { fingerprint } from '../../../../electron/plan-core/compare/statement-fingerprint.ts';
import { analyzePlans } from '../../../../electron/plan-core/index.ts';

function read(text: string): Plan {
  const [plan] = analyzePlans(text);
  if (!plan) throw new Error('no plan');
  return plan;
}

function compare(before: string, after: string): PlanComparison {
  return comparePlans(read(before), read(after));
}

/** `Nested Loop 0 = Hash Join 0`, `- = Hash 2`: who was matched with whom. */
function matches(before: string, after: string): string[] {
  const [one, other] = [read(before), read(after)];
  const name = (plan: Plan, id: number | null): string =>
    id === null ? '-' : `${plan.nodes[id]?.nodeType ?? ''} ${plan.nodes[id]?.alias ?? ''}`.trim();
  return comparePlans(one, other).pairs.map(
    ({ beforeId, afterId }) => `${name(one, beforeId)} = ${name(other, afterId)}`,
  );
}

function rules(before: string, after: string): string[] {
  return compare(before, after).causes.map(({ rule }) => rule);
}

const planned = (rows: number, cost = 1): string => `(cost=0.00..${cost.toFixed(2)} rows=${rows} width=4)`;
const actual = (ms: number, rows: number, loops = 1): string =>
  `(actual time=0.010..${ms.toFixed(3)} rows=${rows} loops=${loops})`;
const node = (label: string, ms: number, rows: number, expected = rows): string =>
  `${label}  ${planned(expected)} ${actual(ms, rows)}`;

describe('matching', () => {
  it('sees a node through another method, and what was put between', () => {
    expect(
      matches(
        `${node('Sort', 90, 10)}
  ->  ${node('Nested Loop', 80, 10)}
        ->  ${node('Seq Scan on a', 10, 10)}
        ->  ${node('Index Scan using b_pkey on b', 1, 1)}`,
        `${node('Gather Merge', 90, 10)}
  ->  ${node('Sort', 80, 10)}
        ->  ${node('Hash Join', 80, 10)}
              ->  ${node('Seq Scan on b', 10, 10)}
              ->  ${node('Hash', 10, 10)}
                    ->  ${node('Seq Scan on a', 10, 10)}`,
      ),
    ).toEqual([
      '- = Gather Merge',
      'Sort = Sort',
      'Nested Loop = Hash Join',
      'Index Scan b = Seq Scan b',
      '- = Hash',
      'Seq Scan a = Seq Scan a',
    ]);
  });

  it('sees through another join order, and says so', () => {
    const join = (first: string, second: string, third: string): string => `${node('Nested Loop', 90, 10)}
  ->  ${node('Nested Loop', 80, 10)}
        ->  ${node(`Seq Scan on ${first}`, 10, 10)}
        ->  ${node(`Seq Scan on ${second}`, 10, 10)}
  ->  ${node(`Seq Scan on ${third}`, 10, 10)}`;
    const { pairs } = compare(join('a', 'b', 'c'), join('a', 'c', 'b'));
    expect(pairs.map(({ beforeId, afterId }) => [beforeId, afterId])).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [4, 3],
      [3, 4],
    ]);
    expect(pairs.slice(0, 2).map(({ changes }) => changes)).toEqual([
      [{ kind: 'order', before: '(a, b) ⋈ c', after: '(a, c) ⋈ b' }],
      [{ kind: 'order', before: 'a ⋈ b', after: 'a ⋈ c' }],
    ]);
  });

  it('calls swapped sides an order, and the sides of a condition no change', () => {
    const join = (outer: string, inner: string): string => `${node('Hash Join', 90, 10)}
  Hash Cond: (${outer}.id = ${inner}.id)
  ->  ${node(`Seq Scan on ${outer}`, 10, 10)}
  ->  ${node('Hash', 10, 10)}
        ->  ${node(`Seq Scan on ${inner}`, 10, 10)}`;
    expect(compare(join('a', 'b'), join('b', 'a')).pairs[0]?.changes).toEqual([
      { kind: 'order', before: 'a ⋈ b', after: 'b ⋈ a' },
    ]);
  });

  it('keeps an Append together whose partitions grew', () => {
    const append = (...names: string[]): string =>
      [node('Append', 90, 10), ...names.map((name) => `  ->  ${node(`Seq Scan on ${name}`, 1, 1)}`)].join('\n');
    expect(matches(append('p_1', 'p_2'), append('p_0', 'p_1', 'p_2'))).toEqual([
      'Append = Append',
      '- = Seq Scan p_0',
      'Seq Scan p_1 = Seq Scan p_1',
      'Seq Scan p_2 = Seq Scan p_2',
    ]);
    expect(rules(append('p_1', 'p_2'), append('p_0', 'p_1', 'p_2'))).toEqual(['partitions']);
  });

  it('tells the same relation apart by the CTE, InitPlan or SubPlan that it stands in', () => {
    const plan = (first: string, second: string): string => `${node('Nested Loop', 90, 10)}
  InitPlan 1 (returns $0)
    ->  ${node(first, 10, 10)}
  CTE w
    ->  ${node(second, 10, 10)}
  ->  ${node('CTE Scan on w', 10, 10)}
  ->  ${node('Seq Scan on t', 10, 10)}`;
    const { pairs } = compare(
      plan('Seq Scan on t', 'Index Scan using i on t'),
      plan('Index Scan using i on t', 'Seq Scan on t'),
    );
    expect(pairs.map(({ beforeId, afterId, changes }) => [beforeId, afterId, changes.map(({ kind }) => kind)])).toEqual(
      [
        [0, 0, []],
        [1, 1, ['method', 'index']],
        [2, 2, ['method', 'index']],
        [3, 3, []],
        [4, 4, []],
      ],
    );
  });

  it('matches the tasks of Citus and what runs in them', () => {
    const plan = (type: string): string => `Custom Scan (Citus Adaptive)  ${planned(10)} ${actual(90, 10)}
  Task Count: 1
  ->  Task
        Node: host=a port=5432 dbname=d
        ->  ${node(`${type} on orders_102008 orders`, 80, 10)}`;
    expect(matches(plan('Seq Scan'), plan('Index Scan using i'))).toEqual([
      'Custom Scan = Custom Scan',
      'Task = Task',
      'Seq Scan orders = Index Scan orders',
    ]);
  });

  it.each([
    'grouping-sets.pg18',
    'hostile-identifiers.pg15',
    'init-plan-and-cte.pg15',
    'merge.pg18',
    'parallel.pg15',
    'pruned-partitions.pg18',
    'sub-plan.pg18',
  ])('finds no change between the formats of %s', (name) => {
    const file = (format: string): string =>
      readFileSync(join(import.meta.dirname, '..', 'fixtures', `${name}.${format}`), 'utf8');
    for (const format of ['json', 'yaml', 'xml']) {
      const { pairs, causes } = compare(file('txt'), file(format));
      expect(pairs.flatMap(({ changes }) => changes)).toEqual([]);
      expect(causes).toEqual([]);
    }
  });

  it('finds nothing but the version where 15 and 18 print the same plan', () => {
    const file = (version: number): string =>
      readFileSync(join(import.meta.dirname, '..', 'fixtures', `pruned-partitions.pg${version}.json`), 'utf8');
    const { pairs, causes } = compare(file(15), file(18));
    expect(pairs.flatMap(({ changes }) => changes)).toEqual([]);
    expect(causes.map(({ rule }) => rule)).toEqual(['version']);
  });
});

const SLOW = `Seq Scan on orders  ${planned(100)} ${actual(200, 100)}
  Filter: (customer_id = 5)
  Rows Removed by Filter: 200000
  Buffers: shared hit=10 read=990
Planning Time: 1.000 ms
Execution Time: 201.000 ms`;
const FAST = `Index Scan using orders_customer_id_idx on orders  ${planned(100)} ${actual(2, 100)}
  Index Cond: (customer_id = 5)
  Buffers: shared hit=12
Planning Time: 1.000 ms
Execution Time: 2.010 ms`;

describe('the outcome', () => {
  it('is told with both times, what won them, and by what', () => {
    const { verdict, headline, differences, causes, pairs, totals } = compare(SLOW, FAST);
    expect([verdict, headline]).toEqual(['faster', '100 times faster: 201 ms → 2.0 ms']);
    expect(differences).toEqual([
      {
        beforeId: 0,
        afterId: 0,
        delta: -198,
        title: 'Seq Scan on orders → Index Scan using orders_customer_id_idx on orders: 198 ms won',
        message:
          '200 ms → 2.0 ms; index none → orders_customer_id_idx; Filter (customer_id = 5) → none; Index Cond none → (customer_id = 5); 1,000 → 12 blocks; 990 → 0 blocks read from outside the cache.',
      },
    ]);
    expect(causes.map(({ rule, title }) => [rule, title])).toEqual([
      ['index-appeared', 'Only the plan after uses the index orders_customer_id_idx'],
    ]);
    expect(pairs[0]?.changes.map(({ kind }) => kind)).toEqual([
      'method',
      'index',
      'condition',
      'condition',
      'self-time',
      'blocks',
      'blocks-read',
    ]);
    expect(totals).toContainEqual({ name: 'execution-time', unit: 'ms', before: 201, after: 2.01 });
    expect(totals).toContainEqual({ name: 'blocks-read', unit: 'blocks', before: 990, after: 0 });
  });

  it('without ANALYZE is by cost, and says so', () => {
    const { verdict, basis, headline, notes, rankedBy } = compare(
      `Seq Scan on t  ${planned(100, 500)}`,
      `Index Scan using i on t  ${planned(100, 250)}`,
    );
    expect([verdict, basis, rankedBy, headline]).toEqual([
      'faster',
      'cost',
      'cost',
      '2.0 times cheaper by the planner’s estimate: cost 500 → 250',
    ]);
    expect(notes).toEqual(['Neither plan was executed (no ANALYZE): only the planner’s estimates are compared.']);
  });

  it('of an executed plan and one that was not compares estimates only', () => {
    const { basis, notes, pairs } = compare(
      `Seq Scan on t  ${planned(100, 500)}`,
      `Seq Scan on t  ${planned(100, 500)} ${actual(5, 7)}`,
    );
    expect([basis, pairs[0]?.changes]).toEqual(['cost', []]);
    expect(notes[0]).toContain('The plan before was not executed');
  });

  it('of plans without times and costs is unknown', () => {
    expect(compare('Seq Scan on t', 'Seq Scan on t')).toMatchObject({
      verdict: 'unknown',
      basis: 'none',
      factor: null,
    });
  });

  it('is the same within the weather', () => {
    expect(compare(node('Result', 100, 1), node('Result', 103, 1))).toMatchObject({
      verdict: 'same',
      headline: 'About as fast: 100 ms → 103 ms',
    });
  });

  it('counts planning and triggers too', () => {
    const plan = (planning: number, trigger: number): string =>
      `Delete on t  ${planned(0)} ${actual(1, 0)}\n  ->  ${node('Seq Scan on t', 1, 5)}\nPlanning Time: ${planning}.000 ms\nTrigger fk: time=${trigger}.000 calls=5\nExecution Time: ${trigger + 1}.000 ms`;
    expect(compare(plan(50, 10), plan(5, 90)).differences.map(({ title }) => title)).toEqual([
      'Triggers: 80 ms lost',
      'Planning: 45 ms won',
    ]);
  });

  it('names what was removed, added, spilled and never executed', () => {
    const { pairs, causes } = compare(
      `Sort  ${planned(1000)} ${actual(90, 1000)}
  Sort Method: external merge  Disk: 2048kB
  ->  Append  ${planned(1000)} ${actual(10, 1000)}
        ->  ${node('Seq Scan on a', 5, 1000)}
        ->  Seq Scan on b  ${planned(10)} (never executed)`,
      `Sort  ${planned(1000)} ${actual(30, 1000)}
  Sort Method: quicksort  Memory: 4096kB
  ->  Append  ${planned(1000)} ${actual(10, 1000)}
        ->  ${node('Seq Scan on a', 5, 1000)}
        ->  Seq Scan on b  ${planned(10)} ${actual(3, 10)}`,
    );
    expect(pairs[0]?.changes).toContainEqual({ kind: 'spill', before: 2048, after: 0, factor: 1 / 2048 });
    expect(causes.map(({ rule }) => rule)).toEqual(['spill', 'branch-executed']);
  });
});

describe('why', () => {
  const scan = (rows: number, expected: number, more = ''): string =>
    `Seq Scan on t  ${planned(expected)} ${actual(10, rows)}\n  Filter: (a = 1)\n  Rows Removed by Filter: 5${more}`;

  it('the statistics, where estimates changed and rows did not', () => {
    const { causes } = compare(scan(1000, 10), scan(1010, 1000));
    expect(causes).toMatchObject([
      {
        rule: 'statistics',
        message:
          '10 → 1,000 rows expected, while 1,000 → 1,010 came, under the same conditions. The estimate is nearer to the truth than before.',
      },
    ]);
    expect(rules(scan(1000, 1000), scan(1000, 1000))).toEqual([]);
  });

  it('the estimates only, where nobody counted', () => {
    expect(rules(`Seq Scan on t  ${planned(10)}`, `Seq Scan on t  ${planned(5000)}`)).toEqual(['estimates']);
  });

  it('the data, where rows under the same conditions changed', () => {
    expect(rules(scan(1000, 1000), scan(5000, 5000))).toEqual(['data-growth']);
    expect(rules(scan(5000, 5000), scan(1000, 1000))).toEqual(['data-shrinkage']);
    expect(rules(scan(1000, 1000), scan(5000, 5000).replace('(a = 1)', '(a = 2)'))).toEqual(['different-parameters']);
  });

  it('nothing of a scan that a LIMIT stopped', () => {
    const limited = (rows: number): string =>
      `Limit  ${planned(rows)} ${actual(5, rows)}\n  ->  Seq Scan on t  ${planned(100_000)} ${actual(5, rows)}`;
    expect(rules(limited(100), limited(1000))).toEqual([]);
  });

  it('settings, told with their values', () => {
    expect(
      compare(`${scan(1, 1)}\nSettings: work_mem = '4MB', jit = 'off'`, `${scan(1, 1)}\nSettings: work_mem = '64MB'`)
        .causes,
    ).toMatchObject([
      { rule: 'settings', message: expect.stringContaining('jit: off → not told; work_mem: 4MB → 64MB.') },
    ]);
  });

  it('a generic plan, but no parameter of an InitPlan', () => {
    const filtered = (filter: string): string => scan(1, 1).replace('(a = 1)', filter);
    expect(rules(filtered('(a = $1)'), filtered('(a = 5)'))).toEqual(['generic-plan']);
    const owned = (filter: string): string =>
      `${filtered(filter)}\n  InitPlan 1 (returns $1)\n    ->  ${node('Result', 1, 1)}`;
    expect(rules(owned('(a = $1)'), owned('(a = 5)'))).toEqual([]);
  });

  it('workers that did not come', () => {
    const gather = (launched: number): string =>
      `Gather  ${planned(10)} ${actual(50, 10)}\n  Workers Planned: 2\n  Workers Launched: ${launched}\n  ->  ${node('Parallel Seq Scan on t', 40, 10)}`;
    expect(compare(gather(2), gather(0)).causes).toMatchObject([
      {
        rule: 'workers',
        message: expect.stringContaining(
          'Before: 2 of 2 planned workers launched; after: 0 of 2 planned workers launched.',
        ),
      },
    ]);
  });

  it('the cache, where the blocks in all are the same', () => {
    expect(
      compare(scan(10, 10, '\n  Buffers: shared hit=10 read=990'), scan(10, 10, '\n  Buffers: shared hit=1000')).causes,
    ).toMatchObject([{ rule: 'cache', title: 'The cache was cold before and warm after' }]);
    expect(
      rules(scan(10, 10, '\n  Buffers: shared hit=10 read=990'), scan(10, 10, '\n  Buffers: shared hit=5000')),
    ).toEqual([]);
  });

  it('JIT', () => {
    expect(
      rules(
        `${scan(10, 10)}\nExecution Time: 100.000 ms`,
        `${scan(10, 10)}\nJIT:\n  Functions: 3\n  Timing: Generation 10.000 ms, Inlining 10.000 ms, Optimization 20.000 ms, Emission 20.000 ms, Total 60.000 ms\nExecution Time: 160.000 ms`,
      ),
    ).toEqual(['jit']);
  });

  it('another query, by its text, identifier or relations', () => {
    const asked = (query: string): Plan => ({ ...read(scan(1, 1)), queryText: query });
    const cause = (one: string, other: string): string[] =>
      comparePlans(asked(one), asked(other)).causes.map(({ rule }) => rule);
    expect(cause('select * from t where a = 1', 'SELECT *\n  FROM t -- all\n WHERE a = 1;')).toEqual([]);
    expect(cause('select * from t where a = 1', 'select * from t where a = 2')).toEqual(['different-parameters']);
    expect(cause('select * from t where a = 1', 'select * from t where b = 1')).toEqual(['different-query']);
    expect(rules(`${scan(1, 1)}\nQuery Identifier: 1`, `${scan(1, 1)}\nQuery Identifier: 2`)).toEqual([
      'different-query',
    ]);
    expect(rules(node('Seq Scan on a', 1, 1), node('Seq Scan on b', 1, 1))).toEqual(['different-relations']);
  });
});

describe('a fingerprint', () => {
  it.each([
    ['SELECT 1', 'select  2'],
    ["select 'it''s' /* x */", "select 'no'"],
    ['select * from t where a in (1, 2, 3)', 'select * from t where a in (4)'],
    ['select $$a$$, $x$b$x$', "select 'c', 'd'"],
    ['select a from t where b = $1', 'select a from t where b = 7'],
  ])('of %s is that of %s', (one, other) => {
    expect(fingerprint(one).shape).toBe(fingerprint(other).shape);
  });

  it.each([
    ['select a', 'select b'],
    ['select "A"', 'select "a"'],
    ['select a1', 'select a2'],
  ])('of %s is not that of %s', (one, other) => {
    expect(fingerprint(one).shape).not.toBe(fingerprint(other).shape);
  });

  it('of a megabyte that never closes what it opened comes in time', () => {
    const start = performance.now();
    for (const piece of ['/*', "'", '"', '$a$', '$$', '--', "''", '$1'])
      fingerprint(piece.repeat(1_000_000 / piece.length));
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
