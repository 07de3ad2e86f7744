import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan } from '#contract/plan-model.ts';
import { printPlansJson } from '../../../electron/plan-core/anonymise/print-json.ts';
import { isPlain } from '../../../electron/plan-core/anonymise/property-kinds.ts';
import * as builtInWords from '../../../electron/plan-core/anonymise/built-in-words.ts';
import { analyzePlans, anonymisePlan } from '../../../electron/plan-core/index.ts';
import { steward } from '../../support/cli.ts';
import { describeWithShared } from '../../support/shared.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const NAMES = readdirSync(FIXTURES);

function read(source: string): Plan {
  const [plan] = analyzePlans(source);
  if (!plan) throw new Error('no plan');
  return plan;
}

/** What must be the same before and after. */
function shapeOf(plan: Plan): unknown {
  return plan.nodes.map((node) => [
    node.parentId,
    node.depth,
    node.nodeType,
    node.loops,
    node.selfMs,
    node.totalMs,
    node.planRows,
    node.actualRows,
    node.rowsRemovedByFilter,
    node.selfBuffers,
    node.totalBuffers,
  ]);
}

const BUILT_IN = new Set(Object.values(builtInWords).flatMap((words) => (words instanceof Set ? [...words] : [])));
const GENERATED =
  /^(?:t|a|cte|schema|c|idx|f|type|collation|w|x|fk|trigger|ri|sp|provider|Node|server|setting|value)\d+$/;
const PRINTED =
  /^(?:SubPlan|InitPlan|CTE|returns|cost|rows|width|actual|time|loops|never|executed|shared|local|temp|hit|read|dirtied|written|write|exact|lossy|originally|calls|on|using|user|VALUES|for|constraint|alternatives|hashed|rescan|excluded|old|new|\d*kB|MB|GB|ms|on|off|Timings|Params|Evaluated|Call|Settings|SQL|Schema|Relations?|Name|Alias|Constraint|Provider|TID|col\d+|\$\d+|e\d+)$/;

/** The words of a text that neither PostgreSQL nor the anonymiser made. */
function foreignWords(text: string): string[] {
  return [...new Set(text.match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? [])].filter(
    (word) => !BUILT_IN.has(word) && !GENERATED.test(word) && !PRINTED.test(word) && !isPlain(word),
  );
}

/** A plan of one node with a condition. */
function filtered(condition: string, key = 'Filter'): string {
  const plan = read(
    JSON.stringify([{ Plan: { 'Node Type': 'Seq Scan', 'Relation Name': 'orders', Alias: 'o', [key]: condition } }]),
  );
  return String(anonymisePlan(plan).nodes[0]?.properties[key]);
}

describe('an anonymised plan', () => {
  it('has another word for each name and value, the same everywhere, and keeps numbers and built-in words', () => {
    const source = `Sort  (cost=9.00..9.10 rows=7 width=40) (actual time=1.000..1.100 rows=7 loops=1)
  Output: o.customer_id, c.name, (lower(c.name)), (public.risk_score(o.total))
  Sort Key: (lower(c.name)) DESC, o.customer_id
  Sort Method: quicksort  Memory: 25kB
  CTE big_spenders
    ->  Seq Scan on sales.orders orders_1  (cost=0.00..1.00 rows=3 width=4) (actual time=0.010..0.020 rows=3 loops=1)
          Output: orders_1.customer_id
          Filter: (orders_1.total > '1000'::numeric(10,2))
          Rows Removed by Filter: 12
  ->  Hash Join  (cost=1.00..8.00 rows=7 width=40) (actual time=0.100..0.900 rows=7 loops=1)
        Output: o.customer_id, c.name, lower(c.name), public.risk_score(o.total)
        Hash Cond: (o.customer_id = c.id)
        Join Filter: ((o.state = 'paid'::sales.order_state) AND (c.name ~~ 'Ad%'::text) AND (o.total <> 1000))
        ->  Index Scan using orders_customer_idx on sales.orders o  (cost=0.10..4.00 rows=9 width=20) (actual time=0.010..0.200 rows=9 loops=1)
              Output: o.customer_id, o.total, o.state
              Index Cond: (o.customer_id = ANY ('{1,2,3}'::integer[]))
        ->  Hash  (cost=1.00..1.00 rows=9 width=20) (actual time=0.050..0.060 rows=9 loops=1)
              Output: c.name, c.id
              Buckets: 1024  Batches: 1  Memory Usage: 9kB
              ->  CTE Scan on big_spenders c  (cost=0.00..1.00 rows=9 width=20) (actual time=0.010..0.030 rows=9 loops=1)
                    Output: c.name, c.id
Settings: search_path = 'sales, pg_catalog', work_mem = '1MB'
Planning Time: 0.500 ms
Execution Time: 1.300 ms`;
    expect(anonymisePlan(read(source)).text)
      .toBe(`Sort  (cost=9.00..9.10 rows=7 width=40) (actual time=1.000..1.100 rows=7 loops=1)
  Output: a2.c1, a3.c2, (lower(a3.c2)), (schema2.f1(a2.c3))
  Sort Key: (lower(a3.c2)) DESC, a2.c1
  Sort Method: quicksort  Memory: 25kB
  CTE cte1
    ->  Seq Scan on schema1.t1 a1  (cost=0.00..1.00 rows=3 width=4) (actual time=0.010..0.020 rows=3 loops=1)
          Output: a1.c1
          Filter: (a1.c3 > 'x1'::numeric)
          Rows Removed by Filter: 12
  ->  Hash Join  (cost=1.00..8.00 rows=7 width=40) (actual time=0.100..0.900 rows=7 loops=1)
        Output: a2.c1, a3.c2, lower(a3.c2), schema2.f1(a2.c3)
        Hash Cond: (a2.c1 = a3.c4)
        Join Filter: ((a2.c5 = 'x2'::schema1.type1) AND (a3.c2 ~~ 'x3'::text) AND (a2.c3 <> 'x1'))
        ->  Index Scan using idx1 on schema1.t1 a2  (cost=0.10..4.00 rows=9 width=20) (actual time=0.010..0.200 rows=9 loops=1)
              Output: a2.c1, a2.c3, a2.c5
              Index Cond: (a2.c1 = ANY ('x4'::integer[]))
        ->  Hash  (cost=1.00..1.00 rows=9 width=20) (actual time=0.050..0.060 rows=9 loops=1)
              Output: a3.c2, a3.c4
              Buckets: 1024  Batches: 1  Memory Usage: 9kB
              ->  CTE Scan on cte1 a3  (cost=0.00..1.00 rows=9 width=20) (actual time=0.010..0.030 rows=9 loops=1)
                    Output: a3.c2, a3.c4
Settings: search_path = 'schema1, pg_catalog', work_mem = '1MB'
Planning Time: 0.500 ms
Execution Time: 1.300 ms`);
  });

  it('tells nothing of the statement, the triggers, the settings and other servers', () => {
    const node = { 'Node Type': 'Foreign Scan', Operation: 'Select', 'Actual Rows': 1, 'Actual Loops': 1 };
    const plan = read(
      JSON.stringify([
        {
          'Query Text': 'select secret -- a comment',
          'Query Parameters': "$1 = 'hidden'",
          Plan: {
            ...node,
            Relations: '(public.customers c) INNER JOIN (public.orders o)',
            'Remote SQL':
              "SELECT r1.id, r2.total FROM (public.customers r1 INNER JOIN public.orders r2 ON (((r2.state = E'a\\\\b')) AND ((r1.id = r2.cust))))",
            'Secret Property': 'of an extension',
            secret: 5,
          },
          'Query Identifier': 4711471147114711,
          Settings: { 'app.tenant': 'acme', search_path: '"$user", acme', work_mem: '64MB', plan_cache_mode: 'auto' },
          Triggers: [
            { 'Trigger Name': 'audit_it', Relation: 'orders', Time: 0.5, Calls: 3 },
            {
              'Trigger Name': 'RI_ConstraintTrigger_c_16398',
              'Constraint Name': 'orders_cust_fkey',
              Relation: 'orders',
              Calls: 1,
            },
          ],
          'Execution Time': 2,
        },
      ]),
    );
    const { nodes, statement } = anonymisePlan(plan);
    expect([nodes[0]?.properties, statement]).toEqual([
      {
        ...node,
        Relations: '(schema1.t1 a1) INNER JOIN (schema1.t2 a2)',
        'Remote SQL':
          "SELECT a3.c1, a4.c2 FROM (schema1.t1 a3 INNER JOIN schema1.t2 a4 ON (((a4.c3 = 'x1')) AND ((a3.c1 = a4.c4))))",
      },
      {
        Settings: { setting1: 'value1', search_path: '"$user", schema2', work_mem: '64MB', plan_cache_mode: 'auto' },
        Triggers: [
          { 'Trigger Name': 'trigger1', Relation: 't2', Time: 0.5, Calls: 3 },
          { 'Trigger Name': 'ri1', 'Constraint Name': 'fk1', Relation: 't2', Calls: 1 },
        ],
        'Execution Time': 2,
      },
    ]);
  });

  it.each([
    ["((name)::character varying(20) = 'O''Brien'::text)", "((c1)::character varying = 'x1'::text)"],
    [`("My ""Col" = $1)`, '(c1 = $1)'],
    ["(at >= '2026-01-01 00:00:00'::timestamp without time zone)", "(c1 >= 'x1'::timestamp without time zone)"],
    ['(bits = B\'101\'::"bit")', '(c1 = \'x1\'::"bit")'],
    [String.raw`(path = E'C:\\dir\'s'::text)`, "(c1 = 'x1'::text)"],
    ['(body = $q$it\'s "secret"$q$)', "(c1 = 'x1')"],
    ['(doc @> \'{"ssn": "123"}\'::jsonb)', "(c1 @> 'x1'::jsonb)"],
    ['(EXTRACT(year FROM o.ordered_at) = 2026.0)', "(EXTRACT(year FROM a1.c1) = 'x1')"],
    ['(hashed SubPlan 12)', '(hashed SubPlan 12)'],
    ['(id = (InitPlan 1).col1)', '(c1 = (InitPlan 1).col1)'],
    ['((o.address).col1 = 5)', "((a1.c1).c2 = 'x1')"],
    ['(alternatives: SubPlan 1 or hashed SubPlan 2)', '(alternatives: SubPlan 1 or hashed SubPlan 2)'],
    ['(geom OPERATOR(gis.&&) gis.st_buffer(o.*, 10))', "(c1 OPERATOR(schema1.&&) schema1.f1(a1.*, 'x1'))"],
    ['(shape = (x)::gis.geometry(Point,4326))', '(c1 = (c2)::schema1.type1)'],
    ['(name COLLATE "de-x-icu" > lower(title) COLLATE "C")', '(c1 COLLATE collation1 > lower(c2) COLLATE "C")'],
    ["(ctid = '(0,1)'::tid)", "(ctid = 'x1'::tid)"],
    [
      '(CASE WHEN (a IS NULL) THEN true ELSE (b)::boolean END)',
      '(CASE WHEN (c1 IS NULL) THEN true ELSE (c2)::boolean END)',
    ],
    ['("left"(name, 3) = "*VALUES*".column1)', `("left"(c1, 'x1') = "*VALUES*".c2)`],
    ['(rank() OVER monthly < 3)', "(rank() OVER w1 < 'x1')"],
    [String.raw`(a = 'x\' OR secret = 'y')`, "(c1 = 'x1' OR c2 = 'x2')"],
    ['(temperature > 37.5e0)', "(c1 > 'x1')"],
  ])('%s becomes %s', (condition, expected) => {
    expect(filtered(condition)).toBe(expected);
  });

  it.each([
    "(name = 'it",
    '(name = "secret)',
    '(name = 1',
    'name = 1)',
    '(a = [b)]',
    '(a = 1) -- secret',
    '(a /* secret */ = 1)',
    "(a = 'x'secret)",
    '(a = 12secret)',
    '{secret}',
    '(a = $tag$ secret)',
  ])('%s cannot be read with certainty, and is hidden as a whole', (condition) => {
    expect(filtered(condition)).toBe('(…)');
  });

  it.each(NAMES)(
    '%s: reads back as the same plan, says nothing of its own, and is the same the second time',
    (name) => {
      const plan = read(readFileSync(join(FIXTURES, name), 'utf8'));
      const before = structuredClone(plan);
      const once = anonymisePlan(plan);
      const [fromText, fromJson] = [read(once.text), read(printPlansJson([once]))];
      expect(plan).toEqual(before);
      expect(foreignWords(once.text)).toEqual([]);
      expect(foreignWords(printPlansJson([once]))).toEqual([]);
      const [again] = analyzePlans(plan.text);
      // FORMAT TEXT rounds what it prints, here as everywhere.
      expect(shapeOf(fromText)).toEqual(again && shapeOf(again));
      expect(shapeOf(fromJson)).toEqual(shapeOf(plan));
      expect([anonymisePlan(fromText).text, anonymisePlan(fromJson).text]).toEqual([once.text, once.text]);
    },
  );
});

describeWithShared('plans of the world', (shared) => {
  it('hold no word after it but those of PostgreSQL and of the anonymiser', () => {
    if (shared === '') return;
    const folder = join(shared, 'plans');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && !entry.name.startsWith('SOURCE'),
    );
    const found: string[] = [];
    for (const file of files) {
      let plans: Plan[] = [];
      try {
        plans = analyzePlans(readFileSync(join(file.parentPath, file.name), 'utf8'));
      } catch {
        continue;
      }
      for (const plan of plans) {
        const once = anonymisePlan(plan);
        const [again] = analyzePlans(once.text);
        if (foreignWords(once.text).length > 0) found.push(`${file.name}: ${foreignWords(once.text).join(' ')}`);
        expect(again?.nodes.length, file.name).toBe(plan.nodes.length);
      }
    }
    expect(found).toEqual([]);
  });
});

type Naming = {
  readonly names: readonly string[];
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
};

const BENIGN: Naming = {
  names: Array.from({ length: 20 }, (_, index) => `plain_name_${index}`),
  texts: Array.from({ length: 4 }, (_, index) => `plain text ${index}`),
  numbers: [123_001, 123_002, 123_003],
};

/** A plan with these names and values in every place that may have one. */
function planWith({ names, texts, numbers }: Naming): string {
  const name = (index: number): string => names[index] ?? '';
  const id = (index: number): string => `"${name(index).replaceAll('"', '""')}"`;
  const text = (index: number): string => {
    const doubled = (texts[index] ?? '').replaceAll("'", "''");
    return doubled.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
  };
  const buffers = { 'Shared Hit Blocks': 40, 'Shared Read Blocks': 2, 'Temp Written Blocks': 0 };
  const timed = (ms: number) => ({
    'Startup Cost': 1,
    'Total Cost': 2.5,
    'Plan Rows': 3,
    'Plan Width': 4,
    'Actual Startup Time': ms / 2,
    'Actual Total Time': ms,
    'Actual Rows': 5,
    'Actual Loops': 1,
  });
  return JSON.stringify([
    {
      'Query Text': `select ${id(0)} from ${id(1)} where ${text(0)}`,
      Plan: {
        'Node Type': 'ModifyTable',
        Operation: 'Update',
        Schema: name(0),
        'Relation Name': name(1),
        Alias: name(2),
        ...timed(10),
        ...buffers,
        'Shared Hit Blocks': 140,
        Plans: [
          {
            'Node Type': 'Seq Scan',
            'Parent Relationship': 'InitPlan',
            'Subplan Name': `CTE ${name(3)}`,
            'Relation Name': name(4),
            Alias: name(4),
            ...timed(1),
            ...buffers,
            'Rows Removed by Filter': 7,
            Filter: `((${id(5)} = ${text(0)}::text) AND (${id(6)} > ${numbers[0]}) AND (${id(0)}.${id(7)}(${id(5)}, ${text(1)}::${id(0)}.${id(8)}) IS NOT NULL))`,
          },
          {
            'Node Type': 'Hash Join',
            'Parent Relationship': 'Outer',
            'Join Type': 'Inner',
            ...timed(8),
            ...buffers,
            'Shared Hit Blocks': 90,
            Output: [`${id(2)}.${id(9)}`, `(${id(10)}.*)`, `(${id(10)}.${id(11)} COLLATE ${id(12)})`],
            'Hash Cond': `(${id(2)}.${id(9)} = ${id(10)}.${id(11)})`,
            Plans: [
              {
                'Node Type': 'Index Scan',
                'Parent Relationship': 'Outer',
                'Scan Direction': 'Forward',
                'Index Name': name(13),
                Schema: name(0),
                'Relation Name': name(1),
                Alias: name(2),
                ...timed(2),
                ...buffers,
                'Index Cond': `(${id(9)} = ANY (ARRAY[${text(2)}, ${text(3)}]))`,
              },
              {
                'Node Type': 'Foreign Scan',
                'Parent Relationship': 'Inner',
                Operation: 'Select',
                'Relation Name': name(14),
                Alias: name(10),
                ...timed(4),
                ...buffers,
                'Remote SQL': `SELECT ${id(11)} FROM ${id(0)}.${id(15)} WHERE ((${id(16)} <> ${numbers[1]}))`,
                [name(17)]: name(18),
              },
            ],
          },
        ],
      },
      'Query Identifier': 12345,
      Settings: { [name(17)]: name(18), search_path: id(0), work_mem: '4MB', cursor_tuple_fraction: text(0) },
      Triggers: [
        { 'Trigger Name': name(19), Relation: name(1), Time: 1, Calls: 2 },
        { 'Trigger Name': name(17), 'Constraint Name': name(18), Relation: name(14), Time: 1, Calls: 2 },
      ],
      [name(16)]: numbers[2] ?? 0,
      'Execution Time': 12,
    },
  ]);
}

const hostilePart = fc.constantFrom(
  "'",
  '"',
  '""',
  "''",
  '\\',
  '\n',
  '->  ',
  ' on ',
  ' (cost=1.00..2.00 rows=1 width=4)',
  '::',
  '$$',
  '--',
  '/*',
  '{',
  ')',
  '(',
  '.',
  ',',
  'SubPlan 1',
  '€',
  '\u00a0',
  'secret',
  'E',
);
const hostile = fc
  .array(fc.oneof(hostilePart, fc.string({ maxLength: 6 })), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(''));
const isTelling = (name: string): boolean =>
  // A key of digits alone comes first in an object of JavaScript, where no reader expects it.
  !/^\d*$/.test(name) &&
  !name.includes('\u0000') &&
  !BUILT_IN.has(name) &&
  !isPlain(name) &&
  !/^(?:excluded|old|new|\*.*\*.*)$/.test(name);
const naming: fc.Arbitrary<Naming> = fc.record({
  names: fc.uniqueArray(hostile.filter(isTelling), { minLength: 20, maxLength: 20 }),
  texts: fc.uniqueArray(
    hostile.map((text) => `${text}#`),
    { minLength: 4, maxLength: 4 },
  ),
  numbers: fc.uniqueArray(fc.integer({ min: 100_000 }), { minLength: 3, maxLength: 3 }),
});

describe('whatever the names and values of a plan', () => {
  it('what is left of it is the same, letter by letter: so nothing of them is in it', () => {
    const expected = anonymisePlan(read(planWith(BENIGN)));
    expect(foreignWords(printPlansJson([expected]))).toEqual([]);
    fc.assert(
      fc.property(naming, (chosen) => {
        const plan = read(planWith(chosen));
        const once = anonymisePlan(plan);
        expect(once.text).toBe(expected.text);
        expect(printPlansJson([once])).toBe(printPlansJson([expected]));
        for (const part of [...chosen.names, ...chosen.texts, ...chosen.numbers.map(String)])
          if (part.trim().length >= 3 && !expected.text.includes(part)) expect(once.text).not.toContain(part);
        const [fromText, fromJson] = [read(once.text), read(printPlansJson([once]))];
        expect(shapeOf(fromText)).toEqual(shapeOf(plan));
        expect(shapeOf(fromJson)).toEqual(shapeOf(plan));
        expect(anonymisePlan(fromText).text).toBe(once.text);
      }),
      { numRuns: 300 },
    );
  });

  it('words stay apart where what stood between them is left out', () => {
    expect(filtered('::secret()A', 'Filter')).toContain('type1 c1');
  });

  it('any text where an expression belongs becomes words of PostgreSQL and of the anonymiser, or is hidden', () => {
    const words = fc.constantFrom(
      'secret',
      '"Secret"',
      "'secret'",
      'secret.secret',
      'SECRET',
      "E'sec\\'ret'",
      '::secret',
      'secret(',
      ')',
      '= 4711',
      '$secret$',
      '$1',
      'SubPlan secret',
      ', ',
    );
    const keys = fc.constantFrom('Filter', 'Remote SQL', 'Relations', 'Window', 'Cache Key');
    fc.assert(
      fc.property(fc.array(fc.oneof(words, hostilePart, fc.string({ maxLength: 3 }))), keys, (parts, key) => {
        const result = filtered(parts.join(''), key);
        expect(foreignWords(result)).toEqual([]);
        expect(result.toLowerCase()).not.toContain('secret');
        expect(result).not.toContain('4711');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('steward plan anonymise', () => {
  const source = readFileSync(join(FIXTURES, 'merge.pg18.txt'), 'utf8');

  it('prints every plan as FORMAT TEXT that reads back', async () => {
    const result = await steward(['plan', 'anonymise', '-'], { input: `${source}\n\n${source}` });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(analyzePlans(result.stdout).map(shapeOf)).toEqual([shapeOf(read(source)), shapeOf(read(source))]);
    expect(foreignWords(result.stdout)).toEqual([]);
  });

  it('prints FORMAT JSON as EXPLAIN does', async () => {
    const result = await steward(['plan', 'anonymise', '-', '--json'], { input: source });
    expect(result.json<{ Plan: { 'Node Type': string } }[]>().map(({ Plan }) => Plan['Node Type'])).toEqual([
      read(source).nodes[0]?.nodeType,
    ]);
  });

  it('ends with 2 for what is no plan', async () => {
    expect((await steward(['plan', 'anonymise', '-'], { input: 'no plan' })).code).toBe(2);
  });
});

it('a chain of ten thousand nodes is written as JSON, and read again', () => {
  const plan = read(
    Array.from(
      { length: 10_000 },
      (_, depth) => `${depth === 0 ? '' : `${' '.repeat(depth)}->  `}Limit  (cost=0.00..1.00 rows=1 width=4)`,
    ).join('\n'),
  );
  expect(read(printPlansJson([anonymisePlan(plan)])).nodes.length).toBe(plan.nodes.length);
});
