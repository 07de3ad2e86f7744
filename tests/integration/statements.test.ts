import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { StatementRow } from '#contract/statements.ts';

import { type TestApp, draftFor, startApp } from '../support/app.ts';
import { steward } from '../support/cli.ts';
import { type TestServer, serverMajors, startTestServer } from '../support/postgres-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runStatementInLatin1 } from '../support/statement-in-latin1.ts';
import { until } from '../support/until.ts';

const loaded = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track_planning': 'on',
  track_io_timing: 'on',
};

let store: TestServer;
const clients: pg.Client[] = [];

beforeAll(async () => {
  store = await startTestServer({ major: 18 });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end().catch(() => {})));
});
afterAll(async () => {
  await store.stop();
});

let stores = 0;
async function appWithStore(): Promise<TestApp> {
  stores += 1;
  await store.createDatabase(`store_${stores}`);
  return startApp({ storeMode: 'own', storeUrl: store.url(`store_${stores}`) });
}

async function session(
  server: TestServer,
  options: { user?: string; password?: string; database?: string } = {},
): Promise<pg.Client> {
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    user: options.user ?? server.user,
    password: options.password ?? server.password,
    database: options.database ?? server.adminDatabase,
  });
  client.on('error', () => {});
  await client.connect();
  clients.push(client);
  return client;
}

const withText = (rows: readonly StatementRow[], text: string) =>
  rows.filter(({ sql }) => sql?.includes(text) === true);

describe.each(serverMajors)('statements of PostgreSQL %i', (major) => {
  let server: TestServer;
  let app: TestApp;
  let connectionId: string;

  beforeAll(async () => {
    server = await startTestServer({ major, settings: loaded });
    await server.createDatabase('shop');
    await server.run(
      `create schema "Odd ""place";
       create extension pg_stat_statements schema "Odd ""place";
       create table orders (id int primary key, note text);
       insert into orders select n, repeat('x', 100) from generate_series(1, 20000) n;
       analyze orders;
       create function counted() returns int8 language plpgsql as 'begin return (select count(*) from orders where note <> ''''); end'`,
      'shop',
    );
    await server.run(
      `create role plain login password 'sees-its-own'; create role watcher login password 'sees-all-of-it'; grant pg_monitor to watcher;
       create role clerk login password 'clerk' superuser`,
    );
    app = await appWithStore();
    connectionId = (await app.client.connections.save(draftFor(server, { database: 'shop' }))).id;
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await server.stop();
  });

  const deltas = (ownDatabase = true, id = connectionId) =>
    app.client.statements.deltas({ connectionId: id, ownDatabase });

  it('are ready, in whichever schema the extension is', async () => {
    expect(await app.client.statements.state({ connectionId })).toMatchObject({
      kind: 'ready',
      extension: { schema: 'Odd "place', version: ['1.8', '1.9', '1.10', '1.10', '1.11', '1.12'][major - 13] },
      maxStatements: 5000,
      tracksPlanning: true,
      timesIo: true,
      failure: null,
    });
  });

  it('are told from the first snapshot on: everything since the reset, and labelled so', async () => {
    const first = await deltas();
    expect(first.covered).toMatchObject({ fromId: null, fallback: true });
    expect(first.covered.from === null).toBe(major === 13);
    expect(first.notes.map(({ kind }) => kind)).toContain('short');
    expect(withText(first.rows, 'insert into orders')).toMatchObject([
      { calls: 1, rows: 20_000, status: 'whole', database: 'shop' },
    ]);
  });

  it('count what ran between two snapshots, and nothing else', async () => {
    await app.client.statements.snapshot({ connectionId });
    const client = await session(server, { database: 'shop' });
    for (let turn = 0; turn < 120; turn += 1) await client.query('select note from orders where id = $1', [turn + 1]);
    const clerk = await session(server, { user: 'clerk', password: 'clerk', database: 'shop' });
    for (let turn = 0; turn < 30; turn += 1) await clerk.query('select note from orders where id = $1', [turn + 1]);
    await client.query("set work_mem = '64kB'");
    await client.query('select * from orders order by note, id desc');
    await client.query('update orders set note = note where id <= 500');
    await app.client.statements.snapshot({ connectionId });
    const { rows, totals, covered, blockBytes } = await deltas();
    expect(covered.fallback).toBe(false);
    expect(withText(rows, 'insert into orders')).toEqual([]);
    const [lookup] = withText(rows, 'select note from orders');
    expect(lookup).toMatchObject({
      calls: 150,
      rows: 150,
      users: 2,
      databases: 1,
      status: 'new',
      planMs: expect.any(Number),
    });
    expect((lookup?.meanMs ?? 0) * 150).toBeCloseTo(lookup?.totalMs ?? -1, 6);
    expect((lookup?.blocksHit ?? 0) + (lookup?.blocksRead ?? 0)).toBeGreaterThanOrEqual(300);
    const [sort] = withText(rows, 'order by note');
    expect(sort).toMatchObject({ calls: 1, rows: 20_000, stddevMs: 0 });
    expect(sort?.tempBytes).toBeGreaterThan(2_000_000);
    expect(blockBytes).toBe(8192);
    expect(withText(rows, 'update orders')[0]?.walBytes).toBeGreaterThan(30_000);
    expect(totals.totalMs).toBeCloseTo(
      rows.filter(({ nested }) => nested !== true).reduce((sum, { totalMs }) => sum + totalMs, 0),
      6,
    );
    const shares = rows.reduce((sum, { share }) => sum + (share ?? 0), 0);
    expect(shares).toBeCloseTo(1, 6);
    const detail = await app.client.statements.statement({
      connectionId,
      queryId: lookup?.queryId ?? '',
      nested: lookup?.nested ?? null,
    });
    expect(detail.sql).toBe('select note from orders where id = $1');
    expect(detail.explainable).toBe(true);
    expect(detail.parts.map(({ user, database, calls }) => [user, database, calls]).toSorted()).toEqual(
      [
        [server.user, 'shop', 120],
        ['clerk', 'shop', 30],
      ].toSorted(),
    );
    const counter = (name: string) => detail.counters.find((one) => one.name === name);
    expect(counter('calls')).toMatchObject({ before: null, after: 150, delta: 150 });
    expect(counter('plans')?.after).toBeGreaterThan(0);
    expect(counter('jitFunctions') !== undefined).toBe(major >= 15);
    expect(counter('tempReadMs') !== undefined).toBe(major >= 15);
    expect(counter('jitDeforms') !== undefined).toBe(major >= 17);
    expect(counter('parallelPlanned') !== undefined).toBe(major >= 18);
    expect(counter('walBuffersFull') !== undefined).toBe(major >= 18);
  });

  it('are differences for what ran before too, with a known extreme where it moved', async () => {
    const client = await session(server, { database: 'shop' });
    await client.query('select note from orders where id = $1', [1]);
    await app.client.statements.snapshot({ connectionId });
    const snapshots = await app.client.statements.snapshots({ connectionId });
    const { rows } = await app.client.statements.deltas({
      connectionId,
      window: { kind: 'between', from: snapshots[1]?.id ?? '', to: snapshots[0]?.id ?? '' },
    });
    const [lookup] = withText(rows, 'select note from orders');
    expect(lookup).toMatchObject({ calls: 1, rows: 1, users: 1, status: 'difference', stddevMs: 0 });
    const { counters, series } = await app.client.statements.statement({
      connectionId,
      queryId: lookup?.queryId ?? '',
      nested: lookup?.nested ?? null,
    });
    expect(counters.find(({ name }) => name === 'calls')).toMatchObject({ after: 151 });
    expect(series.at(-1)).toMatchObject({ calls: 1 });
    // The client's own number: the one call's time is the mean of the window.
    expect(lookup?.meanMs).toBeCloseTo(series.at(-1)?.meanMs ?? -1, 6);
  });

  it('inside functions are apart where the server tells, and never counted twice in shares', async () => {
    const client = await session(server, { database: 'shop' });
    await client.query("set pg_stat_statements.track = 'all'");
    await client.query('select counted()');
    await app.client.statements.snapshot({ connectionId });
    const { rows } = await deltas();
    const [inner] = withText(rows, 'count(*) from orders where note <>').filter(
      ({ sql }) => !sql?.includes('create function'),
    );
    expect(inner).toMatchObject(
      major >= 14 ? { nested: true, share: null } : { nested: null, share: expect.any(Number) },
    );
  });

  it('do not keep secrets', async () => {
    await server.run(`create role spy password 'tell-nobody'; alter role spy password 'tell-nobody-2'; drop role spy`);
    await app.client.statements.snapshot({ connectionId });
    const { rows } = await app.client.statements.deltas({ connectionId, ownDatabase: false, search: 'role spy' });
    expect(rows.map(({ sql }) => sql).toSorted()).toEqual([
      "alter role spy password '********'",
      "create role spy password '********'",
      'drop role spy',
    ]);
    expect(JSON.stringify(app.received)).not.toContain('tell-nobody');
    const kept = await store.run(
      'select count(*)::int as n from steward.statement_texts where sql like $$%tell-nobody%$$',
      `store_${stores}`,
    );
    expect(kept).toEqual([{ n: 0 }]);
  });

  it('are searched, by id too, whatever leads', async () => {
    const { rows } = await app.client.statements.deltas({ connectionId, search: 'NOTE FROM orders', limit: 1 });
    expect(rows.map(({ sql }) => sql)).toEqual(['select note from orders where id = $1']);
    const byId = await app.client.statements.deltas({ connectionId, search: rows[0]?.queryId ?? 'x' });
    expect(byId.rows.map(({ queryId }) => queryId)).toEqual([rows[0]?.queryId]);
    const few = await app.client.statements.deltas({ connectionId, limit: 1, window: { kind: 'reset' } });
    expect(few.rows.length).toBeLessThan(8);
    expect(few.omitted + few.rows.length).toBe(few.totals.statements);
  });

  it('of others are hidden from a plain role, which is said with the GRANT; a monitor sees them', async () => {
    const save = async (user: string, password: string) =>
      (await app.client.connections.save(draftFor(server, { name: user, user, password, database: 'shop' }))).id;
    await server.run('grant usage on schema "Odd ""place" to plain, watcher', 'shop');
    const plain = await save('plain', 'sees-its-own');
    expect(await app.client.statements.state({ connectionId: plain })).toMatchObject({ kind: 'partial' });
    const hidden = await deltas(true, plain);
    const note = hidden.notes.find(({ kind }) => kind === 'hidden');
    expect(note?.text).toMatch(
      /statements of other users are hidden from plain; they took .+\. What they do cannot be told\./,
    );
    expect(note?.sql).toBe('grant pg_read_all_stats to plain;');
    expect(withText(hidden.rows, 'from orders')).toEqual([]);
    const watcher = await save('watcher', 'sees-all-of-it');
    expect(await app.client.statements.state({ connectionId: watcher })).toMatchObject({ kind: 'ready' });
    expect(withText((await deltas(true, watcher)).rows, 'select note from orders')).toHaveLength(1);
    // Rights that come between two snapshots do not make old numbers new ones.
    await server.run('grant pg_read_all_stats to plain');
    await app.client.connections.close({ id: plain });
    await app.client.statements.snapshot({ connectionId: plain });
    const after = await deltas(true, plain);
    expect(withText(after.rows, 'insert into orders')).toEqual([]);
    expect(after.notes.map(({ kind }) => kind)).toContain('gone');
  });

  it('without the right to its schema are missing a step, not an error', async () => {
    await server.run('revoke usage on schema "Odd ""place" from plain', 'shop');
    const { id } = await app.client.connections.save(
      draftFor(server, { name: 'shut out', user: 'plain', password: 'sees-its-own', database: 'shop' }),
    );
    const state = await app.client.statements.state({ connectionId: id });
    expect(state.kind).toBe('missing');
    expect(state.steps.filter((step) => step.state === 'todo').map(({ sql }) => sql)).toEqual([
      'grant usage on schema "Odd ""place" to plain;',
    ]);
    await expect(app.client.statements.snapshot({ connectionId: id })).rejects.toMatchObject({
      data: { code: 'refused', hint: 'grant usage on schema "Odd ""place" to plain;' },
    });
  });

  const lastTwo = async () => {
    const snapshots = await app.client.statements.snapshots({ connectionId });
    return app.client.statements.deltas({
      connectionId,
      window: { kind: 'between', from: snapshots[1]?.id ?? '', to: snapshots[0]?.id ?? '' },
    });
  };
  const snapshotAgain = () =>
    until(async () => {
      try {
        await app.client.statements.snapshot({ connectionId });
        return true;
      } catch {
        return false;
      }
    });
  const look = async (client: pg.Client, times: number) => {
    for (let turn = 0; turn < times; turn += 1) await client.query('select note from orders where id = $1', [turn + 1]);
  };

  it('go on over a restart, which is said', async () => {
    await look(await session(server, { database: 'shop' }), 200);
    await app.client.statements.snapshot({ connectionId });
    await server.crash();
    await server.start();
    await look(await session(server, { database: 'shop' }), 7);
    await snapshotAgain();
    const { rows, notes } = await lastTwo();
    expect(withText(rows, 'select note from orders')).toMatchObject([{ calls: 7, status: 'difference' }]);
    expect(notes.map(({ kind }) => kind)).toContain('restart');
  });

  it('begin anew after a crash, which is seen', async () => {
    const victim = await session(server, { database: 'shop' });
    const { rows: pids } = await victim.query<{ pid: number }>('select pg_backend_pid() as pid');
    // A session beside it ends when the server begins to recover: from then on nobody gets in before it has.
    const beside = await session(server, { database: 'shop' });
    const recovering = new Promise((resolve) => {
      beside.once('end', resolve);
    });
    process.kill(pids[0]?.pid ?? 0, 'SIGKILL');
    await recovering;
    let client: pg.Client | undefined;
    await until(async () => {
      client = await session(server, { database: 'shop' }).catch(() => undefined);
      return client !== undefined;
    });
    if (client !== undefined) await look(client, 9);
    await snapshotAgain();
    const { rows, notes } = await lastTwo();
    expect(withText(rows, 'select note from orders')).toMatchObject([{ calls: 9, status: 'restarted' }]);
    expect(notes.map(({ kind }) => kind)).toContain('reset');
  });

  it('that were reset are counted from then on', async () => {
    await app.client.statements.snapshot({ connectionId });
    await server.run('select "Odd ""place".pg_stat_statements_reset()', 'shop');
    const client = await session(server, { database: 'shop' });
    // More calls than before the reset: the sums alone would tell a wrong number.
    for (let turn = 0; turn < 20; turn += 1) await client.query('select note from orders where id = $1', [turn + 1]);
    await app.client.statements.snapshot({ connectionId });
    const snapshots = await app.client.statements.snapshots({ connectionId });
    const { rows, notes, covered } = await app.client.statements.deltas({
      connectionId,
      window: { kind: 'between', from: snapshots[1]?.id ?? '', to: snapshots[0]?.id ?? '' },
    });
    expect(withText(rows, 'select note from orders')[0]?.calls).toBe(20);
    expect(notes.find(({ kind }) => kind === 'reset')?.tone).toBe('warning');
    if (major >= 14) expect(covered.from).toBe(snapshots[0]?.statsResetAt);
  });
});

describe('what is thrown away', () => {
  it('is told, and what came back is counted from then on', async () => {
    await using server = await startTestServer({ major: 16, settings: { ...loaded, 'pg_stat_statements.max': '100' } });
    await server.run('create extension pg_stat_statements; create table t (id int)');
    await using app = await appWithStore();
    const { id: connectionId } = await app.client.connections.save(draftFor(server));
    const client = await session(server);
    for (let turn = 0; turn < 50; turn += 1) await client.query('select id from t where id = $1', [turn]);
    await app.client.statements.snapshot({ connectionId });
    for (let turn = 0; turn < 400; turn += 1)
      await client.query(`select ${Array.from({ length: turn + 1 }, () => 'id').join(', ')} from t`);
    await client.query('select id from t where id = $1', [1]);
    await app.client.statements.snapshot({ connectionId });
    const { notes, rows } = await app.client.statements.deltas({ connectionId });
    const note = notes.find(({ kind }) => kind === 'evictions');
    expect(note?.text).toMatch(/^Rare statements were thrown away \d+ times in this window/);
    expect(note?.sql).toBe('alter system set pg_stat_statements.max = 200;');
    expect(rows.length).toBeLessThanOrEqual(100);
    for (const row of rows) expect(row.calls).toBeGreaterThan(0);
  });
});

describe('a database in another encoding', () => {
  it('costs the texts that are not known yet, and not the numbers', async () => {
    await using server = await startTestServer({ major: 15, settings: loaded });
    await server.run('create extension pg_stat_statements');
    await using app = await appWithStore();
    const { id: connectionId } = await app.client.connections.save(draftFor(server));
    await app.client.statements.snapshot({ connectionId });
    await runStatementInLatin1(server);
    const client = await session(server);
    for (let turn = 0; turn < 7; turn += 1) await client.query('select $1::int as seven', [turn]);
    await app.client.statements.snapshot({ connectionId });
    const { rows, notes } = await app.client.statements.deltas({ connectionId });
    expect(rows.filter(({ calls, sql }) => calls === 7 && sql === null)).toHaveLength(1);
    expect(notes.find(({ kind }) => kind === 'texts')?.text).toContain('invalid byte sequence');
    await server.run('select pg_stat_statements_reset()');
    await app.client.statements.snapshot({ connectionId });
    const later = await app.client.statements.deltas({ connectionId });
    expect(later.notes.map(({ kind }) => kind)).not.toContain('texts');
  });
});

describe('an extension whose objects are older than the server', () => {
  it('does not tell nested statements apart, and counts both once', async () => {
    await using server = await startTestServer({
      major: 15,
      settings: { ...loaded, 'pg_stat_statements.track': 'all' },
    });
    await server.run(`create extension pg_stat_statements version '1.8'; create table t (id int)`);
    await server.run(
      `create function inside() returns int8 language plpgsql as 'begin return (select count(*) from t where id = 1); end'`,
    );
    await using app = await appWithStore();
    const { id: connectionId } = await app.client.connections.save(draftFor(server));
    const client = await session(server);
    const run = async (outside: number, inside: number) => {
      for (let turn = 0; turn < outside; turn += 1) await client.query('select (select count(*) from t where id = 1)');
      for (let turn = 0; turn < inside; turn += 1) await client.query('select inside()');
    };
    let { id: last } = await app.client.statements.snapshot({ connectionId });
    const calls = async () => {
      const { id } = await app.client.statements.snapshot({ connectionId });
      const { rows } = await app.client.statements.deltas({
        connectionId,
        window: { kind: 'between', from: last, to: id },
      });
      last = id;
      return withText(rows, 'count(*) from t').reduce((sum, row) => sum + row.calls, 0);
    };
    await run(100, 10);
    await calls();
    await run(50, 5);
    expect(await calls()).toBe(55);
    expect(await calls()).toBe(0);
    await server.run('alter extension pg_stat_statements update');
    expect(await calls()).toBe(0);
    await run(3, 2);
    expect(await calls()).toBe(5);
  });
});

describe('a statement that became slower', () => {
  it('is found against the window before, and one that did not is not', async () => {
    await using server = await startTestServer({ major: 17, settings: loaded });
    await server.run(
      `create extension pg_stat_statements; create table pace (seconds float8); insert into pace values (0.01);
       create function work() returns int language plpgsql as
         'begin perform pg_sleep((select seconds from pace)); return 1; end';
       create function steady() returns int language plpgsql as 'begin perform pg_sleep(0.01); return 1; end'`,
    );
    await using app = await appWithStore();
    const { id: connectionId } = await app.client.connections.save(draftFor(server));
    const client = await session(server);
    const window = async () => {
      for (let turn = 0; turn < 30; turn += 1) {
        await client.query('select work()');
        await client.query('select steady()');
      }
      await app.client.statements.snapshot({ connectionId });
    };
    await app.client.statements.snapshot({ connectionId });
    // As long as the next one: windows are compared with windows of about their length.
    await client.query('select pg_sleep(0.8)');
    await window();
    await client.query('update pace set seconds = 0.06');
    await window();
    const [to, from] = await app.client.statements.snapshots({ connectionId });
    const { rows, comparedWith } = await app.client.statements.deltas({
      connectionId,
      window: { kind: 'between', from: from?.id ?? '', to: to?.id ?? '' },
    });
    expect(comparedWith).not.toBeNull();
    expect(rows.filter(({ smells }) => smells.some(({ kind }) => kind === 'regression')).map(({ sql }) => sql)).toEqual(
      ['select work()'],
    );
  });
});

describe('a server without statistics', () => {
  it('says what is to be done, and takes no snapshot', async () => {
    await using server = await startTestServer({ major: 17 });
    await using app = await startApp();
    const { id: connectionId } = await app.client.connections.save(draftFor(server));
    const state = await app.client.statements.state({ connectionId });
    expect(state.kind).toBe('missing');
    expect(state.steps.filter((step) => step.state === 'todo').map(({ id, needs }) => [id, needs])).toEqual([
      ['preload', 'restart'],
      ['extension', 'nothing'],
    ]);
    await expect(app.client.statements.snapshot({ connectionId })).rejects.toMatchObject({
      data: { code: 'refused', message: expect.stringContaining('load the library when the server starts') },
    });
    // Each step really is what it says: run them in order.
    for (const step of state.steps) {
      if (step.state !== 'todo' || step.sql === null) continue;
      await server.run(step.sql);
      if (step.needs === 'restart') {
        await server.crash();
        await server.start();
      }
    }
    await until(async () => (await app.client.statements.state({ connectionId }).catch(() => null))?.kind === 'ready');
  });

  it('and with compute_query_id off says that, too', async () => {
    await using server = await startTestServer({ major: 15, settings: { ...loaded, compute_query_id: 'off' } });
    await server.run('create extension pg_stat_statements');
    await using app = await startApp();
    const { id: connectionId } = await app.client.connections.save(draftFor(server));
    const { kind, steps } = await app.client.statements.state({ connectionId });
    expect([kind, steps.filter(({ state }) => state === 'todo').map(({ id }) => id)]).toEqual([
      'missing',
      ['query-id'],
    ]);
  });
});

describe('without a store', () => {
  it('the last snapshots are in memory, which is said', async () => {
    await using server = await startTestServer({ major: 18, settings: loaded });
    await server.run('create extension pg_stat_statements');
    await using app = await startApp();
    const { id: connectionId } = await app.client.connections.save(draftFor(server));
    for (let turn = 0; turn < 10; turn += 1)
      expect((await app.client.statements.snapshot({ connectionId })).stored).toBe(false);
    expect(await app.client.statements.snapshots({ connectionId })).toHaveLength(8);
    const { rows, notes } = await app.client.statements.deltas({ connectionId });
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(({ sql }) => sql !== null)).toBe(true);
    expect(notes.map(({ kind }) => kind)).toContain('memory');
  });
});

describe('watching', () => {
  it('takes snapshots, shared by all who watch, and ends with them', async () => {
    await using server = await startTestServer({ major: 18, settings: loaded });
    await server.run('create extension pg_stat_statements');
    await using app = await appWithStore();
    const { id: connectionId } = await app.client.connections.save(draftFor(server));
    const stop = new AbortController();
    const ids = new Set<string>();
    const watch = async () => {
      const events = await app.client.statements.watch({ connectionId, everySeconds: 5 }, { signal: stop.signal });
      for await (const event of events) if (event.kind === 'snapshot') ids.add(event.snapshot.id);
    };
    const watching = [watch().catch(() => {}), watch().catch(() => {})];
    await until(() => ids.size >= 2);
    stop.abort();
    await Promise.all(watching);
    expect(await app.client.statements.snapshots({ connectionId })).toHaveLength(ids.size);
  });
});

it('the command prints what happened in a while', async () => {
  await using server = await startTestServer({ major: 18, settings: loaded });
  await server.run('create extension pg_stat_statements; create table t (id int)');
  const folder = await temporaryFolder();
  const environment = { STEWARD_DATA_DIR: folder };
  let busy = true;
  const client = await session(server);
  const load = (async () => {
    while (busy) await client.query('select id from t where id = $1', [1]);
  })();
  const found = await steward(['statements', server.url(), '--for', '2s', '--order', 'calls', '--json'], {
    environment,
  });
  expect(found.code, found.stderr).toBe(0);
  const answer = found.json<{ rows: StatementRow[]; covered: { spanMs: number } }>();
  expect(answer.covered.spanMs).toBeGreaterThan(1900);
  expect(answer.rows[0]?.sql).toBe('select id from t where id = $1');
  const text = await steward(['statements', server.url(), '--for', '1s'], { environment });
  expect(text.stdout).toContain('select id from t where id = $1');
  busy = false;
  await load;
  const wrong = await steward(['statements', server.url(), '--for', 'soon'], { environment });
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--for')]);
});
