import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthFinding, HealthReport } from '#contract/health-model.ts';
import { indexesChecks } from '../../electron/services/health/checks/indexes/index.ts';
import { ask, checkOf } from '../support/health-questions.ts';
import { startTestServer, type TestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

const settings = { autovacuum: 'off', synchronous_commit: 'off', allow_in_place_tablespaces: 'on' };
const sqlOf = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');
const ids = [...indexesChecks.map((check) => check.id), 'SCH01'];

/** The tables of the test are small, and its statistics as good as old. */
const small = {
  'IDX01.minBytes': 50_000,
  'IDX01.quietDays': 0,
  'IDX01.minDays': 0,
  'IDX08.minWasteBytes': 100_000,
  'IDX09.minBytes': 100_000,
  'IDX10.minBytes': 50_000,
};

interface IndexRow {
  readonly table: string;
  readonly name: string;
  readonly keys: string;
  readonly method: string;
  /** The partitioned index that it goes with, or itself. */
  readonly root: string;
  readonly used: boolean;
}

const indexesSql = `
  select ind.indrelid::regclass::text as table, ind.indexrelid::regclass::text as name, am.amname as method,
    (select string_agg(pg_get_indexdef(ind.indexrelid, n, false) || ':' || ind.indclass[n - 1] || ':' || ind.indoption[n - 1], ', ' order by n)
      from generate_series(1, ind.indnkeyatts) as n) as keys,
    coalesce(pg_partition_root(ind.indexrelid), ind.indexrelid)::regclass::text as root,
    pg_stat_get_numscans(ind.indexrelid) > 0 as used
  from pg_index as ind join pg_class as c on c.oid = ind.indexrelid join pg_am as am on am.oid = c.relam
  where ind.indrelid >= 16384 and c.relkind = 'i' and ind.indisvalid and c.relnamespace::regnamespace::text !~ '^pg_' order by 1, 2`;

describe.each([13, 15, 18] as const)('all fixes of one report on PostgreSQL %i', (major) => {
  let server: TestServer;

  const run = async (database: string, sql: string): Promise<void> => {
    for (const statement of sql.split(/(?<=;)\n(?!on two)/)) await server.run(statement, database);
  };
  const report = (database: string, only: readonly string[] = ids, set = {}): Promise<HealthReport> =>
    ask(server.url(database), only, { ...small, ...set });

  /** A database with all defects, some indexes of which were used. */
  async function prepare(database: string): Promise<void> {
    await server.createDatabase(database);
    await server.run(await sqlOf('health-indexes.sql'), database);
    await server.run(await sqlOf('health-index-fixes.sql'), database);
    await server.run('create unique index concurrently twice_v on app.twice (v)', database).catch(() => {});
    await server.run(
      `delete from app.twice where ctid = (select min(ctid) from app.twice);
       create index child_invalid_plain on app.child_invalid (parent_id);
       update pg_index set indisvalid = false
       where indexrelid in ('app.child_invalid_plain'::regclass, 'shop.leftover_user_id_ccnew'::regclass);
       update pg_collation set collversion = '1.2.3' where collname = 'de-x-icu';
       delete from app.shrunk where id % 10 <> 0`,
      database,
    );
    await server.run('vacuum app.shrunk', database);
    // Which of two twins the planner takes is its own business, so the other one is away meanwhile.
    const using = (away: string, query: string) =>
      `begin; drop index ${away}; set local enable_seqscan = off; ${`${query}; `.repeat(7)} rollback`;
    await server.run(using('shop.dup_old', 'select count(*) from shop.t where a = 5'), database);
    await server.run(using('shop.long_ab', 'select count(*) from shop.u where a = 5'), database);
    await server.run(using('shop.parted_v', 'select count(*) from shop.parted where v = 5'), database);
    await server.run('analyze', database);
    const counted = `
      select count(*)::int as n from unnest('{shop.dup_new,shop.short_a,shop.parted_1_again}'::regclass[]) as i
      where pg_stat_get_numscans(i) >= 7 and pg_stat_get_live_tuples('shop.half_1'::regclass) = 20000`;
    await until(async () => (await server.run(counted, database))[0]?.['n'] === 3);
  }

  beforeAll(async () => {
    server = await startTestServer({ major, settings });
    await server.run("create tablespace aside location ''");
    await prepare('forth');
    await prepare('back');
  });
  afterAll(async () => {
    await server.stop();
  });

  it.each(['forth', 'back'] as const)(
    'run one after the other, %s, and only what is unused by all counts is lost',
    async (way) => {
      const before = (await server.run(indexesSql, way)) as unknown as IndexRow[];
      const whole = await report(way);
      expect(whole.checks.filter(({ status }) => status === 'error')).toEqual([]);
      const fixes = whole.checks.flatMap(({ id, findings }) =>
        findings.flatMap(({ object, fixSql }) => (fixSql === undefined ? [] : [{ id, object, fixSql }])),
      );
      // What is asked for is there to be applied.
      expect(fixes.map(({ id, object }) => `${id} ${object}`)).toEqual(
        expect.arrayContaining(['IDX03 shop.dup_old', 'IDX04 shop.short_a', 'IDX01 shop.q_ext', 'IDX10 shop.q_noted']),
      );
      const failed: string[] = [];
      for (const { id, object, fixSql } of way === 'forth' ? fixes : fixes.toReversed())
        await run(way, fixSql).catch((error: unknown) => failed.push(`${id} ${object}: ${String(error)}`));
      expect(failed).toEqual([]);
      const after = (await server.run(indexesSql, way)) as unknown as IndexRow[];
      const unused = new Set(fixes.flatMap(({ id, object }) => (id === 'IDX01' ? [object] : [])));
      const lost = before.filter(
        (index) =>
          (index.used || !unused.has(index.root)) &&
          !after.some(
            (other) =>
              other.table === index.table &&
              other.method === index.method &&
              `${other.keys}, `.startsWith(`${index.keys}, `),
          ),
      );
      expect(lost.map(({ name }) => name)).toEqual([]);
      expect(after.filter(({ name }) => /_rebuilt|_ccnew/.test(name))).toEqual([]);
      expect(after.filter(({ table }) => ['shop.t', 'shop.u'].includes(table)).map(({ name }) => name)).toEqual([
        'shop.dup_new',
        'shop.t_pkey',
        'shop.long_ab',
        'shop.u_pkey',
      ]);
    },
  );
});

describe.each([13, 15, 18] as const)('what is said of indexes on PostgreSQL %i', (major) => {
  let server: TestServer;
  const database = 'shop';
  const asked = (only: readonly string[], set = {}): Promise<HealthReport> =>
    ask(server.url(database), only, { ...small, ...set });
  const findings = async (id: string, set = {}): Promise<readonly HealthFinding[]> =>
    checkOf(await asked([id], set), id).findings.filter(({ object }) => object.includes('shop.'));

  beforeAll(async () => {
    server = await startTestServer({ major, settings });
    await server.run("create tablespace aside location ''");
    await server.createDatabase(database);
    await server.run(await sqlOf('health-index-fixes.sql'), database);
    await server.run(
      `update pg_index set indisvalid = false where indexrelid = 'shop.leftover_user_id_ccnew'::regclass; analyze`,
      database,
    );
    await until(
      async () =>
        (await server.run("select pg_stat_get_live_tuples('shop.half_1'::regclass)::int as n", database))[0]?.['n'] ===
        20_000,
    );
  });
  afterAll(async () => {
    await server.stop();
  });

  it('an unused index is not to be dropped beside one that serves the same, nor after minutes', async () => {
    const unused = await findings('IDX01');
    const fixOf = (object: string) => unused.find((finding) => finding.object === object);
    expect([fixOf('shop.dup_old'), fixOf('shop.long_ab'), fixOf('shop.q_ext')].map((one) => one?.fixSql)).toEqual([
      undefined,
      undefined,
      'drop index concurrently shop.q_ext;',
    ]);
    expect(fixOf('shop.long_ab')?.caution).toContain('the same first columns as shop.short_a.');
    const young = checkOf(await asked(['IDX01'], { 'IDX01.minDays': 1, 'IDX01.quietDays': 30 }), 'IDX01');
    expect([young.findings.length > 0, young.findings.some(({ fixSql }) => fixSql !== undefined)]).toEqual([
      true,
      false,
    ]);
    expect(young.reason).toContain('Nothing is proposed before 24 hours.');
  });

  it('a predicate that is always true goes where a whole index is there, and composite types are left alone', async () => {
    expect((await findings('IDX14')).map(({ object }) => object)).toEqual(['shop.uploads_created']);
    expect((await findings('IDX04')).map(({ object }) => object)).toContain('shop.uploads_uploader_partial');
  });

  it('a rebuild keeps what goes beside the definition, there and back', async () => {
    const shape = `
      select c.oid::regclass::text as name, pg_get_indexdef(c.oid) as definition, obj_description(c.oid, 'pg_class') as comment,
        (select spcname from pg_tablespace where oid = c.reltablespace) as tablespace, i.indisclustered as clustered,
        (select string_agg(attstattarget::text, ',') from pg_attribute where attrelid = c.oid and attstattarget >= 0) as targets
      from pg_index as i join pg_class as c on c.oid = i.indexrelid
      where i.indrelid in ('shop.q'::regclass, 'shop.uploads'::regclass) order by 1`;
    const before = await server.run(shape, database);
    const sparse = await findings('IDX10');
    expect(sparse.map(({ object, fixSql }) => [object, fixSql !== undefined]).toSorted()).toEqual([
      ['shop.q_ext', true],
      ['shop.q_mark', false],
      ['shop.q_noted', true],
    ]);
    const rebuilt = [...sparse.filter(({ object }) => object === 'shop.q_noted'), ...(await findings('IDX14'))];
    const run = async (sql = ''): Promise<void> => {
      for (const statement of sql.split(/(?<=;)\n(?!on two)/)) await server.run(statement, database);
    };
    for (const { fixSql } of rebuilt) await run(fixSql);
    const between = await server.run(shape, database);
    const without = (rows: readonly object[]) => rows.map((row) => ({ ...row, definition: '' }));
    expect(without(between)).toEqual(without(before));
    expect(between).not.toEqual(before);
    for (const { undoSql } of rebuilt) await run(undoSql);
    expect(await server.run(shape, database)).toEqual(before);
  });

  it('a rebuild takes names that are free, and its way back leads from wherever it stopped', async () => {
    await server.run(
      `create table public.sparse (id int primary key, v int);
       insert into public.sparse select n, case when n % 20 = 0 then n end from generate_series(1, 20000) n;
       create index sparse_v on public.sparse (v);
       create index sparse_v_rebuilt on public.sparse (id, v);
       create table public.whole (id int primary key, v int not null);
       create index whole_v on public.whole (v) where v is not null;
       create index whole_v_rebuilt1 on public.whole (id, v)`,
      database,
    );
    await server.run('analyze public.sparse', database);
    const shape = () =>
      server.run("select indexdef from pg_indexes where schemaname = 'public' order by indexname", database);
    const before = await shape();
    for (const [id, object] of [
      ['IDX10', 'public.sparse_v'],
      ['IDX14', 'public.whole_v'],
    ] as const) {
      const fix = checkOf(await asked([id]), id).findings.find((finding) => finding.object === object);
      const steps = fix?.fixSql?.split('\n') ?? [];
      expect(steps).toHaveLength(3);
      for (const count of [0, 1, 2, 3]) {
        for (const step of steps.slice(0, count)) await server.run(step, database);
        if (count > 0) expect(await shape()).not.toEqual(before);
        for (const step of fix?.undoSql?.split('\n') ?? []) await server.run(step, database);
        expect({ id, count, indexes: await shape() }).toEqual({ id, count, indexes: before });
      }
    }
    await server.run('drop table public.sparse, public.whole', database);
  });

  it('the index of an exclusion constraint is not rebuilt without it', async () => {
    await server.run(
      `create table public.booked (r int4range not null, constraint booked_r exclude using gist (r with &&) where (r is not null))`,
      database,
    );
    const [finding] = checkOf(await asked(['IDX14']), 'IDX14').findings.filter(
      ({ object }) => object === 'public.booked_r',
    );
    expect(finding?.fixSql).toBeUndefined();
    expect(finding?.caution).toContain('The index is that of constraint booked_r');
    await server.run('drop table public.booked', database);
  });

  it('constraints are twins only where they check at the same time, and come back with their storage parameters', async () => {
    await server.run(
      `create table public.timed (a int not null);
       alter table public.timed add constraint timed_deferred unique (a) deferrable initially deferred;
       alter table public.timed add constraint timed_immediate unique (a) deferrable initially immediate;
       create table public.filled (a int, b int, "WITH (c" int);
       alter table public.filled add constraint filled_1 unique (a) deferrable initially deferred;
       alter table public.filled add constraint filled_2 unique (a) with (fillfactor = 60) deferrable initially deferred;
       alter table public.filled add constraint filled_3 unique (b);
       alter table public.filled add constraint filled_4 unique (b) with (fillfactor = 50);
       alter table public.filled add constraint filled_5 unique ("WITH (c");
       alter table public.filled add constraint filled_6 unique ("WITH (c");
       alter table public.filled add constraint filled_7 exclude using btree (a with =) with (fillfactor = 40);
       alter table public.filled add constraint filled_8 exclude using btree (a with =) with (fillfactor = 40)`,
      database,
    );
    const shape = () =>
      server.run(
        `select conname, pg_get_constraintdef(c.oid) as definition, reloptions
         from pg_constraint as c join pg_class as i on i.oid = c.conindid
         where conrelid = 'public.filled'::regclass order by 1`,
        database,
      );
    const before = await shape();
    const found = checkOf(await asked(['IDX03']), 'IDX03').findings.filter(({ object }) =>
      object.startsWith('public.'),
    );
    expect(found.map(({ object }) => object).toSorted()).toEqual([
      'public.filled_2',
      'public.filled_4',
      'public.filled_6',
      'public.filled_8',
    ]);
    for (const { fixSql } of found) await server.run(fixSql ?? '', database);
    expect(await shape()).toHaveLength(4);
    for (const { undoSql } of found) await server.run(undoSql ?? '', database);
    expect(await shape()).toEqual(before);
    await server.run('drop table public.timed, public.filled', database);
  });

  it('a key of several columns is told by what an index on one of them leaves to read', async () => {
    const found = await findings('IDX07');
    const of = (object: string) => found.find((finding) => finding.object === object);
    expect(of('shop.posts')).toBeUndefined();
    expect(of('shop.drafts')).toMatchObject({
      severity: 'info',
      confidence: 'low',
      message: expect.stringMatching(
        /^Foreign key drafts_tenant_id_author_id_fkey \(tenant_id, author_id\) of shop.drafts has no index on all its columns: each delete in shop.authors reads, at best, all rows of the same tenant_id \(/,
      ),
      evidence: expect.arrayContaining([
        {
          label: 'Index for a part of drafts_tenant_id_author_id_fkey',
          value: 'drafts_pkey, by tenant_id: about 3,000 rows per value',
        },
      ]),
    });
    expect(of('shop.both_keys')?.fixSql).toBe(
      'create index concurrently both_keys_author_id_part_idx on shop.both_keys (author_id, part);',
    );
    expect(of('shop.leftover')?.fixSql).toContain('create index concurrently');
    // With a threshold below what a value has, the index on author_id is not enough either.
    expect((await findings('IDX07', { 'IDX07.fewRows': 0 })).map(({ object }) => object)).toContain('shop.posts');
  });

  it('columns that note who changed a row come last, and together once nobody deletes those people', async () => {
    const young = await findings('IDX07');
    expect(young.map(({ object }) => object).at(-1)).toBe('shop.notes');
    expect(young.find(({ object }) => object === 'shop.tags')?.message).toContain(
      'tags_owner_id_fkey (owner_id), tags_lastupdatedby_fkey (lastupdatedby)',
    );
    const old = await findings('IDX07', { 'IDX07.quietDays': 0 });
    const folded = old.find(({ object }) => object === 'foreign keys to shop.users');
    expect(folded?.message).toMatch(
      /^3 foreign keys of 2 tables to shop\.users note who changed a row \(created_by, lastupdatedby\) and have no index; no row of shop\.users was deleted or got another key in /,
    );
    expect(old.map(({ object }) => object)).not.toContain('shop.notes');
    await server.run('insert into shop.users values (1); delete from shop.users', database);
    await until(
      async () =>
        (await server.run("select pg_stat_get_tuples_deleted('shop.users'::regclass)::int as n", database))[0]?.[
          'n'
        ] === 1,
    );
    expect((await findings('IDX07', { 'IDX07.quietDays': 0 })).map(({ object }) => object)).toContain('shop.notes');
  });
});
