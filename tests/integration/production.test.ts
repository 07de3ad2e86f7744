import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { steward } from '../support/cli.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

let server: TestServer;
let app: TestApp;
let connectionId: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.run(`create table orders (id int primary key, state text);
    insert into orders select i, 'new' from generate_series(1, 1000) i; analyze orders;
    create table lines (order_id int references orders)`);
  app = await startApp();
  connectionId = (await app.client.connections.save(draftFor(server, { environment: 'production' }))).id;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});

const run = async (sql: string, confirmation?: string) =>
  collect(await app.client.query.run({ connectionId, tabId: 'tab', sql, confirmation }));
const count = async () => (await server.run('select count(*)::int as n from orders'))[0]?.['n'];

describe('destructive statements on production', () => {
  it.each(['delete from orders', 'select 1; truncate orders cascade', 'explain analyze delete from orders'])(
    'nothing of it runs without the database’s name: %s',
    async (sql) => {
      await expect(run(sql)).rejects.toMatchObject({
        data: { code: 'needs_answer', question: { kind: 'destructive', typedName: 'postgres' } },
      });
      await expect(run(sql, 'postgre')).rejects.toMatchObject({ data: { code: 'needs_answer' } });
      expect(await count()).toBe(1000);
    },
  );

  it('runs with it', async () => {
    const events = await run('delete from orders where id = 1000', 'postgres');
    expect(events.find((event) => event.kind === 'done')).toMatchObject({ rows: 1 });
  });

  it.each(['select count(*) from orders', 'insert into lines values (1)', 'create temporary table x (i int)'])(
    'what destroys nothing needs no name: %s',
    async (sql) => {
      const events = await run(sql);
      expect(events.find((event) => event.kind === 'done')).toBeDefined();
    },
  );

  it('other environments are not asked', async () => {
    const staging = await app.client.connections.save(draftFor(server, { name: 'staging', environment: 'staging' }));
    const events = await collect(
      await app.client.query.run({ connectionId: staging.id, tabId: 's', sql: 'delete from orders where id = 999' }),
    );
    expect(events.find((event) => event.kind === 'done')).toMatchObject({ rows: 1 });
  });

  it('timeouts of production hold in each session', async () => {
    const events = await run('show lock_timeout');
    const result = events.find((event) => event.kind === 'result');
    expect((await app.client.query.rows({ resultId: result?.resultId ?? '', offset: 0, limit: 1 })).rows).toEqual([
      ['5s'],
    ]);
  });
});

it('tells what they would touch, and runs none of them', async () => {
  await server.run('analyze orders');
  const { statements } = await app.client.query.assess({
    connectionId,
    sql: `select 1; delete from orders where state = 'new'; update orders set state = 'x'; truncate lines;
      drop table orders cascade; delete from nowhere`,
  });
  const before = await count();
  expect(statements).toMatchObject([
    { command: 'DELETE', lock: 'ROW EXCLUSIVE', everyRow: false, loss: 'rows', cannotTell: null },
    { command: 'UPDATE', everyRow: true },
    { command: 'TRUNCATE', lock: 'ACCESS EXCLUSIVE', loss: 'all rows' },
    { command: 'DROP TABLE', cascade: true, loss: 'definition' },
    { command: 'DELETE', estimatedRows: null, cannotTell: expect.stringContaining('nowhere') },
  ]);
  expect(statements[0]?.estimatedRows).toBe(before);
  expect(statements[0]?.relations[0]).toMatchObject({
    name: 'orders',
    rows: before,
    bytes: expect.stringMatching(/^\d+$/),
  });
  expect(statements[3]?.wayBack).toContain('no backup');
  expect(await count()).toBe(before);
});

it('the command line asks for it too', async () => {
  const environment = { STEWARD_DATA_DIR: app.dataDirectory, PGPASSWORD: server.password };
  await app.client.connections.save(draftFor(server, { name: 'shop', environment: 'production', password: '' }));
  const before = await count();
  const refused = await steward(['query', 'shop', '-c', 'delete from orders'], { environment });
  expect(refused.code).toBe(4);
  expect(refused.stderr).toContain('--confirm postgres');
  expect(await count()).toBe(before);
  const done = await steward(['query', 'shop', '--confirm', 'postgres', '-c', 'delete from orders where id = 998'], {
    environment,
  });
  expect(done.code).toBe(0);
  expect(await count()).toBe(Number(before) - 1);
});
