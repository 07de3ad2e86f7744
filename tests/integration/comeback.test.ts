// A bad network in front of a real server: idle, in the middle of a query, in the middle of a transaction.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { ConnectionState } from '#contract/connections.ts';
import type { RunEvent } from '#contract/query.ts';

import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { type TcpProxy, startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let app: TestApp;
let proxy: TcpProxy;
let connectionId: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.run('create table t (i int)');
  app = await startApp();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});
beforeEach(async () => {
  proxy = await startTcpProxy({ target: server });
  const saved = await app.client.connections.save(draftFor(server, { name: 'proxied', port: proxy.port }));
  connectionId = saved.id;
  await app.client.connections.open({ id: connectionId });
});
afterEach(async () => {
  await proxy.setMode('pass');
  await app.client.connections.remove({ id: connectionId });
  await proxy[Symbol.asyncDispose]();
  await server.run(`select pg_terminate_backend(pid) from pg_stat_activity
    where pid <> pg_backend_pid() and backend_type = 'client backend'`);
  await server.run('truncate t');
});

const state = (): ConnectionState['kind'] => app.services.connections.entry(connectionId).state.kind;
const run = async (sql: string, tabId = 'tab'): Promise<RunEvent[]> =>
  collect(await app.client.query.run({ connectionId, tabId, sql }));
const outcome = (events: readonly RunEvent[]) =>
  events.find((event) => event.kind === 'failed')?.failure ?? events.findLast((event) => event.kind === 'done');

describe('idle', () => {
  it('cut: comes back by itself, and nobody has to do anything', async () => {
    await run('select 1');
    const before = proxy.accepted;
    proxy.cut();
    await until(() => proxy.accepted > before);
    await until(() => state() === 'open');
    expect(outcome(await run('select 2'))).toMatchObject({ kind: 'done' });
    expect(state()).toBe('open');
  });

  it('nobody listens for a while: lost is said, with why and since when; it comes back within two seconds', async () => {
    await proxy.setMode('refuse');
    proxy.cut();
    await until(() => state() === 'lost');
    const lost = app.services.connections.entry(connectionId).state;
    expect(lost).toMatchObject({ failure: { retryable: true, hint: expect.any(String) }, since: expect.any(String) });
    await proxy.setMode('pass');
    const back = performance.now();
    await until(() => state() === 'open');
    // Orientation, not a benchmark: `npm run bench` has the number.
    expect(performance.now() - back).toBeLessThan(20_000);
  });

  it('black hole: the next use notices, waits for no time-out of the system, and works again afterwards', async () => {
    await app.client.schema.catalog({ connectionId });
    await run('select 1');
    await proxy.setMode('stall');
    // Longer than a session is trusted to be there without a sign of life.
    await new Promise((resolve) => setTimeout(resolve, 3500));
    await app.client.settings.set({ connectTimeoutMs: 1500 });
    await expect(app.client.schema.catalog({ connectionId })).rejects.toMatchObject({ data: { retryable: true } });
    await proxy.setMode('pass');
    proxy.cut();
    await until(() => state() === 'open' || state() === 'lost');
    await until(async () => (await app.client.schema.catalog({ connectionId }).catch(() => undefined)) !== undefined);
    expect(outcome(await run('select 2'))).toMatchObject({ kind: 'done' });
    await app.client.settings.set({ connectTimeoutMs: 10_000 });
  });

  it('after a sleep what is open is asked for a sign of life, and is lost when there is none', async () => {
    await run('select 1');
    await proxy.setMode('stall');
    await app.client.settings.set({ connectTimeoutMs: 1500 });
    app.services.connections.wake();
    await until(() => state() === 'lost');
    await proxy.setMode('pass');
    app.services.connections.wake();
    await until(() => state() === 'open');
    await app.client.settings.set({ connectTimeoutMs: 10_000 });
  });
});

describe('in the middle of a query', () => {
  it('cut: the statement fails and says what is known about it', async () => {
    const running = run(`insert into t select 1 from pg_sleep(600)`);
    await until(async () => (await sleepers()) === 1);
    proxy.cut();
    expect(outcome(await running)).toMatchObject({
      code: 'connection_lost',
      hint: expect.stringContaining('not known whether this statement took effect'),
    });
    await until(() => state() === 'open');
    expect(outcome(await run('select 1'))).toMatchObject({ kind: 'done' });
    // The server notices that nobody waits for it any more, and does not go on with locks in its hands.
    await until(async () => (await sleepers()) === 0);
  });

  it('black hole: cancel gives the tab back although no answer comes', async () => {
    const controller = new AbortController();
    const events = await app.client.query.run(
      { connectionId, tabId: 'tab', sql: 'select pg_sleep(600)' },
      { signal: controller.signal },
    );
    const reading = collect(events).catch(() => []);
    await until(async () => (await sleepers()) === 1);
    await proxy.setMode('stall');
    controller.abort();
    await reading;
    await until(async () => !(await app.client.query.tabStatus({ tabId: 'tab' })).running);
    await proxy.setMode('pass');
    proxy.cut();
    await until(async () => {
      const events = await run('select 1').catch(() => []);
      return events.some((event) => event.kind === 'done');
    });
  });

  it('the server is restarted: the statement fails, the next one runs', async () => {
    const running = run('select pg_sleep(600)');
    await until(async () => (await sleepers()) === 1);
    await server.crash();
    expect(outcome(await running)).toMatchObject({ code: 'connection_lost' });
    await server.start();
    await until(() => state() === 'open');
    expect(outcome(await run('select 1'))).toMatchObject({ kind: 'done' });
  });
});

describe('in the middle of a transaction', () => {
  it('cut: the next run is refused once and says that nothing was committed; nothing runs outside the transaction', async () => {
    await run('begin; insert into t values (1)');
    expect(await app.client.query.tabStatus({ tabId: 'tab' })).toMatchObject({ transaction: 'in transaction' });
    const before = proxy.accepted;
    proxy.cut();
    await until(() => proxy.accepted > before && state() === 'open');
    await expect(run('insert into t values (2)')).rejects.toMatchObject({
      data: { code: 'connection_lost', message: expect.stringContaining('open transaction') },
    });
    expect(await server.run('select * from t')).toEqual([]);
    expect(outcome(await run('insert into t values (3)'))).toMatchObject({ kind: 'done' });
    expect(await server.run('select * from t')).toEqual([{ i: 3 }]);
  });

  it('black hole: the same', async () => {
    await run('begin; insert into t values (1)');
    await proxy.setMode('stall');
    await new Promise((resolve) => setTimeout(resolve, 3500));
    await expect(run('insert into t values (2)')).rejects.toMatchObject({ data: { code: 'connection_lost' } });
    await proxy.setMode('pass');
    proxy.cut();
    await until(async () => {
      const events = await run('insert into t values (3)').catch(() => []);
      return events.some((event) => event.kind === 'done');
    });
    expect(await server.run('select * from t')).toEqual([{ i: 3 }]);
  });

  it('while a commit is on its way: it is not known, and that is said', async () => {
    await server.run(`create table slow (i int primary key);
      create or replace function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(600); return null; end $$;
      create constraint trigger slow after insert on slow deferrable initially deferred for each row execute function slow()`);
    await run('begin; insert into slow values (1)');
    const committing = run('commit');
    await until(async () => (await sleepers('commit')) === 1);
    proxy.cut();
    expect(outcome(await committing)).toMatchObject({
      hint: expect.stringContaining('not known whether the transaction'),
    });
    await server.run('drop table slow cascade');
  });
});

/** Statements of the app that run now. */
async function sleepers(like = 'pg_sleep'): Promise<number> {
  const rows = await server.run(
    `select count(*)::int as n from pg_stat_activity where query like '%${like}%' and state = 'active' and pid <> pg_backend_pid()`,
  );
  return Number(rows[0]?.['n']);
}

it('closed while it comes back: stays closed', async () => {
  await proxy.setMode('stall');
  proxy.cut();
  await until(() => state() === 'lost');
  const before = proxy.accepted;
  await until(() => proxy.accepted > before);
  await app.client.connections.close({ id: connectionId });
  await proxy.setMode('pass');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(state()).toBe('closed');
});
