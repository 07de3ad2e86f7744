import { afterAll, beforeAll, expect, it } from 'vitest';

import { type TestApp, draftFor, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

let server: TestServer;
let app: TestApp;
let connectionId: string;

beforeAll(async () => {
  server = await startTestServer({ major: 18 });
  await server.run(`create table stock (id int primary key, kind int not null, price numeric not null);
    insert into stock select n, n % 100, n from generate_series(1, 50000) n; analyze stock;
    create function sold() returns int language sql volatile as 'update stock set price = 0 returning 1'`);
  app = await startApp({ storeMode: 'own' });
  connectionId = (await app.client.connections.save(draftFor(server))).id;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});

const total = async () => (await server.run('select sum(price)::text as total from stock'))[0]?.['total'];

it('reads a plan with self times that add up to the root', async () => {
  const { plan, savedId, rolledBack } = await app.client.plans.explain({
    connectionId,
    sql: 'select kind, sum(price) from stock where id > 10 group by kind order by 2',
    analyze: true,
  });
  const [root] = plan.nodes;
  const sum = plan.nodes.reduce((all, node) => all + (node.selfMs ?? 0), 0);
  expect(sum).toBeCloseTo(root?.totalMs ?? 0, 3);
  expect(plan.nodes.map((node) => node.nodeType)).toContain('Seq Scan');
  expect(plan.hasBuffers).toBe(true);
  expect(plan.text.split('\n')[(root?.line ?? 0) - 1]).toContain(root?.nodeType);
  expect(rolledBack).toBe(false);
  const { saved, plan: again } = await app.client.plans.saved({ id: savedId ?? '' });
  expect(saved).toMatchObject({ analyzed: true, database: 'postgres' });
  expect(again.nodes).toEqual(plan.nodes);
});

it.each([
  ['an update', 'update stock set price = price + 1'],
  ['a delete', 'delete from stock where id < 100'],
  ['an insert', `insert into stock values (1000000, 1, 1)`],
  ['a merge', 'merge into stock using (values (1)) v(id) on stock.id = v.id when matched then delete'],
  ['a WITH that deletes', 'with gone as (delete from stock returning *) select count(*) from gone'],
])(
  'EXPLAIN ANALYZE of %s asks first, runs in a transaction that is rolled back, and changes nothing',
  async (_, sql) => {
    const before = await total();
    await expect(app.client.plans.explain({ connectionId, sql, analyze: true })).rejects.toMatchObject({
      data: { code: 'conflict', hint: expect.stringContaining('rolled back') },
    });
    const { plan, rolledBack } = await app.client.plans.explain({
      connectionId,
      sql,
      analyze: true,
      confirmDataChange: true,
    });
    expect(plan.analyzed).toBe(true);
    expect(rolledBack).toBe(true);
    expect(await total()).toBe(before);
  },
);

it('a function that writes cannot write from an analyzed SELECT', async () => {
  const before = await total();
  await expect(app.client.plans.explain({ connectionId, sql: 'select sold()', analyze: true })).rejects.toMatchObject({
    data: { postgres: { sqlstate: '25006' } },
  });
  expect(await total()).toBe(before);
});

it('takes EXPLAIN off a statement that has it, and never runs what follows a semicolon', async () => {
  const { plan } = await app.client.plans.explain({
    connectionId,
    sql: 'explain (costs off, analyze) select 1;',
    analyze: false,
  });
  expect(plan.analyzed).toBe(false);
  const before = await total();
  await expect(
    app.client.plans.explain({
      connectionId,
      sql: 'select 1; delete from stock',
      analyze: true,
      confirmDataChange: true,
    }),
  ).rejects.toMatchObject({ data: { code: 'bad_input' } });
  await expect(
    app.client.plans.explain({ connectionId, sql: 'vacuum stock', analyze: true, confirmDataChange: true }),
  ).rejects.toMatchObject({ data: { code: 'bad_input' } });
  expect(await total()).toBe(before);
});

it('tells the place of an error in what was sent', async () => {
  const sql = ` explain analyze select '😀', nothing from stock`;
  await expect(app.client.plans.explain({ connectionId, sql, analyze: false })).rejects.toMatchObject({
    data: { postgres: { sqlstate: '42703', position: Array.from(sql.slice(0, sql.indexOf('nothing'))).length + 1 } },
  });
});

it('uses what the server’s version knows', async () => {
  const { plan } = await app.client.plans.explain({
    connectionId,
    sql: 'select * from stock where id = $1',
    analyze: false,
    genericPlan: true,
  });
  expect(plan.nodes[0]?.nodeType).toMatch(/Index/);
});

it('stops at its time-out and cancels on the server', async () => {
  await expect(
    app.client.plans.explain({ connectionId, sql: 'select pg_sleep(60)', analyze: true, timeoutMs: 300 }),
  ).rejects.toMatchObject({ data: { code: 'timeout' } });
  const stop = new AbortController();
  const explaining = app.client.plans.explain(
    { connectionId, sql: 'select pg_sleep(61)', analyze: true },
    { signal: stop.signal },
  );
  setTimeout(() => stop.abort(), 300);
  await expect(explaining).rejects.toThrow();
});

it('reads pasted plans without a connection, and names the place of what it cannot read', async () => {
  const { plans } = await app.client.plans.analyze({
    source:
      '[{"Plan": {"Node Type": "Result", "Startup Cost": 0.0, "Total Cost": 0.01, "Plan Rows": 1, "Plan Width": 4}}]',
  });
  expect(plans).toMatchObject([{ format: 'json', nodes: [{ nodeType: 'Result', parentId: null }] }]);
  await expect(app.client.plans.analyze({ source: 'this is no plan' })).rejects.toMatchObject({
    data: { code: 'bad_input', message: expect.stringContaining('line 1') },
  });
});
