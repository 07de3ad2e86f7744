import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ConnectionDraft } from '#contract/connections.ts';
import type { RunEvent } from '#contract/query.ts';

import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { type PgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

let server: TestServer;
let app: TestApp;

beforeAll(async () => {
  server = await startTestServer();
  await server.run(`create role app login password 'app'; create role reader login password 'reader';
    create table t (i int primary key); insert into t values (1); alter table t owner to app; grant all on schema public to app; grant all on t to app, reader;
    alter role app set search_path = public;`);
  app = await startApp();
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});

describe.each([
  { mode: 'session', ignoreOptions: false },
  { mode: 'session', ignoreOptions: true },
  { mode: 'transaction', ignoreOptions: false },
  { mode: 'transaction', ignoreOptions: true },
  { mode: 'statement', ignoreOptions: false },
] as const)('pool_mode = $mode, options dropped silently: $ignoreOptions', ({ mode, ignoreOptions }) => {
  let bouncer: PgBouncer;
  const draft = (changes: Partial<ConnectionDraft>) =>
    draftFor(server, {
      host: bouncer.host,
      port: bouncer.port,
      user: 'app',
      password: 'app',
      name: `${mode} ${ignoreOptions} ${JSON.stringify(changes)}`,
      ...changes,
    });
  const run = async (connectionId: string, sql: string, tabId = connectionId): Promise<RunEvent[]> =>
    collect(await app.client.query.run({ connectionId, tabId, sql }));
  const value = async (connectionId: string, sql: string, tabId = connectionId) => {
    const events = await run(connectionId, sql, tabId);
    const failed = events.find((event) => event.kind === 'failed');
    if (failed) throw new Error(failed.failure.message);
    const result = events.findLast((event) => event.kind === 'result');
    if (!result) return null;
    return (await app.client.query.rows({ resultId: result.resultId, offset: 0, limit: 1 })).rows[0]?.[0];
  };

  beforeAll(async () => {
    bouncer = await startPgBouncer(server, {
      mode,
      ignoreOptions,
      users: { app: 'app', reader: 'reader' },
    });
  });
  afterAll(() => bouncer[Symbol.asyncDispose]());

  it('opens, says that a pooler is there, and reads the catalog', async () => {
    const { id } = await app.client.connections.save(draft({ timeouts: { statementMs: 5000 } }));
    const entry = await app.client.connections.open({ id });
    expect(entry.state).toMatchObject({ kind: 'open', server: { pooled: true } });
    const catalogs = await Promise.all(
      Array.from({ length: 6 }, () => app.client.schema.catalog({ connectionId: id })),
    );
    expect(JSON.stringify(catalogs[5])).toContain('"t"');
    await app.client.connections.remove({ id });
  });

  if (mode === 'statement') {
    it('runs statements, without transactions, and refuses a guarded session since nothing would hold it', async () => {
      const { id } = await app.client.connections.save(draft({}));
      expect(await value(id, 'select count(*) from t')).toBe('1');
      await app.client.connections.remove({ id });
      const guarded = await app.client.connections.save(draft({ readOnly: true, name: 'guarded by statement' }));
      await expect(app.client.connections.open({ id: guarded.id })).rejects.toMatchObject({
        data: { code: 'refused', hint: expect.stringContaining('pool_mode = statement') },
      });
      await app.client.connections.remove({ id: guarded.id });
    });
    return;
  }

  it('settings hold in every transaction, and reach nobody else', async () => {
    const { id } = await app.client.connections.save(
      draft({ timeouts: { statementMs: 4321, lockMs: 1234 }, options: '-c work_mem=7MB' }),
    );
    const own = await Promise.all(
      ['a', 'b', 'c'].map(async (tab) => [
        await value(id, 'show statement_timeout', tab),
        await value(id, 'show lock_timeout', tab),
        await value(id, 'show work_mem', tab),
      ]),
    );
    expect(own).toEqual(Array.from({ length: 3 }, () => ['4321ms', '1234ms', '7MB']));
    await expect(value(id, 'begin; show statement_timeout', 'd')).resolves.toBe('4321ms');
    await run(id, 'rollback', 'd');
    // Somebody else who gets the same server session finds it as it was.
    const other = await app.client.connections.save(draft({ name: 'somebody else' }));
    expect(await value(other.id, 'show work_mem')).toBe('4MB');
    await app.client.connections.remove({ id });
    await app.client.connections.remove({ id: other.id });
  });

  it('a write is committed, and one that fails is not', async () => {
    const { id } = await app.client.connections.save(draft({ timeouts: { statementMs: 60_000 } }));
    await run(id, 'insert into t values (2)');
    await run(id, 'insert into t values (3), (2)');
    expect(await server.run('select i from t order by i')).toEqual([{ i: 1 }, { i: 2 }]);
    await run(id, 'delete from t where i > 1');
    await app.client.connections.remove({ id });
  });

  it('what cannot be in a transaction runs all the same', async () => {
    const { id } = await app.client.connections.save(draft({ timeouts: { statementMs: 60_000 }, user: 'app' }));
    for (const sql of [
      'vacuum t',
      'create index concurrently t_i on t (i)',
      'drop index concurrently t_i',
      'do $$ begin perform 1; commit; end $$',
    ]) {
      const events = await run(id, sql);
      expect(
        events.find((event) => event.kind === 'done' || event.kind === 'failed'),
        sql,
      ).toMatchObject({ kind: 'done' });
    }
    await app.client.connections.remove({ id });
  });

  it('a guarded session holds', async () => {
    const { id } = await app.client.connections.save(
      draft({ readOnly: true, user: 'reader', password: 'reader', name: 'guarded' }),
    );
    for (const sql of [
      'insert into t values (9)',
      'begin read write; insert into t values (9); commit',
      'set default_transaction_read_only = off; insert into t values (9)',
      'commit; insert into t values (9)',
      'do $$ begin set transaction read write; insert into t values (9); end $$',
    ]) {
      await run(id, sql);
      await run(id, 'insert into t values (9)');
    }
    expect(await server.run('select i from t')).toEqual([{ i: 1 }]);
    expect(await value(id, 'select count(*) from t')).toBe('1');
    await app.client.connections.remove({ id });
  });

  it('cancel reaches the server', async () => {
    const { id } = await app.client.connections.save(draft({ name: 'cancelled' }));
    await app.client.connections.open({ id });
    const controller = new AbortController();
    const events = await app.client.query.run(
      { connectionId: id, tabId: 'cancel', sql: 'select pg_sleep(600)' },
      { signal: controller.signal },
    );
    const sleeping = () =>
      server.run(
        `select 1 from pg_stat_activity where query like '%pg_sleep(600)%' and state = 'active' and pid <> pg_backend_pid()`,
      );
    const reading = collect(events).catch(() => []);
    await expect.poll(async () => (await sleeping()).length, { timeout: 20_000 }).toBe(1);
    controller.abort();
    await reading;
    await expect.poll(async () => (await sleeping()).length, { timeout: 20_000 }).toBe(0);
    await app.client.connections.remove({ id });
  });

  it('explains, also in a transaction of its own', async () => {
    const { id } = await app.client.connections.save(draft({ name: 'explained', timeouts: { statementMs: 60_000 } }));
    const { source } = await app.client.plans.explain({ connectionId: id, sql: 'select * from t', analyze: true });
    expect(source).toMatch(/^Seq Scan on t/);
    await app.client.connections.remove({ id });
  });
});
