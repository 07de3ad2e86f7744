import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Plan } from '#contract/plan-model.ts';

import { analyzePlans } from '../../electron/plan-core/index.ts';
import { type TestApp, draftFor, startApp } from '../support/app.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';

let server: TestServer;
let old: TestServer;
let app: TestApp;
let connectionId: string;
let oldId: string;

beforeAll(async () => {
  [server, old] = await Promise.all([startTestServer({ major: 18 }), startTestServer()]);
  const schema = `create table stock (id int primary key, kind int not null, price numeric not null);
    insert into stock select n, n % 100, n from generate_series(1, 50000) n; analyze stock;
    create function sold() returns int language sql volatile as 'update stock set price = 0 returning 1';
    create table sale (id int generated always as identity, at date default now()) partition by range (at);
    create table sale_now partition of sale for values from ('2000-01-01') to ('2100-01-01');
    create function noted() returns trigger language plpgsql as 'begin return new; end';
    create trigger note after insert on sale_now for each row execute function noted();
    create extension dblink`;
  await Promise.all([server.run(schema), old.run(schema)]);
  app = await startApp({ storeMode: 'own' });
  connectionId = (await app.client.connections.save(draftFor(server))).id;
  oldId = (await app.client.connections.save(draftFor(old, { name: 'old' }))).id;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await Promise.all([server.stop(), old.stop()]);
});

const total = async () => (await server.run('select sum(price)::text as total from stock'))[0]?.['total'];

function planOf({ source }: { readonly source: string }): Plan {
  const [plan] = analyzePlans(source);
  if (plan === undefined) throw new Error('no plan');
  return plan;
}

it('answers what the server printed: a plan whose self times add up to the root', async () => {
  const explained = await app.client.plans.explain({
    connectionId,
    sql: 'select kind, sum(price) from stock where id > 10 group by kind order by 2',
    analyze: true,
  });
  const plan = planOf(explained);
  const [root] = plan.nodes;
  expect(plan.nodes.reduce((all, node) => all + (node.selfMs ?? 0), 0)).toBeCloseTo(root?.totalMs ?? 0, 3);
  expect(plan.nodes.map((node) => node.nodeType)).toContain('Seq Scan');
  expect(plan.hasBuffers).toBe(true);
  expect(explained).toMatchObject({ rolledBack: false, firstRun: null, serverVersion: expect.stringMatching(/^18/) });
  const { saved, source } = await app.client.plans.saved({ id: explained.savedId ?? '' });
  expect(saved).toMatchObject({
    analyzed: true,
    database: 'postgres',
    connectionId,
    executionMs: plan.executionMs,
    serverVersion: explained.serverVersion,
    fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    takenAt: explained.takenAt,
  });
  expect(source).toBe(explained.source);
});

describe('statements that change data', () => {
  it.each([
    ['an update', 'update stock set price = price + 1'],
    ['a delete', 'delete from stock where id < 100'],
    ['an insert', `insert into stock values (1000000, 1, 1)`],
    ['a merge', 'merge into stock using (values (1)) v(id) on stock.id = v.id when matched then delete'],
    ['a WITH that deletes', 'with gone as (delete from stock returning *) select count(*) from gone'],
    ['a function that updates', 'select sold()'],
  ])('EXPLAIN ANALYZE of %s asks first, is rolled back, and changes nothing', async (_, sql) => {
    const before = await total();
    await expect(app.client.plans.explain({ connectionId, sql, analyze: true })).rejects.toMatchObject({
      data: { code: 'conflict', hint: expect.stringContaining('rolled back') },
    });
    const explained = await app.client.plans.explain({ connectionId, sql, analyze: true, confirmDataChange: true });
    expect(planOf(explained).analyzed).toBe(true);
    expect(await total()).toBe(before);
  });

  it('a warm run does the same work twice, and changes nothing', async () => {
    const before = await total();
    const sql = 'delete from stock where kind = 7';
    const explained = await app.client.plans.explain({
      connectionId,
      sql,
      analyze: true,
      warm: true,
      confirmDataChange: true,
    });
    const scanned = (plan: Plan) => plan.nodes.find(({ nodeType }) => nodeType === 'Seq Scan')?.actualRows;
    expect(scanned(planOf(explained))).toBe(500);
    const first = await app.client.plans.saved({ id: explained.firstRun?.savedId ?? '' });
    expect(scanned(planOf(first))).toBe(500);
    expect(explained.firstRun?.executionMs).toBe(planOf(first).executionMs);
    expect(await total()).toBe(before);
  });

  it('what a rollback does not take back is told before', async () => {
    const { changesData, notes } = await app.client.plans.assess({
      connectionId,
      sql: 'insert into sale default values',
    });
    expect(changesData).toBe(true);
    expect(notes.filter(({ stays }) => stays).map(({ message }) => message)).toEqual([
      'Numbers taken from sale_id_seq are not given back: later rows have a gap.',
    ]);
    expect(notes.map(({ message }) => message)).toContain(
      'Trigger note runs too, and what comes of it is rolled back.',
    );
  });

  it('a delete takes no numbers and fires no trigger of inserts', async () => {
    const { notes } = await app.client.plans.assess({ connectionId, sql: 'delete from sale' });
    expect(notes.map(({ kind, stays }) => [kind, stays])).toEqual([['leftover', false]]);
  });

  it('a statement that a rule turns into nothing is kept with what the server said', async () => {
    await server.run('create table quiet (a int); create rule nothing as on insert to quiet do instead nothing');
    const { source, savedId } = await app.client.plans.explain({
      connectionId,
      sql: 'insert into quiet values (1)',
      analyze: true,
      confirmDataChange: true,
    });
    expect(source).toContain('Query rewrites to nothing');
    expect((await app.client.plans.saved({ id: savedId ?? '' })).source).toBe(source);
  });

  it('passwords that VERBOSE prints are not kept', async () => {
    const { source, savedId } = await app.client.plans.explain({
      connectionId,
      sql: `select * from dblink('host=nowhere password=hunter22', 'select 1') as t(a int)`,
      analyze: false,
      verbose: true,
    });
    expect(source).toContain('hunter22');
    expect((await app.client.plans.saved({ id: savedId ?? '' })).source).not.toContain('hunter22');
  });

  it('a reading statement that works on another session, or over a connection of its own, asks first', async () => {
    for (const sql of [
      `select dblink_exec('dbname=postgres', 'delete from stock')`,
      'select pg_terminate_backend(0)',
      'select pg_reload_conf()',
    ])
      await expect(app.client.plans.explain({ connectionId, sql, analyze: true })).rejects.toMatchObject({
        data: { code: 'conflict', message: expect.stringContaining('reaches outside') },
      });
    // What only reads does not ask, though it is written in C or volatile.
    for (const sql of ['select lower(kind::text) from stock', 'select random()', `select 'a' < 'b'`])
      await app.client.plans.explain({ connectionId, sql, analyze: true });
  });

  it('on a read-only connection nothing of it runs', async () => {
    const { id } = await app.client.connections.save(draftFor(server, { name: 'guarded', readOnly: true }));
    await app.client.connections.acceptSuperuser({ id, words: 'a server of this test' });
    for (const sql of ['delete from stock', `select dblink_exec('dbname=postgres', 'delete from stock')`])
      await expect(
        app.client.plans.explain({ connectionId: id, sql, analyze: true, confirmDataChange: true }),
      ).rejects.toMatchObject({ data: { code: 'refused' } });
    await expect(
      app.client.plans.explain({ connectionId: id, sql: 'select sold()', analyze: true, confirmDataChange: true }),
    ).rejects.toMatchObject({ data: { postgres: { sqlstate: '25006' } } });
  });
});

describe('parameters', () => {
  const sql = 'select * from stock where id = $1 and kind < $2';

  it('are counted, and given as text', async () => {
    expect(await app.client.plans.assess({ connectionId, sql })).toMatchObject({ parameters: 2, genericPlan: true });
    const explained = await app.client.plans.explain({ connectionId, sql, analyze: true, parameters: ['17', '100'] });
    const [scan] = planOf(explained).nodes;
    expect(scan?.properties['Index Cond']).toBe('(id = 17)');
    expect(scan?.actualRows).toBe(1);
  });

  it('may be NULL, and are an error in words where they are missing or of the wrong type', async () => {
    const { source } = await app.client.plans.explain({ connectionId, sql, analyze: true, parameters: ['17', null] });
    expect(planOf({ source }).nodes[0]?.nodeType).toBe('Result');
    await expect(app.client.plans.explain({ connectionId, sql, analyze: true })).rejects.toMatchObject({
      data: { code: 'bad_input', message: 'The statement needs 2 values' },
    });
    await expect(
      app.client.plans.explain({ connectionId, sql, analyze: false, parameters: ['many', '1'] }),
    ).rejects.toMatchObject({ data: { postgres: { sqlstate: '22P02' } } });
  });

  it.each(['18', '15'])('are not needed for the generic plan, on PostgreSQL %s', async (major) => {
    const explained = await app.client.plans.explain({
      connectionId: major === '18' ? connectionId : oldId,
      sql,
      analyze: false,
      genericPlan: true,
    });
    const [scan] = planOf(explained).nodes;
    expect(scan?.nodeType).toBe('Index Scan');
    expect(scan?.properties['Index Cond']).toBe('(id = $1)');
  });
});

it('uses what the server’s version knows, and leaves out what it does not', async () => {
  const options = { sql: 'select * from stock', analyze: true, serialize: 'text', memory: true, wal: true } as const;
  const recent = planOf(await app.client.plans.explain({ connectionId, ...options }));
  expect(recent.properties).toMatchObject({ Serialization: expect.anything(), Planning: expect.anything() });
  const older = planOf(await app.client.plans.explain({ connectionId: oldId, ...options }));
  expect(older.properties).not.toHaveProperty('Serialization');
  const bare = planOf(await app.client.plans.explain({ connectionId, ...options, timing: false, buffers: false }));
  expect([bare.nodes[0]?.totalMs, bare.hasBuffers, bare.nodes[0]?.actualRows]).toEqual([undefined, false, 50_000]);
});

it('says how old the statistics are of what a measured plan reads', async () => {
  await server.run(
    'create table fresh (a int); insert into fresh select generate_series(1, 1000); analyze fresh; update fresh set a = 0',
  );
  const { relations } = await app.client.plans.explain({ connectionId, sql: 'select * from fresh', analyze: true });
  expect(relations).toMatchObject([{ schema: 'public', name: 'fresh', rows: 1000, analyzedAt: expect.any(String) }]);
  await server.run('create table raw (a int)');
  const { relations: never } = await app.client.plans.explain({ connectionId, sql: 'table raw', analyze: true });
  expect(never).toMatchObject([{ name: 'raw', rows: null, analyzedAt: null }]);
});

it('plans are found again by their statement, whatever its constants, and by database', async () => {
  for (const id of [1, 2])
    await app.client.plans.explain({ connectionId, sql: `select price from stock where id = ${id}`, analyze: true });
  await app.client.plans.explain({ connectionId: oldId, sql: 'select price from stock where id = 3', analyze: true });
  const like = 'SELECT price\nFROM stock WHERE id = $1';
  const found = await app.client.plans.history({ like });
  expect(found.map(({ sql }) => sql)).toEqual([
    'select price from stock where id = 3',
    'select price from stock where id = 2',
    'select price from stock where id = 1',
  ]);
  expect(await app.client.plans.history({ like, limit: 1 })).toHaveLength(1);
  expect(await app.client.plans.history({ like, database: 'elsewhere' })).toEqual([]);
  expect(await app.client.plans.history({ like: 'select 1 from' })).toEqual([]);
});

it('takes EXPLAIN off a statement that has it, and never runs what follows a semicolon', async () => {
  const explained = await app.client.plans.explain({
    connectionId,
    sql: 'explain (costs off, analyze) select 1;',
    analyze: false,
  });
  expect([planOf(explained).analyzed, explained.queryText]).toEqual([false, 'select 1']);
  const before = await total();
  for (const sql of ['select 1; delete from stock', 'vacuum stock'])
    await expect(
      app.client.plans.explain({ connectionId, sql, analyze: true, confirmDataChange: true }),
    ).rejects.toMatchObject({ data: { code: 'bad_input' } });
  expect(await total()).toBe(before);
});

it('keeps the comments before a statement, which may be hints, and finds EXPLAIN behind them', async () => {
  const explained = await app.client.plans.explain({
    connectionId,
    sql: '-- a note\nexplain (analyze) /*+ SeqScan(stock) */ select 1',
    analyze: false,
  });
  expect(explained.queryText).toMatch(/^-- a note\n\s+\/\*\+ SeqScan\(stock\) \*\/ select 1$/);
});

it('tells the place of an error in what was sent', async () => {
  const sql = ` explain analyze select '😀', nothing from stock`;
  await expect(app.client.plans.explain({ connectionId, sql, analyze: false })).rejects.toMatchObject({
    data: { postgres: { sqlstate: '42703', position: Array.from(sql.slice(0, sql.indexOf('nothing'))).length + 1 } },
  });
  for (const id of [connectionId, oldId]) {
    const generic = '/* first */ select nothing from stock where id = $1';
    await expect(
      app.client.plans.explain({ connectionId: id, sql: generic, analyze: false, genericPlan: true }),
    ).rejects.toMatchObject({ data: { postgres: { position: generic.indexOf('nothing') + 1 } } });
  }
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

it('a server that goes away while a statement is measured is said so, and the next plan is taken once it is back', async () => {
  const explaining = app.client.plans
    .explain({ connectionId: oldId, sql: 'select pg_sleep(60)', analyze: true })
    .catch((error: unknown) => error);
  await expect
    .poll(
      async () =>
        (
          await old.run(
            `select 1 from pg_stat_activity where query like '%pg_sleep(60)' and state = 'active' and pid <> pg_backend_pid()`,
          )
        ).length,
      { timeout: 20_000 },
    )
    .toBe(1);
  await old.crash();
  expect(await explaining).toMatchObject({ data: { code: 'connection_lost' } });
  await old.start();
  await expect
    .poll(
      () => app.client.plans.explain({ connectionId: oldId, sql: 'select 1', analyze: true }).then(planOf, () => null),
      { timeout: 30_000 },
    )
    .toMatchObject({ analyzed: true });
});
