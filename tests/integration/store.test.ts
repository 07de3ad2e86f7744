import { afterAll, beforeAll, expect, it } from 'vitest';

import { storeMigrations } from '../../migrations/index.ts';
import { collect, draftFor, jobEnd, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
});

it('keeps history, plans, reports, jobs and backups on STEWARD_STORE_URL, for several hosts at once', async () => {
  await server.createDatabase('team');
  const storeUrl = server.url('team');
  // Two that start at once apply each migration once.
  await using one = await startApp({ storeMode: 'own', storeUrl });
  await using two = await startApp({ storeMode: 'own', storeUrl });
  const { id } = await one.client.connections.save(draftFor(server));
  await collect(await one.client.query.run({ connectionId: id, tabId: 'a', sql: 'select 42 as answer' }));
  await one.client.plans.explain({ connectionId: id, sql: 'select 1', analyze: true });
  await collect(await one.client.health.run({ connectionId: id }));
  const { jobId } = await one.client.backups.start({ connectionId: id });
  await jobEnd(one.client, jobId);
  expect(await two.client.query.history({ limit: 1 })).toMatchObject([
    { sql: 'select 42 as answer', rows: 1, outcome: 'done' },
  ]);
  expect(await two.client.plans.history({})).toMatchObject([{ sql: 'select 1', analyzed: true }]);
  const [report] = await two.client.health.reports({});
  expect((await two.client.health.report({ id: report?.id ?? '' })).checks.length).toBeGreaterThan(40);
  expect(await two.client.backups.list({})).toHaveLength(1);
  await until(async () => (await server.run('select state from steward.jobs', 'team'))[0]?.['state'] === 'done');
  expect(await server.run('select name from steward.migrations', 'team')).toEqual(
    storeMigrations.map(({ name }) => ({ name })),
  );
});

it('its migrations go down and up again', async () => {
  const { openStore } = await import('../../electron/store/index.ts');
  await server.createDatabase('updown');
  const address = {
    host: server.host,
    port: server.port,
    user: server.user,
    password: server.password,
    database: 'updown',
    ssl: false as const,
  };
  const orm = await openStore(address);
  const tables = async () =>
    (await server.run(`select count(*)::int as n from pg_tables where schemaname = 'steward'`, 'updown'))[0]?.['n'];
  const all = await tables();
  expect(all).toBeGreaterThanOrEqual(8);
  await orm.migrator.down({ to: 0 });
  expect(await tables()).toBe(1);
  await orm.migrator.up();
  expect(await tables()).toBe(all);
  await orm.close(true);
});

it('forgets history that is older than the settings keep', async () => {
  await server.createDatabase('old');
  await using app = await startApp({ storeMode: 'own', storeUrl: server.url('old') });
  await until(async () => (await app.client.settings.status()).store.kind === 'ready');
  await server.run(
    `insert into steward.query_history (connection_name, database, sql, started_at, outcome) values ('c', 'd', 'old', now() - interval '100 days', 'done'), ('c', 'd', 'new', now() - interval '80 days', 'done')`,
    'old',
  );
  await app.services.history.prune(90);
  expect((await app.client.query.history({})).map(({ sql }) => sql)).toEqual(['new']);
});
