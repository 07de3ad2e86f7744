import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { HealthFinding } from '#contract/health-model.ts';
import type { Job } from '#contract/jobs.ts';

import { dropLeftover, type LeftoverEnd } from '../../electron/services/health/fix/drop-leftover.ts';
import { fixSteps } from '../../electron/services/health/fix/fix-steps.ts';
import { type InvalidIndex, leftoversOf, readBeforeFix } from '../../electron/services/health/fix/leftovers.ts';
import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { PgCatalogReader } from '../support/pg-catalog-reader.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let app: TestApp;
const others: pg.Client[] = [];

beforeAll(async () => {
  // The first version with all the time-outs that a role may have.
  server = await startTestServer({ major: 17, settings: { autovacuum: 'off' } });
  await server.createDatabase('store');
  await server.createDatabase('shop');
  await server.run(
    `create role own nologin;
     create role alice login password 'a' in role own;
     create role bob login password 'b' in role own;
     create table public.bystander (id int);
     grant select on public.bystander to public`,
    'shop',
  );
  app = await startApp({ storeMode: 'own', storeUrl: server.url('store') });
  await until(async () => (await app.client.settings.status()).store.kind === 'ready');
});
beforeEach(async () => {
  await server.run(
    `drop schema if exists a, b cascade;
     create schema a authorization own;
     create schema b authorization own;
     set role own;
     create table a.customers (id int primary key);
     insert into a.customers select generate_series(1, 1000);
     create table a.orders (id int primary key, customer_id int references a.customers);
     insert into a.orders select n, 1 + n % 1000 from generate_series(1, 20000) n;
     create table b.customers (id int primary key);
     insert into b.customers select generate_series(1, 1000);
     create table b.orders (id int primary key, customer_id int references b.customers);
     insert into b.orders select n, 1 + n % 1000 from generate_series(1, 20000) n;
     analyze`,
    'shop',
  );
});
afterEach(async () => {
  await Promise.all(others.splice(0).map((client) => client.end().catch(() => {})));
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});

/** A session of somebody else, which ends with the test. */
async function session(sql: string, as?: { user: string; password: string }): Promise<pg.Client> {
  const { host, port, user, password } = { ...server, ...as };
  const client = new pg.Client({ host, port, user, password, database: 'shop', application_name: 'somebody else' });
  client.on('error', () => {});
  others.push(client);
  await client.connect();
  await client.query(sql);
  return client;
}
const alice = { user: 'alice', password: 'a' };
const bob = { user: 'bob', password: 'b' };

async function connect(name: string, as: object = {}): Promise<string> {
  return (await app.client.connections.save(draftFor(server, { name, database: 'shop', ...as }))).id;
}

type Fixable = HealthFinding & { fixSql: string };

async function findings(connectionId: string, check: string): Promise<Fixable[]> {
  const last = (await collect(await app.client.health.run({ connectionId, only: [check] }))).at(-1);
  const found = (last?.kind === 'report' ? last.report.checks : []).flatMap((one) => one.findings);
  return found.flatMap((one) => (one.fixSql === undefined ? [] : [{ ...one, fixSql: one.fixSql }]));
}

async function finding(connectionId: string, check: string, object: string): Promise<Fixable> {
  const found = await findings(connectionId, check);
  const one = found.find((candidate) => candidate.object === object);
  if (one === undefined) throw new Error(`${check} finds ${found.map((other) => other.object).join(', ')}`);
  return one;
}

async function startFix(connectionId: string, check: string, { object, fixSql }: Fixable): Promise<string> {
  return (await app.client.health.fix({ connectionId, check, object, fixSql })).jobId;
}

const jobNow = (id: string): Job => {
  const job = app.services.jobs.jobs.value.find((one) => one.id === id);
  if (job === undefined) throw new Error(`no job ${id}`);
  return job;
};
async function ended(id: string): Promise<Job> {
  await until(() => jobNow(id).state !== 'running');
  return jobNow(id);
}
const logOf = async (id: string) => (await app.client.jobs.log({ id })).lines.map(({ text }) => text).join('\n');
const indexes = async (pattern = '%orders_customer_id_idx%') =>
  (
    await server.run(
      `select indexrelid::regclass::text || case when indisvalid then '' else ' (invalid)' end as name
       from pg_index where indexrelid::regclass::text like '${pattern}' order by 1`,
      'shop',
    )
  ).map(({ name }) => name);

describe('a build that is cancelled', () => {
  it('leaves alone what somebody else builds under the same name in another schema', async () => {
    const connectionId = await connect('bob', bob);
    const old = await session('begin isolation level repeatable read; select from public.bystander');
    const jobId = await startFix(connectionId, 'IDX07', await finding(connectionId, 'IDX07', 'a.orders'));
    await until(async () => (await indexes()).includes('a.orders_customer_id_idx (invalid)'));
    const builder = await session('set role own', alice);
    const building = builder.query('create index concurrently orders_customer_id_idx on b.orders (customer_id)');
    await until(async () => (await indexes()).includes('b.orders_customer_id_idx (invalid)'));
    await app.client.jobs.cancel({ id: jobId });
    expect((await ended(jobId)).state).toBe('cancelled');
    await old.query('rollback');
    await building;
    expect(await indexes()).toEqual(['b.orders_customer_id_idx']);
    expect(await logOf(jobId)).toContain('Dropped the invalid index a.orders_customer_id_idx');
  });
});

describe('what a build that failed has left', () => {
  const quick = { lockTimeoutMs: 200, giveUpAfterMs: 1000, firstPauseMs: 50, longestPauseMs: 100 };
  const makeInvalid = (name: string) =>
    server.run(`update pg_index set indisvalid = false where indexrelid = '${name}'::regclass`, 'shop');
  const makeValid = (name: string) =>
    server.run(`update pg_index set indisvalid = true where indexrelid = '${name}'::regclass`, 'shop');

  /** The index a.left_idx of a.orders, not valid. */
  async function leftover(): Promise<InvalidIndex> {
    await server.run('create index left_idx on a.orders (customer_id)', 'shop');
    await makeInvalid('a.left_idx');
    await using reader = await PgCatalogReader.open(server.url('shop'));
    const [build] = (await readBeforeFix(reader, fixSteps([left]))).builds.values();
    const [index] = build ? await leftoversOf(build, { invalid: new Set(), builds: new Map() }, reader) : [];
    if (index === undefined) throw new Error('not found');
    return index;
  }
  const left = 'create index concurrently left_idx on a.orders (customer_id)';
  const audited: unknown[] = [];
  async function drop(index: InvalidIndex): Promise<LeftoverEnd> {
    audited.length = 0;
    return dropLeftover(await session('select', bob), index, quick, (sql) => (outcome) => audited.push([sql, outcome]));
  }

  it('is dropped', async () => {
    expect(await drop(await leftover())).toEqual({ kind: 'dropped' });
    expect(await indexes('%left_idx')).toEqual([]);
    expect(audited).toEqual([['drop index concurrently if exists a.left_idx;', 'done']]);
  });

  it('stays while somebody holds a lock that a build takes, whose progress may be hidden', async () => {
    const index = await leftover();
    const builder = await session('set role own; begin; lock table a.orders in share update exclusive mode', alice);
    expect(await drop(index)).toEqual({
      kind: 'stays',
      why: expect.stringMatching(
        /^process \d+ holds ShareUpdateExclusiveLock on a\.orders and may be building it$/,
      ) as string,
    });
    expect(audited).toEqual([]);
    await builder.query('rollback');
    expect(await indexes('%left_idx')).toEqual(['a.left_idx (invalid)']);
  });

  it('is tried again and again where an old transaction is in the way, and stays in the end', async () => {
    const index = await leftover();
    await session('begin; insert into a.orders values (-1, null)');
    expect(await drop(index)).toEqual({ kind: 'stays', why: 'canceling statement due to lock timeout' });
    expect(audited).toEqual([['drop index concurrently if exists a.left_idx;', 'failed']]);
    expect(await indexes('%left_idx')).toEqual(['a.left_idx (invalid)']);
  });

  it('stays where it has become valid', async () => {
    const index = await leftover();
    const builder = await session('begin; lock table a.orders in share update exclusive mode');
    const dropping = drop(index);
    await makeValid('a.left_idx');
    await builder.query('commit');
    expect(await dropping).toEqual({ kind: 'valid' });
    expect(await indexes('%left_idx')).toEqual(['a.left_idx']);
  });

  it('is not another index that has taken its name', async () => {
    const index = await leftover();
    await server.run('drop index a.left_idx; create index left_idx on a.orders (customer_id, id)', 'shop');
    expect(await drop(index)).toEqual({ kind: 'gone' });
    expect(await indexes('%left_idx')).toEqual(['a.left_idx']);
  });

  it('is on the table of the step, under the name that it builds, and was not there before', async () => {
    await server.run(
      `create index orders_customer_id_idx on a.orders (customer_id);
       create index orders_customer_id_idx on b.orders (customer_id);
       create index orders_customer_id_idx_ccnew on a.orders (customer_id);
       create index orders_customer_id_idx_ccnew1 on a.orders (customer_id);
       create index orders_pkey_ccnew on a.orders (id);
       create index orders_customer_id_idx_ccnew on b.orders (customer_id)`,
      'shop',
    );
    await makeInvalid('a.orders_customer_id_idx_ccnew');
    await using reader = await PgCatalogReader.open(server.url('shop'));
    const foundAfter = async (sql: string) => {
      const before = await readBeforeFix(reader, fixSteps([sql]));
      await server.run(
        `update pg_index set indisvalid = false
         where indexrelid::regclass::text similar to '(a|b).orders_(customer_id_idx|pkey_ccnew)%'`,
        'shop',
      );
      const build = before.builds.get(0);
      const found = build === undefined ? [] : await leftoversOf(build, before, reader);
      await server.run('update pg_index set indisvalid = true where not indisvalid', 'shop');
      await makeInvalid('a.orders_customer_id_idx_ccnew');
      return found.map((index) => index.index_name).toSorted();
    };
    expect(await foundAfter('create index concurrently orders_customer_id_idx on a.orders (customer_id)')).toEqual([
      'a.orders_customer_id_idx',
    ]);
    expect(await foundAfter('reindex index concurrently a.orders_customer_id_idx')).toEqual([
      'a.orders_customer_id_idx_ccnew1',
    ]);
    expect(await foundAfter('reindex table concurrently a.orders')).toEqual([
      'a.orders_customer_id_idx_ccnew1',
      'a.orders_pkey_ccnew',
    ]);
    expect(await foundAfter('reindex database concurrently shop')).toEqual([
      'a.orders_customer_id_idx_ccnew1',
      'a.orders_pkey_ccnew',
      'b.orders_customer_id_idx_ccnew',
    ]);
    expect(await foundAfter('drop index concurrently a.orders_customer_id_idx')).toEqual([]);
  });
});

describe('a fix whose session is killed', () => {
  it('says which invalid index stays where nobody can drop it', async () => {
    const connectionId = await connect('killed');
    const old = await session('begin; insert into a.orders values (-1, null)');
    const jobId = await startFix(connectionId, 'IDX07', await finding(connectionId, 'IDX07', 'a.orders'));
    await until(async () => (await indexes()).length === 1);
    await server.run('alter database shop allow_connections false');
    await server.run(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'steward fix'`);
    const { state, failure } = await ended(jobId);
    await server.run('alter database shop allow_connections true');
    await old.query('rollback');
    expect({ state, hint: failure?.hint }).toEqual({
      state: 'failed',
      hint: expect.stringMatching(/the invalid index a\.orders_customer_id_idx/i),
    });
    expect(await logOf(jobId)).toContain(failure?.hint);
    expect(await indexes()).toEqual(['a.orders_customer_id_idx (invalid)']);
  });

  it('is cleaned up after where that is possible, and then nothing stays', async () => {
    const connectionId = await connect('killed and cleaned');
    const old = await session('begin; insert into a.orders values (-1, null)');
    const jobId = await startFix(connectionId, 'IDX07', await finding(connectionId, 'IDX07', 'a.orders'));
    await until(async () => (await indexes()).length === 1);
    await server.run(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'steward fix'`);
    await old.query('rollback');
    const { state, failure } = await ended(jobId);
    expect([state, failure?.hint?.includes('stays')]).toEqual(['failed', false]);
    expect(await indexes()).toEqual([]);
  });
});

describe('a fix that cannot open its session', () => {
  it('is audited', async () => {
    const connectionId = await connect('bob without login', bob);
    const found = await finding(connectionId, 'IDX07', 'a.orders');
    await server.run('alter role bob nologin');
    const jobId = await startFix(connectionId, 'IDX07', found);
    expect((await ended(jobId)).state).toBe('failed');
    await server.run('alter role bob login');
    const [entry] = (await app.client.audit.list({ limit: 1 })).entries;
    expect(entry).toMatchObject({
      action: 'health-fix',
      subject: 'IDX07: a.orders',
      sql: found.fixSql,
      outcome: 'failed',
      error: expect.stringContaining('not permitted to log in'),
      jobId,
    });
  });
});

describe('the time-outs of a role', () => {
  afterEach(() => server.run('alter role bob reset all'));

  it.each(['transaction_timeout', 'statement_timeout', 'lock_timeout'])('%s does not end a build', async (name) => {
    await server.run(`alter role bob set ${name} = '100ms'`);
    const connectionId = await connect(`bob with ${name}`, bob);
    const old = await session('begin; insert into a.orders values (-1, null)');
    const jobId = await startFix(connectionId, 'IDX07', await finding(connectionId, 'IDX07', 'a.orders'));
    await until(() => jobNow(jobId).step.startsWith('Waiting for'));
    await old.query('rollback');
    expect(await ended(jobId)).toMatchObject({ state: 'done' });
    expect(await indexes()).toEqual(['a.orders_customer_id_idx']);
  });

  it('idle_session_timeout does not end a fix that waits for its next attempt', async () => {
    await server.run(`alter role bob set idle_session_timeout = '200ms'`);
    await server.run('set role own; create table a.prices (id int primary key, amount money)', 'shop');
    const connectionId = await connect('bob who is idle', bob);
    const found = await finding(connectionId, 'SCH09', 'a.prices');
    const holder = await session('begin; lock table a.prices in access share mode');
    const jobId = await startFix(connectionId, 'SCH09', found);
    await until(async () => (await logOf(jobId)).includes('Attempt 2'));
    await holder.query('rollback');
    expect(await ended(jobId)).toMatchObject({ state: 'done' });
  });
});

describe('a fix that did a part of what it should', () => {
  it('says so', async () => {
    await server.run(
      `create table a.part (k int, v int) partition by list (k);
       create table a.p1 partition of a.part for values in (1);
       create table a.p2 partition of a.part for values in (2);
       create table a.p3 partition of a.part for values in (3);
       insert into a.part select k, n from generate_series(1, 3) k, generate_series(1, 20000) n`,
      'shop',
    );
    const dead = async (table: string) => {
      await server.run(`delete from ${table} where v <= 15000`, 'shop');
      await until(
        async () =>
          (await server.run(`select pg_stat_get_dead_tuples('${table}'::regclass)::int as n`, 'shop'))[0]?.['n'] ===
          15_000,
      );
    };
    await dead('a.p1');
    // It still sees the rows of the others, so that vacuum cannot take them.
    await session('begin isolation level repeatable read; select from a.part limit 1');
    await dead('a.p2');
    await dead('a.p3');
    const connectionId = await connect('partly');
    const found = (await findings(connectionId, 'TAB03')).find(({ fixSql }) => fixSql.includes('a.p1'));
    if (found === undefined) throw new Error('TAB03 finds nothing');
    const { outcome } = await ended(await startFix(connectionId, 'TAB03', found));
    expect([found.object, outcome]).toEqual(['a.part', expect.stringContaining('TAB03 still finds part of it: ')]);
  });
});

describe('the way back of an index', () => {
  it.each([
    ['another table', 'create index orders_customer_id_idx on a.customers (id)'],
    ['other columns', 'create index orders_customer_id_idx on a.orders (customer_id, id)'],
    ['another uniqueness', 'create unique index orders_customer_id_idx on a.orders (id)'],
  ])('does not drop one with the same name and %s', async (what, sql) => {
    const connectionId = await connect(`undo: ${what}`);
    await ended(await startFix(connectionId, 'IDX07', await finding(connectionId, 'IDX07', 'a.orders')));
    const [fix] = await app.client.health.fixes({ connectionId });
    await server.run(`drop index a.orders_customer_id_idx; ${sql}`, 'shop');
    await expect(app.client.health.undoFix({ id: fix?.id ?? '' })).rejects.toMatchObject({
      data: {
        code: 'conflict',
        message: expect.stringMatching(
          /^a\.orders_customer_id_idx is not what this fix has made: it is CREATE (?:UNIQUE )?INDEX/,
        ),
      },
    });
    expect(await indexes()).toEqual(['a.orders_customer_id_idx']);
  });

  it('drops the one that was built again as it was', async () => {
    const connectionId = await connect('undo of a twin');
    await ended(await startFix(connectionId, 'IDX07', await finding(connectionId, 'IDX07', 'a.orders')));
    const [fix] = await app.client.health.fixes({ connectionId });
    await server.run('reindex index concurrently a.orders_customer_id_idx', 'shop');
    const { jobId } = await app.client.health.undoFix({ id: fix?.id ?? '' });
    expect(await ended(jobId)).toMatchObject({ state: 'done' });
    expect(await indexes()).toEqual([]);
  });
});

describe('the way back of an index that was built anew', () => {
  it('drops what the fix has made of it', async () => {
    await server.run(
      `set role own;
       create table a.whole (id int primary key, label text, v int not null);
       create index whole_v on a.whole (lower(label) text_pattern_ops, v desc) include (id) with (fillfactor = 80)
       where v is not null`,
      'shop',
    );
    const definition = async () =>
      (await server.run(`select pg_get_indexdef('a.whole_v'::regclass) as is`, 'shop'))[0]?.['is'];
    const before = await definition();
    const connectionId = await connect('rebuilt');
    const found = await finding(connectionId, 'IDX14', 'a.whole_v');
    expect(await ended(await startFix(connectionId, 'IDX14', found))).toMatchObject({ state: 'done' });
    expect(await definition()).not.toBe(before);
    const [fix] = await app.client.health.fixes({ connectionId });
    const { jobId } = await app.client.health.undoFix({ id: fix?.id ?? '' });
    expect(await ended(jobId)).toMatchObject({ state: 'done' });
    expect(await definition()).toBe(before);
  });
});

describe('a finding that is not listed any more', () => {
  it('can be fixed all the same', async () => {
    const make = (first: string, count: number, rows: number) =>
      server.run(
        `do $$ begin for n in 1..${count} loop
           execute format('create table a.%s%s (id int primary key, customer_id int references a.customers)', '${first}', lpad(n::text, 3, '0'));
           execute format('insert into a.%s%s select n, null from generate_series(1, ${rows}) n', '${first}', lpad(n::text, 3, '0'));
         end loop; end $$`,
        'shop',
      );
    await make('m', 199, 0);
    await server.run('analyze', 'shop');
    const connectionId = await connect('many');
    const last = (await findings(connectionId, 'IDX07')).findLast(({ object }) => object.startsWith('a.m'));
    if (last === undefined) throw new Error('IDX07 finds nothing');
    await make('n', 30, 1000);
    await server.run('analyze', 'shop');
    expect((await findings(connectionId, 'IDX07')).map(({ object }) => object)).not.toContain(last.object);
    expect(await ended(await startFix(connectionId, 'IDX07', last))).toMatchObject({ state: 'done' });
    const [fix] = await app.client.health.fixes({ connectionId });
    expect(fix).toMatchObject({ object: last.object, outcome: expect.stringContaining('does not find it any more') });
  });
});
