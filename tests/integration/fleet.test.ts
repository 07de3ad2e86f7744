// Thirty connections to two real servers, and what can be wrong with them.
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { ConnectionDraft } from '#contract/connections.ts';
import type { FleetRow, FleetSnapshot } from '#contract/fleet.ts';

import { type TestApp, draftFor, jobEnd, startApp, temporaryFolder } from '../support/app.ts';
import { type TestServer, freePort, startTestServer } from '../support/postgres-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

let old: TestServer;
let recent: TestServer;
let app: TestApp;

beforeAll(async () => {
  [old, recent] = await Promise.all([startTestServer({ major: 15 }), startTestServer({ major: 18 })]);
  for (const server of [old, recent]) {
    await server.run(`
      create role plain login password 'plain';
      create role monitor login password 'monitor' in role pg_monitor;
      create role app login password 'app'`);
    for (const name of ['orders', 'billing', 'auth']) await server.createDatabase(name);
  }
});
afterAll(async () => {
  await Promise.all([old.stop(), recent.stop()]);
});
beforeEach(async () => {
  app = await startApp();
});
afterEach(async () => {
  await app[Symbol.asyncDispose]();
});

const save = async (draft: Partial<ConnectionDraft> & { name: string }, server = old): Promise<string> =>
  (await app.client.connections.save(draftFor(server, draft))).id;

async function snapshot(from = app): Promise<FleetSnapshot> {
  const stop = new AbortController();
  try {
    for await (const value of await from.client.fleet.watch(undefined, { signal: stop.signal })) return value;
  } finally {
    stop.abort();
  }
  throw new Error('no snapshot');
}

async function rowOf(id: string, from = app): Promise<FleetRow> {
  const row = (await snapshot(from)).rows.find(({ connectionId }) => connectionId === id);
  if (!row) throw new Error('no row');
  return row;
}

async function checked(id: string): Promise<FleetRow> {
  await app.client.fleet.refresh({ ids: [id] });
  return rowOf(id);
}

const sessions = async (server: TestServer): Promise<number> =>
  Number(
    (await server.run(`select count(*) from pg_stat_activity where application_name = 'steward fleet'`))[0]?.['count'],
  );

describe('thirty connections', () => {
  it('are checked with at most four sessions at once, and nothing stays open', async () => {
    const ids: string[] = [];
    for (let number = 0; number < 30; number += 1) {
      // All on one server: only then does one look at its sessions see all of them at the same moment.
      const database = ['orders', 'billing', 'auth'][number % 3] ?? 'orders';
      ids.push(await save({ name: `server ${number}`, database }, old));
    }
    // pg_sleep in the way of every start would hide a burst: watch as fast as the servers answer.
    let most = 0;
    let watching = true;
    const watch = (async () => {
      while (watching) most = Math.max(most, await sessions(old));
    })();
    const { checked: count } = await app.client.fleet.refresh({});
    watching = false;
    await watch;
    const { rows, running } = await snapshot();
    expect({ count, running, kinds: [...new Set(rows.map(({ reach }) => reach.kind))] }).toEqual({
      count: 30,
      running: null,
      kinds: ['reached'],
    });
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(4);
    await until(async () => (await sessions(old)) === 0);
    expect(rows.map(({ connectionId }) => connectionId)).toEqual(ids);
    expect(app.services.connections.list.value.every(({ state }) => state.kind === 'closed')).toBe(true);
  });
});

describe('facts', () => {
  it.each(['15', '18'])('of PostgreSQL %s are read by a superuser', async (major) => {
    const server = major === '15' ? old : recent;
    const { facts, release, status } = await checked(await save({ name: 'super', database: 'orders' }, server));
    expect(facts).toMatchObject({
      versionNum: expect.any(Number),
      inRecovery: false,
      databaseBytes: expect.any(Number),
      allDatabasesBytes: expect.any(Number),
      walBytes: expect.any(Number),
      connectionsMax: 60,
      connectionsReserved: 3,
      freezeMaxAge: 200_000_000,
      hiddenSessions: 0,
      blockedSessions: 0,
      invalidIndexes: 0,
      archiverFailingMs: null,
      longestTransaction: null,
    });
    expect(facts?.connectionsUsed).toBeGreaterThanOrEqual(1);
    expect(release?.supported).toBe(true);
    expect(status).not.toBe('unreachable');
  });

  it('say what a plain role cannot see, and pg_monitor can', async () => {
    const busy = old.run('begin; select pg_sleep(6)', 'orders');
    await until(
      async () =>
        (await old.run(`select 1 from pg_stat_activity where query like 'begin; select pg_sleep%'`)).length > 0,
    );
    const plain = await checked(await save({ name: 'plain', user: 'plain', password: 'plain', database: 'orders' }));
    const monitor = await checked(
      await save({ name: 'monitor', user: 'monitor', password: 'monitor', database: 'orders' }),
    );
    expect(plain.facts).toMatchObject({ longestTransaction: null, readsAllStats: false, walBytes: null });
    expect(plain.facts?.hiddenSessions).toBeGreaterThan(0);
    expect(plain.cannotTell).toContainEqual({
      what: 'Longest transaction',
      reason: expect.stringContaining('hidden from plain'),
      unlockSql: 'grant pg_monitor to plain;',
    });
    expect(monitor.facts?.longestTransaction).toMatchObject({ user: old.user });
    expect(monitor.facts?.walBytes).toBeGreaterThan(0);
    expect(monitor.cannotTell.map(({ what }) => what)).toEqual(['Checksum failures']);
    await busy;
  });

  it('count nobody as the size of a database that may not be measured', async () => {
    await old.createDatabase('closed');
    await old.run('revoke connect on database closed from public');
    const row = await checked(await save({ name: 'plain', user: 'plain', password: 'plain', database: 'orders' }));
    expect(row.facts).toMatchObject({ databaseBytes: expect.any(Number), allDatabasesBytes: null });
    await old.run('drop database closed');
  });

  it('find idle transactions, locks that are waited for, slots, prepared transactions and invalid indexes', async () => {
    const server = await startTestServer({ settings: { max_prepared_transactions: '5', wal_level: 'logical' } });
    await server.createDatabase('shop');
    await server.run(
      `create table t (i int); insert into t values (1), (1);
       select pg_create_physical_replication_slot('forgotten', true)`,
      'shop',
    );
    await server.run('create unique index concurrently t_i_idx on t (i)', 'shop').catch(() => {});
    await server.run(`begin; insert into t values (3); prepare transaction 'left'`, 'shop');
    const waiting = server
      .run(`set lock_timeout = '8s'; lock table t in access exclusive mode`, 'shop')
      .catch(() => {});
    const id = await save({ name: 'shop', database: 'shop' }, server);
    await until(async () => (await server.run('select 1 from pg_locks where not granted')).length > 0);
    const row = await checked(id);
    expect(row.facts).toMatchObject({
      blockedSessions: 1,
      preparedTransactions: 1,
      inactiveSlots: ['forgotten'],
      invalidIndexes: 1,
    });
    expect(row.reasons.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['blocked', 'slot-inactive', 'invalid-index', 'restarted']),
    );
    await server.run(`rollback prepared 'left'`, 'shop');
    await waiting;
    await server.stop();
  });
});

describe('unreachable', () => {
  it('says why and since when, keeps that over a restart, and comes back', async () => {
    const dataDirectory = await temporaryFolder();
    const port = await freePort();
    let own = await startApp({ dataDirectory });
    const { id } = await own.client.connections.save(draftFor(old, { name: 'gone', port }));
    await own.client.fleet.refresh({});
    const first = await rowOf(id, own);
    expect(first).toMatchObject({
      status: 'unreachable',
      reach: { kind: 'unreachable', failure: { code: 'unreachable', message: expect.stringContaining(String(port)) } },
    });
    await own[Symbol.asyncDispose]();
    own = await startApp({ dataDirectory });
    const since = (row: FleetRow) => (row.reach.kind === 'unreachable' ? row.reach.since : undefined);
    expect(since(await rowOf(id, own))).toBe(since(first));
    await own.client.fleet.refresh({});
    expect(since(await rowOf(id, own))).toBe(since(first));
    await own.client.connections.save({ ...draftFor(old, { name: 'gone' }), id });
    await own.client.fleet.refresh({});
    expect((await rowOf(id, own)).reach).toEqual({ kind: 'reached' });
    await own[Symbol.asyncDispose]();
    await rm(dataDirectory, { recursive: true, force: true });
  });

  it('a server that takes connections and says nothing delays no other row', async () => {
    const stalled = await startTcpProxy({ target: old, mode: 'stall' });
    const stalledIds: string[] = [];
    for (let number = 0; number < 3; number += 1)
      stalledIds.push(await save({ name: `stalled ${number}`, port: stalled.port }));
    const good: string[] = [];
    for (let number = 0; number < 8; number += 1) good.push(await save({ name: `good ${number}` }));
    const started = performance.now();
    const all = app.client.fleet.refresh({});
    await until(async () => {
      const rows = new Map((await snapshot()).rows.map((row) => [row.connectionId, row]));
      return good.every((id) => rows.get(id)?.reach.kind === 'reached');
    });
    expect(performance.now() - started).toBeLessThan(5000);
    await all;
    expect(performance.now() - started).toBeLessThan(12_000);
    const row = await rowOf(stalledIds[0] ?? '');
    expect(row.reach).toMatchObject({ kind: 'unreachable', failure: { code: 'timeout' } });
    await stalled[Symbol.asyncDispose]();
  });

  it('a server that stalls in the middle of a look is given up in time, and keeps its last facts', async () => {
    const proxy = await startTcpProxy({ target: old });
    const id = await save({ name: 'proxied', port: proxy.port });
    const before = await checked(id);
    expect(before.reach.kind).toBe('reached');
    const { down } = proxy.bytes;
    const started = performance.now();
    const checking = checked(id);
    // It has begun to answer: from now on nothing comes any more.
    while (proxy.bytes.down === down) await new Promise((resolve) => setImmediate(resolve));
    await proxy.setMode('stall');
    const row = await checking;
    expect(performance.now() - started).toBeLessThan(12_000);
    expect(row).toMatchObject({ status: 'unreachable', checkedAt: before.checkedAt, facts: before.facts });
    await proxy[Symbol.asyncDispose]();
  });
});

describe('what only a person can answer', () => {
  it('a wrong password is tried once, and again when somebody asks or edits the connection', async () => {
    const proxy = await startTcpProxy({ target: old });
    const id = await save({ name: 'wrong', user: 'app', password: 'wrong', port: proxy.port, sslMode: 'disable' });
    const stop = new AbortController();
    const watching = (async () => {
      for await (const _ of await app.client.fleet.watch(undefined, { signal: stop.signal }));
    })().catch(() => {});
    await until(async () => app.services.fleet.snapshot.value.rows[0]?.reach.kind === 'asks');
    expect(proxy.accepted).toBe(1);
    // Whoever comes to look again does not make it be sent again.
    await snapshot();
    await snapshot();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(proxy.accepted).toBe(1);
    expect(await rowOf(id)).toMatchObject({
      status: 'unknown',
      reach: { failure: { code: 'auth_failed', question: { kind: 'secret', purpose: 'password' } } },
      reasons: [{ code: 'asks', text: expect.stringContaining('password authentication failed') }, {}],
    });
    await app.client.fleet.refresh({ ids: [id] });
    expect(proxy.accepted).toBe(2);
    await app.client.connections.save({
      ...draftFor(old, { name: 'wrong', user: 'app', port: proxy.port }),
      id,
      password: 'app',
    });
    await until(async () => app.services.fleet.snapshot.value.rows[0]?.reach.kind === 'reached');
    stop.abort();
    await watching;
    await proxy[Symbol.asyncDispose]();
  });

  it('a guarded superuser is not used before somebody accepts it', async () => {
    const id = await save({ name: 'guarded', readOnly: true });
    expect(await checked(id)).toMatchObject({ status: 'unknown', reach: { failure: { code: 'needs_answer' } } });
    await app.client.connections.acceptSuperuser({ id, words: 'It is a test server of mine.' });
    expect((await checked(id)).reach.kind).toBe('reached');
  });
});

describe('in the background', () => {
  it('nothing runs while nobody watches', async () => {
    const proxy = await startTcpProxy({ target: old });
    await save({ name: 'proxied', port: proxy.port });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(proxy.accepted).toBe(0);
    const stop = new AbortController();
    const watching = (async () => {
      for await (const _ of await app.client.fleet.watch(undefined, { signal: stop.signal }));
    })().catch(() => {});
    await until(() => proxy.accepted > 0);
    await until(() => app.services.fleet.snapshot.value.rows[0]?.reach.kind === 'reached');
    stop.abort();
    await watching;
    const { accepted } = proxy;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect({ accepted: proxy.accepted, open: proxy.open }).toEqual({ accepted, open: 0 });
    await proxy[Symbol.asyncDispose]();
  });

  it('aborting a refresh leaves the rows as they were, and no session behind', async () => {
    const proxy = await startTcpProxy({ target: old, mode: 'stall' });
    const id = await save({ name: 'proxied', port: proxy.port });
    const stop = new AbortController();
    const refreshing = app.client.fleet.refresh({}, { signal: stop.signal });
    refreshing.catch(() => {});
    await until(() => proxy.open > 0);
    stop.abort();
    await expect(refreshing).rejects.toThrow();
    const row = () => app.services.fleet.snapshot.value.rows.find(({ connectionId }) => connectionId === id);
    await until(() => row()?.checking === 'no');
    expect(row()?.reach).toEqual({ kind: 'unchecked' });
    // What was held back arrives: the ends of sessions that were given up.
    await proxy.setMode('pass');
    await until(() => proxy.open === 0);
    await proxy[Symbol.asyncDispose]();
  });
});

describe('beside the server', () => {
  it('shows the newest verified backup and what is pending', async () => {
    const id = await save({ name: 'orders', database: 'orders', environment: 'production' });
    expect((await checked(id)).reasons).toContainEqual(
      expect.objectContaining({ code: 'backup', severity: 'warning', text: 'No verified backup.' }),
    );
    const { jobId } = await app.client.backups.start({ connectionId: id, schemaOnly: true });
    await jobEnd(app.client, jobId);
    expect((await checked(id)).backup).toEqual({ verifiedAt: null, level: null, unverifiedAt: null });
    const second = await app.client.backups.start({ connectionId: id });
    await jobEnd(app.client, second.jobId);
    expect((await checked(id)).backup).toMatchObject({ verifiedAt: expect.any(String), level: 'readable' });
    const folder = path.resolve('assets/sample/migrations');
    await app.client.migrations.status({ connectionId: id, folder });
    const { migrations } = await checked(id);
    expect(migrations?.pending).toBeGreaterThan(0);
  });

  it('keeps sizes in the store, and in a file while there is none', async () => {
    const id = await save({ name: 'orders', database: 'orders' });
    expect((await checked(id)).growth.samples.length).toBeGreaterThan(0);
    const file = JSON.parse(await readFile(path.join(app.dataDirectory, 'fleet.json'), 'utf8')) as {
      samples: unknown[];
    };
    expect(file.samples).toHaveLength(1);
    await old.createDatabase('store');
    const kept = await startApp({ storeUrl: old.url('store'), dataDirectory: app.dataDirectory });
    const day = 86_400_000;
    await kept.client.fleet.refresh({});
    await until(async () => (await old.run('select 1 from steward.size_samples', 'store')).length > 0);
    await old.run(
      `insert into steward.size_samples select connection_id, target, day - n, taken_at - n * interval '1 day', size_bytes - n * 1000000
       from steward.size_samples cross join generate_series(1, 20) n`,
      'store',
    );
    const report = `'{"checks": [{"findings": [{"severity": "warning", "message": "w"}, {"severity": "critical", "message": "The disk is full"}]}]}'`;
    await old.run(
      `insert into steward.health_reports (connection_id, database, taken_at, worst, critical, warning, info, report)
       values ('${id}', 'orders', now(), 'critical', 1, 1, 0, ${report})`,
      'store',
    );
    await kept.client.connections.provideSecret({
      id,
      purpose: 'password',
      subject: '',
      value: old.password,
      remember: false,
    });
    await kept.client.fleet.refresh({});
    const row = await rowOf(id, kept);
    expect(row.growth.perDay7).toBeCloseTo(1_000_000, -4);
    expect(row.growth.perDay30).toBeCloseTo(1_000_000, -4);
    expect(row.growth.samples.length).toBeGreaterThan(20);
    expect(Date.parse(row.growth.samples[0]?.at ?? '')).toBeLessThan(Date.now() - 19 * day);
    expect(row).toMatchObject({ status: 'critical', report: { critical: 1, worst: 'The disk is full' } });
    await kept[Symbol.asyncDispose]();
  });
});
