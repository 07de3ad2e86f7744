import { afterAll, beforeAll, expect, it } from 'vitest';

import type { HealthRunEvent } from '#contract/health.ts';

import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

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

/** Holds a catalog that some checks read and nothing else does, so that a report stands still where it can be looked at. */
async function hold(): Promise<void> {
  for await (const _ of await app.client.query.run({
    connectionId,
    tabId: 'holder',
    sql: 'begin; lock table pg_catalog.pg_policy in access exclusive mode',
  }));
}
const waiting = async () =>
  Number(
    (
      await server.run(
        `select count(*)::int as n from pg_locks where not granted and relation = 'pg_catalog.pg_policy'::regclass`,
      )
    )[0]?.['n'],
  );

it('tells its progress, then the report with every check', async () => {
  const events: HealthRunEvent[] = await collect(await app.client.health.run({ connectionId }));
  const progress = events.filter((event) => event.kind === 'progress');
  expect(progress.length).toBeGreaterThan(1);
  expect(progress.map(({ done }) => done)).toEqual(progress.map(({ done }) => done).toSorted((a, b) => a - b));
  const last = events.at(-1);
  const checks = last?.kind === 'report' ? last.report.checks : [];
  expect(checks.length).toBeGreaterThan(40);
  expect(new Set(checks.map(({ group }) => group)).size).toBe(12);
  expect(checks.filter(({ status }) => status === 'error')).toEqual([]);
  expect(checks.filter(({ status, reason }) => status === 'skipped' && !reason)).toEqual([]);
});

it('only what was asked for; unknown ids are named', async () => {
  const events = await collect(await app.client.health.run({ connectionId, only: ['IDX07', 'CON01'] }));
  const last = events.at(-1);
  expect(last?.kind === 'report' ? last.report.checks.map(({ id }) => id).toSorted() : []).toEqual(['CON01', 'IDX07']);
  await expect(collect(await app.client.health.run({ connectionId, only: ['NOPE1'] }))).rejects.toMatchObject({
    data: { code: 'bad_input', message: expect.stringContaining('NOPE1') },
  });
});

it('cancel reaches the server', async () => {
  await hold();
  const stop = new AbortController();
  const reading = collect(await app.client.health.run({ connectionId }, { signal: stop.signal })).catch(() => []);
  await until(async () => (await waiting()) > 0);
  stop.abort();
  await until(async () => (await waiting()) === 0);
  await reading;
  await app.client.query.closeTab({ tabId: 'holder' });
});

it('a server that is killed meanwhile is a clear failure, and the app goes on when it is back', async () => {
  await hold();
  const reading = app.client.health.run({ connectionId }).then(collect);
  const failed = expect(reading).rejects.toMatchObject({ data: { retryable: true } });
  await until(async () => (await waiting()) > 0);
  await server.crash();
  await failed;
  expect((await app.client.connections.list()).find(({ id }) => id === connectionId)?.state.kind).toBe('lost');
  await server.start();
  await until(async () => {
    const events = await app.client.health
      .run({ connectionId, only: ['CON01'] })
      .then(collect)
      .catch(() => []);
    return events.at(-1)?.kind === 'report';
  });
});
