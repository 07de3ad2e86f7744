import { describe, expect, it } from 'vitest';
import type { PlanInsight } from '#contract/plan-model.ts';
import { analyzePlans } from '../../../electron/plan-core/index.ts';

const planned = (rows: number): string => `(cost=0.00..1.00 rows=${rows} width=4)`;
const actual = (ms: number, rows: number, loops = 1): string =>
  `(actual time=0.010..${ms.toFixed(3)} rows=${rows} loops=${loops})`;

function insightsOf(text: string): PlanInsight[] {
  return analyzePlans(text).flatMap(({ insights }) => insights);
}

const seqScan = (
  filter: string,
  relation = 'public.orders',
): string => `Seq Scan on ${relation}  ${planned(10)} ${actual(200, 10)}
  Filter: ${filter}
  Rows Removed by Filter: 200000
Execution Time: 201.000 ms`;

/** The keys, access method and predicate of the index that a filter gets. */
function indexFor(filter: string, relation = 't'): string | undefined {
  return insightsOf(seqScan(filter, relation))[0]?.sql?.replaceAll(/create index concurrently on \S+ (.*);/g, '$1');
}

describe('a sequential scan that discards nearly all it reads', () => {
  it('is told with its numbers and the index that would serve it', () => {
    const [insight] = insightsOf(
      seqScan(
        `((orders.created_at > '2024-01-01'::date) AND ((orders.status)::text = 'paid'::text) AND (orders."Customer" = 5))`,
      ),
    );
    expect(insight).toMatchObject({
      rule: 'seq-scan-filter',
      nodeId: 0,
      severity: 'critical',
      title: '>99 % of the rows read from orders are thrown away',
      sql: 'create index concurrently on public.orders (status, "Customer", created_at);',
    });
    expect(insight?.savedMs).toBeCloseTo(200, 0);
    expect(insight?.message).toContain('read 200,010 rows to keep 10');
    expect(insight?.message).toContain(`If it is always status = 'paid'::text, a partial index`);
  });

  it.each([
    ['nothing but equality', `((b = 2) AND (a = 1))`, '(b, a)'],
    ['a range after equality', `((t.b >= 1) AND (t.a = 5) AND (t.b < 9) AND (other.c = 1))`, '(a, b)'],
    ['the range with two ends', `((x > 1) AND (y > 1) AND (y < 2))`, '(y)'],
    ['a list of a varchar', `((a)::text = ANY ('{x,y}'::text[]))`, '(a)'],
    ['a list of numbers after equality', `((a = ANY ('{1,2}'::integer[])) AND (b = 1))`, '(b, a)'],
    ['a column of another relation', '((a = o.x) AND active)', '(a) where active'],
    ['parameters and InitPlans', '((a = $1) AND (b > (InitPlan 1).col1))', '(a, b)'],
    ['a value before the operator', '((5 < a) AND (7 = b))', '(b, a)'],
    ['an expression of now()', `(created > (now() - '1 day'::interval))`, '(created)'],
    ['an enum', `(mood = 'angry'::mood)`, '(mood)'],
    ['a type of another schema', `(mood = 'angry'::app."Mood")`, '(mood)'],
    ['IS NULL', '(a IS NULL)', '(a) where a is null'],
    ['IS NOT NULL beside equality', '((a IS NOT NULL) AND (b = 1))', '(b) where a is not null'],
    ['NOT', '(NOT active)', '(active) where not active'],
    ['quotes', `("A "" b" = 'it''s (AND'::text)`, '("A "" b")'],
    ['lower() of a varchar', `(lower((email)::text) = 'x'::text)`, '(lower((email)::text))'],
    ['a field of jsonb', `((data ->> 'k'::text) = 'v'::text)`, `(((data ->> 'k'::text)))`],
    ['jsonb that contains', `(data @> '{"a": 1}'::jsonb)`, 'using gin (data jsonb_path_ops)'],
    ['a key of jsonb', `(data ? 'k'::text)`, 'using gin (data)'],
    ['arrays that overlap', `(tags && '{a}'::text[])`, 'using gin (tags)'],
    ['an element of an array', `('a'::text = ANY (tags))`, 'using gin (tags)'],
    ['ranges that overlap', `(during && '[2024-01-01,2024-01-02)'::daterange)`, 'using gist (during)'],
    ['a date in a range', `(during @> '2024-01-01'::date)`, 'using gist (during)'],
    ['words', `(body @@ '''cat'''::tsquery)`, 'using gin (body)'],
    ['the beginning of a text', `(name ~~ 'abc%'::text)`, '(name text_pattern_ops)'],
    ['the beginning of a varchar', `((name)::text ~~ 'abc%'::text)`, '(name varchar_pattern_ops)'],
    ['a prefix beside an open range', `((x > 1) AND (name ~~ 'abc%'::text))`, '(name text_pattern_ops)'],
    ['a row', `(ROW(a, t.b) > ROW(1, 2))`, '(a, b)'],
    ['a day', `((at)::date = '2024-01-01'::date)`, '(at)'],
    ['columns that are called like functions', `((now = 1) AND ("current_date" = 2))`, '(now, "current_date")'],
  ])('gets an index for %s', (_, filter, index) => {
    expect(indexFor(filter)).toBe(index);
  });

  it('gets the same out of VERBOSE, which puts the alias before every column', () => {
    const filter = `((lower((o.email)::text) = 'x'::text) AND ((o.data ->> 'k'::text) = o2.v) AND (NOT o."Is open"))`;
    expect(indexFor(filter, 'app.orders o')).toBe(`(lower((email)::text), ((data ->> 'k'::text))) where not "Is open"`);
    expect(indexFor(`("o o"."a.b" = 1)`, 'app.orders "o o"')).toBe('("a.b")');
    expect(indexFor('(o.a = o.b)', 'app.orders o')).toBeUndefined();
  });

  it('gets two indexes for an OR of two columns, one for two values of the same', () => {
    expect(indexFor('((a = 1) OR (b = 2))')).toBe('(a)\n(b)');
    expect(indexFor('((a = 1) OR (a = 2))')).toBe('(a)');
    expect(indexFor('((a = 1) OR (a IS NULL))')).toBe('(a)');
    expect(indexFor('((((a = 1) AND (b > 5)) OR ((a = 2) AND (b > 9))) AND (b > 5))')).toBe('(a, b)');
    expect(indexFor(`((a = 1) OR (b ~~ '%x%'::text))`)).toBeUndefined();
    expect(indexFor('(((a = 1) OR (b = 2)) AND (c = 3))')).toBe('(c)');
  });

  it('gets trigrams for a pattern without an anchor, when three letters stand together', () => {
    expect(indexFor(`(a ~~ '%abc%'::text)`)).toBe(
      'create extension if not exists pg_trgm;\nusing gin (a gin_trgm_ops)',
    );
    expect(indexFor(`(a ~~ '%ab%'::text)`)).toBeUndefined();
  });

  it.each([
    ['a function that may change', "(date_trunc('day'::text, at) = '2024-01-01'::date)"],
    ['a number that is cast to text', `((id)::text = '5'::text)`],
    ['a uuid that is cast to text', `((id)::text = '123e4567-e89b-12d3-a456-426614174000'::text)`],
    ['a column that is cast to numeric', '((id)::numeric = 5.0)'],
    ['an inequality', '(a <> 5)'],
    ['another column of the same relation', '(a = b)'],
    ['arithmetic with the same relation', '(a = (b + 1))'],
    ['a random value', '(a = random())'],
    ['a system column', `(ctid = '(0,1)'::tid)`],
    ['another collation', `(a = 'x'::text COLLATE "C")`],
    ['a CASE', `(CASE WHEN (a = 1) THEN b ELSE c END = 2)`],
  ])('has no SQL for %s', (_, filter) => {
    const [insight] = insightsOf(seqScan(filter));
    expect([insight?.rule, insight?.sql]).toEqual(['seq-scan-filter', undefined]);
  });

  it('says how a condition must be written where the index alone does not help', () => {
    expect(insightsOf(seqScan(`((at)::date = '2024-01-01'::date)`))[0]?.message).toContain(
      `at >= '2024-01-01'::date AND at < '2024-01-01'::date + 1`,
    );
    expect(insightsOf(seqScan(`('a'::text = ANY (tags))`))[0]?.message).toContain(`tags @> ARRAY['a'::text]`);
    expect(insightsOf(seqScan('((id)::numeric = 5.0)'))[0]?.message).toContain('a value of its own type');
  });

  it('quotes the names it writes', () => {
    expect(insightsOf(seqScan('("Or""der" = 1)', '"My Schema"."select" x'))[0]?.sql).toBe(
      'create index concurrently on "My Schema"."select" ("Or""der");',
    );
  });

  it.each([
    ['a catalog', seqScan('(relkind = \'r\'::"char")', 'pg_class')],
    ['a catalog under its schema', seqScan('(relkind = \'r\'::"char")', 'pg_catalog.pg_class')],
    [
      'a temporary table',
      seqScan('(a = 1)', 't')
        .replace('Execution', 'Buffers: local hit=1000\nExecution')
        .replace('\nBuffers', '\n  Buffers'),
    ],
    ['a subquery, which has findings of its own', seqScan('(NOT (hashed SubPlan 1))')],
  ])('is not told for %s', (_, text) => {
    expect(insightsOf(text).map(({ rule }) => rule)).not.toContain('seq-scan-filter');
  });

  it('is left alone when it is cheap beside the rest, or returns much of the table', () => {
    expect(
      insightsOf(`Hash Join  ${planned(10)} ${actual(900, 10)}
  ->  Seq Scan on big  ${planned(100000)} ${actual(880, 100000)}
  ->  Hash  ${planned(10)} ${actual(11, 10)}
        ->  Seq Scan on small  ${planned(10)} ${actual(10, 10)}
              Filter: (a = 1)
              Rows Removed by Filter: 20000`),
    ).toEqual([]);
    expect(
      insightsOf(
        `Seq Scan on t  ${planned(100000)} ${actual(200, 100000)}\n  Filter: (a = 1)\n  Rows Removed by Filter: 100000`,
      ),
    ).toEqual([]);
  });

  it('is left alone when matches stand on nearly every page, unless a range may lie together', () => {
    const scan = (filter: string): string => `Seq Scan on t  ${planned(9000)} ${actual(200, 9000)}
  Filter: ${filter}
  Rows Removed by Filter: 91000
  Buffers: shared hit=1000`;
    expect(insightsOf(scan('(a = 1)'))).toEqual([]);
    expect(insightsOf(scan('(a > 1)'))).toMatchObject([
      { severity: 'info', message: expect.stringContaining('if these rows lie close together') },
    ]);
  });

  it('is left alone for a table of a few rows, however often it is read', () => {
    expect(
      insightsOf(`Nested Loop  ${planned(1000)} ${actual(500, 1000)}
  ->  Seq Scan on a  ${planned(1000)} ${actual(1, 1000)}
  ->  Seq Scan on tiny  ${planned(1)} ${actual(0.4, 1, 1000)}
        Filter: (x = a.y)
        Rows Removed by Filter: 90`).map(({ rule }) => rule),
    ).not.toContain('seq-scan-filter');
  });
});

describe('partitions', () => {
  const member = (
    relation: string,
    alias: string,
  ): string => `  ->  Seq Scan on ${relation} ${alias}  ${planned(1)} ${actual(30, 1)}
        Filter: (a = 1)
        Rows Removed by Filter: 9000`;

  it('are told once, with an index on the partitioned table', () => {
    const insights = insightsOf(
      `Append  ${planned(2)} ${actual(61, 2)}\n${member('app.orders_2024', 'orders_1')}\n${member('app.orders_2025', 'orders_2')}`,
    );
    expect(insights.map(({ sql, title }) => [sql, title])).toEqual([
      ['create index on app.orders (a);', '>99 % of the rows read from 2 partitions of orders are thrown away'],
    ]);
    expect(insights[0]?.message).toContain('CONCURRENTLY is not possible there');
    expect(insights[0]?.savedMs).toBeCloseTo(60, 0);
  });

  it('of which the plan does not betray the table get words', () => {
    const [insight] = insightsOf(
      `Append  ${planned(2)} ${actual(61, 2)}\n${member('p2024', 'o_1')}\n${member('p2025', 'o_2')}`,
    );
    expect(insight?.message).toContain('the same index belongs on the partitioned table');
    expect(insight?.sql).toBe('create index concurrently on p2024 (a);\ncreate index concurrently on p2025 (a);');
  });

  it('are not confused with the members of a UNION ALL', () => {
    const insights = insightsOf(
      `Append  ${planned(2)} ${actual(61, 2)}\n${member('a', '').replace('9000', '20000')}\n${member('b', '').replace('9000', '20000')}`,
    );
    expect(insights.map(({ sql }) => sql)).toEqual([
      'create index concurrently on a (a);',
      'create index concurrently on b (a);',
    ]);
  });
});

describe('an index that finds too much', () => {
  const scan = `Index Scan using i on t  ${planned(10)} ${actual(500, 10)}`;

  it('gets the filter’s column', () => {
    expect(
      insightsOf(`${scan}\n  Index Cond: (a = 1)\n  Filter: (b = 2)\n  Rows Removed by Filter: 90000`),
    ).toMatchObject([
      {
        rule: 'inefficient-index',
        title: '>99 % of what index i finds is thrown away',
        sql: 'create index concurrently on t (a, b);',
      },
    ]);
  });

  it('is not to blame for one row per lookup', () => {
    expect(
      insightsOf(`Nested Loop  ${planned(50_000)} ${actual(500, 10)}
  ->  Seq Scan on a  ${planned(50_000)} ${actual(20, 50_000)}
  ->  Index Scan using b_pkey on b  ${planned(1)} ${actual(0.009, 0, 50_000)}
        Index Cond: (id = a.b_id)
        Filter: (status = 1)
        Rows Removed by Filter: 1`).map(({ rule }) => rule),
    ).not.toContain('inefficient-index');
  });

  it('and walked for its order has a query that writes the index', () => {
    const [insight] = insightsOf(
      `Limit  ${planned(10)} ${actual(500, 10)}\n  ->  ${scan}\n        Filter: ((b = 2) AND (c IS NULL))\n        Rows Removed by Filter: 90000`,
    );
    expect(insight?.rule).toBe('order-by-limit-index');
    expect(insight?.sql).toContain(`indrelid::regclass, 'b, ', `);
    expect(insight?.sql).toContain(`' where c is null'`);
  });
});

describe('the first rows of an order', () => {
  const sorted = (key: string, filter = '', method = 'top-N heapsort  Memory: 26kB', kept = 200_000): string =>
    `Limit  ${planned(10)} ${actual(300, 10)}
  ->  Sort  ${planned(200_000)} ${actual(300, 10)}
        Sort Key: ${key}
        Sort Method: ${method}
        ->  Seq Scan on t  ${planned(200_000)} ${actual(200, kept)}${filter}`;

  it('of a whole table are given by an index', () => {
    expect(insightsOf(sorted('a DESC, "B"'))).toMatchObject([
      { rule: 'top-n-sort', sql: 'create index concurrently on t (a desc, "B");' },
    ]);
    expect(insightsOf(sorted('lower(a), b NULLS FIRST'))[0]?.sql).toBe(
      'create index concurrently on t (lower(a), b nulls first);',
    );
    expect(insightsOf(sorted('(a + b)'))).toEqual([]);
  });

  it('under a filter have equality before the order', () => {
    const filter = '\n              Filter: ((k = 1) AND (x > 2))\n              Rows Removed by Filter: 20000';
    expect(insightsOf(sorted('a DESC', filter))[0]?.sql).toBe('create index concurrently on t (k, a desc);');
    const selective = '\n              Filter: ((k = 1) AND (x > 2))\n              Rows Removed by Filter: 2000000';
    expect(insightsOf(sorted('a', selective, undefined, 50_000))[0]?.sql).toBe(
      'create index concurrently on t (k, a);',
    );
    expect(insightsOf(sorted('a', selective, undefined, 500))[0]?.sql).toBe('create index concurrently on t (k, x);');
    const range = '\n              Filter: (x > 2)\n              Rows Removed by Filter: 2000000';
    expect(insightsOf(sorted('a', range, undefined, 50_000))[0]?.sql).toBe('create index concurrently on t (x);');
    expect(insightsOf(sorted('x', range, undefined, 50_000))[0]?.sql).toBe('create index concurrently on t (x);');
  });
});

describe('a join without an index', () => {
  const join = (type: string, condition: string): string => `Nested Loop${type}  ${planned(100)} ${actual(900, 100)}
  Join Filter: ${condition}
  Rows Removed by Join Filter: 999900
  ->  Seq Scan on a  ${planned(100)} ${actual(1, 100)}
  ->  Materialize  ${planned(10_000)} ${actual(3, 10_000, 100)}
        ->  Seq Scan on public.big b  ${planned(10_000)} ${actual(5, 10_000)}`;

  it('gets one on the side that is gone through', () => {
    expect(insightsOf(join('', '(b.a_id = a.id)'))).toMatchObject([
      {
        rule: 'join-without-index',
        title: 'The join with big compares 999,900 pairs of rows for nothing',
        sql: 'create index concurrently on public.big (a_id);',
      },
    ]);
    expect(insightsOf(join(' Left Join', '((a.lo <= b.at) AND (a.hi > b.at))'))[0]?.sql).toBe(
      'create index concurrently on public.big (at);',
    );
  });

  it('gets none for a condition that no index knows', () => {
    expect(insightsOf(join('', '(b.x <> a.x)'))[0]?.sql).toBeUndefined();
  });
});

describe('BRIN', () => {
  it('whose ranges say little gives way to a B-tree, not to more memory', () => {
    expect(
      insightsOf(`Bitmap Heap Scan on t  ${planned(100)} ${actual(300, 100)}
  Recheck Cond: (a = 1)
  Rows Removed by Index Recheck: 90000
  Heap Blocks: lossy=900
  ->  Bitmap Index Scan on i  ${planned(9000)} ${actual(1, 9000)}
        Index Cond: (a = 1)`),
    ).toMatchObject([{ rule: 'index-recheck', sql: 'create index concurrently on t (a);' }]);
  });
});
