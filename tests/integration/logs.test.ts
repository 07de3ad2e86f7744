import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { LogStatement } from '#contract/logs.ts';

import { loadSqlParser } from '../../electron/postgres/sql-parser/index.ts';
import { readLog } from '../../electron/services/logs/read-log.ts';
import { analyzePlans } from '../../electron/plan-core/index.ts';
import { type TestApp, jobEnd, startApp } from '../support/app.ts';
import { type ServerMajor, type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

// Logs that real servers wrote while it was known what they ran.

const prefixes = ['%m [%p] ', '%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ', ''] as const;

beforeAll(() => loadSqlParser());

const cases = ([13, 15, 16, 18] as const).flatMap((major) =>
  prefixes.map((prefix, index) => ({ major, prefix, plans: index === 1 ? 'json' : 'text' })),
);

describe.each(cases)('PostgreSQL $major with prefix "$prefix" and plans as $plans', ({ major, prefix, plans }) => {
  let server: TestServer;
  const reports = new Map<string, Awaited<ReturnType<typeof readLog>>>();

  beforeAll(async () => {
    server = await startLogging(major, prefix, plans);
    const folder = await runEverything(server);
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name);
      const { length } = await readFile(file);
      const format = path.extname(name).slice(1);
      reports.set(format, await readLog([{ path: file, name, bytes: length }], () => {}, new AbortController().signal));
    }
  });
  afterAll(() => server.stop());

  const formats = major >= 15 ? ['log', 'csv', 'json'] : ['log', 'csv'];

  it.each(formats)('in %s: nothing is unreadable, and every number is what was run', (format) => {
    const read = reports.get(format);
    if (!read) throw new Error(`no ${format} among ${[...reports.keys()].join(', ')}`);
    const { report, statements } = read;
    expect([report.unreadableLines, report.unreadable, report.foreignMessages]).toEqual([0, [], 0]);
    const named = new Map(statements.map(({ statement }) => [statement.sql.replaceAll(/\s+/g, ' '), statement]));
    const of = (sql: string): LogStatement | undefined => named.get(sql);
    expect(of('select a, b from t where a = $1 and b <> $2')).toMatchObject({ calls: 5, errors: 0, fromPlans: false });
    expect(of('select * from t where a = $1')).toMatchObject({ calls: 3 });
    expect(of('select count(*) from t where a > $1')).toMatchObject({ calls: 7, parseMs: 0, bindMs: 0 });
    expect(
      of('select b, count(*) from t group by b order by b desc, $1')?.tempFiles ??
        of('select * from t order by b, a desc')?.tempFiles,
    ).toBeGreaterThan(0);
    expect(of('update t set b = b where a = $1')).toMatchObject({ calls: 2 });
    expect(report.tempBytes).toBeGreaterThan(1_000_000);
    expect(report.errorGroups.find(({ shape }) => shape === 'division by zero')).toMatchObject({
      severity: 'ERROR',
      count: 3,
    });
    expect(report.errorGroups.find(({ shape }) => shape === 'relation "…" does not exist')).toMatchObject({ count: 2 });
    expect([report.lockWaits, report.deadlocks]).toEqual([expect.any(Number), 1]);
    const wait = report.locks.find(({ sql, outcome }) => outcome === 'acquired' && sql?.startsWith('update t set b'));
    expect(wait).toMatchObject({ mode: 'ShareLock', object: expect.stringMatching(/^transaction \d+$/) });
    expect(wait?.waitedMs).toBeGreaterThan(100);
    expect(wait?.holders).toHaveLength(1);
    expect(report.deadlockDetails[0]?.detail).toContain('waits for ShareLock');
    expect(report.checkpoints.count).toBeGreaterThan(0);
    expect(report.checkpoints.requested).toBeGreaterThan(0);
    const vacuum = report.vacuums.find(({ table }) => table === 'postgres.public.worn');
    expect(vacuum).toMatchObject({ tuplesRemoved: 20_000 });
    expect(vacuum?.vacuums).toBeGreaterThan(0);
    expect([report.connections.authorized, report.connections.ended]).toEqual([2, 2]);
    expect(report.advice.map(({ id }) => id).filter((id) => id !== 'prefix')).toEqual([]);
    expect(report.calls).toBe(statements.reduce((sum, { statement }) => sum + statement.calls, 0));
  });

  it.each(formats)('in %s: runs have their values', (format) => {
    const { statements } = reports.get(format) ?? { statements: [] };
    const found = statements.find(({ statement }) => /^select a, b\s+from t/.test(statement.sql));
    const values = found?.samples.map(({ parameters }) => JSON.stringify(parameters)).toSorted();
    expect(values).toEqual(
      [1, 2, 3, 4, 5].map((n) => JSON.stringify([String(n), n === 5 ? null : "it's\n\ttab"])).toSorted(),
    );
    const prepared = statements.find(({ statement }) => statement.sql === 'select * from t where a = $1');
    expect(prepared?.samples.map(({ parameters }) => parameters)).toContainEqual(['7']);
  });

  it.each(formats)('in %s: plans can be read, and know their statement', (format) => {
    const read = reports.get(format);
    expect(read?.report.plans).toBeGreaterThan(10);
    expect(read?.plans.length).toBeGreaterThan(5);
    for (const { plan, source } of read?.plans ?? []) {
      expect(plan.sql).not.toBeNull();
      expect(analyzePlans(source)[0]?.nodes.length).toBeGreaterThan(0);
    }
  });

  it('says who ran it as far as the format tells', () => {
    const users = (format: string) => [
      ...new Set(reports.get(format)?.statements.flatMap(({ statement }) => statement.users)),
    ];
    expect(users('csv')).toEqual(['steward_test']);
    expect(users('log')).toEqual(prefix.includes('user=') ? ['steward_test'] : []);
    const applications = reports.get('csv')?.statements.flatMap(({ statement }) => statement.applications);
    expect(applications).toContain('probe, x=y LOG:  no');
    const advised = reports.get('log')?.report.advice.some(({ id }) => id === 'prefix');
    expect(advised).toBe(!prefix.includes('user='));
  });

  it.each(formats.filter((format) => format !== 'csv'))('tells the same in %s as in csvlog', (format) => {
    // The first messages of a server go to stderr alone, and without a process nothing is told apart by sessions.
    const sums = (name: string) => {
      const report = reports.get(name)?.report;
      if (!report) throw new Error(`no ${name}`);
      const { calls, errors, plans: planned, deadlocks, tempFiles, tempBytes, lockWaits } = report;
      return { calls, errors, planned, deadlocks, tempFiles, tempBytes, lockWaits, statements: report.statements };
    };
    expect(sums(format)).toEqual(sums('csv'));
  });
});

describe('an import', () => {
  let server: TestServer;
  let app: TestApp;

  beforeAll(async () => {
    server = await startTestServer();
    await server.createDatabase('store');
    app = await startApp({ storeUrl: server.url('store'), storeMode: 'none' });
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await server.stop();
  });

  const log = (ms: number, value: string) =>
    `2026-11-29 18:07:36.590 UTC [1] LOG:  duration: ${ms} ms  execute <unnamed>: select * from t where a = $1\n2026-11-29 18:07:36.590 UTC [1] DETAIL:  parameters: $1 = '${value}'\n`;

  it('is kept, listed, answered in parts and removed', async () => {
    const { jobId, importId } = await app.client.logs.import({
      text: log(5, 'a') + log(7, 'b\u0000\uD800') + 'junk\n',
      name: 'mine',
    });
    expect(await jobEnd(app.client, jobId)).toMatchObject({
      kind: 'log',
      state: 'done',
      outcome: '2 messages, 1 statement; 1 line could not be read',
    });
    expect(await app.client.logs.list()).toMatchObject([
      { id: importId, name: 'mine', kept: true, calls: 2, totalMs: 12 },
    ]);
    const [statement] = await app.client.logs.statements({ id: importId });
    expect(statement).toMatchObject({ sql: 'select * from t where a = $1', calls: 2 });
    const whole = await app.client.logs.statement({ id: importId, fingerprint: statement?.fingerprint ?? '' });
    expect(whole.samples.map(({ parameters }) => parameters)).toEqual([['b\uFFFD\uFFFD'], ['a']]);
    expect(await app.client.logs.report({ id: importId })).toMatchObject({ unreadable: [{ line: 5 }] });
    const byText = await app.client.logs.samples({ sql: 'select * from t where a = 99' });
    expect(byText.map(({ durationMs, importName }) => [durationMs, importName])).toEqual([
      [7, 'mine'],
      [5, 'mine'],
    ]);
    expect(await app.client.logs.samples({ fingerprint: statement?.fingerprint ?? '', limit: 1 })).toHaveLength(1);
    expect((await app.client.logs.export({ id: importId, format: 'csv' })).text).toContain(
      'select * from t where a = $1',
    );
    await app.client.logs.remove({ id: importId });
    expect(await app.client.logs.list()).toEqual([]);
    expect(await app.client.logs.samples({ sql: 'select * from t where a = 99' })).toEqual([]);
  });

  it('takes an upload in parts, and leaves no file behind', async () => {
    const { uploadId } = await app.client.logs.beginUpload({ name: 'dropped.log' });
    const bytes = Buffer.from(log(5, 'ä'));
    for (const part of [bytes.subarray(0, 60), bytes.subarray(60)])
      await app.client.logs.uploadPart({ uploadId, base64: part.toString('base64') });
    const { jobId, importId } = await app.client.logs.import({ uploadId });
    await jobEnd(app.client, jobId);
    expect(await app.client.logs.report({ id: importId })).toMatchObject({
      name: 'dropped.log',
      calls: 1,
      bytes: bytes.length,
    });
    expect(await readdir(path.join(app.dataDirectory, 'uploads'))).toEqual([]);
    await app.client.logs.remove({ id: importId });
  });

  it('is cancelled while it reads', async () => {
    const file = path.join(app.dataDirectory, 'large.log');
    await writeFile(file, log(5, 'x').repeat(400_000));
    const { jobId } = await app.client.logs.import({ path: file });
    await until(async () => ((await app.client.jobs.list()).find(({ id }) => id === jobId)?.fraction ?? 0) > 0);
    await app.client.jobs.cancel({ id: jobId });
    expect(await jobEnd(app.client, jobId)).toMatchObject({ state: 'cancelled' });
    expect(await app.client.logs.list()).toEqual([]);
    await rm(file);
  });

  it('that the store refuses says why, and shows nothing of what it holds', async () => {
    const store = new pg.Client({ connectionString: server.url('store') });
    await store.connect();
    const table = String(
      (
        await store.query(
          "select oid::regclass as name from pg_class where relkind = 'r' and relname like 'log\\_import%'",
        )
      ).rows[0]?.name,
    );
    await store.query(`alter table ${table} add constraint refused check (name <> 'refused') not valid`);
    const { jobId, importId } = await app.client.logs.import({ text: log(5, 'a'), name: 'refused' });
    const { state, outcome } = await jobEnd(app.client, jobId);
    await store.query(`alter table ${table} drop constraint refused`);
    await store.end();
    expect(state).toBe('done');
    expect(outcome).toMatch(
      /not kept: the store refused it: new row for relation "[^"]+" violates check constraint "refused"$/,
    );
    expect(await app.client.logs.list()).toMatchObject([{ id: importId, kept: false }]);
    await app.client.logs.remove({ id: importId });
  });

  it('of a folder with more files than are read tells how many it left out', async () => {
    const folder = path.join(app.dataDirectory, 'many');
    await mkdir(folder);
    for (let number = 0; number < 62; number += 1)
      await writeFile(path.join(folder, `postgresql-${number}.log`), log(5, 'a'));
    const { jobId, importId } = await app.client.logs.import({ path: folder });
    expect(await jobEnd(app.client, jobId)).toMatchObject({
      outcome: expect.stringContaining('; 2 files left out'),
    });
    expect(await app.client.logs.report({ id: importId })).toMatchObject({ filesLeftOut: 2, calls: 60 });
    await app.client.logs.remove({ id: importId });
    await rm(folder, { recursive: true });
  });

  it('works while the store is away, and says that it is not kept', async () => {
    await using lonely = await startApp();
    const { jobId, importId } = await lonely.client.logs.import({ text: log(5, 'a') });
    expect(await jobEnd(lonely.client, jobId)).toMatchObject({
      state: 'done',
      outcome: expect.stringContaining('not kept: the store is away'),
    });
    expect(await lonely.client.logs.list()).toMatchObject([{ id: importId, kept: false }]);
    expect(await lonely.client.logs.statements({ id: importId })).toHaveLength(1);
  });
});

async function startLogging(major: ServerMajor, prefix: string, plans: string): Promise<TestServer> {
  return startTestServer({
    major,
    settings: {
      logging_collector: 'on',
      log_destination: major >= 15 ? 'stderr,csvlog,jsonlog' : 'stderr,csvlog',
      log_line_prefix: prefix,
      log_min_duration_statement: '0',
      log_temp_files: '0',
      log_lock_waits: 'on',
      deadlock_timeout: '50ms',
      log_checkpoints: 'on',
      log_autovacuum_min_duration: '0',
      autovacuum_naptime: '1s',
      log_connections: major >= 18 ? 'all' : 'on',
      log_disconnections: 'on',
      log_timezone: 'UTC',
      lc_messages: 'C',
      shared_preload_libraries: 'auto_explain',
      'auto_explain.log_min_duration': '0',
      'auto_explain.log_analyze': 'on',
      'auto_explain.log_format': plans,
    },
  });
}

/** Runs what the tests count. Answers the folder of the logs, when the server has stopped writing to them. */
async function runEverything(server: TestServer): Promise<string> {
  const connect = async (application: string) => {
    const client = new pg.Client({
      host: server.host,
      port: server.port,
      user: server.user,
      password: server.password,
      database: 'postgres',
      application_name: application,
    });
    await client.connect();
    return client;
  };
  const one = await connect('probe, x=y LOG:  no');
  const other = await connect('other');
  const folder = path.join(String((await one.query('show data_directory')).rows[0]?.data_directory), 'log');
  await one.query('create table t (a int primary key, b text)');
  await one.query("insert into t select n, repeat('x', 100) || n from generate_series(1, 30000) n");
  await one.query('create table worn (a int)');
  await one.query('insert into worn select n from generate_series(1, 40000) n');
  await one.query('delete from worn where a % 2 = 0');
  for (let n = 1; n <= 5; n += 1)
    await one.query({
      text: 'select a, b\n  from t\n where a = $1 and b <> $2',
      values: [n, n === 5 ? null : "it's\n\ttab"],
    });
  for (let n = 1; n <= 7; n += 1) await one.query(`select count(*) from t where a > ${n}`);
  await one.query('prepare p (int) as select * from t where a = $1');
  for (const n of [7, 8, 9]) await one.query(`execute p(${n})`);
  await one.query("set work_mem = '64kB'");
  await one.query('select * from t order by b, a desc');
  await one.query('reset work_mem');
  for (let n = 0; n < 2; n += 1) await one.query('select 1/0').catch(() => {});
  await one.query({ text: 'select 1/$1::int', values: [0] }).catch(() => {});
  for (const name of ['nowhere', 'nothing']) await one.query(`select * from ${name}`).catch(() => {});
  // One waits for the other.
  await one.query('begin');
  await one.query('update t set b = b where a = 1');
  const waiting = other.query('update t set b = b where a = 1');
  const logged = async (words: string, times = 1) => {
    for (const name of await readdir(folder))
      if (name.endsWith('.log') && (await readFile(path.join(folder, name), 'utf8')).split(words).length > times)
        return true;
    return false;
  };
  await until(() => logged('still waiting for ShareLock'), 'a wait in the log');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await one.query('commit');
  await waiting;
  // Each waits for the other.
  await one.query('begin; update t set b = b || 1 where a = 2');
  await other.query('begin; update t set b = b || 2 where a = 3');
  const both = await Promise.allSettled([
    one.query('update t set b = b || 1 where a = 3'),
    other.query('update t set b = b || 2 where a = 2'),
  ]);
  expect(both.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  await one.query('rollback');
  await other.query('rollback');
  await one.query('checkpoint');
  // PostgreSQL 13 tells what a session did only when it goes on or ends.
  await one.end();
  await other.end();
  await until(() => logged('automatic vacuum of table "postgres.public.worn"'), 'a vacuum in the log');
  await until(() => logged('disconnection: session time', 2), 'the ends of both sessions in the log');
  await server.crash();
  return folder;
}
