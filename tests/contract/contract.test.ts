import { isContractProcedure } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { contract } from '#contract/index.ts';

import { type TestApp, collect, draftFor, startApp, transports } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  await server.stop();
});

/** Every procedure of the contract by its path. */
const procedures = Object.entries(contract).flatMap(([domain, group]) =>
  Object.entries(group).map(([name, procedure]) => ({
    path: `${domain}.${name}`,
    domain,
    name,
    procedure: procedure as never as { '~orpc': { inputSchema?: unknown } },
  })),
);

describe.each(transports)('over %s', (transport) => {
  let app: TestApp;
  let connectionId: string;

  beforeAll(async () => {
    app = await startApp({ transport });
    connectionId = (await app.client.connections.save(draftFor(server))).id;
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  const call = async (path: string, input: unknown): Promise<unknown> => {
    const [domain = '', name = ''] = path.split('.');
    const group = app.client[domain as keyof typeof app.client] as unknown as Record<
      string,
      (input: unknown) => Promise<unknown>
    >;
    return group[name]?.(input);
  };

  it.each(procedures.filter(({ procedure }) => procedure['~orpc'].inputSchema))(
    '$path refuses input of the wrong shape',
    async ({ path, procedure }) => {
      expect(isContractProcedure(procedure)).toBe(true);
      await expect(call(path, 'not an object')).rejects.toMatchObject({
        code: 'BAD_REQUEST',
        data: { issues: expect.any(Array) },
      });
    },
  );

  it.each([
    ['connections.open', { id: 'nobody' }],
    ['connections.close', { id: 'nobody' }],
    ['connections.remove', { id: 'nobody' }],
    ['schema.catalog', { connectionId: 'nobody' }],
    ['schema.graph', { connectionId: 'nobody' }],
    ['schema.relation', { connectionId: 'nobody', oid: 1 }],
    ['schema.ddl', { connectionId: 'nobody', oid: 1 }],
    ['plans.explain', { connectionId: 'nobody', sql: 'select 1', analyze: false }],
    ['plans.assess', { connectionId: 'nobody', sql: 'select 1' }],
    ['health.forecasts', { connectionId: 'nobody' }],
    ['health.trends', { connectionId: 'nobody' }],
    ['health.setThreshold', { check: 'NONE1', name: 'x', value: 1 }],
    ['health.suppress', { check: 'NONE1', object: null, connectionId: null, reason: 'x', until: null }],
    ['health.previewFix', { connectionId: 'nobody', check: 'IDX07', object: 'x', fixSql: 'x' }],
    ['health.fix', { connectionId: 'nobody', check: 'IDX07', object: 'x', fixSql: 'x' }],
    ['activity.session', { connectionId: 'nobody', pid: 1, backendStart: null }],
    ['activity.cancel', { connectionId: 'nobody', pid: 1, backendStart: null }],
    ['activity.terminate', { connectionId: 'nobody', pid: 1, backendStart: null }],
    ['statements.state', { connectionId: 'nobody' }],
    ['statements.snapshot', { connectionId: 'nobody' }],
    ['statements.snapshots', { connectionId: 'nobody' }],
    ['statements.deltas', { connectionId: 'nobody' }],
    ['statements.statement', { connectionId: 'nobody', queryId: '1', nested: null }],
    ['backups.plan', { connectionId: 'nobody' }],
    ['backups.start', { connectionId: 'nobody' }],
    ['backups.reveal', { id: 'nobody' }],
    ['backups.restore', { id: 'nobody', connectionId: 'nobody', database: 'x' }],
    ['migrations.status', { connectionId: 'nobody', folder: '/nowhere/at/all' }],
    ['jobs.cancel', { id: 'nobody' }],
    ['audit.reveal', { jobId: 'nobody' }],
    ['secrets.unlock', { passphrase: 'four words and more' }],
    ['secrets.changePassphrase', { oldPassphrase: 'four words and more', newPassphrase: 'others and more' }],
    ['secrets.keepDamagedAside', undefined],
    ['query.rows', { resultId: 'nothing', offset: 0, limit: 1 }],
    ['fleet.refresh', { ids: ['nobody'] }],
    ['logs.import', { uploadId: 'nobody' }],
    ['logs.uploadPart', { uploadId: 'nobody', base64: '' }],
  ])('%s answers a typed failure for what does not exist', async (path, input) => {
    await expect(call(path, input)).rejects.toMatchObject({
      code: 'FAILED',
      defined: true,
      data: { code: 'not_found', retryable: false },
    });
  });

  it.each([
    ['query.history', { limit: 5 }],
    ['plans.history', {}],
    ['plans.saved', { id: '1' }],
    ['plans.history', { like: 'select 1' }],
    ['health.reports', {}],
    ['health.report', { id: '1' }],
    ['health.compare', { before: '1', after: '2' }],
    ['health.export', { id: '1', format: 'html' }],
    ['health.fixes', { connectionId: 'x' }],
    ['health.undoFix', { id: '00000000-0000-4000-8000-000000000000' }],
    ['logs.list', undefined],
    ['logs.report', { id: '00000000-0000-4000-8000-000000000000' }],
    ['logs.statements', { id: '00000000-0000-4000-8000-000000000000' }],
    ['logs.statement', { id: '00000000-0000-4000-8000-000000000000', fingerprint: 'x' }],
    ['logs.samples', { sql: 'select 1' }],
    ['logs.plan', { id: '00000000-0000-4000-8000-000000000000', number: 0 }],
    ['logs.export', { id: '00000000-0000-4000-8000-000000000000', format: 'csv' }],
    ['logs.remove', { id: '00000000-0000-4000-8000-000000000000' }],
  ])('%s says that there is no history where there is no store', async (path, input) => {
    await expect(call(path, input)).rejects.toMatchObject({ code: 'FAILED', data: { code: 'store_unavailable' } });
  });

  it('answers the audit from the journal where there is no store, and emits now and after an entry', async () => {
    expect(await app.client.audit.list({})).toEqual({
      entries: [],
      next: null,
      source: 'journal',
      reason: expect.any(String),
      pending: 0,
    });
    const seen: unknown[] = [];
    for await (const state of await app.client.audit.watch()) {
      seen.push(state);
      if (seen.length === 2) break;
      void collect(await app.client.query.run({ connectionId, tabId: 'audit', sql: 'create temp table t ()' }));
    }
    expect(seen).toEqual([
      { recorded: 0, pending: 0 },
      { recorded: 1, pending: 1 },
    ]);
    const { jobId } = await app.client.audit.export({ format: 'csv' });
    for await (const jobs of await app.client.jobs.watch())
      if (jobs.find(({ id }) => id === jobId)?.state === 'done') break;
    await app.client.jobs.dismiss({ id: jobId });
    await expect(app.client.audit.list({ limit: 501 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('explains a statement, and says beforehand what analyzing it would do', async () => {
    const { source, queryText, rolledBack, firstRun } = await app.client.plans.explain({
      connectionId,
      sql: 'explain select 1',
      analyze: false,
    });
    expect([source, queryText, rolledBack, firstRun]).toEqual([
      'Result  (cost=0.00..0.01 rows=1 width=4)',
      'select 1',
      false,
      null,
    ]);
    expect(await app.client.plans.assess({ connectionId, sql: 'select $2::int' })).toEqual({
      changesData: false,
      parameters: 2,
      genericPlan: true,
      notes: [],
    });
  });

  it('maps an error of PostgreSQL with every field', async () => {
    await expect(
      app.client.plans.explain({ connectionId, sql: 'select nothing from nowhere', analyze: false }),
    ).rejects.toMatchObject({
      data: { code: 'postgres', postgres: { sqlstate: '42P01', position: expect.any(Number), severity: 'ERROR' } },
    });
  });

  it('carries values as PostgreSQL prints them', async () => {
    const sql = `select 9007199254740993::int8, 1.10::numeric, 'NaN'::float8, true, null, '2026-01-02 03:04:05.678901+00'::timestamptz at time zone 'UTC', '{"a": 1}'::jsonb, array[1, null], '\\x00ff'::bytea`;
    const events = await collect(await app.client.query.run({ connectionId, tabId: 'values', sql }));
    const result = events.find((event) => event.kind === 'result');
    const page = await app.client.query.rows({
      resultId: result?.kind === 'result' ? result.resultId : '',
      offset: 0,
      limit: 10,
    });
    expect(page).toEqual({
      rows: [
        ['9007199254740993', '1.10', 'NaN', 't', null, '2026-01-02 03:04:05.678901', '{"a": 1}', '{1,NULL}', '\\x00ff'],
      ],
      total: 1,
      complete: true,
    });
  });

  it('cancels the statement on the server when its stream is aborted', async () => {
    const stop = new AbortController();
    const marker = `cancelled over ${transport}`;
    const events = await app.client.query.run(
      { connectionId, tabId: 'cancel', sql: `select pg_sleep(120) /* ${marker} */` },
      { signal: stop.signal },
    );
    const reading = collect(events).catch(() => []);
    await until(async () => (await running(marker)) === 1);
    stop.abort();
    await until(async () => (await running(marker)) === 0);
    await reading;
  });

  it('checks the fleet and emits its rows', async () => {
    expect(await app.client.fleet.refresh({ ids: [connectionId] })).toEqual({ checked: 1 });
    for await (const { rows } of await app.client.fleet.watch()) {
      expect(rows).toMatchObject([
        { connectionId, reach: { kind: 'reached' }, facts: { databases: expect.any(Number) } },
      ]);
      break;
    }
  });

  it('watches jobs from their start to their end', async () => {
    const { jobId } = await app.client.backups.start({ connectionId });
    const states = new Set<string>();
    for await (const jobs of await app.client.jobs.watch()) {
      const job = jobs.find(({ id }) => id === jobId);
      if (job) states.add(job.state);
      if (job?.state === 'done' || job?.state === 'failed') break;
    }
    expect([...states].at(-1)).toBe('done');
    expect((await app.client.jobs.log({ id: jobId })).lines.length).toBeGreaterThan(0);
    await app.client.jobs.dismiss({ id: jobId });
    expect((await app.client.jobs.list()).some(({ id }) => id === jobId)).toBe(false);
  });

  it('emits the connections now and after a change', async () => {
    const stream = await app.client.connections.watch();
    const seen: number[] = [];
    for await (const entries of stream) {
      seen.push(entries.length);
      if (seen.length === 1) await app.client.connections.save(draftFor(server, { name: 'one more' }));
      if (entries.length === 2) break;
    }
    expect(seen[0]).toBe(1);
    expect(seen.at(-1)).toBe(2);
  });

  it('emits the state of the secrets now and after a change, and takes no short passphrase', async () => {
    await expect(app.client.secrets.createPassphrase({ passphrase: 'seven 7' })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      data: { issues: [{ message: 'A passphrase has at least 8 characters' }] },
    });
    const seen: unknown[] = [];
    for await (const { level, locked } of await app.client.secrets.watch()) {
      seen.push({ level, locked });
      if (level === 'session') void app.client.secrets.createPassphrase({ passphrase: 'four words and more' });
      else if (!locked) void app.client.secrets.lock();
      else break;
    }
    expect(seen).toEqual([
      { level: 'session', locked: false },
      { level: 'passphrase', locked: false },
      { level: 'passphrase', locked: true },
    ]);
  });

  it('ends what belonged to a channel that is gone', async () => {
    const marker = `left behind by ${transport}`;
    await using other = await startApp({ transport });
    const id = (await other.client.connections.save(draftFor(server))).id;
    const events = await other.client.query.run({
      connectionId: id,
      tabId: 'gone',
      sql: `select pg_sleep(120) /* ${marker} */`,
    });
    void collect(events).catch(() => []);
    await until(async () => (await running(marker)) === 1);
    other.disconnect();
    await until(async () => (await running(marker)) === 0);
  });
});

async function running(marker: string): Promise<number> {
  const rows = await server.run(
    `select count(*)::int as count from pg_stat_activity where state = 'active' and query like '%${marker}%' and pid <> pg_backend_pid()`,
  );
  return Number(rows[0]?.['count']);
}
