import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import type { HealthFinding } from '#contract/health-model.ts';
import type { Job } from '#contract/jobs.ts';

import { type TestApp, collect, draftFor, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

let server: TestServer;
let app: TestApp;
let connectionId: string;
const others: pg.Client[] = [];

beforeAll(async () => {
  server = await startTestServer({ settings: { max_prepared_transactions: '5' } });
  await server.createDatabase('store');
  await server.createDatabase('shop');
  await server.run(
    `create table customers (id int primary key);
     insert into customers select generate_series(1, 20000);
     create table "Or""ders" (id int primary key, customer_id int references customers);
     insert into "Or""ders" select i, i from generate_series(1, 20000) i;
     create unlogged table scratch (id int primary key);
     insert into scratch select generate_series(1, 100);
     create table quiet (id int primary key) with (autovacuum_enabled = off);
     insert into quiet select generate_series(1, 100)`,
    'shop',
  );
  await server.run('vacuum analyze', 'shop');
  app = await startApp({ storeMode: 'own', storeUrl: server.url('store') });
  await until(async () => (await app.client.settings.status()).store.kind === 'ready');
  connectionId = (await app.client.connections.save(draftFor(server, { name: 'shop', database: 'shop' }))).id;
});
afterEach(async () => {
  await Promise.all(others.splice(0).map((client) => client.end()));
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await server.stop();
});

/** A session of somebody else, which ends with the test. */
async function session(sql: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.url('shop'), application_name: 'somebody else' });
  client.on('error', () => {});
  others.push(client);
  await client.connect();
  await client.query(sql);
  return client;
}

async function finding(check: string, object: string): Promise<HealthFinding & { fixSql: string }> {
  const events = await collect(await app.client.health.run({ connectionId, only: [check] }));
  const last = events.at(-1);
  const found = (last?.kind === 'report' ? last.report.checks : []).flatMap(({ findings }) => findings);
  const one = found.find((candidate) => candidate.object === object);
  if (one?.fixSql === undefined) throw new Error(`${check} does not find ${object}: ${JSON.stringify(last)}`);
  return { ...one, fixSql: one.fixSql };
}

const jobs = () => app.services.jobs.jobs.value;
const jobNow = (id: string): Job => {
  const job = jobs().find((one) => one.id === id);
  if (job === undefined) throw new Error(`no job ${id}`);
  return job;
};
async function ended(id: string): Promise<Job> {
  await until(() => jobNow(id).state !== 'running');
  return jobNow(id);
}
const logOf = async (id: string) => (await app.client.jobs.log({ id })).lines.map(({ text }) => text).join('\n');
const indexes = async () =>
  (await server.run(
    `select c.relname, i.indisvalid from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = '"Or""ders"'::regclass and not i.indisprimary`,
    'shop',
  )) as {
    relname: string;
    indisvalid: boolean;
  }[];

const orders = 'public."Or""ders"';

describe('a fix that builds an index', () => {
  it('is shown with its steps, its time and who is in the way', async () => {
    const { object, fixSql } = await finding('IDX07', orders);
    await session(`begin; select count(*) from ${orders}`);
    const preview = await app.client.health.previewFix({ connectionId, check: 'IDX07', object, fixSql });
    expect(preview).toMatchObject({
      statements: [
        {
          sql: `create index concurrently "Or""ders_customer_id_idx" on ${orders} (customer_id)`,
          outsideTransaction: true,
          estimate: { fromMs: expect.any(Number), toMs: expect.any(Number) },
        },
      ],
      lock: expect.stringContaining('SHARE UPDATE EXCLUSIVE'),
      blocking: [{ application: 'somebody else', holds: 'AccessShareLock' }],
      refusal: null,
      typedName: null,
    });
    expect(preview.undoSql).toBe('drop index concurrently public."Or""ders_customer_id_idx";');
    expect(await indexes()).toEqual([]);
  });

  it('waits for an old transaction and says so; cancelled, it leaves nothing behind', async () => {
    const { object, fixSql } = await finding('IDX07', orders);
    const old = await session(`begin isolation level repeatable read; insert into ${orders} values (-1, null)`);
    const { jobId } = await app.client.health.fix({ connectionId, check: 'IDX07', object, fixSql });
    await until(() => /^Waiting for \d+ \(steward_test, somebody else\)/.test(jobNow(jobId).step));
    expect((await indexes())[0]).toMatchObject({ indisvalid: false });
    await app.client.jobs.cancel({ id: jobId });
    // The cancel has reached what waited; what it left is dropped once the old transaction lets it go.
    await until(
      async () =>
        (
          await server.run(
            `select from pg_stat_activity where application_name = 'steward fix' and query like 'drop index concurrently%'`,
          )
        ).length === 1,
    );
    await old.query('rollback');
    expect((await ended(jobId)).state).toBe('cancelled');
    expect(await indexes()).toEqual([]);
    expect(await logOf(jobId)).toContain('Dropped the invalid index public."Or""ders_customer_id_idx"');
    expect((await app.client.audit.list({ limit: 1 })).entries[0]).toMatchObject({
      outcome: 'done',
      sql: 'drop index concurrently if exists public."Or""ders_customer_id_idx";',
    });
  });

  it('is applied, checked again, audited and kept with its way back', async () => {
    const { object, fixSql } = await finding('IDX07', orders);
    const { jobId } = await app.client.health.fix({ connectionId, check: 'IDX07', object, fixSql });
    const job = await ended(jobId);
    expect(job).toMatchObject({ state: 'done', outcome: expect.stringContaining('IDX07 does not find it any more.') });
    expect(await indexes()).toEqual([{ relname: 'Or"ders_customer_id_idx', indisvalid: true }]);
    const { entries } = await app.client.audit.list({ limit: 5 });
    expect(entries[0]).toMatchObject({
      action: 'health-fix',
      subject: `IDX07: ${orders}`,
      outcome: 'done',
      sql: fixSql,
    });
    const [fix] = await app.client.health.fixes({ connectionId });
    expect(fix).toMatchObject({ check: 'IDX07', object, fixSql, undoneAt: null });

    // What is fixed is not fixed again.
    await expect(app.client.health.fix({ connectionId, check: 'IDX07', object, fixSql })).rejects.toMatchObject({
      data: { code: 'conflict', message: expect.stringContaining('does not find') },
    });

    const undo = await app.client.health.undoFix({ id: fix?.id ?? '' });
    expect((await ended(undo.jobId)).state).toBe('done');
    expect(await indexes()).toEqual([]);
    const [undone] = await app.client.health.fixes({ connectionId });
    expect(undone?.undoneAt).not.toBeNull();
    await expect(app.client.health.undoFix({ id: fix?.id ?? '' })).rejects.toMatchObject({
      data: { code: 'conflict' },
    });
  });
});

describe('a fix that needs a strong lock', () => {
  it('asks for it again and again, names who holds it, and holds nobody up meanwhile', async () => {
    const { object, fixSql, lock } = await finding('TAB16', 'public.scratch');
    expect(lock).toContain('ACCESS EXCLUSIVE');
    const holder = await session('begin; select count(*) from scratch');
    const { jobId } = await app.client.health.fix({ connectionId, check: 'TAB16', object, fixSql });
    await until(async () =>
      /Attempt 1 did not get its lock from \d+ \(steward_test, somebody else\), which holds AccessShareLock on public.scratch/.test(
        await logOf(jobId),
      ),
    );
    // Between two attempts, and after two seconds at most in one, a reader gets through.
    const reader = await session(`set statement_timeout = '30s'`);
    expect((await reader.query('select count(*)::int as n from scratch')).rows).toEqual([{ n: 100 }]);
    await holder.query('commit');
    expect(await ended(jobId)).toMatchObject({ state: 'done' });
    expect(await server.run(`select relpersistence from pg_class where relname = 'scratch'`, 'shop')).toEqual([
      { relpersistence: 'p' },
    ]);
  });
});

describe('a fix that validates a constraint', () => {
  const keysOf = (table: string) =>
    server.run(
      `select conname, convalidated from pg_constraint where conrelid = '${table}'::regclass and contype = 'f'`,
      'shop',
    );

  it('leaves none behind that rows break: it would refuse new ones after a fix that failed', async () => {
    await server.run(
      `create table visitors (id int primary key); insert into visitors values (1);
       create table visits (id int primary key, visitor_id int); insert into visits values (1, 1), (2, 77)`,
      'shop',
    );
    const { object, fixSql } = await finding('SCH33', 'public.visits');
    expect(fixSql).toContain('validate constraint');
    const before = await app.client.health.fixes({ connectionId });
    const { jobId } = await app.client.health.fix({ connectionId, check: 'SCH33', object, fixSql });
    expect(await ended(jobId)).toMatchObject({ state: 'failed' });
    expect(await logOf(jobId)).toContain(
      'Rows break the constraint, so it goes again: alter table public.visits drop constraint if exists visits_visitor_id_fkey',
    );
    expect(await keysOf('visits')).toEqual([]);
    await server.run('insert into visits values (3, 78)', 'shop');
    const { entries } = await app.client.audit.list({ limit: 2 });
    expect(entries).toMatchObject([
      { action: 'health-fix', outcome: 'done', sql: expect.stringContaining('drop constraint if exists') },
      { action: 'health-fix', outcome: 'failed', sql: fixSql },
    ]);
    // Nothing is done, so there is nothing to take back.
    expect(await app.client.health.fixes({ connectionId })).toEqual(before);
    expect((await finding('SCH33', 'public.visits')).fixSql).toBe(fixSql);
  });

  it('keeps those that were proven before, and the way back of what is done in part', async () => {
    await server.run(
      `create table tours (id int primary key, visitor_id int, guide_id int);
       create table guides (id int primary key); insert into guides values (1);
       insert into tours values (1, 1, 1), (2, 1, 77)`,
      'shop',
    );
    const { object, fixSql } = await finding('SCH33', 'public.tours');
    const { jobId } = await app.client.health.fix({ connectionId, check: 'SCH33', object, fixSql });
    expect(await ended(jobId)).toMatchObject({ state: 'failed' });
    expect(await keysOf('tours')).toEqual([{ conname: 'tours_visitor_id_fkey', convalidated: true }]);
    const [fix] = await app.client.health.fixes({ connectionId });
    expect(fix).toMatchObject({ object, outcome: expect.stringContaining('Done in part') });
    const undo = await app.client.health.undoFix({ id: fix?.id ?? '' });
    expect(await ended(undo.jobId)).toMatchObject({ state: 'done' });
    expect(await keysOf('tours')).toEqual([]);
  });
});

describe('what may not be run', () => {
  it.each([
    ['SQL that no check proposed', { fixSql: 'drop table customers;' }],
    ['the fix of another object', { object: 'public.customers' }],
  ])('%s', async (_, change) => {
    const { object, fixSql } = await finding('TAB04', 'public.quiet');
    const request = { connectionId, check: 'TAB04', object, fixSql, ...change };
    await expect(app.client.health.previewFix(request)).rejects.toMatchObject({ data: { code: 'conflict' } });
    await expect(app.client.health.fix(request)).rejects.toMatchObject({ data: { code: 'conflict' } });
    expect(await server.run('select count(*)::int as n from customers', 'shop')).toEqual([{ n: 20_000 }]);
  });

  it('nothing on a connection that is held to reading', async () => {
    const guarded = await app.client.connections.save(
      draftFor(server, { name: 'guarded', database: 'shop', readOnly: true }),
    );
    await app.client.connections.acceptSuperuser({ id: guarded.id, words: 'guarded' }).catch(() => {});
    const { object, fixSql } = await finding('TAB04', 'public.quiet');
    await expect(
      app.client.health.fix({ connectionId: guarded.id, check: 'TAB04', object, fixSql }),
    ).rejects.toMatchObject({ data: { code: 'refused' } });
  });

  it('nothing on production without the name of its database', async () => {
    const production = await app.client.connections.save(
      draftFor(server, { name: 'live', database: 'shop', environment: 'production' }),
    );
    const { object, fixSql } = await finding('TAB04', 'public.quiet');
    const request = { connectionId: production.id, check: 'TAB04', object, fixSql };
    await expect(app.client.health.fix(request)).rejects.toMatchObject({
      data: { code: 'needs_answer', question: { kind: 'destructive', typedName: 'shop' } },
    });
    await expect(app.client.health.fix({ ...request, confirmation: 'Shop' })).rejects.toMatchObject({
      data: { code: 'needs_answer' },
    });
    const { jobId } = await app.client.health.fix({ ...request, confirmation: 'shop' });
    expect(await ended(jobId)).toMatchObject({ state: 'done' });
    const [fix] = await app.client.health.fixes({ connectionId: production.id });
    // The way back is guarded as well.
    await expect(app.client.health.undoFix({ id: fix?.id ?? '' })).rejects.toMatchObject({
      data: { code: 'needs_answer' },
    });
  });

  it('a way back that would lead to another database', async () => {
    const moved = await app.client.connections.save(draftFor(server, { name: 'moved', database: 'shop' }));
    await server.run('alter table quiet set (autovacuum_enabled = off)', 'shop');
    const { object, fixSql } = await finding('TAB04', 'public.quiet');
    const { jobId } = await app.client.health.fix({ connectionId: moved.id, check: 'TAB04', object, fixSql });
    await ended(jobId);
    const [fix] = await app.client.health.fixes({ connectionId: moved.id });
    await app.client.connections.close({ id: moved.id });
    await app.client.connections.save(draftFor(server, { id: moved.id, name: 'moved', database: 'store' }));
    await expect(app.client.health.undoFix({ id: fix?.id ?? '' })).rejects.toMatchObject({
      data: { code: 'conflict', message: expect.stringContaining('leads elsewhere') },
    });
  });
});
