import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunEvent } from '#contract/query.ts';
import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

let server: TestServer;
let app: TestApp;
let connectionId: string;
beforeAll(async () => {
  server = await startTestServer();
  app = await startApp();
  connectionId = (await app.client.connections.save(draftFor(server))).id;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});
const run = async (sql: string, tabId = 'tab', id = connectionId): Promise<RunEvent[]> =>
  collect(await app.client.query.run({ connectionId: id, tabId, sql }));

it('deferred', async () => {
  await run('create table p (i int primary key); create table c (i int references p deferrable initially deferred)', 'd');
  const events = await run('insert into c values (1)', 'd');
  console.log('DEFERRED', JSON.stringify(events));
}, 10000);
it('class 08', async () => {
  const events = await run(`begin; savepoint a; create subscription s connection 'host=127.0.0.1 port=1' publication p`, 'e');
  console.log('C08', JSON.stringify(events), app.services.connections.entry(connectionId).state.kind);
}, 10000);
it('returned early', async () => {
  const q = app.services.query.run({ connectionId, tabId: 'f', sql: 'select g, repeat(\'x\', 100) from generate_series(1, 5000000) g', maxRows: 10000000 }, undefined);
  for await (const e of q) { if (e.kind === 'rows') break; }
  console.log('RETURNED', JSON.stringify(app.services.query.tabStatus('f')));
  const next = await Promise.race([ (async () => { const ev = []; for await (const e of app.services.query.run({ connectionId, tabId: 'f', sql: 'select 1', maxRows: 10 }, undefined)) ev.push(e); return ev; })(), new Promise((r) => setTimeout(() => r('HANGS'), 2500))]);
  console.log('NEXT', JSON.stringify(next));
}, 10000);
it('two runs at once in a new tab', async () => {
  const r = await Promise.allSettled([run('begin; select pg_sleep(0.2), pg_backend_pid()', 'g'), run('select pg_sleep(0.2)', 'g')]);
  console.log('TWICE', JSON.stringify(r.map(x => x.status === 'fulfilled' ? x.value.at(-1) : String(x.reason))));
}, 10000);
