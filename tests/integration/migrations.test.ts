import { cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { type TestApp, draftFor, jobEnd, startApp, temporaryFolder } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

let server: TestServer;
let app: TestApp;
let folder: string;
let connectionId: string;
let database: string;
let number = 0;

beforeAll(async () => {
  server = await startTestServer();
  app = await startApp({ storeMode: 'own' });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});
beforeEach(async () => {
  folder = await temporaryFolder();
  database = `migrate_${(number += 1)}`;
  await server.createDatabase(database);
  connectionId = (await app.client.connections.save(draftFor(server, { name: database, database }))).id;
});

const write = (name: string, body: string) =>
  writeFile(
    path.join(folder, name),
    `import { Migration } from '@mikro-orm/migrations';\nexport class M extends Migration {\n${body}\n}\n`,
  );
const up = async (to?: string) =>
  jobEnd(app.client, (await app.client.migrations.up({ connectionId, folder, ...(to ? { to } : {}) })).jobId);
const down = async (name: string) =>
  jobEnd(app.client, (await app.client.migrations.down({ connectionId, folder, name })).jobId);
const states = async () =>
  Object.fromEntries(
    (await app.client.migrations.status({ connectionId, folder })).entries.map(({ name, state }) => [name, state]),
  );
const tables = async () =>
  (
    await server.run(
      `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`,
      database,
    )
  ).map((row) => row['relname']);

it('reading the status changes nothing on the server and loads no code', async () => {
  await writeFile(path.join(folder, '001_bad.ts'), `throw new Error('this was loaded');`);
  const status = await app.client.migrations.status({ connectionId, folder });
  expect(status).toMatchObject({
    trusted: false,
    tableExists: false,
    entries: [{ name: '001_bad', state: 'pending' }],
  });
  expect(await tables()).toEqual([]);
});

it('asks for trust before it loads a folder', async () => {
  await writeFile(
    path.join(folder, '001_touch.ts'),
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(path.join(folder, 'was-loaded'))}, ''); export class M { up() {} }`,
  );
  await expect(app.client.migrations.sql({ folder })).rejects.toMatchObject({
    data: { code: 'untrusted', hint: expect.stringContaining('code') },
  });
  await expect(app.client.migrations.up({ connectionId, folder })).rejects.toMatchObject({
    data: { code: 'untrusted' },
  });
  expect(await readdir(folder)).toEqual(['001_touch.ts']);
});

it('shows SQL without a server, applies and rolls back', async () => {
  await write(
    '001_a.ts',
    `up() { this.addSql('create table a (id int primary key)'); }\n down() { this.addSql('drop table a'); }`,
  );
  await write(
    '002_b.ts',
    `async up() { this.addSql('create table b (id int primary key)'); this.addSql('insert into b values (1)'); }\n async down() { this.addSql('drop table b'); }`,
  );
  await app.client.migrations.trust({ folder, trusted: true });
  const sql = await app.client.migrations.sql({ folder });
  expect(sql).toMatchObject([
    {
      name: '001_a',
      up: ['create table a (id int primary key)'],
      down: ['drop table a'],
      reversible: true,
      dynamic: false,
      error: null,
    },
    { name: '002_b', up: ['create table b (id int primary key)', 'insert into b values (1)'] },
  ]);
  expect(await up('001_a')).toMatchObject({ state: 'done', outcome: '001_a is applied' });
  expect(await states()).toEqual({ '001_a': 'applied', '002_b': 'pending' });
  expect(await up()).toMatchObject({ state: 'done' });
  expect(await tables()).toEqual(['a', 'b', 'mikro_orm_migrations']);
  expect(await up()).toMatchObject({ outcome: 'Nothing was pending' });
  expect(await down('001_a')).toMatchObject({ state: 'failed', failure: { code: 'conflict' } });
  expect(await down('002_b')).toMatchObject({ state: 'done' });
  expect(await down('001_a')).toMatchObject({ state: 'done' });
  expect(await tables()).toEqual(['mikro_orm_migrations']);
  expect((await readdir(folder)).toSorted()).toEqual(['001_a.ts', '002_b.ts']);
});

it('a migration that fails leaves nothing of itself, and what was before it stays', async () => {
  await write('001_good.ts', `up() { this.addSql('create table good (i int)'); }`);
  await write(
    '002_half.ts',
    `up() { this.addSql('create table half (i int)'); this.addSql('insert into half values (1/0)'); }`,
  );
  await app.client.migrations.trust({ folder, trusted: true });
  expect(await up()).toMatchObject({
    state: 'failed',
    failure: {
      code: 'postgres',
      message: expect.stringContaining('division by zero'),
      postgres: { sqlstate: '22012' },
    },
  });
  expect(await tables()).toEqual(['good', 'mikro_orm_migrations']);
  expect(await states()).toEqual({ '001_good': 'applied', '002_half': 'pending' });
});

it('sees what was changed since it was applied, and what is missing', async () => {
  await write('001_a.ts', `up() { this.addSql('select 1'); }`);
  await app.client.migrations.trust({ folder, trusted: true });
  await up();
  await write('001_a.ts', `up() { this.addSql('select 2'); }`);
  await server.run(`insert into mikro_orm_migrations (name) values ('000_gone')`, database);
  expect(await states()).toEqual({ '000_gone': 'missing', '001_a': 'changed' });
});

it('only one run at a time', async () => {
  await write('001_slow.ts', `up() { this.addSql('select pg_sleep(2)'); this.addSql('create table once (i int)'); }`);
  await app.client.migrations.trust({ folder, trusted: true });
  const [first, second] = await Promise.all([up(), up()]);
  expect([first.state, second.state].toSorted()).toEqual(['done', 'failed']);
  expect([first, second].find(({ state }) => state === 'failed')?.failure).toMatchObject({
    code: 'busy',
    retryable: true,
  });
  expect(await server.run('select count(*)::int as n from mikro_orm_migrations', database)).toEqual([{ n: 1 }]);
});

it('cancel ends the statement on the server and rolls back', async () => {
  await write(
    '001_long.ts',
    `up() { this.addSql('create table never (i int)'); this.addSql('select pg_sleep(120)'); }`,
  );
  await app.client.migrations.trust({ folder, trusted: true });
  const { jobId } = await app.client.migrations.up({ connectionId, folder });
  const running = async () =>
    Number(
      (
        await server.run(
          `select count(*)::int as n from pg_stat_activity where application_name like 'steward migrate%' and query like 'select pg_sleep%'`,
        )
      )[0]?.['n'],
    );
  while ((await running()) === 0);
  await app.client.jobs.cancel({ id: jobId });
  expect(await jobEnd(app.client, jobId)).toMatchObject({ state: 'cancelled' });
  while ((await running()) > 0);
  expect(await tables()).not.toContain('never');
});

it('takes the files that people have: enums, CommonJS, transactions switched off, no down', async () => {
  await writeFile(
    path.join(folder, '001_enum.ts'),
    `import { Migration } from '@mikro-orm/migrations';\nenum Kind { A = 'a', B = 'b' }\nexport default class extends Migration { up(): void { this.addSql(\`create type kind as enum ('\${Kind.A}', '\${Kind.B}')\`); } }`,
  );
  await writeFile(
    path.join(folder, '002_common.cjs'),
    `const { Migration } = require('@mikro-orm/migrations');\nexports.M = class extends Migration { up() { this.addSql('create table c (i int)'); } down() { this.addSql('drop table c'); } };`,
  );
  await write(
    '003_alone.js',
    `isTransactional() { return false; }\n up() { this.addSql('create index concurrently c_i on c (i)'); }`,
  );
  await writeFile(path.join(folder, 'notes.md'), 'no migration');
  await writeFile(path.join(folder, 'types.d.ts'), 'export type X = 1;');
  await app.client.migrations.trust({ folder, trusted: true });
  expect(await app.client.migrations.sql({ folder })).toMatchObject([
    { name: '001_enum', up: [`create type kind as enum ('a', 'b')`], reversible: false, error: null },
    { name: '002_common.cjs', reversible: true, error: null },
    { name: '003_alone', transactional: false, reversible: false, error: null },
  ]);
  expect(await up()).toMatchObject({ state: 'done', failure: null });
  expect(await down('003_alone')).toMatchObject({
    state: 'failed',
    failure: { message: expect.stringContaining('cannot be reverted') },
  });
});

it('says of each file what is wrong with it, and shows the others', async () => {
  await writeFile(path.join(folder, '001_syntax.ts'), 'export class {');
  await writeFile(path.join(folder, '002_empty.ts'), 'export const nothing = 1;');
  await write(
    '003_dynamic.ts',
    `async up() { const rows = await this.execute('select 1'); this.addSql('select ' + rows.length); }`,
  );
  await app.client.migrations.trust({ folder, trusted: true });
  expect(await app.client.migrations.sql({ folder })).toMatchObject([
    { name: '001_syntax', error: expect.any(String) },
    { name: '002_empty', error: expect.stringContaining('up()') },
    { name: '003_dynamic', dynamic: true, error: null },
  ]);
  await expect(
    app.client.migrations.status({ connectionId, folder: path.join(folder, 'nowhere') }),
  ).rejects.toMatchObject({ data: { code: 'not_found' } });
});

it('each migration of the sample goes up, down and up, and leaves the same schema', async () => {
  const sample = new URL('../../assets/sample/migrations', import.meta.url).pathname;
  await mkdir(path.join(folder, 'sample'));
  await cp(sample, path.join(folder, 'sample'), { recursive: true });
  folder = path.join(folder, 'sample');
  await app.client.migrations.trust({ folder, trusted: true });
  const describe = async () =>
    server.run(
      `select string_agg(line, e'\\n' order by line) as text from (
      select relname || '.' || attname || format_type(atttypid, atttypmod) as line from pg_attribute join pg_class on pg_class.oid = attrelid where relnamespace = 'public'::regnamespace and attnum > 0 and not attisdropped
      union all select conrelid::regclass || pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace) lines`,
      database,
    );
  const names = (await app.client.migrations.status({ connectionId, folder })).entries.map(({ name }) => name);
  expect(names).toEqual([
    '001_add_user_auth',
    '002_add_portfolios',
    '003_add_transactions',
    '004_add_transaction_archive',
    '005_index_transactions',
  ]);
  for (const name of names) {
    const before = await describe();
    expect(await up(name)).toMatchObject({ state: 'done' });
    const after = await describe();
    expect(await down(name)).toMatchObject({ state: 'done' });
    // The first one makes the tracking table too.
    if (name !== names[0]) expect(await describe()).toEqual(before);
    expect(await up(name)).toMatchObject({ state: 'done' });
    expect(await describe()).toEqual(after);
  }
});
