// What Steward did, from the statement to the store: everything that may have changed something, once, whatever dies.
import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { AuditEntry, AuditFilter } from '#contract/audit.ts';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';

import {
  type AppClient,
  type TestApp,
  collect,
  draftFor,
  jobEnd,
  openSocket,
  startApp,
  temporaryFolder,
  transports,
} from '../support/app.ts';
import { steward } from '../support/cli.ts';
import { type HostProcess, startHostProcess } from '../support/host-process.ts';
import { type TestServer, freePort, startTestServer } from '../support/postgres-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let databases = 0;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
});

async function newDatabase(): Promise<string> {
  const name = `audited_${(databases += 1)}`;
  await server.createDatabase(name);
  return name;
}

const entriesOf = async (client: AppClient, filter: AuditFilter = {}): Promise<AuditEntry[]> =>
  (await client.audit.list({ ...filter, limit: 500 })).entries;
const inStore = async (store: string) =>
  server.run('select sql, outcome, recorded_by from steward.audit order by at, id', store);

describe.each(transports)('over %s', (transport) => {
  let app: TestApp;
  let connectionId: string;
  let database: string;

  beforeAll(async () => {
    database = await newDatabase();
    app = await startApp({ transport, storeMode: 'own', storeUrl: server.url(await newDatabase()) });
    const draft = draftFor(server, { name: 'Shop', database, environment: 'staging' });
    connectionId = (await app.client.connections.save(draft)).id;
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  const run = async (sql: string, tabId = 'tab') => collect(await app.client.query.run({ connectionId, tabId, sql }));
  const told = async (filter?: AuditFilter) =>
    (await entriesOf(app.client, filter)).map(({ sql, outcome, rows, subject }) => [sql, outcome, rows, subject]);

  it('has statements that change something and those of unknown effect, and none that read', async () => {
    await run('create table item (id int primary key, name text)');
    await run(
      `insert into item select n, 'x' from generate_series(1, 5) n; select * from item; show all; explain delete from item`,
    );
    await run('explain analyze delete from item where id = 5');
    await run('do $$ begin perform 1; end $$');
    await run('insert into item values (1)');
    await run('slect nonsense');
    expect((await told()).toReversed()).toEqual([
      ['create table item (id int primary key, name text)', 'done', null, null],
      [`insert into item select n, 'x' from generate_series(1, 5) n`, 'done', 5, null],
      ['explain analyze delete from item where id = 5', 'done', null, null],
      ['do $$ begin perform 1; end $$', 'done', null, null],
      ['insert into item values (1)', 'failed', null, null],
      ['slect nonsense', 'failed', null, null],
    ]);
    const [, failed] = await entriesOf(app.client);
    expect(failed).toMatchObject({
      action: 'query',
      role: server.user,
      server: `${server.host}:${server.port}`,
      database,
      connectionName: 'Shop',
      environment: 'staging',
      host: 'headless',
      error: expect.stringContaining('duplicate key'),
      recordedBy: server.user,
    });
    expect(failed?.actor).not.toBe('');
    expect(failed?.machine).not.toBe('');
    expect(failed?.durationMs).toBeGreaterThan(0);
  });

  it('has what ended a transaction that changed something', async () => {
    const from = new Date().toISOString();
    await run('begin; select 1; rollback', 'reading');
    await run('begin; delete from item; rollback; select 1', 'writing');
    await run('begin; delete from item where id = 2; commit', 'writing');
    expect((await told({ from })).toReversed()).toEqual([
      ['delete from item', 'done', 4, 'in an open transaction'],
      ['rollback', 'done', null, 'in an open transaction'],
      ['delete from item where id = 2', 'done', 1, 'in an open transaction'],
      ['commit', 'done', null, 'in an open transaction'],
    ]);
  });

  it('has what was cancelled, and what nobody knows the end of', async () => {
    const stop = new AbortController();
    const marker = `cancel over ${transport}`;
    const events = await app.client.query.run(
      { connectionId, tabId: 'cancelled', sql: `insert into item select 10 from pg_sleep(300) /* ${marker} */` },
      { signal: stop.signal },
    );
    const reading = collect(events).catch(() => []);
    await until(async () => (await active(marker)) === 1);
    stop.abort();
    await reading;
    await until(async () => (await told({ outcomes: ['cancelled'] })).length === 1);

    await using proxy = await startTcpProxy({ target: server });
    const { id } = await app.client.connections.save(draftFor(server, { name: 'proxied', database, port: proxy.port }));
    const lost = collect(
      await app.client.query.run({
        connectionId: id,
        tabId: 'lost',
        sql: 'insert into item select 11 from pg_sleep(300)',
      }),
    );
    await until(async () => (await active('select 11 from pg_sleep')) === 1);
    await proxy.setMode('refuse');
    proxy.cut();
    await lost;
    expect(await told({ outcomes: ['unknown'] })).toEqual([
      ['insert into item select 11 from pg_sleep(300)', 'unknown', null, null],
    ]);
    await app.client.connections.remove({ id });
  });

  it('has EXPLAIN ANALYZE of a statement that changes data as rolled back, and no other plan', async () => {
    const sql = 'delete from item where id = 3';
    await app.client.plans.explain({ connectionId, sql: 'select 1', analyze: true });
    await app.client.plans.explain({ connectionId, sql, analyze: false });
    await app.client.plans.explain({ connectionId, sql, analyze: true, confirmDataChange: true });
    await app.client.plans
      .explain({ connectionId, sql: 'delete from item where 1 / 0 = id', analyze: true, confirmDataChange: true })
      .catch(() => {});
    expect(await told({ actions: ['plan-analyze'] })).toEqual([
      ['delete from item where 1 / 0 = id', 'failed', null, 'rolled back'],
      [sql, 'done', null, 'rolled back'],
    ]);
  });

  it('has migrations up and down, also one that failed, with their SQL and job', async () => {
    const folder = await temporaryFolder();
    const write = (name: string, up: string, down: string) =>
      writeFile(
        path.join(folder, `${name}.ts`),
        `import { Migration } from '@mikro-orm/migrations';\nexport class M extends Migration { up() { ${up} }\n down() { ${down} } }\n`,
      );
    await write(
      '001_a',
      `this.addSql('create table a (i int)'); this.addSql('insert into a values (1)')`,
      `this.addSql('drop table a')`,
    );
    await write('002_b', `this.addSql('insert into a values (1/0)')`, '');
    await app.client.migrations.trust({ folder, trusted: true });
    const { jobId } = await app.client.migrations.up({ connectionId, folder });
    expect((await jobEnd(app.client, jobId)).state).toBe('failed');
    await jobEnd(app.client, (await app.client.migrations.down({ connectionId, folder, name: '001_a' })).jobId);
    const found = await entriesOf(app.client, { actions: ['migration-up', 'migration-down'] });
    expect(found.toReversed()).toMatchObject([
      {
        action: 'migration-up',
        subject: '001_a',
        sql: 'create table a (i int);\ninsert into a values (1)',
        outcome: 'done',
        jobId,
      },
      {
        action: 'migration-up',
        subject: '002_b',
        outcome: 'failed',
        error: expect.stringContaining('division by zero'),
      },
      { action: 'migration-down', subject: '001_a', sql: 'drop table a', outcome: 'done' },
    ]);
  });

  it('has a migration that was cancelled', async () => {
    const folder = await temporaryFolder();
    await writeFile(
      path.join(folder, '001_slow.ts'),
      `import { Migration } from '@mikro-orm/migrations';\nexport class M extends Migration { up() { this.addSql('select pg_sleep(300) /* slow migration */'); } }\n`,
    );
    await app.client.migrations.trust({ folder, trusted: true });
    const { jobId } = await app.client.migrations.up({
      connectionId,
      folder,
      table: `slow_${transport.toLowerCase()}`,
    } as never);
    await until(async () => (await active('slow migration')) === 1);
    await app.client.jobs.cancel({ id: jobId });
    await jobEnd(app.client, jobId);
    expect(await entriesOf(app.client, { outcomes: ['cancelled'], actions: ['migration-up'] })).toMatchObject([
      { subject: '001_slow', jobId },
    ]);
  });

  it('has restores, also one that was refused', async () => {
    await jobEnd(app.client, (await app.client.backups.start({ connectionId, tool: 'built-in' })).jobId);
    const [backup] = await app.client.backups.list({ connectionId });
    const restore = async (into: string) =>
      jobEnd(
        app.client,
        (await app.client.backups.restore({ id: backup?.id ?? '', connectionId, database: into })).jobId,
      );
    expect((await restore(`restored from ${transport}`)).state).toBe('done');
    expect((await restore(database)).state).toBe('failed');
    expect((await entriesOf(app.client, { actions: ['restore'] })).toReversed()).toMatchObject([
      { database: `restored from ${transport}`, subject: backup?.file, outcome: 'done' },
      { database, outcome: 'failed', error: expect.stringContaining('exists already') },
    ]);
  });

  it('has in what words a superuser was accepted, and what was imported', async () => {
    const before = new Date().toISOString();
    await app.client.connections.acceptSuperuser({ id: connectionId, words: 'only for this test, really' });
    const { candidates } = await app.client.connections.readImport({
      source: 'urls',
      text: 'postgresql://me@elsewhere/db',
    });
    await app.client.connections.import({ drafts: candidates.map(({ draft }) => draft) });
    expect((await entriesOf(app.client, { from: before })).toReversed()).toMatchObject([
      { action: 'guard-accepted', subject: 'only for this test, really', connectionName: 'Shop', sql: null },
      { action: 'connection-import', server: 'elsewhere:5432', role: 'me' },
    ]);
  });

  it('is searched, filtered and read page by page', async () => {
    const all = await entriesOf(app.client);
    expect(await entriesOf(app.client, { search: 'DUPLICATE key' })).toHaveLength(1);
    expect(await entriesOf(app.client, { search: '%' })).toHaveLength(0);
    expect(await entriesOf(app.client, { search: `' or true --` })).toHaveLength(0);
    expect(await entriesOf(app.client, { connectionId: 'nobody' })).toHaveLength(0);
    expect(await entriesOf(app.client, { to: all.at(-1)?.at ?? '' })).toHaveLength(0);
    const paged: AuditEntry[] = [];
    let before: { at: string; id: string } | undefined;
    do {
      const page = await app.client.audit.list({ limit: 4, ...(before ? { before } : {}) });
      paged.push(...page.entries);
      before = page.next ?? undefined;
    } while (before);
    expect(paged).toEqual(all);
    expect(all.length).toBeGreaterThan(12);
  });

  it.each(['csv', 'jsonl', 'markdown'] as const)(
    'is exported as %s, with progress, to a private file',
    async (format) => {
      const { jobId, path: file } = await app.client.audit.export({ format, filter: { actions: ['query'] } });
      const job = await jobEnd(app.client, jobId);
      const expected = await entriesOf(app.client, { actions: ['query'] });
      expect(job).toMatchObject({ state: 'done', outcome: expect.stringContaining(`${expected.length} entries`) });
      expect(path.dirname(file)).toBe(path.join(app.dataDirectory, 'exports'));
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const text = await readFile(file, 'utf8');
      expect(text).toContain('slect nonsense');
      if (format === 'jsonl')
        expect(
          text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line)),
        ).toEqual(expected);
      expect(await app.client.audit.reveal({ jobId })).toEqual({ path: file, shown: false });
      expect((await readdir(path.dirname(file))).filter((name) => name.endsWith('.partial'))).toEqual([]);
    },
  );

  it('is exported to a path that was given, never over a file', async () => {
    const file = path.join(await temporaryFolder(), 'mine.csv');
    await jobEnd(app.client, (await app.client.audit.export({ format: 'csv', path: file })).jobId);
    await expect(app.client.audit.export({ format: 'csv', path: file })).rejects.toMatchObject({
      data: { code: 'conflict' },
    });
    await expect(app.client.audit.export({ format: 'csv', path: 'mine.csv' })).rejects.toMatchObject({
      data: { code: 'bad_input' },
    });
    await expect(app.client.audit.export({ format: 'csv', path: '/nowhere/at/all/x.csv' })).rejects.toMatchObject({
      data: { code: 'input_output' },
    });
  });

  it('tells that there is something new', async () => {
    const seen: number[] = [];
    for await (const { recorded } of await app.client.audit.watch()) {
      seen.push(recorded);
      if (seen.length === 1) void run('truncate item');
      else break;
    }
    expect(seen[1]).toBeGreaterThan(seen[0] ?? Infinity);
  });
});

describe('a store that is away', () => {
  it('does not lose anything: the journal answers, and is merged exactly once', async () => {
    const store = await newDatabase();
    const dataDirectory = await temporaryFolder();
    const port = await freePort();
    const away = server.url(store).replace(`:${server.port}/`, `:${port}/`);
    {
      await using app = await startApp({ storeMode: 'own', storeUrl: away, dataDirectory });
      const { id } = await app.client.connections.save(draftFor(server));
      await collect(await app.client.query.run({ connectionId: id, tabId: 'a', sql: 'create table away (i int)' }));
      const page = await app.client.audit.list({});
      expect(page).toMatchObject({ source: 'journal', pending: 1, entries: [{ sql: 'create table away (i int)' }] });
      expect(page.reason).toContain('ECONNREFUSED');
      const { jobId, path: file } = await app.client.audit.export({ format: 'jsonl' });
      expect(await jobEnd(app.client, jobId)).toMatchObject({ outcome: expect.stringContaining('journal') });
      expect(await readFile(file, 'utf8')).toContain('create table away');
    }
    for (let start = 1; start <= 2; start += 1) {
      await using app = await startApp({ storeMode: 'own', storeUrl: server.url(store), dataDirectory });
      await until(async () => (await app.client.audit.list({})).source === 'store');
      expect(await app.client.audit.list({})).toMatchObject({
        pending: 0,
        entries: [{ sql: 'create table away (i int)' }],
      });
      // As if Steward had been killed between the store and the note that it is there.
      await rm(path.join(dataDirectory, 'audit-journal.merged'));
    }
    expect(await inStore(store)).toHaveLength(1);
  });

  it('goes away while Steward runs, and what was done meanwhile is merged when it is back', async () => {
    const store = await newDatabase();
    await using proxy = await startTcpProxy({ target: server });
    await using app = await startApp({
      storeMode: 'own',
      storeUrl: server.url(store).replace(`:${server.port}/`, `:${proxy.port}/`),
    });
    const { id } = await app.client.connections.save(draftFor(server));
    const run = async (sql: string) => collect(await app.client.query.run({ connectionId: id, tabId: 'a', sql }));
    await run('create table one (i int)');
    await until(async () => (await app.client.audit.list({})).source === 'store');
    await proxy.setMode('refuse');
    proxy.cut();
    await run('create table two (i int)');
    expect(await app.client.audit.list({})).toMatchObject({ source: 'journal', pending: 1, entries: [{}, {}] });
    await proxy.setMode('pass');
    await run('create table three (i int)');
    await until(async () => (await inStore(store)).length === 3);
    expect((await inStore(store)).map(({ sql }) => sql)).toEqual([
      'create table one (i int)',
      'create table two (i int)',
      'create table three (i int)',
    ]);
  });

  it('and a journal that cannot be written: said once, and the entry goes to the store', async () => {
    const store = await newDatabase();
    const dataDirectory = await temporaryFolder();
    // A folder in its place.
    await (await import('node:fs/promises')).mkdir(path.join(dataDirectory, 'audit-journal.jsonl'));
    await using app = await startApp({ storeMode: 'own', storeUrl: server.url(store), dataDirectory });
    const { id } = await app.client.connections.save(draftFor(server));
    for (const sql of ['create table unjournaled (i int)', 'drop table unjournaled'])
      await collect(await app.client.query.run({ connectionId: id, tabId: 'a', sql }));
    await until(async () => (await inStore(store).catch(() => [])).length === 2);
    const { problems } = await app.client.settings.status();
    expect(problems).toMatchObject([{ title: 'The journal of the audit cannot be written' }]);
  });

  it('an entry that the store cannot hold holds nothing up', async () => {
    const store = await newDatabase();
    const dataDirectory = await temporaryFolder();
    const { AuditJournal } = await import('../../electron/services/audit/audit-journal.ts');
    const { anEntry } = await import('../unit/services/audit/audit-fixtures.ts');
    const journal = new AuditJournal(path.join(dataDirectory, 'audit-journal.jsonl'));
    await journal.load();
    for (const sql of ['before', 'with a \0 in it', 'after']) journal.append(anEntry({ sql }));
    journal.close();
    await using app = await startApp({ storeMode: 'own', storeUrl: server.url(store), dataDirectory });
    await until(async () => (await inStore(store).catch(() => [])).length === 2);
    await until(async () => (await app.client.settings.status()).problems.length === 1);
    expect((await app.client.settings.status()).problems).toMatchObject([
      { title: 'The store refused an entry of the audit' },
    ]);
    expect((await app.client.audit.list({})).pending).toBe(0);
  });
});

it('two hosts with one store see what the other did', async () => {
  const storeUrl = server.url(await newDatabase());
  await using one = await startApp({ storeMode: 'own', storeUrl });
  await using two = await startApp({ storeMode: 'own', storeUrl });
  await Promise.all(
    [one, two].map(async (app, index) => {
      const { id } = await app.client.connections.save(draftFor(server));
      const sql = `create table by_${index} (i int); drop table by_${index}`;
      await collect(await app.client.query.run({ connectionId: id, tabId: 'a', sql }));
    }),
  );
  await until(async () => (await entriesOf(one.client)).length === 4);
  expect(await entriesOf(two.client)).toEqual(await entriesOf(one.client));
});

it('kill -9 between the statement and the store loses nothing, and nothing is there twice', async () => {
  const store = await newDatabase();
  const port = await freePort();
  const dataDirectory = await temporaryFolder();
  const away = server.url(store).replace(`:${server.port}/`, `:${port}/`);
  const host = await startHostProcess(dataDirectory, { STEWARD_STORE_URL: away });
  {
    const client = await clientOf(host);
    const { id } = await client.connections.save(draftFor(server));
    const events = await client.query.run({ connectionId: id, tabId: 'a', sql: 'create table killed (i int)' });
    for await (const event of events) {
      if (event.kind !== 'done') continue;
      await host.kill();
      break;
    }
  }
  const journal = await readFile(path.join(dataDirectory, 'audit-journal.jsonl'), 'utf8');
  expect(journal).toContain('create table killed');
  // A kill in the middle of a write.
  await writeFile(path.join(dataDirectory, 'audit-journal.jsonl'), `${journal}{"previous":"half a line`);
  const again = await startHostProcess(dataDirectory, { STEWARD_STORE_URL: server.url(store) });
  await until(async () => (await inStore(store).catch(() => [])).length === 1);
  await again.kill();
  await rm(path.join(dataDirectory, 'audit-journal.merged'), { force: true });
  await using last = await startHostProcess(dataDirectory, { STEWARD_STORE_URL: server.url(store) });
  const client = await clientOf(last);
  await until(async () => (await client.audit.list({})).source === 'store');
  await wait(200);
  expect(await inStore(store)).toMatchObject([{ sql: 'create table killed (i int)' }]);
  expect((await client.settings.status()).problems).toMatchObject([
    { title: 'The journal of the audit has a damaged line' },
  ]);
  await server.run('drop table killed');
});

it('a command without a store leaves its entries to the next Steward, and reads them itself', async () => {
  const store = await newDatabase();
  const dataDirectory = await temporaryFolder();
  const environment = { STEWARD_DATA_DIR: dataDirectory, PGPASSWORD: server.password };
  const url = `postgresql://${server.user}@${server.host}:${server.port}/postgres`;
  expect(await steward(['query', url, '-c', 'create table by_command (i int)'], { environment })).toMatchObject({
    code: 0,
  });
  const read = await steward(['audit', '--json', '--search', 'BY_COMMAND'], { environment });
  expect(read).toMatchObject({ code: 0 });
  expect(read.json()).toMatchObject({
    source: 'journal',
    pending: 1,
    entries: [{ sql: 'create table by_command (i int)', host: 'cli', outcome: 'done' }],
  });
  const shown = await steward(['audit', '--limit', '1'], { environment });
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('create table by_command') });
  expect(shown.stderr).toContain('journal');
  expect(await steward(['audit', '--since', 'yesterday'], { environment })).toMatchObject({ code: 2 });
  expect(await steward(['audit', '--limit', '0'], { environment })).toMatchObject({ code: 2 });
  await using app = await startApp({ storeMode: 'own', storeUrl: server.url(store), dataDirectory });
  await until(async () => (await inStore(store).catch(() => [])).length === 1);
  await until(async () => !(await readdir(dataDirectory)).some((name) => /^audit-journal-\d/.test(name)));
  expect(await entriesOf(app.client)).toMatchObject([{ host: 'cli' }]);
  const shared = { ...environment, STEWARD_STORE_URL: server.url(store) };
  expect((await steward(['audit', '--json'], { environment: shared })).json()).toMatchObject({ source: 'store' });
  await server.run('drop table by_command');
});

it('the store’s second migration carries old rows over, and back', async () => {
  const store = await newDatabase();
  const { openStore } = await import('../../electron/store/index.ts');
  const { password, host, port, user } = server;
  const orm = await openStore({ host, port, user, password, database: store, ssl: false });
  await orm.migrator.down({ to: '001-store' });
  await server.run(
    `insert into steward.audit (at, actor, connection_id, connection_name, database, action, sql, outcome, duration_ms) values
       ('2026-01-01', 'ada', 'c', 'Shop', 'shop', 'query', 'delete from a', 'done', 3),
       ('2026-01-02', 'ada', 'c', 'Shop', 'shop', 'migration up 004_x up', 'create table b ()', 'no such thing', 4),
       ('2026-01-03', 'ada', 'c', 'Shop', 'shop', 'restore', 'restore /f', 'cancelled', null)`,
    store,
  );
  await orm.migrator.up();
  const columns = 'actor, action, subject, sql, outcome, error, duration_ms, connection_id';
  expect(await server.run(`select ${columns} from steward.audit order by at`, store)).toEqual([
    {
      actor: 'ada',
      action: 'query',
      subject: null,
      sql: 'delete from a',
      outcome: 'done',
      error: null,
      duration_ms: 3,
      connection_id: 'c',
    },
    {
      actor: 'ada',
      action: 'migration-up',
      subject: '004_x up',
      sql: 'create table b ()',
      outcome: 'failed',
      error: 'no such thing',
      duration_ms: 4,
      connection_id: 'c',
    },
    {
      actor: 'ada',
      action: 'restore',
      subject: null,
      sql: 'restore /f',
      outcome: 'cancelled',
      error: null,
      duration_ms: null,
      connection_id: 'c',
    },
  ]);
  expect(
    await server.run(
      `select indexname from pg_indexes where schemaname = 'steward' and tablename = 'audit' order by 1`,
      store,
    ),
  ).toEqual(
    ['audit_at_idx', 'audit_connection_at_idx', 'audit_pkey', 'audit_search_idx'].map((indexname) => ({ indexname })),
  );
  await orm.migrator.down({ to: '001-store' });
  expect(await server.run('select action, outcome from steward.audit order by at', store)).toEqual([
    { action: 'query', outcome: 'done' },
    { action: 'migration up 004_x up', outcome: 'no such thing' },
    { action: 'restore', outcome: 'cancelled' },
  ]);
  await orm.migrator.up();
  await orm.close(true);
  expect(await server.run('select count(*)::int as n from steward.audit', store)).toEqual([{ n: 3 }]);
});

it('history that is pruned leaves the audit alone', async () => {
  const store = await newDatabase();
  await using app = await startApp({ storeMode: 'own', storeUrl: server.url(store) });
  const { id } = await app.client.connections.save(draftFor(server));
  await collect(await app.client.query.run({ connectionId: id, tabId: 'a', sql: 'create temp table t ()' }));
  await until(async () => (await inStore(store).catch(() => [])).length === 1);
  await app.services.history.prune(-1);
  expect(await inStore(store)).toHaveLength(1);
});

async function active(marker: string): Promise<number> {
  const rows = await server.run(
    `select count(*)::int as count from pg_stat_activity where state = 'active' and query like '%${marker}%' and pid <> pg_backend_pid()`,
  );
  return Number(rows[0]?.['count']);
}

async function clientOf(host: HostProcess): Promise<AppClient> {
  const { socket } = await openSocket(host.url);
  socket.on('error', () => {});
  return createORPCClient(new RPCLink({ websocket: socket as never }));
}
