import { afterAll, beforeAll, expect, it } from 'vitest';

import { type TestApp, collect, jobEnd, startApp } from '../support/app.ts';

let app: TestApp;
let connectionId: string;

beforeAll(async () => {
  app = await startApp({ storeMode: 'own' });
  // Small, but large enough for indexes over a megabyte, below which nothing is worth a finding.
  const job = await jobEnd(app.client, (await app.client.settings.createSample({ factor: 0.5 })).jobId);
  expect(job).toMatchObject({ state: 'done', failure: null });
  const entry = (await app.client.connections.list())[0];
  expect(entry).toMatchObject({ name: 'Sample portfolio', managedBy: 'local-server' });
  connectionId = entry?.id ?? '';
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
});

const first = async (sql: string, id = connectionId, of = app): Promise<(string | null)[] | undefined> => {
  const events = await collect(await of.client.query.run({ connectionId: id, tabId: 'sample', sql }));
  const result = events.find((event) => event.kind === 'result');
  return result?.kind === 'result'
    ? (await of.client.query.rows({ resultId: result.resultId, offset: 0, limit: 1 })).rows[0]
    : undefined;
};

it('its creation and each of its migrations are in the audit, on the local store', async () => {
  const { source, entries } = await app.client.audit.list({});
  expect(source).toBe('store');
  expect(entries.map(({ action, outcome }) => `${action} ${outcome}`).toReversed()).toEqual([
    'sample done',
    ...Array.from({ length: 4 }, () => 'migration-up done'),
  ]);
  expect(entries.at(-1)?.sql).toContain('create database portfolio');
});

it('has the seed’s tables with believable, skewed data', async () => {
  const counts = await first(
    'select (select count(*) from users), (select count(*) from portfolios), (select count(*) from holdings), (select count(*) from transactions), (select count(*) from transaction_archive)',
  );
  expect(counts).toEqual(['2500', '7500', '37500', '125000', '20000']);
  const [top] =
    (await first(`select max(n)::float / sum(n) from (select count(*) as n from transactions group by symbol) s`)) ??
    [];
  expect(Number(top)).toBeGreaterThan(0.15);
  const [expired] = (await first(`select avg((expires_at < now())::int) from user_sessions`)) ?? [];
  expect(Number(expired)).toBeGreaterThan(0.4);
});

it('has the defects that its README tells of, and a health report finds them', async () => {
  const events = await collect(await app.client.health.run({ connectionId }));
  const report = events.at(-1);
  const checks = report?.kind === 'report' ? report.report.checks : [];
  const found = (id: string) => checks.find((check) => check.id === id)?.findings.map(({ object }) => object) ?? [];
  expect(found('IDX07')).toEqual(['public.transactions']);
  expect(found('IDX15')).toEqual(
    expect.arrayContaining(['public.idx_users_email', 'public.idx_holding_portfolio_symbol']),
  );
  expect(found('IDX01')).toContain('public.idx_transactions_note');
  expect(checks.find(({ id }) => id === 'IDX01')?.findings.every(({ confidence }) => confidence === 'low')).toBe(true);
  expect(found('SCH01')).toEqual(['public.transaction_archive']);
  expect(found('SEQ01')).toEqual(['public.transactions_id_seq']);
  expect(checks.find(({ id }) => id === 'SEQ01')?.severity).toBe('critical');
  expect(found('SCH06')).toEqual(expect.arrayContaining(['public.transactions', 'public.transaction_archive']));
  expect(found('TAB03')).toContain('public.holdings');
  expect(found('TAB04')).toEqual(expect.arrayContaining(['public.holdings', 'public.transactions']));
  expect(found('TAB07')).toContain('public.transactions');
  expect(found('SCH35')).toEqual(['public.transaction_archive']);
  expect(checks.filter(({ status }) => status === 'error')).toEqual([]);
});

it('leaves a migration pending, and refuses to be made twice', async () => {
  const folder = new URL('../../assets/sample/migrations', import.meta.url).pathname;
  const status = await app.client.migrations.status({ connectionId, folder });
  expect(status.entries.filter(({ state }) => state === 'pending').map(({ name }) => name)).toEqual([
    '005_index_transactions',
  ]);
  expect(status.trusted).toBe(true);
  const again = await jobEnd(app.client, (await app.client.settings.createSample({ factor: 0.01 })).jobId);
  expect(again).toMatchObject({ state: 'failed', failure: { code: 'conflict' } });
  expect(await first('select count(*) from users')).toEqual(['2500']);
});

it('cancel leaves neither database nor connection', async () => {
  await using other = await startApp({ storeMode: 'own' });
  const { jobId } = await other.client.settings.createSample({ factor: 20 });
  for await (const jobs of await other.client.jobs.watch())
    if (jobs.some(({ id, step }) => id === jobId && step.startsWith('Adding'))) break;
  await other.client.jobs.cancel({ id: jobId });
  expect(await jobEnd(other.client, jobId)).toMatchObject({ state: 'cancelled' });
  expect(await other.client.connections.list()).toEqual([]);
  const digest = async (app: TestApp) => {
    expect(await jobEnd(app.client, (await app.client.settings.createSample({ factor: 0.02 })).jobId)).toMatchObject({
      state: 'done',
    });
    const id = (await app.client.connections.list())[0]?.id ?? '';
    return first(
      `select md5(string_agg(portfolio_id || symbol || quantity || price, ',' order by id)) from transactions`,
      id,
      app,
    );
  };
  // And what is made twice is the same twice.
  await using third = await startApp({ storeMode: 'own' });
  expect(await digest(other)).toEqual(await digest(third));
});
