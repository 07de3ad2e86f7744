import { networkInterfaces } from 'node:os';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { indexCacheHits } from '../../electron/services/health/checks/cache/cac02-index-cache-hits.ts';
import { tableCacheHits } from '../../electron/services/health/checks/cache/cac01-table-cache-hits.ts';
import { limitsOf } from '../../electron/services/health/health-check.ts';
import { answers, ask, checkOf, createRoles, measuresOf, urlOf, type Role } from '../support/health-questions.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';
import { healthFacts } from '../unit/health/health-facts.ts';

const majors: readonly ServerMajor[] = [13, 15, 18];

/** Waits of this test last milliseconds. */
const atOnce = {
  'TXN01.warnSeconds': 0,
  'TXN02.warnSeconds': 0,
  'TXN03.minSeconds': 0,
  'TXN04.warnSeconds': 0,
  'TXN08.minSeconds': 0,
  'QRY10.warnSeconds': 0,
};

describe.each(majors)('sessions and locks of PostgreSQL %i', (major) => {
  let server: TestServer;
  const opened: pg.Client[] = [];

  async function session(user: Role = 'superuser', host = server.host, application = 'test'): Promise<pg.Client> {
    const url = new URL(urlOf(server, user, 'shop'));
    url.hostname = host;
    url.searchParams.set('application_name', application);
    const client = new pg.Client({ connectionString: url.toString() });
    client.on('error', () => {});
    await client.connect();
    opened.push(client);
    return client;
  }
  async function pidOf(client: pg.Client): Promise<number> {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    return rows[0]?.pid ?? 0;
  }
  async function endAll(): Promise<void> {
    await server.run(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'test' or application_name like 'pool%'",
    );
    opened.splice(0);
    await until(
      async () =>
        (
          await server.run(
            "select 1 from pg_stat_activity where application_name = 'test' or application_name like 'pool%'",
          )
        ).length === 0,
    );
  }
  const asked = async (ids: readonly string[], set: Record<string, number> = {}, role: Role = 'superuser') =>
    answers(await ask(urlOf(server, role, 'shop'), ids, { ...atOnce, ...set }));
  const waiting = (count: number) =>
    until(
      async () => (await server.run('select distinct pid from pg_locks where not granted')).length === count,
      `${String(count)} sessions wait`,
    );

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { max_prepared_transactions: '5', listen_addresses: '*' } });
    await createRoles(server);
    await server.createDatabase('shop');
    await server.run(
      'create table public.orders (id int primary key, v int); insert into public.orders values (1, 0)',
      'shop',
    );
  }, 60_000);

  afterAll(async () => {
    await server.stop();
  });

  it('a session idle in transaction, what each role sees of it, and the fix', async () => {
    const client = await session();
    const pid = await pidOf(client);
    await client.query('begin; update public.orders set v = 1');
    await until(async () => (await asked(['TXN02']))['TXN02'] !== 'ok');
    const found = [`warning: session ${String(pid)}`];
    expect(await asked(['TXN01', 'TXN02', 'QRY10'])).toEqual({ TXN01: 'ok', TXN02: found, QRY10: 'ok' });
    expect(await asked(['TXN02'], { 'TXN02.criticalSeconds': 0 })).toEqual({
      TXN02: [`critical: session ${String(pid)}`],
    });
    expect(await asked(['TXN02'], { 'TXN02.warnSeconds': 3600 })).toEqual({ TXN02: 'ok' });
    expect(await asked(['TXN02'], {}, 'monitor')).toEqual({ TXN02: found });
    const ids = ['TXN01', 'TXN02', 'TXN06', 'TXN07', 'QRY10', 'CON03', 'CON04', 'CON09', 'XID05', 'XID08'];
    const plain = await ask(urlOf(server, 'plain', 'shop'), ids, atOnce);
    expect(plain.checks.map(({ id, status, unlockSql }) => [id, status, unlockSql])).toEqual(
      plain.checks.map(({ id }) => [id, 'skipped', 'grant pg_monitor to plain;']),
    );
    const fix = checkOf(await ask(server.url('shop'), ['TXN02'], atOnce), 'TXN02').findings[0]?.fixSql ?? '';
    await server.run(fix);
    await until(async () => (await asked(['TXN02']))['TXN02'] === 'ok');
    await endAll();
  });

  it('a transaction and a statement that run for long; maintenance is not alarming', async () => {
    const client = await session();
    const pid = await pidOf(client);
    const sleeping = client.query('begin; select pg_sleep(600)').catch(() => {});
    await until(async () => (await asked(['QRY10']))['QRY10'] !== 'ok');
    expect(await asked(['TXN01', 'TXN02', 'QRY10'])).toEqual({
      TXN01: [`warning: session ${String(pid)}`],
      TXN02: 'ok',
      QRY10: [`warning: session ${String(pid)}`],
    });
    expect(await asked(['TXN01', 'QRY10'], { 'TXN01.criticalSeconds': 0, 'QRY10.criticalSeconds': 0 })).toEqual({
      TXN01: [`critical: session ${String(pid)}`],
      QRY10: [`critical: session ${String(pid)}`],
    });
    expect(await asked(['TXN01', 'QRY10'], { 'TXN01.warnSeconds': 60, 'QRY10.warnSeconds': 60 })).toEqual({
      TXN01: 'ok',
      QRY10: 'ok',
    });
    const fix = checkOf(await ask(server.url('shop'), ['QRY10'], atOnce), 'QRY10').findings[0]?.fixSql ?? '';
    await server.run(fix);
    await sleeping;
    await endAll();
    const building = await session();
    const buildingIs = `info: session ${String(await pidOf(building))}`;
    const held = building.query('create table public.built as select 1 as n from pg_sleep(600)').catch(() => {});
    await until(async () => (await asked(['QRY10']))['QRY10'] !== 'ok');
    expect((await asked(['QRY10'], { 'QRY10.criticalSeconds': 0 }))['QRY10']).toEqual([buildingIs]);
    await endAll();
    await held;
  });

  it('an ACCESS EXCLUSIVE waiter with a queue behind it, and which session to cancel', async () => {
    const reader = await session();
    const altering = await session();
    const behind = [await session(), await session()];
    const [readerPid, alteringPid] = [await pidOf(reader), await pidOf(altering)];
    await reader.query('begin; select * from public.orders');
    const alters = altering.query('alter table public.orders add column w int').catch(() => {});
    await waiting(1);
    // One that waits is a wait, and no queue yet.
    expect(await asked(['TXN03', 'TXN08'])).toEqual({ TXN03: [`info: session ${String(readerPid)}`], TXN08: 'ok' });
    const reads = behind.map((client) => client.query('select * from public.orders').catch(() => {}));
    await waiting(3);
    expect(await asked(['TXN03', 'TXN08'])).toEqual({
      TXN03: [`info: session ${String(readerPid)}`],
      TXN08: [`critical: session ${String(alteringPid)}`],
    });
    expect(await asked(['TXN03', 'TXN08'], { 'TXN03.manySessions': 3, 'TXN08.minDepth': 4 })).toEqual({
      TXN03: [`critical: session ${String(readerPid)}`],
      TXN08: 'ok',
    });
    expect(await asked(['TXN03', 'TXN08'], { 'TXN03.minSeconds': 60, 'TXN08.minSeconds': 60 })).toEqual({
      TXN03: 'ok',
      TXN08: 'ok',
    });
    // pg_locks hides nothing, so even a plain role gets the whole picture. Since when they wait it says since 14.
    const whole = await asked(['TXN03', 'TXN08']);
    expect(await asked(['TXN03', 'TXN08'], {}, 'plain')).toEqual(whole);
    for (const id of ['TXN03', 'TXN08']) {
      const hidden = checkOf(await ask(urlOf(server, 'plain', 'shop'), [id], { [`${id}.minSeconds`]: 3600 }), id);
      expect([hidden.status, hidden.unlockSql]).toEqual(
        major >= 14 ? ['ok', undefined] : ['skipped', 'grant pg_monitor to plain;'],
      );
    }
    const report = await ask(server.url('shop'), ['TXN03', 'TXN08'], atOnce);
    expect(checkOf(report, 'TXN08').findings[0]?.message).toBe(
      `Session ${String(alteringPid)} waits for AccessExclusiveLock on public.orders itself, and 2 more wait behind it.`,
    );
    await server.run(checkOf(report, 'TXN08').findings[0]?.fixSql ?? '');
    await Promise.all([alters, ...reads]);
    await until(async () => (await asked(['TXN08']))['TXN08'] === 'ok');
    await endAll();
  });

  it('sessions that queue for one row are a wait, not an alarm', async () => {
    const holder = await session();
    await holder.query('begin; update public.orders set v = v + 1');
    const others = [await session(), await session(), await session()];
    const updates = others.map((client) => client.query('update public.orders set v = v + 1').catch(() => {}));
    await waiting(3);
    const found = (await asked(['TXN08']))['TXN08'];
    expect(JSON.stringify(found)).not.toContain('critical');
    await endAll();
    await Promise.all(updates);
  });

  it('sessions that queue beside those who read and write the table are no alarm', async () => {
    const holder = await session();
    await holder.query('begin; lock table public.orders in share update exclusive mode');
    const others = [await session(), await session()];
    const work = [];
    for (const [at, client] of others.entries()) {
      work.push(client.query('analyze public.orders').catch(() => {}));
      await waiting(at + 1);
    }
    await server.run('update public.orders set v = v', 'shop');
    const [queue] = checkOf(await ask(server.url('shop'), ['TXN08'], atOnce), 'TXN08').findings;
    expect([queue?.severity, queue?.message]).toEqual([
      'warning',
      expect.stringContaining('waits for ShareUpdateExclusiveLock on public.orders itself'),
    ]);
    await endAll();
    await Promise.all(work);
  });

  it('a dump keeps transactions open on purpose; parallel workers are not told beside their leader', async () => {
    const dump = await session('superuser', server.host, 'pg_dump');
    await dump.query('begin isolation level repeatable read; select 1');
    const pid = await pidOf(dump);
    const report = await ask(server.url('shop'), ['TXN02'], { ...atOnce, 'TXN02.criticalSeconds': 0 });
    expect(answers(report)).toEqual({ TXN02: [`info: session ${String(pid)}`] });
    expect(checkOf(report, 'TXN02').findings[0]?.fixSql).toBeUndefined();
    await dump.end();

    await server.run(
      `create table public.wide as select n from generate_series(1, 1000) as n;
       create function public.waits(int) returns int language sql parallel safe as 'select $1 from pg_sleep(600)';
       alter table public.wide set (parallel_workers = 2)`,
      'shop',
    );
    const leader = await session();
    const leaderPid = await pidOf(leader);
    await leader.query(
      'set min_parallel_table_scan_size = 0; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set max_parallel_workers_per_gather = 2',
    );
    const parallel = leader.query('select count(public.waits(n)) from public.wide').catch(() => {});
    await until(
      async () =>
        (await server.run("select 1 from pg_stat_activity where backend_type = 'parallel worker'")).length === 2,
      'two workers run',
    );
    expect(await asked(['XID05'], { 'XID05.heldSeconds': 0 })).toEqual({
      XID05: [`warning: session ${String(leaderPid)}`],
    });
    await endAll();
    await parallel;
    await server.run('drop table public.wide; drop function public.waits', 'shop');
  });

  it('a prepared transaction, also as what others wait for', async () => {
    const client = await session();
    await client.query("begin; update public.orders set v = 5; prepare transaction 'it''s open'");
    const other = await session();
    const update = other.query('update public.orders set v = 6').catch(() => {});
    await waiting(1);
    expect(await asked(['TXN03', 'TXN04'])).toEqual({
      TXN03: ['info: prepared transaction'],
      TXN04: ["warning: prepared transaction it's open"],
    });
    expect(await asked(['TXN04'], { 'TXN04.criticalSeconds': 0 })).toEqual({
      TXN04: ["critical: prepared transaction it's open"],
    });
    expect(await asked(['TXN04'], { 'TXN04.warnSeconds': 60 })).toEqual({ TXN04: 'ok' });
    const fix = checkOf(await ask(server.url('shop'), ['TXN04'], atOnce), 'TXN04').findings[0]?.fixSql ?? '';
    await server.run(fix, 'shop');
    await update;
    expect(await asked(['TXN03', 'TXN04'])).toEqual({ TXN03: 'ok', TXN04: 'ok' });
    await endAll();
  });

  it('what holds vacuum back: sessions, prepared transactions and slots', async () => {
    const client = await session();
    const pid = await pidOf(client);
    await client.query('begin transaction isolation level repeatable read; select 1');
    const other = await session();
    await other.query("begin; update public.orders set v = 5; prepare transaction 'held'");
    await server.run('do $$ begin for n in 1..20 loop perform pg_current_xact_id(); commit; end loop; end $$');
    const set = { 'XID05.minAge': 15 };
    expect(await asked(['XID05'], set)).toEqual({
      XID05: ['warning: prepared transaction held', `warning: session ${String(pid)}`],
    });
    expect(await asked(['XID05'], { 'XID05.heldSeconds': 0 })).toEqual({
      XID05: ['warning: prepared transaction held', `warning: session ${String(pid)}`],
    });
    expect(await asked(['XID05'])).toEqual({ XID05: 'ok' });
    const fixes = async (database: string, id: string) =>
      checkOf(await ask(server.url(database), [id], { ...atOnce, ...set }), id)
        .findings.filter(({ object }) => object === 'prepared transaction held')
        .map(({ fixSql, caution }) => [fixSql, caution]);
    // PostgreSQL ends it in its own database only.
    expect(await fixes('postgres', 'XID05')).toEqual([
      [undefined, 'Only in shop can it be committed or rolled back: connect there.'],
    ]);
    expect(await fixes('postgres', 'TXN04')).toEqual([[undefined, expect.stringContaining('Run it in shop')]]);
    const [[fix] = []] = await fixes('shop', 'XID05');
    expect(fix).toBe("rollback prepared 'held';");
    await server.run(fix ?? '', 'shop');
    await endAll();
    expect(await asked(['XID05'], set)).toEqual({ XID05: 'ok' });
  });

  it('a running VACUUM holds no other back; an index build does, and is worth waiting for', async () => {
    await server.run('create table public.frozen as select generate_series(1, 200000) as n', 'shop');
    await server.run('create table public.gone as select generate_series(1, 1000) as n', 'shop');
    const set = { 'XID05.minAge': 0, 'XID05.heldSeconds': 0, 'TXN01.criticalSeconds': 0 };
    const client = await session();
    await client.query("set vacuum_cost_delay = '100ms'; set vacuum_cost_limit = 1");
    const vacuum = client.query('vacuum (freeze) public.frozen').catch(() => {});
    await until(async () => (await server.run('select 1 from pg_stat_progress_vacuum')).length === 1);
    expect(await asked(['TXN01', 'XID05'], set)).toEqual({ TXN01: 'ok', XID05: 'ok' });
    expect(await asked(['TXN01', 'XID05'], set, 'monitor')).toEqual({ TXN01: 'ok', XID05: 'ok' });
    await server.run('delete from public.gone', 'shop');
    await server.run('vacuum public.gone', 'shop');
    const [left] = await server.run(
      "select pg_relation_size('public.gone')::int4 as size, (select count(*)::int4 from pg_stat_progress_vacuum) as vacuums",
      'shop',
    );
    expect(left).toEqual({ size: 0, vacuums: 1 });
    await endAll();
    await vacuum;

    await server.run(
      'create function public.slow(int) returns int immutable as $$ select $1 from pg_sleep(0.05) $$ language sql',
      'shop',
    );
    const builder = await session();
    const builderPid = await pidOf(builder);
    const build = builder.query('create index concurrently on public.frozen (public.slow(n))').catch(() => {});
    await until(
      async () =>
        (await server.run("select 1 from pg_stat_progress_create_index where phase ~ 'building'")).length === 1,
    );
    const report = await ask(server.url('shop'), ['TXN01', 'XID05'], { ...atOnce, ...set });
    expect(answers(report)).toEqual({
      TXN01: [`critical: session ${String(builderPid)}`],
      XID05: [`warning: session ${String(builderPid)}`],
    });
    expect(checkOf(report, 'XID05').findings[0]?.caution).toContain('a concurrent build leaves an invalid index');
    await endAll();
    await build;
    await server.run('drop table public.frozen, public.gone; drop function public.slow', 'shop');
  });

  it('many locks in one transaction', async () => {
    const names = Array.from({ length: 500 }, (_, n) => `public.many_${String(n)}`);
    const client = await session();
    for (const name of names) await client.query(`create table ${name} (v int)`);
    await client.query('begin');
    for (const name of names) await client.query(`lock table ${name} in share mode`);
    // 64 for each of 60 connections, autovacuum (launcher and, since 17, the synchronizer of slots included), background
    // workers, WAL senders and 5 prepared transactions.
    const share = 500 / (64 * (60 + (major >= 18 ? 16 + 2 : 3 + 1) + 8 + 10 + 5));
    expect(await asked(['TXN05'], { 'TXN05.warnShare': share * 0.9 })).toEqual({
      TXN05: ['warning: max_locks_per_transaction'],
    });
    expect(await asked(['TXN05'], { 'TXN05.warnShare': share * 0.5, 'TXN05.criticalShare': share * 0.9 })).toEqual({
      TXN05: ['critical: max_locks_per_transaction'],
    });
    expect(await asked(['TXN05'])).toEqual({ TXN05: 'ok' });
    const finding = checkOf(await ask(server.url('shop'), ['TXN05'], { 'TXN05.warnShare': 0.01 }), 'TXN05').findings[0];
    await server.run(finding?.fixSql ?? '');
    await server.run(finding?.undoSql ?? '');
    await server.run('alter system reset max_locks_per_transaction');
    // Locks of readers are on the fast path, which is not in the table.
    await client.query('rollback');
    const locked = async () => {
      const report = await ask(server.url('shop'), ['TXN05'], { 'TXN05.warnShare': 0 });
      const evidence = checkOf(report, 'TXN05').findings[0]?.evidence ?? [];
      return Number(evidence.find(({ label }) => label === 'Locked objects')?.value ?? 0);
    };
    const before = await locked();
    const reader = await session();
    await reader.query(`begin; select 1 from ${names.slice(0, 12).join(', ')}`);
    const [fast] = await server.run(
      `select count(*)::int4 as count from pg_locks where fastpath and pid = ${String(await pidOf(reader))}`,
    );
    expect(Number(fast?.['count'])).toBeGreaterThanOrEqual(12);
    expect(await locked()).toBeLessThan(before + 5);
    await endAll();
  });

  it('a pool in which everybody works, and idle sessions', async () => {
    const pool = await Promise.all(Array.from({ length: 12 }, () => session('plain', server.host, 'pool of "shop"')));
    const set = { 'CON03.minIdle': 10, 'CON03.manyIdleShare': 0.99 };
    await until(async () => (await asked(['CON03'], set))['CON03'] !== 'ok');
    expect(await asked(['CON03', 'CON04'], set)).toEqual({ CON03: ['warning: idle sessions'], CON04: 'ok' });
    expect(await asked(['CON03'], { ...set, 'CON03.minIdle': 13 })).toEqual({ CON03: 'ok' });
    expect(await asked(['CON03'], { 'CON03.longIdle': 5, 'CON03.longIdleSeconds': 0 })).toEqual({
      CON03: ['info: idle sessions'],
    });
    const work = pool.slice(0, 11).map((client) => client.query('select pg_sleep(600)').catch(() => {}));
    await until(
      async () =>
        (await server.run("select 1 from pg_stat_activity where state = 'active' and usename = 'plain'")).length === 11,
    );
    const object = 'sessions of pool of "shop" in shop';
    expect(await asked(['CON03', 'CON04'], set)).toEqual({ CON03: 'ok', CON04: [`warning: ${object}`] });
    expect(await asked(['CON04'], { 'CON04.lastIdle': 0 })).toEqual({ CON04: [`info: ${object}`] });
    expect(await asked(['CON04'], { 'CON04.minSessions': 13 })).toEqual({ CON04: 'ok' });
    await endAll();
    await Promise.all(work);
  });

  it('connections in use, limits of roles and databases, settings of connections', async () => {
    await server.run('alter role plain connection limit 4; alter database shop connection limit 40');
    await Promise.all(Array.from({ length: 4 }, () => session('plain')));
    expect(await asked(['CON01', 'CON02', 'CON05', 'CON08'])).toEqual({
      CON01: 'ok',
      CON02: 'ok',
      CON05: 'ok',
      CON08: ['critical: role plain'],
    });
    expect(
      await asked(['CON01', 'CON02', 'CON05', 'CON08'], {
        'CON01.warnShare': 0.05,
        'CON02.maxConnections': 50,
        'CON05.minReserved': 10,
        'CON08.warnShare': 0.1,
      }),
    ).toEqual({
      CON01: ['warning: max_connections'],
      CON02: ['info: max_connections'],
      CON05: ['warning: superuser_reserved_connections'],
      CON08: ['critical: role plain', 'warning: database shop'],
    });
    const finding = checkOf(await ask(server.url('shop'), ['CON08']), 'CON08').findings[0];
    await server.run(finding?.fixSql ?? '');
    expect(await asked(['CON08'])).toEqual({ CON08: 'ok' });
    await server.run(finding?.undoSql ?? '');
    expect(await asked(['CON08'])).toEqual({ CON08: ['critical: role plain'] });
    await server.run('alter role plain connection limit -1; alter database shop connection limit -1');
    await endAll();
  });

  it('clients that come over the network without encryption', async () => {
    const address = Object.values(networkInterfaces())
      .flat()
      .find((found) => found !== undefined && !found.internal && found.family === 'IPv4')?.address;
    // A machine without a network has none.
    if (address === undefined) return;
    expect(await asked(['CON09'])).toEqual({ CON09: 'ok' });
    const [file] = await server.run('show hba_file');
    await server.run(
      `copy (
        values ('local all all scram-sha-256'), ('host all all 127.0.0.1/32 scram-sha-256'), ('host all all ${address}/32 scram-sha-256')
      ) to '${String(file?.['hba_file'])}'`,
    );
    await server.run('select pg_reload_conf()');
    await until(
      async () =>
        await session('plain', address).then(
          () => true,
          () => false,
        ),
    );
    expect(await asked(['CON09'])).toEqual({ CON09: ['warning: unencrypted sessions'] });
    expect(await asked(['CON09'], {}, 'monitor')).toEqual({ CON09: ['warning: unencrypted sessions'] });
    expect(await asked(['CON09'], { 'CON09.minSessions': 50 })).toEqual({ CON09: 'ok' });
    await endAll();
  });

  it('many sessions at one point', async () => {
    await server.run("alter system set synchronous_standby_names = 'nobody'");
    await server.run('select pg_reload_conf()');
    const clients = await Promise.all(Array.from({ length: 9 }, () => session()));
    await until(async () => {
      const [row] = await server.run('show synchronous_standby_names');
      return row?.['synchronous_standby_names'] === 'nobody';
    });
    const commits = clients.map((client, n) =>
      client.query(`create table public.sync_${String(n)} (v int)`).catch(() => {}),
    );
    await until(
      async () => (await server.run("select 1 from pg_stat_activity where wait_event = 'SyncRep'")).length === 9,
    );
    expect(await asked(['TXN07', 'REP16'])).toEqual({
      TXN07: ['info: wait SyncRep'],
      REP16: ['critical: synchronous_standby_names'],
    });
    expect(await asked(['TXN07'], { 'TXN07.minSessions': 10 })).toEqual({ TXN07: 'ok' });
    await server.run('alter system reset synchronous_standby_names');
    await server.run('select pg_reload_conf()');
    await Promise.all(commits);
    await endAll();
  });

  it('blocks are counted as the views of PostgreSQL count them', async () => {
    await server.run('create table public.counted (id int primary key, note text)', 'shop');
    await server.run(
      "insert into public.counted select n, repeat('x', 3000) from generate_series(1, 500) as n",
      'shop',
    );
    await server.run('select count(*) from public.counted where id = 7', 'shop');
    // Counters of sessions that have just ended come a moment later.
    for (const [check, view, what] of [
      [tableCacheHits, 'pg_statio_user_tables', 'heap'],
      [indexCacheHits, 'pg_statio_user_indexes', 'idx'],
    ] as const) {
      const ours = `select blocks_hit, blocks_read from (${check.sql(healthFacts(), limitsOf(check, new Map()))}) as ours`;
      const theirs = `select sum(${what}_blks_hit)::int8, sum(${what}_blks_read)::int8 from ${view}`;
      await until(async () => {
        const rows = await server.run(`${ours} intersect ${theirs}`, 'shop');
        return Number(rows[0]?.['blocks_hit']) > 500;
      }, view);
    }
  });

  it('T22: counters are judged by what came since the report before', async () => {
    const ids = ['CAC01', 'CAC02', 'CAC03', 'CAC05', 'CAC08', 'CAC09', ...(major >= 14 ? ['CON07'] : [])];
    const set = {
      'CAC05.minSeconds': 0,
      'CAC05.bytesPerHour': 1024 ** 5,
      'CAC05.manyBytesPerHour': 1024 ** 5,
      'CAC08.minTransactions': 100,
      'CON07.minSessions': 20,
    };
    const countersAre = async (condition: string) =>
      until(
        async () =>
          (await server.run(`select 1 from pg_stat_database where datname = 'shop' and ${condition}`)).length === 1,
        condition,
      );
    await server.run('select pg_stat_reset()', 'shop');
    // Deadlock.
    const [one, two] = [await session(), await session()];
    await server.run('insert into public.orders values (2, 0)', 'shop');
    await one.query("set deadlock_timeout = '10ms'; begin; update public.orders set v = 1 where id = 1");
    await two.query("set deadlock_timeout = '10ms'; begin; update public.orders set v = 1 where id = 2");
    await Promise.all([
      one.query('update public.orders set v = 2 where id = 2').catch(() => {}),
      two.query('update public.orders set v = 2 where id = 1').catch(() => {}),
    ]);
    // Rollbacks, a spill, and sessions that are killed.
    for (let turn = 0; turn < 150; turn += 1) await one.query('rollback; begin; select 1; rollback');
    await one.query(
      "set work_mem = '64kB'; select count(*) from (select n from generate_series(1, 200000) as n order by n desc) as sorted",
    );
    await endAll();
    for (let turn = 0; turn < 25; turn += 1) await session();
    await endAll();
    await countersAre('deadlocks > 0 and temp_files > 0 and xact_rollback > 100');
    if (major >= 14) await countersAre('sessions_killed >= 25');
    const first = await ask(server.url('shop'), ids, set);
    expect(answers(first)).toMatchObject({
      CAC05: ['warning: database shop'],
      CAC08: ['info: database shop'],
      CAC09: ['warning: database shop'],
      ...(major >= 14 ? { CON07: ['warning: database shop'] } : {}),
    });
    const earlier = { takenAt: new Date(Date.now() - 1), values: measuresOf(first) };
    const second = answers(await ask(server.url('shop'), ids, set, { earlier }));
    // Nothing new: no deadlock and no file since; too few sessions and transactions since to judge anew.
    expect(second).toMatchObject({ CAC05: 'ok', CAC09: 'ok', CAC08: ['info: database shop'] });
    // Counters that were reset in between are judged whole again.
    const future = new Map([...earlier.values].map(([key, value]) => [key, value + 1_000_000]));
    expect(answers(await ask(server.url('shop'), ids, set, { earlier: { ...earlier, values: future } }))).toEqual(
      answers(first),
    );
  });
});

it('T23: counters that 17 moved are read on every major', async () => {
  const ids = ['CFG01', 'CAC04', 'CAC06', 'CAC05', 'CON06', 'CON07', 'CFG16'];
  for (const major of [13, 14, 15, 16, 17, 18] as const) {
    await using server = await startTestServer({ major });
    await createRoles(server);
    await server.run('create table t as select n from generate_series(1, 10000) as n; checkpoint; checkpoint');
    for (const role of ['superuser', 'monitor', 'plain'] as const) {
      const report = await ask(urlOf(server, role), ids);
      const expected = Object.fromEntries(
        ids.map((id) => [id, major === 13 && ['CON06', 'CON07'].includes(id) ? 'skipped' : 'ok']),
      );
      expect({ major, role, ...answers(report) }).toEqual({ major, role, ...expected });
      const measures = measuresOf(report);
      expect([
        measures.has('checkpoints.timed'),
        measures.has('io.backend_fsyncs'),
        measures.has('slru.transaction.hit'),
      ]).toEqual([true, true, true]);
      expect(measures.has('io.backend_writes')).toBe(major >= 16);
    }
  }
}, 60_000);
