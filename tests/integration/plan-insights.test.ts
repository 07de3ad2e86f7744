import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Plan, PlanInsight } from '#contract/plan-model.ts';
import { analyzePlans } from '../../electron/plan-core/index.ts';
import { type TestServer, serverBinaries, startTestServer } from '../support/postgres-server.ts';

/**
 * Advice that was executed. Each problem is staged on a real server, what the first insight says is run as it stands,
 * and the plan is taken again: it has to read far less, or estimate far better. Healthy statements stand beside them,
 * about which nothing may be said.
 */

const SCHEMA = `
create type mood as enum ('calm', 'busy', 'angry');
create table customers (id int primary key, name text not null, region int not null);
insert into customers select n, 'customer ' || n, n % 50 from generate_series(1, 10000) n;
create index customers_region_idx on customers (region);

create table orders (
  id int primary key,
  customer_id int not null,
  status text not null,
  kind varchar(20) not null,
  mood mood not null,
  email varchar(80) not null,
  note text not null,
  is_open boolean not null,
  created_at timestamptz not null,
  shipped_at timestamp,
  total numeric not null,
  tags text[] not null,
  data jsonb not null,
  during daterange not null
);
insert into orders
select n, n % 10000 + 1, case when n % 200 = 0 then 'open' else 'closed' end,
       case when n % 300 = 0 then 'gift' else 'plain' end,
       (case when n % 500 = 0 then 'angry' when n % 2 = 0 then 'busy' else 'calm' end)::mood,
       'User' || n || '@example.org', md5(n::text), n % 400 = 0,
       timestamptz '2024-01-01 00:00Z' + n * interval '2 minutes',
       case when n % 150 <> 0 then timestamp '2024-01-01' + n * interval '2 minutes' end,
       (n * 7919) % 100000, array['t' || n % 1000, 'u' || n % 7],
       jsonb_build_object('kind', 'k' || n % 900, 'n', n),
       daterange(date '2020-01-01' + n % 2000, date '2020-01-01' + n % 2000 + 2)
from generate_series(1, 105000) n;

create table visits (id int primary key, country int not null, city int not null, zip int not null, path text not null);
insert into visits select n, n % 10, (n % 10) * 7, (n % 10) * 70, repeat('x', 20) from generate_series(1, 150000) n;
create index visits_city_idx on visits (city);

create table places (id int primary key, country int not null, city int not null, zip int not null, path text not null);
insert into places select n, n % 500, (n % 500) * 7, (n % 500) * 70, repeat('x', 20) from generate_series(1, 150000) n;

create table events (id int primary key, kind int not null, at timestamptz not null, payload text not null);
insert into events
select n, case when n <= 60000 then n % 10 else 99 end, timestamptz '2024-01-01 00:00Z' + n * interval '1 minute', repeat('p', 60)
from generate_series(1, 60100) n;
create index events_at_idx on events (at);

create table "Hostile ""T""" (id int primary key, "From" int not null, "a.b" text not null, "select" boolean not null);
insert into "Hostile ""T""" select n, n % 5000, 'v' || n % 4000, n % 300 = 0 from generate_series(1, 60000) n;

create table readings (id int not null, sensor int not null, day date not null, value int not null) partition by range (day);
create table readings_2024 partition of readings for values from ('2024-01-01') to ('2025-01-01');
create table readings_2025 partition of readings for values from ('2025-01-01') to ('2026-01-01');
create table readings_2026 partition of readings for values from ('2026-01-01') to ('2027-01-01');
insert into readings select n, n % 5000, date '2024-01-01' + n % 1000, n from generate_series(1, 90000) n;

create table parents (id int primary key);
create table children (id int primary key, parent_id int not null constraint "child's parent" references parents);
insert into parents select generate_series(1, 1000);
insert into children select n, n % 500 + 501 from generate_series(1, 40000) n;

create table queue (id int, job text);
insert into queue select n, repeat('j', 100) from generate_series(1, 120000) n;
delete from queue where id > 20;

create table wide (id int primary key, body text not null);
insert into wide select n, repeat(md5(n::text), 30000) from generate_series(1, 100) n;

vacuum analyze customers, orders, visits, places, events, "Hostile ""T""", readings, parents, children, wide;
analyze queue;
`;

type Explained = { readonly plan: Plan; readonly insights: readonly PlanInsight[]; readonly first: PlanInsight };
type Change = { readonly before: Explained; readonly after: Explained; readonly ran: readonly string[] };

const majors = ([15, 18] as const).filter((major) => serverBinaries(major) !== undefined);

describe.each(majors)('insights on PostgreSQL %i', (major) => {
  let server: TestServer;
  let client: pg.Client;

  beforeAll(async () => {
    server = await startTestServer({
      major,
      settings: { jit: 'off', autovacuum: 'off', shared_buffers: '256MB', max_parallel_workers_per_gather: '0' },
    });
    client = new pg.Client({ connectionString: server.url() });
    await client.connect();
    for (const statement of splitStatements(SCHEMA)) await client.query(statement);
  });
  afterAll(async () => {
    await client?.end();
    await server?.stop();
  });

  /** As the app asks for a plan. */
  async function explain(sql: string, options = ''): Promise<Explained> {
    const { rows } = await client.query<[string]>({
      text: `explain (analyze, buffers, settings${options}, format text)\n${sql}`,
      rowMode: 'array',
    });
    const [plan] = analyzePlans(rows.map(([line]) => line).join('\n'));
    if (!plan) throw new Error('no plan');
    const first = plan.insights[0] ?? { rule: 'none', nodeId: 0, severity: 'info', title: '', message: '' };
    return { plan, insights: plan.insights, first };
  }

  /** Runs advice as it stands, statement by statement. A query that writes a statement is run, and then what it wrote. */
  async function follow(sql: string | undefined): Promise<string[]> {
    const ran: string[] = [];
    for (const statement of splitStatements(sql ?? '')) {
      const { rows } = await client.query<[string]>({ text: statement, rowMode: 'array' });
      const written = statement.includes('select format(') ? rows.map(([text]) => text) : null;
      for (const text of written ?? []) await client.query(text);
      ran.push(...(written ?? [statement]).map((text) => text.replace(/;$/, '')));
    }
    return ran;
  }

  async function indexes(): Promise<string[]> {
    const { rows } = await client.query<{ name: string }>(
      `select indexrelid::regclass::text as name from pg_index join pg_class on oid = indexrelid
       where relnamespace = 'public'::regnamespace and not relispartition`,
    );
    return rows.map(({ name }) => name);
  }

  /** Follows the first insight, asks again (`rewritten` as its message says), and takes the new indexes away. */
  async function tryIndex(sql: string, rewritten = sql, options = ''): Promise<Change> {
    const before = await explain(sql, options);
    const existing = await indexes();
    const ran = await follow(before.first.sql);
    // An expression has no statistics before.
    const relation = / on (.+?) (?:using |\()/.exec(ran.at(-1) ?? '')?.[1];
    if (relation !== undefined) await client.query(`vacuum analyze ${relation}`);
    try {
      return { before, after: await explain(rewritten, options), ran };
    } finally {
      for (const name of await indexes()) if (!existing.includes(name)) await client.query(`drop index ${name}`);
    }
  }

  /** Follows the first insight, or that of a rule, in one transaction, for settings that are to hold for it alone. */
  async function tryInTransaction(
    settings: Readonly<Record<string, string>>,
    sql: string,
    rule?: string,
  ): Promise<Change> {
    await client.query('begin');
    try {
      for (const [name, value] of Object.entries(settings))
        await client.query('select set_config($1, $2, true)', [name, value]);
      const before = await explain(sql);
      const chosen = before.insights.find((insight) => rule === undefined || insight.rule === rule);
      const ran = await follow(chosen?.sql);
      return { before, after: await explain(sql), ran };
    } finally {
      await client.query('rollback');
    }
  }

  describe('an index', () => {
    it.each<[name: string, sql: string, advice: string, rewritten?: string]>([
      [
        'of an integer',
        'select * from orders where customer_id = 77',
        'create index concurrently on orders (customer_id)',
      ],
      [
        'with equality before range',
        'select * from orders where total > 500 and customer_id = 77',
        'create index concurrently on orders (customer_id, total)',
      ],
      [
        'of text and a range',
        `select * from orders where status = 'open' and customer_id < 200`,
        'create index concurrently on orders (status, customer_id)',
      ],
      ['of varchar', `select * from orders where kind = 'gift'`, 'create index concurrently on orders (kind)'],
      ['of an enum', `select * from orders where mood = 'angry'`, 'create index concurrently on orders (mood)'],
      [
        'of an expression',
        `select * from orders where lower(email) = 'user77@example.org'`,
        'create index concurrently on orders (lower((email)::text))',
      ],
      [
        'of the beginning of a varchar',
        `select * from orders where email like 'User777%'`,
        'create index concurrently on orders (email varchar_pattern_ops)',
      ],
      [
        'of the beginning of a text',
        `select * from orders where note like 'abc%'`,
        'create index concurrently on orders (note text_pattern_ops)',
      ],
      [
        'of trigrams',
        `select * from orders where note like '%abcde%'`,
        'create index concurrently on orders using gin (note gin_trgm_ops)',
      ],
      [
        'of a day, with the condition written as a range',
        `select * from orders where created_at::date = '2024-03-01'`,
        'create index concurrently on orders (created_at)',
        `select * from orders where created_at >= '2024-03-01'::date AND created_at < '2024-03-01'::date + 1`,
      ],
      [
        'of a list of values',
        'select * from orders where customer_id in (5, 6, 7)',
        'create index concurrently on orders (customer_id)',
      ],
      [
        'of a list after an equality',
        `select * from orders where customer_id in (5, 6, 7) and status = 'open'`,
        'create index concurrently on orders (status, customer_id)',
      ],
      [
        'for each side of an OR',
        `select * from orders where customer_id = 5 or note = 'x'`,
        'create index concurrently on orders (customer_id)\ncreate index concurrently on orders (note)',
      ],
      [
        'of NULLs alone',
        'select * from orders where shipped_at is null',
        'create index concurrently on orders (shipped_at) where shipped_at is null',
      ],
      [
        'of a boolean alone',
        'select * from orders where is_open',
        'create index concurrently on orders (is_open) where is_open',
      ],
      [
        'with a boolean as its predicate',
        'select * from orders where customer_id = 77 and not is_open',
        'create index concurrently on orders (customer_id) where not is_open',
      ],
      [
        'of array elements',
        `select * from orders where tags @> array['t77']`,
        'create index concurrently on orders using gin (tags)',
      ],
      [
        'of array elements, with ANY written as @>',
        `select * from orders where 't77' = any (tags)`,
        'create index concurrently on orders using gin (tags)',
        `select * from orders where tags @> ARRAY['t77'::text]`,
      ],
      [
        'of jsonb',
        `select * from orders where data @> '{"kind": "k77"}'`,
        'create index concurrently on orders using gin (data jsonb_path_ops)',
      ],
      [
        'of a field of jsonb',
        `select * from orders where data ->> 'kind' = 'k77'`,
        `create index concurrently on orders (((data ->> 'kind'::text)))`,
      ],
      [
        'of ranges',
        `select * from orders where during @> date '2021-01-01'`,
        'create index concurrently on orders using gist (during)',
      ],
      [
        'of words',
        `select * from orders where to_tsvector('english', note) @@ to_tsquery('english', 'abc')`,
        `create index concurrently on orders using gin (to_tsvector('english'::regconfig, note))`,
      ],
      [
        'for the next page',
        `select * from orders where (created_at, id) > ('2024-05-24', 104500) and status = 'closed'`,
        'create index concurrently on orders (status, created_at, id)',
      ],
      [
        'of a quoted table',
        'select * from "Hostile ""T""" where "From" = 7',
        `create index concurrently on "Hostile ""T""" ("From")`,
      ],
      [
        'of quoted columns under an alias',
        `select * from "Hostile ""T""" "h h" where "h h"."a.b" = 'v7' and "h h"."select" = false`,
        `create index concurrently on "Hostile ""T""" ("a.b") where not "select"`,
      ],
      [
        'of a partitioned table, told once for all partitions',
        'select * from readings where sensor = 77',
        'create index on readings (sensor)',
      ],
      [
        'of a partitioned table of which one partition was read',
        `select * from readings where sensor = 77 and day = '2024-05-05'`,
        'create index on readings (sensor, day)',
      ],
      [
        'inside a correlated subquery',
        'select c.name, (select count(*) from orders o where o.customer_id = c.id) from customers c where region = 3',
        'create index concurrently on orders (customer_id)',
      ],
      [
        'for a DELETE',
        `delete from orders where customer_id = -1`,
        'create index concurrently on orders (customer_id)',
      ],
    ])('%s is told first, can be created, and is used', async (_, sql, advice, rewritten) => {
      const { before, after, ran } = await tryIndex(sql, rewritten);
      expect(before.first.rule).toBe('seq-scan-filter');
      expect(ran.filter((statement) => !statement.startsWith('create extension')).join('\n')).toBe(advice);
      if (rewritten !== undefined) expect(before.first.message).toContain(rewritten.split(' where ')[1]);
      expect(blocks(after.plan)).toBeLessThan(blocks(before.plan) / 3);
      expect(after.insights.map(({ rule }) => rule)).not.toContain('seq-scan-filter');
    });

    it.each<[name: string, rule: string, sql: string, advice: string]>([
      [
        'with the filter’s column, where the index finds too much',
        'inefficient-index',
        'select * from visits where city = 7 and zip = 71',
        'create index concurrently on visits (city, zip)',
      ],
      [
        'of filter and order, where the order alone is walked',
        'order-by-limit-index',
        'select * from events where kind = 99 order by at limit 5',
        'create index concurrently on events (kind, at)',
      ],
      [
        'of the order, where a table is sorted for ten rows',
        'top-n-sort',
        'select * from orders order by total desc, id limit 10',
        'create index concurrently on orders (total desc, id)',
      ],
      [
        'of equality and order',
        'top-n-sort',
        `select * from orders where kind = 'plain' order by total desc nulls last limit 10`,
        'create index concurrently on orders (kind, total desc nulls last)',
      ],
    ])('%s', async (_, rule, sql, advice) => {
      const { before, after, ran } = await tryIndex(sql);
      expect([before.first.rule, ran]).toEqual([rule, [advice]]);
      expect(blocks(after.plan)).toBeLessThan(blocks(before.plan) / 3);
      expect(after.insights.map((insight) => insight.rule)).not.toContain(rule);
    });
  });

  it('no index is proposed for a temporary table, or a table that was filtered by what no index holds', async () => {
    await client.query(
      'create temp table scratch as select n as id, n % 1000 as kind from generate_series(1, 50000) n',
    );
    const temporary = await explain('select * from scratch where kind = 5');
    await client.query('drop table scratch');
    const { first } = await explain('select * from orders where md5(note || status) = $$x$$');
    expect([temporary.insights, first.rule, first.sql]).toEqual([[], 'seq-scan-filter', undefined]);
  });

  describe('an index under settings', () => {
    async function withSettings<Result>(settings: Readonly<Record<string, string>>, run: () => Promise<Result>) {
      for (const [name, value] of Object.entries(settings))
        await client.query('select set_config($1, $2, false)', [name, value]);
      try {
        return await run();
      } finally {
        await client.query('reset all');
      }
    }

    it('of the inner side of a nested loop', async () => {
      const { before, after, ran } = await withSettings({ enable_hashjoin: 'off', enable_mergejoin: 'off' }, () =>
        tryIndex('select count(*) from generate_series(100, 150) n join orders o on o.customer_id = n'),
      );
      expect([before.first.rule, ran]).toEqual([
        'join-without-index',
        ['create index concurrently on orders (customer_id)'],
      ]);
      expect(blocks(after.plan)).toBeLessThan(blocks(before.plan) / 3);
    });

    it('instead of a BRIN index that knows nothing', async () => {
      await client.query('create index orders_total_brin on orders using brin (total)');
      const { before, after, ran } = await withSettings({ enable_seqscan: 'off' }, () =>
        tryIndex('select * from orders where total = 500'),
      );
      await client.query('drop index orders_total_brin');
      expect([before.first.rule, ran]).toEqual(['index-recheck', ['create index concurrently on orders (total)']]);
      expect(blocks(after.plan)).toBeLessThan(blocks(before.plan) / 3);
    });

    it('with a column more, so that the table need not be read', async () => {
      await client.query('create index orders_customer_idx on orders (customer_id)');
      const { before, after, ran } = await withSettings({ enable_seqscan: 'off', enable_bitmapscan: 'off' }, () =>
        tryIndex(
          'select id from orders where customer_id between 1 and 4000',
          'select id from orders where customer_id between 1 and 4000',
          ', verbose',
        ),
      );
      await client.query('drop index orders_customer_idx');
      expect([before.first.rule, ran]).toEqual([
        'index-only-possible',
        ['create index concurrently on public.orders (customer_id) include (id)'],
      ]);
      expect(blocks(after.plan)).toBeLessThan(blocks(before.plan) / 3);
    });
  });

  describe('statistics', () => {
    it('of columns that go together correct the estimate that a nested loop was chosen for', async () => {
      const sql = `select count(o.note) from visits v join orders o on o.id = v.id where country = 3 and city = 21 and zip = 210`;
      const before = await explain(sql);
      expect(before.first).toMatchObject({ rule: 'row-misestimate' });
      expect(before.first.message).toContain('A nested loop was chosen for a few outer rows');
      expect(before.insights.map(({ rule }) => rule)).not.toContain('nested-loop-loops');
      await follow(before.first.sql);
      const after = await explain(sql);
      await client
        .query('drop statistics visits_country_zip_city_stats, visits_city_country_zip_stats')
        .catch(() => {});
      expect(factorOf(before.plan, 'visits')).toBeGreaterThan(50);
      expect(factorOf(after.plan, 'visits')).toBeLessThan(2);
      expect(after.insights.map(({ rule }) => rule)).not.toContain('row-misestimate');
    });

    it('of an expression', async () => {
      const sql = `select count(*) from orders where upper(status) = 'CLOSED'`;
      const before = await explain(sql);
      expect(before.first).toMatchObject({ rule: 'row-misestimate', severity: 'info' });
      expect(factorOf(before.plan, 'orders')).toBeGreaterThan(50);
      await follow(before.first.sql);
      expect(factorOf((await explain(sql)).plan, 'orders')).toBeLessThan(2);
    });

    it('of groups spare a sort', async () => {
      const { before, after } = await tryInTransaction(
        { work_mem: '1MB' },
        `select country, city, zip, string_agg(left(path, 1), '') from places group by 1, 2, 3`,
        'row-misestimate',
      );
      expect(before.insights.map(({ rule }) => rule).toSorted()).toEqual(['disk-sort', 'row-misestimate']);
      expect(after.plan.nodes.map(({ nodeType }) => nodeType)).toEqual(['Aggregate', 'Seq Scan']);
      expect(tempBlocks(after.plan)).toBeLessThan(tempBlocks(before.plan) / 2);
    });
  });

  it('statistics of a grouped expression spare a sort', async () => {
    const { before, after } = await tryInTransaction(
      { work_mem: '64MB' },
      `select date_trunc('day', o.created_at), sum(total) from orders o group by 1 order by 1`,
    );
    expect(before.first.rule).toBe('row-misestimate');
    const sorted = ({ nodes }: Plan): number => nodes.find(({ nodeType }) => nodeType === 'Sort')?.actualRows ?? 0;
    expect(sorted(after.plan)).toBeLessThan(sorted(before.plan) / 100);
  });

  describe('memory', () => {
    it('for a sort', async () => {
      const { before, after } = await tryInTransaction(
        { work_mem: '1MB' },
        'select * from events order by payload, id desc',
      );
      expect(before.first.rule).toBe('disk-sort');
      expect([tempBlocks(before.plan) > 500, tempBlocks(after.plan)]).toEqual([true, 0]);
    });

    it.each([
      ['a hash join', 'select count(o.note || e.payload) from events e join orders o on o.customer_id = e.id % 9000'],
      ['an aggregate', 'select path || id, count(*) from visits group by 1'],
    ])('for %s', async (_, sql) => {
      const { before, after } = await tryInTransaction({ work_mem: '1MB', enable_sort: 'off' }, sql);
      expect(before.first.rule).toBe('hash-batches');
      expect([tempBlocks(before.plan) > 500, tempBlocks(after.plan)]).toEqual([true, 0]);
    });

    it('for a bitmap', async () => {
      const { before, after } = await tryInTransaction(
        { work_mem: '64kB', enable_seqscan: 'off' },
        'select count(path) from visits where city = 7',
      );
      expect(before.first.rule).toBe('lossy-bitmap');
      expect(after.plan.nodes.map(({ properties }) => properties['Lossy Heap Blocks'] ?? 0)).toEqual([0, 0, 0]);
    });

    it('for NOT IN, which is hashed then', async () => {
      const { before, after } = await tryInTransaction(
        { work_mem: '64kB' },
        'select count(*) from customers where id <= 1500 and id not in (select id + 5000 from orders where id <= 8000)',
      );
      expect(before.first.rule).toBe('hashed-subplan-missing');
      expect(after.plan.text).toContain('hashed SubPlan');
    });

    it('for Memoize, where far more keys came than were known', async () => {
      await client.query('alter table orders alter column customer_id set (n_distinct = 50)');
      await client.query('analyze orders');
      const { before, after } = await tryInTransaction(
        { work_mem: '64kB', enable_hashjoin: 'off', enable_mergejoin: 'off' },
        'select count(c.name) from orders o join customers c on c.id = o.customer_id',
      );
      await client.query('alter table orders alter column customer_id reset (n_distinct)');
      await client.query('analyze orders');
      expect(before.first.rule, before.plan.text).toBe('memoize-thrash');
      const evictions = (plan: Plan) =>
        Number(plan.nodes.find(({ nodeType }) => nodeType === 'Memoize')?.properties['Cache Evictions'] ?? 0);
      expect([evictions(before.plan) > 10_000, evictions(after.plan)]).toEqual([true, 0]);
    });

    it('for rows that a CTE keeps', async () => {
      const { before, after } = await tryInTransaction(
        { work_mem: '64kB' },
        'with kept as materialized (select * from events) select (select count(*) from kept), (select max(payload) from kept)',
      );
      expect(before.first.rule).toBe('temp-blocks');
      expect([tempBlocks(before.plan) > 500, tempBlocks(after.plan)]).toEqual([true, 0]);
    });
  });

  describe('what vacuum mends', () => {
    it('an index-only scan that goes to the table', async () => {
      await client.query('update events set kind = kind');
      const sql = "select count(at) from events where at > now() - interval '100 years'";
      await client.query('set enable_seqscan = off');
      const before = await explain(sql);
      await follow(before.first.sql);
      const after = await explain(sql);
      await client.query('reset all');
      expect(before.first.rule).toBe('heap-fetches');
      expect(blocks(after.plan)).toBeLessThan(blocks(before.plan) / 3);
    });

    it('a table of deleted rows', async () => {
      const sql = 'select count(*) from queue';
      const before = await explain(sql);
      expect(before.first.rule).toBe('much-read-for-little');
      await follow(before.first.sql);
      expect(blocks((await explain(sql)).plan)).toBeLessThan(blocks(before.plan) / 10);
    });
  });

  describe('the statement as a whole', () => {
    it('a foreign key without an index, when the referenced rows are deleted', async () => {
      const sql = 'delete from parents where id <= 200';
      const explainOnly = async (): Promise<Explained> => {
        await client.query('begin');
        const explained = await explain(sql);
        await client.query('rollback');
        return explained;
      };
      const before = await explainOnly();
      expect(before.first.rule).toBe('triggers');
      expect(await follow(before.first.sql)).toEqual(['create index concurrently on children (parent_id)']);
      const after = await explainOnly();
      expect(await follow(before.first.sql)).toEqual([]);
      const timeOf = ({ plan }: Explained): number => plan.triggers[0]?.timeMs ?? 0;
      expect(timeOf(after)).toBeLessThan(timeOf(before) / 3);
    });

    it('a foreign key of a partitioned table, whose index cannot be created concurrently', async () => {
      await client.query(`create table parts (id int, parent_id int constraint parts_fk references parents) partition by list (id);
        create table parts_0 partition of parts for values in (0); create table parts_1 partition of parts for values in (1);
        insert into parts select n % 2, 900 from generate_series(1, 40000) n`);
      await client.query('begin');
      const { insights } = await explain('delete from parents where id between 1 and 200');
      await client.query('rollback');
      const insight = insights.find(({ title }) => title.includes('parts_fk'));
      expect(await follow(insight?.sql)).toEqual(['create index on parts (parent_id)']);
      await client.query('drop table parts');
    });

    it('a trigger, a check of inserted rows: no index is proposed', async () => {
      await client.query(`create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.002); return null; end';
        create trigger slow after insert on children for each row execute function slow()`);
      const { first } = await explain('insert into children select n, 600 from generate_series(50001, 50020) n');
      await client.query('drop trigger slow on children');
      expect([first.rule, first.sql, first.title]).toEqual([
        'triggers',
        undefined,
        expect.stringContaining('Trigger slow'),
      ]);
      const checked = await explain('insert into children select n, 600 from generate_series(60001, 75000) n');
      expect(checked.insights.map(({ rule, sql }) => [rule, sql])).toEqual([['triggers', undefined]]);
    });

    it.each([
      [
        'a subquery for each row',
        'correlated-subplan',
        'select c.id, (select sum(v.id) from visits v where v.id between c.id and c.id + 20) from customers c',
      ],
      ['an OFFSET', 'offset-waste', 'select * from events order by id offset 55000 limit 10'],
      [
        'a CTE that is a fence',
        'cte-materialized',
        'with kept as materialized (select * from orders) select * from kept where id = 5',
      ],
      ['a product', 'cartesian-product', 'select count(*) from parents a, parents b'],
    ])('%s', async (_, rule, sql) => {
      const { insights } = await explain(sql);
      expect(insights[0]?.rule).toBe(rule);
    });

    it('workers that were not to be had', async () => {
      const { before } = await tryInTransaction(
        {
          max_parallel_workers: '0',
          max_parallel_workers_per_gather: '2',
          parallel_setup_cost: '0',
          min_parallel_table_scan_size: '0',
        },
        'select sum(total) from orders',
      );
      expect(before.insights.map(({ rule }) => rule)).toEqual(['workers-not-launched']);
    });

    it('two sides that a merge join sorts', async () => {
      const { before } = await tryInTransaction(
        { enable_hashjoin: 'off', enable_nestloop: 'off', work_mem: '64MB' },
        'select count(*) from orders o join events e on e.payload || e.id = o.note',
      );
      expect(before.insights.map(({ rule }) => rule)).toContain('merge-join-sorts');
    });

    it('planning of many joins', async () => {
      await client.query('set join_collapse_limit = 12');
      const tables = Array.from({ length: 11 }, (_, number) => `parents p${number}`)
        .join(' join ')
        .replaceAll(/(p[1-9]0?)/g, '$1 using (id)');
      const { first } = await explain(`select count(*) from ${tables} where id = 1`);
      await client.query('reset all');
      expect(first.rule).toBe('planning-time');
    });

    it('compilation', async ({ skip }) => {
      const [available] = (await client.query<{ yes: boolean }>('select pg_jit_available() as yes')).rows;
      if (available?.yes !== true) skip('this server was built without JIT');
      const { before, after, ran } = await tryInTransaction(
        { jit: 'on', jit_above_cost: '0', jit_inline_above_cost: '0', jit_optimize_above_cost: '0' },
        'select region, count(*), sum(id), avg(length(name)) from customers where id < 900 group by 1',
      );
      expect([before.first.rule, ran, after.plan.jit]).toEqual(['jit', ['set local jit = off'], undefined]);
    });

    it.runIf(major >= 17)('writing out large values', async () => {
      expect((await explain('select * from wide', ', serialize text')).first.rule).toBe('serialization');
    });
  });

  it.each([
    'select 1',
    'select now(), current_user, version()',
    'select * from customers where id = 7',
    'select * from customers where id in (1, 2, 3)',
    'select * from customers where id between 10 and 40',
    'select count(*) from orders',
    'select count(*), sum(total), max(created_at) from orders',
    'select status, count(*) from orders group by status',
    'select * from orders',
    `select * from orders where status = 'closed'`,
    'select count(*) from orders where total > 50000',
    'select * from parents',
    'select * from parents where id % 2 = 0',
    'select * from parents p order by -p.id',
    'select * from customers where region = 3 order by name',
    'select count(*) from customers c join orders o on o.customer_id = c.id',
    'select c.region, sum(o.total) from customers c join orders o on o.customer_id = c.id group by 1',
    'select c.name, count(o.id) from customers c left join orders o on o.customer_id = c.id group by c.id',
    'select * from orders o join customers c on c.id = o.customer_id where o.id between 100 and 200',
    'select * from customers c where exists (select from orders o where o.customer_id = c.id)',
    'select * from customers c where not exists (select from orders o where o.customer_id = c.id)',
    'select * from customers where id not in (select customer_id from orders where total < 90000)',
    "select count(at) from events where at < '2024-01-10'",
    'select * from events order by at desc limit 10',
    'select * from events order by id limit 10 offset 20',
    "select * from events where at > '2024-02-10' order by at limit 20",
    'select id, rank() over (order by total) from orders',
    'select id, sum(total) over (partition by customer_id order by id) from orders',
    'select distinct region from customers',
    'select region from customers union select kind from events',
    'select id from customers union all select id from events',
    'select * from generate_series(1, 5000)',
    'values (1), (2), (3)',
    'with big as (select * from customers where region = 3) select count(*) from big',
    'with recursive walk (n) as (select 1 union all select n + 1 from walk where n < 5000) select max(n) from walk',
    "select * from readings where day = '2024-05-05' limit 5",
    'select max(id) from orders',
    "select relname from pg_class where relkind = 'r' order by 1",
    'select c.name, o.* from customers c cross join lateral (select * from visits v where v.id = c.id limit 1) o where c.region = 3',
    "insert into queue select n, 'x' from generate_series(1, 2000) n",
    "update customers set name = name || '' where id = 5",
    "update customers set name = name || ''",
    'delete from parents where id = 3',
    'select * from customers where id = 5 for update',
    'select count(*) from wide',
  ])('says nothing about %s', async (sql) => {
    await client.query("begin; set local work_mem = '64MB'");
    try {
      // A busy machine may stop any run for a while; what is wrong with a statement is wrong in each.
      let explained = await explain(sql);
      for (let run = 0; run < 3 && explained.insights.length > 0; run += 1) explained = await explain(sql);
      expect(explained.insights, explained.plan.text).toEqual([]);
    } finally {
      await client.query('rollback');
    }
  });
});

function blocks(plan: Plan): number {
  const buffers = plan.nodes[0]?.totalBuffers;
  return buffers ? buffers.sharedHit + buffers.sharedRead : 0;
}

function tempBlocks(plan: Plan): number {
  const buffers = plan.nodes[0]?.totalBuffers;
  return buffers ? buffers.tempRead + buffers.tempWritten : 0;
}

function factorOf(plan: Plan, relation: string): number {
  return Math.max(...plan.nodes.flatMap((node) => (node.relation === relation ? [node.estimateFactor ?? 1] : [])));
}

/** Advice ends each statement at the end of a line. */
function splitStatements(sql: string): string[] {
  return sql
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
