import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';

import type { HealthCheckResult } from '#contract/health-model.ts';

import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { startStandby, type TestStandby } from '../support/standby.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let standby: TestStandby;
let app: TestApp;
let primaryId: string;
let standbyId: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.run(
    `create table orders (id int primary key, seen_here text, seen_there text, never text);
     insert into orders select n, md5(n::text), md5(n::text), md5(n::text) from generate_series(1, 30000) n;
     create index orders_there on orders (seen_there);
     create index orders_never on orders (never)`,
  );
  standby = await startStandby(server);
  await standby.catchUp();
  // The standby's queries use an index that the primary never does.
  const client = new pg.Client({ connectionString: standby.url() });
  await client.connect();
  for (let round = 0; round < 5; round += 1)
    await client.query(`select count(*) from orders where seen_there = md5('${round}')`);
  await client.end();
  app = await startApp();
  primaryId = (await app.client.connections.save(draftFor(server, { name: 'primary' }))).id;
  standbyId = (await app.client.connections.save(draftFor(server, { name: 'standby one', port: standby.port }))).id;
  await app.client.connections.open({ id: primaryId });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await standby.stop();
  await server.stop();
});

async function unused(): Promise<HealthCheckResult | undefined> {
  const last = (await collect(await app.client.health.run({ connectionId: primaryId, only: ['IDX01'] }))).at(-1);
  return last?.kind === 'report' ? last.report.checks[0] : undefined;
}
const objects = (check: HealthCheckResult | undefined) => check?.findings.map(({ object }) => object).toSorted();

it('T1: while a standby is not asked, an index that it may use is told with low confidence', async () => {
  await until(async () => (await unused())?.findings.length === 2);
  const check = await unused();
  expect(objects(check)).toEqual(['public.orders_never', 'public.orders_there']);
  expect(check?.findings.every(({ confidence }) => confidence === 'low')).toBe(true);
});

it('T1: a standby that is open as a connection is asked, and what it uses is used', async () => {
  await app.client.connections.open({ id: standbyId });
  await until(async () => objects(await unused())?.length === 1);
  const check = await unused();
  expect(objects(check)).toEqual(['public.orders_never']);
  expect(JSON.stringify(check?.findings)).toContain('standby one');
});

it('another cluster, and another database of the same one, are not taken for standbys', async () => {
  await using other = await startTestServer();
  await server.createDatabase('elsewhere');
  const ids = [
    (await app.client.connections.save(draftFor(other, { name: 'other cluster' }))).id,
    (await app.client.connections.save(draftFor(server, { name: 'elsewhere', database: 'elsewhere' }))).id,
    (await app.client.connections.save(draftFor(server, { name: 'primary again' }))).id,
  ];
  for (const id of ids) await app.client.connections.open({ id });
  const text = JSON.stringify((await unused())?.findings);
  expect(text).toContain('standby one');
  for (const name of ['other cluster', 'elsewhere', 'primary again']) expect(text).not.toContain(name);
});
