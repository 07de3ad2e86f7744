import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type TestApp, draftFor, jobEnd, startApp, temporaryFolder } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let app: TestApp;
let connectionId: string;

const odd = `create schema "odd ""schema""";
  create type "odd ""schema""".mood as enum ('fine', 'so; so');
  create table "odd ""schema"".""" (id int generated always as identity primary key, "a;b" text, m "odd ""schema""".mood, v numeric, b bytea, j jsonb, at timestamptz default '2026-01-02 03:04:05.678+01');
  insert into "odd ""schema"".""" ("a;b", m, v, b, j) values
    ('it''s; -- no comment' || chr(10) || '\\\\. $$ $tag$ /* " ', 'so; so', 'NaN', '\\x0001ff', '{"k": "v;''"}'), (null, null, 1.10, null, null), (chr(128512) || '\\', 'fine', -0.5, '', '[]');
  create table rows (i int primary key, t text);
  insert into rows select n, repeat(md5(n::text), 40) from generate_series(1, 20000) n;
  create function says() returns text language plpgsql as $body$ begin return 'semi; colon $$'; end $body$;
  create view seen as select count(*) from rows`
  .replace('"odd ""schema"".""" (', '"odd ""schema"""."t""" (')
  .replace('into "odd ""schema"".""" (', 'into "odd ""schema"""."t""" (');

const fingerprint = `select md5(string_agg(t::text, ',' order by id)) as odd, (select md5(string_agg(r::text, ',' order by i)) from rows r) as rows, says() as says, (select count from seen) as seen from "odd ""schema"""."t""" t`;

beforeAll(async () => {
  server = await startTestServer();
  await server.createDatabase('shop');
  await server.run(odd, 'shop');
  app = await startApp();
  connectionId = (await app.client.connections.save(draftFor(server, { name: 'shop', database: 'shop' }))).id;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});

const back = async (options: Partial<Parameters<TestApp['client']['backups']['start']>[0]> = {}, id = connectionId) =>
  jobEnd(app.client, (await app.client.backups.start({ connectionId: id, ...options })).jobId);

describe.each([
  ['custom', 'native'],
  ['directory', 'native'],
  ['tar', 'native'],
  ['plain', 'native'],
  ['plain', 'built-in'],
] as const)('a %s backup by the %s tool', (format, tool) => {
  it('is written, read back, described, and comes back whole in a new database', async () => {
    const directory = await temporaryFolder();
    const job = await back({ format, tool, directory });
    expect(job).toMatchObject({ state: 'done', failure: null, fraction: 1 });
    const [backup] = (await app.client.backups.list({ connectionId })).filter(({ file }) => file.startsWith(directory));
    expect(backup).toMatchObject({ format, tool, level: 'readable', present: true, database: 'shop' });
    const manifest = JSON.parse(await readFile(backup?.manifest ?? '', 'utf8')) as {
      files: { sha256: string }[];
      tables: { name: string }[];
    };
    expect(manifest.files.length).toBeGreaterThan(0);
    expect(manifest.tables.map(({ name }) => name)).toContain('public.rows');
    expect((await readdir(directory)).filter((name) => name.includes('partial'))).toEqual([]);
    const database = `restored; "${format} ${tool}"`;
    const restored = await jobEnd(
      app.client,
      (await app.client.backups.restore({ id: backup?.id ?? '', connectionId, database })).jobId,
    );
    expect(restored).toMatchObject({ state: 'done', failure: null });
    expect(await server.run(fingerprint, database)).toEqual(await server.run(fingerprint, 'shop'));
  });
});

it('a restore never goes over a database that exists', async () => {
  await back();
  const [backup] = await app.client.backups.list({ connectionId });
  const job = await jobEnd(
    app.client,
    (await app.client.backups.restore({ id: backup?.id ?? '', connectionId, database: 'shop' })).jobId,
  );
  expect(job).toMatchObject({ state: 'failed', failure: { code: 'conflict' } });
  expect(await server.run('select count(*)::int as n from rows', 'shop')).toEqual([{ n: 20_000 }]);
});

it('a restore that fails drops the database it had begun', async () => {
  await back();
  const [backup] = await app.client.backups.list({ connectionId });
  await truncate(backup?.file ?? '', 40_000);
  const job = await jobEnd(
    app.client,
    (await app.client.backups.restore({ id: backup?.id ?? '', connectionId, database: 'half_way' })).jobId,
  );
  expect(job.state).toBe('failed');
  expect(await server.run(`select datname from pg_database where datname = 'half_way'`)).toEqual([]);
});

it('a plain dump whose rows the server refuses fails in its words, and leaves nothing', async () => {
  const directory = await temporaryFolder();
  await back({ format: 'plain', tool: 'native', directory });
  const backup = (await app.client.backups.list({ connectionId })).find(({ file }) => file.startsWith(directory));
  const text = await readFile(backup?.file ?? '', 'utf8');
  await writeFile(backup?.file ?? '', text.replace(/(COPY public\.rows .*\n(?:.*\n){5})/, '$1not a row at all\n'));
  const job = await jobEnd(
    app.client,
    (await app.client.backups.restore({ id: backup?.id ?? '', connectionId, database: 'bad_rows' })).jobId,
  );
  expect(job).toMatchObject({ state: 'failed', failure: { code: 'postgres' } });
  expect(await server.run(`select datname from pg_database where datname = 'bad_rows'`)).toEqual([]);
});

it('a folder that cannot be written is an error before anything is begun', async () => {
  const folder = await temporaryFolder();
  await writeFile(path.join(folder, 'file'), '');
  const job = await back({ directory: path.join(folder, 'file', 'below') });
  expect(job).toMatchObject({
    state: 'failed',
    failure: { code: 'input_output', hint: expect.stringContaining('another folder') },
  });
  expect(await readdir(folder)).toEqual(['file']);
  expect(await back({ directory: '/proc/nowhere/at/all' })).toMatchObject({
    state: 'failed',
    failure: { code: 'input_output' },
  });
});

const small = makeSmallDisk();
it.skipIf(small === undefined)(
  `a disk that fills up is an error, and nothing is left behind${small === undefined ? ' (skipped: no file system can be mounted here)' : ''}`,
  async () => {
    for (const tool of ['native', 'built-in'] as const) {
      const job = await back({ directory: small ?? '', tool, format: 'tar' });
      expect(job).toMatchObject({ state: 'failed', failure: { code: 'input_output' } });
      expect(await readdir(small ?? '')).toEqual([]);
    }
    spawnSync('umount', [small ?? '']);
  },
);

it('cancel leaves no file and no session, and the password is in no argument of any process', async () => {
  await server.createDatabase('slow');
  // A lock on one table keeps pg_dump waiting, where it can be looked at.
  await server.run('create table held (i int)', 'slow');
  const id = (await app.client.connections.save(draftFor(server, { name: 'slow', database: 'slow' }))).id;
  const holder = app.client.query.run({
    connectionId: id,
    tabId: 'holder',
    sql: 'begin; lock table held in access exclusive mode',
  });
  for await (const _ of await holder);
  const directory = await temporaryFolder();
  const { jobId } = await app.client.backups.start({ connectionId: id, directory });
  const sessions = async () =>
    Number(
      (
        await server.run(
          `select count(*)::int as n from pg_stat_activity where application_name like 'steward backup%' and wait_event_type = 'Lock'`,
        )
      )[0]?.['n'],
    );
  await until(async () => (await sessions()) === 1);
  const seen = commandLines().filter((line) => line.includes('pg_dump'));
  expect(seen.length).toBeGreaterThan(0);
  expect(commandLines().filter((line) => line.includes(server.password))).toEqual([]);
  await app.client.jobs.cancel({ id: jobId });
  expect(await jobEnd(app.client, jobId)).toMatchObject({ state: 'cancelled' });
  expect(await readdir(directory)).toEqual([]);
  await until(
    async () =>
      (
        await server.run(
          `select count(*)::int as n from pg_stat_activity where application_name like 'steward backup%'`,
        )
      )[0]?.['n'] === 0,
  );
  await app.client.query.closeTab({ tabId: 'holder' });
});

it('a server that is killed during a backup is a clear failure, and nothing is left behind', async () => {
  const own = await startTestServer();
  await own.run('create table held (i int)');
  for (const tool of ['native', 'built-in'] as const) {
    const id = (await app.client.connections.save(draftFor(own, { name: `killed ${tool}` }))).id;
    for await (const _ of await app.client.query.run({
      connectionId: id,
      tabId: tool,
      sql: 'begin; lock table held in access exclusive mode',
    }));
    const directory = await temporaryFolder();
    const { jobId } = await app.client.backups.start({ connectionId: id, directory, tool });
    await until(
      async () =>
        Number(
          (
            await own.run(
              `select count(*)::int as n from pg_stat_activity where application_name like 'steward backup%' and wait_event_type = 'Lock'`,
            )
          )[0]?.['n'],
        ) === 1,
    );
    await own.crash();
    const job = await jobEnd(app.client, jobId);
    expect(job).toMatchObject({ state: 'failed', failure: { code: 'connection_lost', retryable: true } });
    expect(await readdir(directory)).toEqual([]);
    await own.start();
    await app.client.connections.close({ id });
  }
  await own.stop();
});

it('says what it would use, and what to install when nothing fits', async () => {
  const newer = await startTestServer({ major: 18 });
  const id = (await app.client.connections.save(draftFor(newer, { name: 'newer' }))).id;
  expect(await app.client.backups.plan({ connectionId })).toMatchObject({ tool: { kind: 'native', major: 15 } });
  expect(await app.client.backups.plan({ connectionId: id })).toMatchObject({
    tool: { kind: 'built-in', why: expect.stringContaining('refuses newer servers') },
  });
  expect(await back({ tool: 'native' }, id)).toMatchObject({
    state: 'failed',
    failure: { code: 'tool_missing', hint: expect.stringContaining('postgresql-client-18') },
  });
  await newer.stop();
});

it('a value that the built-in dump could not keep refuses the backup instead of changing the value', async () => {
  await server.createDatabase('unkept');
  await server.run(`create table t (v text); insert into t values (e'first\\n\\\\restrict me\\nlast')`, 'unkept');
  const id = (await app.client.connections.save(draftFor(server, { name: 'unkept', database: 'unkept' }))).id;
  expect(await back({ tool: 'built-in' }, id)).toMatchObject({
    state: 'failed',
    failure: { message: expect.stringContaining('\\restrict') },
  });
});

function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        // It ended meanwhile.
        return '';
      }
    });
}

/** A file system of 1 MB, where this machine lets one be mounted. */
function makeSmallDisk(): string | undefined {
  const folder = `/tmp/steward-small-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
  return status === 0 ? folder : undefined;
}
