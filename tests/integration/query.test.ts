import { afterAll, beforeAll, expect, it } from 'vitest';

import type { RunEvent } from '#contract/query.ts';

import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let app: TestApp;
let connectionId: string;

beforeAll(async () => {
  server = await startTestServer();
  app = await startApp({ storeMode: 'own' });
  connectionId = (await app.client.connections.save(draftFor(server))).id;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});

const run = async (sql: string, tabId = 'tab', id = connectionId): Promise<RunEvent[]> =>
  collect(await app.client.query.run({ connectionId: id, tabId, sql }));

async function rowsOf(events: readonly RunEvent[]): Promise<(string | null)[][]> {
  const result = events.findLast((event) => event.kind === 'result');
  if (result?.kind !== 'result') return [];
  return (await app.client.query.rows({ resultId: result.resultId, offset: 0, limit: 2000 })).rows;
}

it('runs statements one after the other and stops at the first failure, marked at its place in the whole text', async () => {
  const sql = `select 'ü😀' as greeting;\n\n  select * from nowhere_at_all;\nselect 3`;
  const events = await run(sql);
  const failed = events.find((event) => event.kind === 'failed');
  expect(events.filter((event) => event.kind === 'done')).toHaveLength(1);
  expect(failed).toMatchObject({
    index: 1,
    offset: sql.indexOf('nowhere_at_all'),
    failure: { postgres: { sqlstate: '42P01' } },
  });
  expect(events.at(-1)).toMatchObject({ kind: 'finished', transaction: 'idle' });
});

it('marks a syntax error at its position, by the parser alone and by the server', async () => {
  const sql = `select '€';\nselec 1`;
  expect((await app.client.query.parse({ sql })).error).toEqual({
    message: 'syntax error at or near "selec"',
    offset: sql.indexOf('selec 1'),
  });
  expect((await run(sql)).find((event) => event.kind === 'failed')).toMatchObject({ offset: sql.indexOf('selec 1') });
});

it('tells rows, notices, changes and the state of the transaction', async () => {
  const begun = await run(
    `create table t (i int); begin; insert into t select generate_series(1, 5); do $$ begin raise notice 'half way'; end $$`,
  );
  expect(begun.filter((event) => event.kind === 'done').map((event) => [event.command, event.rows])).toEqual([
    ['CREATE', null],
    ['BEGIN', null],
    ['INSERT', 5],
    ['DO', null],
  ]);
  expect(begun.find((event) => event.kind === 'notice')).toMatchObject({ severity: 'NOTICE', message: 'half way' });
  expect(begun.at(-1)).toMatchObject({ transaction: 'in transaction' });
  expect((await run('select 1/0')).at(-1)).toMatchObject({ transaction: 'failed transaction' });
  expect(await app.client.query.tabStatus({ tabId: 'tab' })).toEqual({
    transaction: 'failed transaction',
    running: false,
    open: true,
  });
  expect((await run('rollback')).at(-1)).toMatchObject({ transaction: 'idle' });
  expect(await rowsOf(await run('select count(*) from t'))).toEqual([['0']]);
});

it('reads a large result into pages, in order, without holding a transaction open', async () => {
  const events = await run(`select i, 'row ' || i as label from generate_series(1, 120000) as i`, 'large');
  const result = events.find((event) => event.kind === 'result');
  const resultId = result?.kind === 'result' ? result.resultId : '';
  expect(events.find((event) => event.kind === 'done')).toMatchObject({ rows: 120_000, truncated: false });
  const page = await app.client.query.rows({ resultId, offset: 99_999, limit: 3 });
  expect(page).toEqual({
    rows: [
      ['100000', 'row 100000'],
      ['100001', 'row 100001'],
      ['100002', 'row 100002'],
    ],
    total: 120_000,
    complete: true,
  });
  expect((await app.client.query.rows({ resultId, offset: 119_999, limit: 50 })).rows).toEqual([
    ['120000', 'row 120000'],
  ]);
  expect(
    await server.run(
      `select count(*)::int as open from pg_stat_activity where application_name = 'steward' and xact_start is not null`,
    ),
  ).toEqual([{ open: 0 }]);
});

it('keeps no more rows than it was asked for, and says so', async () => {
  const events = await collect(
    await app.client.query.run({ connectionId, tabId: 'cut', sql: 'select generate_series(1, 100000)', maxRows: 1000 }),
  );
  expect(events.find((event) => event.kind === 'done')).toMatchObject({ rows: 1000, truncated: true });
});

it('shows columns of the same name, of no rows, and of no columns', async () => {
  const events = await run('select 1 as a, 2 as a, null as a', 'twins');
  expect(events.find((event) => event.kind === 'result')).toMatchObject({
    columns: [
      { name: 'a', type: 'integer', align: 'right' },
      { name: 'a' },
      { name: 'a', type: 'text', align: 'left' },
    ],
  });
  expect(await rowsOf(events)).toEqual([['1', '2', null]]);
  expect(await rowsOf(await run('select 1 where false', 'none'))).toEqual([]);
});

it('runs what may not run inside a transaction', async () => {
  const events = await run('create table cic (i int); create index concurrently cic_i on cic (i); vacuum cic', 'alone');
  expect(events.filter((event) => event.kind === 'failed')).toEqual([]);
});

it('says what it cannot do', async () => {
  expect((await run('copy t from stdin')).find((event) => event.kind === 'failed')).toMatchObject({
    failure: { code: 'bad_input' },
  });
  await expect(run(' -- nothing but words')).rejects.toMatchObject({
    data: { code: 'bad_input', message: 'There is nothing to run' },
  });
});

it('names of every kind work', async () => {
  for (const name of [
    'a;b',
    '<img src=x onerror=alert(1)>',
    'Ünïcode',
    'x'.repeat(63),
    '"quoted"',
    "o'clock",
    'sp ace',
    'select',
    '😀',
  ]) {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    const events = await run(
      `create table ${quoted} (${quoted} int); insert into ${quoted} values (1); select * from ${quoted}`,
      'names',
    );
    expect(events.filter((event) => event.kind === 'failed')).toEqual([]);
    const catalog = await app.client.schema.catalog({ connectionId });
    const relation = catalog.relations.find((one) => one.name === name);
    expect(relation).toBeDefined();
    const { sql } = await app.client.schema.ddl({ connectionId, oid: relation?.oid ?? 0 });
    const again = await run(`drop table ${quoted}; ${sql}; drop table ${quoted}`, 'names');
    expect(again.filter((event) => event.kind === 'failed')).toEqual([]);
  }
});

it('a server that is killed during a query is a clear state; the next run has a new session and says so', async () => {
  const own = await startTestServer();
  const id = (await app.client.connections.save(draftFor(own, { name: 'killed' }))).id;
  await run('begin', 'killed', id);
  const dying = run('select pg_sleep(100)', 'killed', id);
  await until(
    async () =>
      (await own.run(`select count(*)::int as n from pg_stat_activity where query like 'select pg_sleep%'`))[0]?.[
        'n'
      ] === 1,
  );
  await own.crash();
  expect((await dying).find((event) => event.kind === 'failed')).toMatchObject({
    failure: { code: 'connection_lost', retryable: true },
  });
  expect((await app.client.connections.list()).find((entry) => entry.id === id)?.state.kind).toBe('lost');
  await own.start();
  const after = await run('select 1', 'killed', id);
  expect(after.find((event) => event.kind === 'notice')).toMatchObject({
    severity: 'WARNING',
    message: expect.stringContaining('lost'),
  });
  expect(after.find((event) => event.kind === 'done')).toMatchObject({ rows: 1 });
  await app.client.connections.remove({ id });
  await own.stop();
});

it('remembers what was run, newest first, with secrets taken out', async () => {
  await run(
    `create role secretive password 'hunter2 ''quoted'; select 'find me'; alter role secretive encrypted password $$hunter3$$; select broken from secretive`,
    'history',
  );
  const history = await app.client.query.history({ limit: 50, connectionId });
  const [newest] = history;
  expect(newest).toMatchObject({
    sql: 'select broken from secretive',
    outcome: 'failed',
    error: expect.stringContaining('secretive'),
  });
  expect(JSON.stringify(history)).not.toMatch(/hunter/);
  expect(await app.client.query.history({ search: 'find ME', limit: 5 })).toMatchObject([
    { sql: `select 'find me'`, rows: 1 },
  ]);
});

it('closing a tab ends its session and rolls back', async () => {
  await run('create table closing (i int); begin; insert into closing values (1)', 'closing');
  await app.client.query.closeTab({ tabId: 'closing' });
  expect(await server.run('select count(*)::int as n from closing')).toEqual([{ n: 0 }]);
  expect(await app.client.query.tabStatus({ tabId: 'closing' })).toEqual({
    transaction: 'idle',
    running: false,
    open: false,
  });
});

it('what fails only at the commit is told, and the tab goes on', async () => {
  await run('create table parent (i int primary key)', 'deferred');
  await run('create table child (i int references parent deferrable initially deferred)', 'deferred');
  const events = await run('insert into child values (1)', 'deferred');
  expect(events.find((event) => event.kind === 'failed')).toMatchObject({
    failure: { postgres: { sqlstate: '23503' } },
  });
  expect(events.some((event) => event.kind === 'done')).toBe(false);
  const many = await collect(
    await app.client.query.run({
      connectionId,
      tabId: 'deferred',
      sql: 'insert into child select generate_series(1, 50) returning i',
      maxRows: 5,
    }),
  );
  expect(many.find((event) => event.kind === 'failed')).toMatchObject({ failure: { postgres: { sqlstate: '23503' } } });
  expect(await rowsOf(await run('select count(*) from child', 'deferred'))).toEqual([['0']]);
});

it('who leaves in the middle of the rows leaves no portal open, and the tab goes on at once', async () => {
  const sql = `select i, repeat('x', 100) from generate_series(1, 2000000) as i`;
  const events = app.services.query.run({ connectionId, tabId: 'left', sql, maxRows: 2_000_000 }, undefined);
  for await (const event of events) if (event.kind === 'rows') break;
  expect(
    await server.run(`select count(*)::int as n from pg_stat_activity where query like '%2000000%' and state = 'active'
    and pid <> pg_backend_pid()`),
  ).toEqual([{ n: 0 }]);
  expect(await rowsOf(await run('select 1', 'left'))).toEqual([['1']]);
});

it('a new tab has one session, however often it is asked to run', async () => {
  const both = await Promise.allSettled([run('begin', 'twice'), run('select 1', 'twice')]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { data: { code: 'busy' } } });
});

it('a statement that could not reach another server leaves the session as it was', async () => {
  await run('create temporary table mine (i int)', 'elsewhere');
  const events = await run(
    `create subscription s connection 'host=127.0.0.1 port=1 dbname=x' publication p`,
    'elsewhere',
  );
  expect(events.find((event) => event.kind === 'failed')).toMatchObject({
    failure: { code: 'postgres', postgres: { sqlstate: '08006' } },
  });
  expect(await rowsOf(await run('select count(*) from mine', 'elsewhere'))).toEqual([['0']]);
});

it('a connection that was closed took the open transaction: the next run is refused once', async () => {
  const { id } = await app.client.connections.save(draftFor(server, { name: 'edited' }));
  await run('create table edited (i int); begin', 'edited', id);
  await app.client.connections.save(draftFor(server, { id, name: 'edited', color: 'red' }));
  await expect(run('insert into edited values (1)', 'edited', id)).rejects.toMatchObject({
    data: { code: 'connection_lost' },
  });
  expect(await server.run('select count(*)::int as n from edited')).toEqual([{ n: 0 }]);
  expect((await run('insert into edited values (1)', 'edited', id)).at(-1)).toMatchObject({ transaction: 'idle' });
});
