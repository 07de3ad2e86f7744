import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthFinding } from '#contract/health-model.ts';

import { serverUserFor, stopCluster, type Cluster } from '../../electron/postgres/cluster.ts';
import { answers, ask, checkOf, createRoles, urlOf, type Role } from '../support/health-questions.ts';
import { subscribe } from '../support/logical-replication.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';
import { startStandby, type TestStandby } from '../support/standby.ts';
import { until } from '../support/until.ts';

async function open(url: string, more: Record<string, string> = {}): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ...more });
  client.on('error', () => {});
  await client.connect();
  return client;
}

const tableCopies: readonly ServerMajor[] = [13, 15, 18];

describe.each(tableCopies)('table copies of subscriptions of PostgreSQL %i', (major) => {
  let server: TestServer;
  /** A table copy waits while somebody holds this advisory lock. */
  const gate = 1;
  const asked = async (
    database: 'pub' | 'sub',
    ids: readonly string[],
    set: Record<string, number> = {},
    role: Role = 'superuser',
  ) => answers(await ask(urlOf(server, role, database), ids, set));
  const findings = async (database: 'pub' | 'sub', id: string, set: Record<string, number> = {}) =>
    checkOf(await ask(server.url(database), [id], set), id).findings;
  const copy = async (name: string, options = '') => {
    await server.run(`create publication ${name} for table public.${name}`, 'pub');
    await server.run(`select pg_create_logical_replication_slot('${name}', 'pgoutput')`, 'pub');
    await server.run(
      `create subscription ${name}
         connection 'host=127.0.0.1 port=${String(server.port)} user=${server.user} password=${server.password} dbname=pub'
         publication ${name} with (create_slot = false, slot_name = '${name}'${options})`,
      'sub',
    );
  };
  const end = async (name: string) => {
    await server.run(`alter subscription ${name} disable`, 'sub');
    await server.run(`alter subscription ${name} set (slot_name = none)`, 'sub');
    await server.run(`drop subscription ${name}`, 'sub');
    await until(async () => {
      const active = await server.run('select 1 from pg_replication_slots where active');
      return active.length === 0;
    }, 'no slot is in use');
    await server.run('select pg_drop_replication_slot(slot_name) from pg_replication_slots', 'pub');
  };

  beforeAll(async () => {
    server = await startTestServer({
      major,
      settings: { wal_level: 'logical', wal_retrieve_retry_interval: '200ms', max_worker_processes: '20' },
    });
    await createRoles(server);
    await server.createDatabase('pub');
    await server.createDatabase('sub');
    const tables = ['gated', 'bad', 'good', 'stopped', 'late'].map(
      (name) => `create table public.${name} (id int primary key); insert into public.${name} values (1);`,
    );
    await server.run(tables.join('\n'), 'pub');
    await server.run(tables.join('\n'), 'sub');
    await server.run(
      `truncate public.gated, public.good, public.stopped, public.late;
       create function public.waits() returns trigger language plpgsql as
         'begin perform pg_advisory_xact_lock(${String(gate)}); return new; end';
       create trigger waits before insert on public.gated for each row execute function public.waits();
       alter table public.gated enable always trigger waits`,
      'sub',
    );
  }, 60_000);
  afterAll(async () => {
    await server.stop();
  });

  it('a copy that runs: its slot is not forgotten, its connection is no standby, and it holds vacuum back', async () => {
    const holder = await open(server.url('sub'));
    await holder.query(`select pg_advisory_lock(${String(gate)})`);
    await copy('gated');
    await until(
      async () => (await server.run("select 1 from pg_stat_activity where wait_event = 'advisory'")).length === 1,
      'the copy waits',
    );
    const set = { 'REP05.quietSeconds': 0, 'XID05.minAge': 0, 'REP03.graceSeconds': 0 };
    expect(await asked('sub', ['REP08'])).toEqual({ REP08: 'ok' });
    expect(await asked('pub', ['REP03', 'REP04', 'REP05'], { ...set, 'REP04.expectedStandbys': 1 })).toEqual({
      REP03: 'ok',
      REP04: ['critical: standbys'],
      REP05: 'ok',
    });
    const [sender] = await server.run(
      "select pid from pg_stat_replication where state = 'startup' and application_name like '%sync%'",
    );
    const held = await findings('pub', 'XID05', set);
    // The session on the subscriber's side has a snapshot as well. On 13 the copy has a temporary slot, which is in use.
    expect(held.map(({ object }) => object)).toContain(`session ${String(sender?.['pid'])}`);
    expect(held.filter(({ object }) => object.startsWith('standby'))).toEqual([]);
    if (major >= 14) expect(held.filter(({ object }) => object.includes('_sync_'))).toEqual([]);
    expect(held.find(({ object }) => object === `session ${String(sender?.['pid'])}`)?.fixSql).toBeUndefined();
    if (major >= 14) {
      // Disabled in the middle of it, the copy leaves its slot behind: to be gone on with.
      await server.run('alter subscription gated disable', 'sub');
      await server.run('select pg_terminate_backend(pid) from pg_stat_subscription where relid is not null', 'sub');
      await until(
        async () =>
          (await server.run("select 1 from pg_stat_replication where application_name ~ '_sync_'")).length === 0,
        'the copy has ended',
      );
      const isCopy = ({ object }: HealthFinding) => /^slot pg_\d+_sync_\d+_\d+$/.test(object);
      const left = [...(await findings('pub', 'REP05', set)), ...(await findings('pub', 'XID05', set))].filter(isCopy);
      expect(left.map(({ fixSql, caution }) => [fixSql, caution])).toEqual(
        [1, 2].map(() => [undefined, expect.stringContaining('copy of a table by a subscriber')]),
      );
      await server.run('alter subscription gated enable', 'sub');
    }
    await holder.end();
    await until(async () => (await server.run('select 1 from public.gated', 'sub')).length === 1, 'it is copied');
    await end('gated');
  }, 60_000);

  it('a copy that fails for ever, whoever asks', async () => {
    await copy('bad');
    for (const role of ['superuser', 'monitor', 'plain'] as const) {
      await until(
        async () =>
          JSON.stringify(await asked('sub', ['REP08'], {}, role)) === '{"REP08":["warning: subscription bad"]}',
        `${role} is told`,
      );
    }
    await until(async () => {
      const [found] = await findings('sub', 'REP08');
      return (
        found?.message ===
        'Subscription bad began to copy 1 table and is not at it any more: no worker copies public.bad.'
      );
    }, 'the message names the table');
    // It is enough to take away what is in the way.
    await server.run('delete from public.bad', 'sub');
    await until(async () => (await server.run('select 1 from public.bad', 'sub')).length === 1, 'it is copied');
    await until(
      async () => !JSON.stringify(await asked('sub', ['REP08'])).includes('warning'),
      'nothing is the matter any more',
    );
    await end('bad');
  }, 60_000);

  it('a copy that no worker is left for', async () => {
    await copy('good');
    await until(
      async () => (await server.run("select 1 from pg_subscription_rel where srsubstate = 'r'", 'sub')).length === 1,
      'it is copied and done with',
    );
    await server.run('alter system set max_logical_replication_workers = 1');
    // What workers commit is not written at once: a crash would take it back.
    await server.run('checkpoint');
    await server.crash();
    await server.start();
    await until(async () => (await asked('sub', ['REP08']))['REP08'] === 'ok', 'the worker is back');
    await server.run('alter publication good add table public.late', 'pub');
    await server.run('alter subscription good refresh publication', 'sub');
    const [found] = await findings('sub', 'REP08');
    expect(found?.message).toBe(
      'Subscription good has 1 table to copy, and no worker for it: all 1 of max_logical_replication_workers apply changes.',
    );
    await server.run('alter system reset max_logical_replication_workers');
    await server.crash();
    await server.start();
    await until(async () => (await server.run('select 1 from public.late', 'sub')).length === 1, 'it is copied');
    expect(await asked('sub', ['REP08'])).toEqual({ REP08: 'ok' });
    await end('good');
  }, 60_000);

  it('on a standby of a subscriber nobody applies changes, as it has to be', async () => {
    await subscribe(
      { server, database: 'pub' },
      { server, database: 'sub' },
      { table: 'public.good', publication: 'followed', subscription: 'followed' },
    );
    await using standby = await startStandby(server);
    await standby.catchUp();
    expect(answers(await ask(standby.url('sub'), ['REP08']))).toEqual({ REP08: 'ok' });
    await standby.stop();
    await end('followed');
  }, 60_000);

  it.runIf(major >= 15)(
    'a subscription that an error has disabled (disable_on_error came with 15)',
    async () => {
      await copy('stopped', ', copy_data = false, disable_on_error = true');
      await server.run('insert into public.stopped values (5)', 'sub');
      await server.run('insert into public.stopped values (5)', 'pub');
      await until(async () => {
        const [row] = await server.run("select subenabled from pg_subscription where subname = 'stopped'", 'sub');
        return row?.['subenabled'] === false;
      }, 'it is disabled');
      await until(
        async () =>
          JSON.stringify(await asked('sub', ['REP08'], {}, 'plain')).includes('warning: subscription stopped'),
        'the error is counted',
      );
      const [found] = await findings('sub', 'REP08');
      expect([found?.severity, found?.message]).toEqual([
        'warning',
        'Subscription stopped is disabled, as disable_on_error asks for after an error (1 so far): nothing arrives, and its slot on the publisher keeps WAL.',
      ]);
      await end('stopped');
    },
    60_000,
  );

  it('a connection that only asks, or only receives, is no standby', async () => {
    const asking = await open(server.url('pub'), { replication: 'database' });
    await asking.query('begin isolation level repeatable read');
    await asking.query('select count(*) from public.good');
    const pid = (await asking.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
    const set = { 'XID05.minAge': 0, 'REP03.graceSeconds': 0, 'REP04.expectedStandbys': 1 };
    expect(await asked('pub', ['REP03', 'REP04'], set)).toEqual({ REP03: 'ok', REP04: ['critical: standbys'] });
    const held = await findings('pub', 'XID05', set);
    expect(held.map(({ object }) => object)).toEqual([`session ${String(pid)}`]);
    expect(await asked('pub', ['XID05'], { 'XID05.heldSeconds': 0 })).toEqual({
      XID05: [`warning: session ${String(pid)}`],
    });
    await asking.end();

    // As pg_receivewal does: it takes WAL and never says that it replayed any.
    const receiving = await open(server.url('pub'), { replication: 'true' });
    const [row] = await server.run('select pg_current_wal_flush_lsn()::text as lsn');
    const stream = receiving.query(`START_REPLICATION PHYSICAL ${String(row?.['lsn'])}`).catch(() => {});
    await until(
      async () => (await server.run("select 1 from pg_stat_replication where state = 'streaming'")).length === 1,
      'it is sent WAL',
    );
    expect(await asked('pub', ['REP03', 'REP04', 'XID05'], set)).toEqual({
      REP03: 'ok',
      REP04: ['critical: standbys'],
      XID05: 'ok',
    });
    await server.run('select pg_terminate_backend(pid) from pg_stat_replication');
    await stream;
    await receiving.end();
  });
});

const standbys: readonly ServerMajor[] = [13, 18];

describe.each(standbys)('standbys of PostgreSQL %i', (major) => {
  let primary: TestServer;
  let standby: TestStandby;
  const asked = async (ids: readonly string[], set: Record<string, number> = {}) =>
    answers(await ask(standby.url('shop'), ids, set));
  const write = async (rows: number) => {
    await primary.run(
      `insert into public.orders (note) select repeat('x', 500) from generate_series(1, ${String(rows)})`,
      'shop',
    );
  };
  const setOn = async (setting: string, value: string) => {
    await standby.run(`alter system set ${setting} = '${value}'`);
    await standby.run('select pg_reload_conf()');
    await until(async () => {
      const [row] = await standby.run(`select current_setting('${setting}') as value`);
      return row?.['value'] === value;
    }, `${setting} is ${value}`);
  };
  /** Waits until the standby has received all that was written, replayed or not. */
  const receives = async () => {
    const [row] = await primary.run('select pg_current_wal_flush_lsn()::text as lsn');
    await until(async () => {
      const [answer] = await standby.run(
        `select pg_last_wal_receive_lsn() >= '${String(row?.['lsn'])}'::pg_lsn as done`,
      );
      return answer?.['done'] === true;
    }, 'it is received');
  };

  beforeAll(async () => {
    primary = await startTestServer({
      major,
      settings: { wal_level: 'logical', max_prepared_transactions: '5', wal_retrieve_retry_interval: '200ms' },
    });
    await createRoles(primary);
    await primary.createDatabase('shop');
    await primary.run(
      'create table public.orders (id serial primary key, note text); create unlogged table public.scratch (id serial primary key)',
      'shop',
    );
    await primary.run("select setval('public.scratch_id_seq', 5)", 'shop');
    standby = await startStandby(primary, {
      settings: { max_standby_streaming_delay: '-1', wal_retrieve_retry_interval: '200ms' },
    });
    await write(1);
    await standby.catchUp();
  }, 60_000);
  afterAll(async () => {
    await standby.stop();
    await primary.stop();
  });

  it('a reader holds vacuum back only where the standby tells its primary', async () => {
    await setOn('hot_standby_feedback', 'off');
    const reader = await open(standby.url('shop'));
    await reader.query('begin isolation level repeatable read; select count(*) from public.orders');
    const set = { 'XID05.heldSeconds': 0 };
    expect(await asked(['XID05'], set)).toEqual({ XID05: 'ok' });
    await setOn('hot_standby_feedback', 'on');
    const { rows } = await reader.query<{ pid: number }>('select pg_backend_pid() as pid');
    expect(await asked(['XID05'], set)).toEqual({ XID05: [`warning: session ${String(rows[0]?.pid)}`] });
    await reader.end();
  });

  it('prepared transactions are the primary’s to answer; unlogged sequences are nobody’s', async () => {
    expect(await asked(['TXN04', 'SEQ01', 'SEQ02', 'SEQ05', 'SEQ06'])).toEqual({
      TXN04: 'skipped',
      SEQ01: 'ok',
      SEQ02: 'ok',
      SEQ05: 'ok',
      SEQ06: 'ok',
    });
  });

  it('a reader that replay waits for is the one that others wait for', async () => {
    const reader = await open(standby.url('shop'));
    await reader.query('begin; select count(*) from public.orders');
    const pid = (await reader.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
    await primary.run('alter table public.orders add column more int', 'shop');
    await until(
      async () =>
        (await standby.run("select 1 from pg_locks where not granted and mode = 'AccessExclusiveLock'")).length === 1,
      'replay waits',
    );
    const other = await open(standby.url('shop'));
    const waits = other.query('select count(*) from public.orders').catch(() => {});
    await until(
      async () => (await standby.run('select distinct pid from pg_locks where not granted')).length === 2,
      'another waits',
    );
    const report = await ask(standby.url('shop'), ['TXN03', 'TXN08'], { 'TXN03.minSeconds': 0, 'TXN08.minSeconds': 0 });
    const [blocked] = checkOf(report, 'TXN03').findings;
    expect(checkOf(report, 'TXN03').findings.map(({ object }) => object)).toEqual([`session ${String(pid)}`]);
    expect(blocked?.message).toContain(`2 sessions wait for session ${String(pid)}`);
    expect(checkOf(report, 'TXN08').findings).toHaveLength(1);
    expect(checkOf(report, 'TXN08').findings[0]?.fixSql).toBeUndefined();
    await standby.run(blocked?.fixSql ?? '');
    await waits;
    await other.end();
    await standby.catchUp();
    expect(await asked(['TXN03'], { 'TXN03.minSeconds': 0 })).toEqual({ TXN03: 'ok' });
  });

  it('a delay that is meant is no lag, unless replay is paused', async () => {
    const set = { 'REP01.warnSeconds': 0, 'REP01.minBytes': 1, 'REP01.unknownBytes': 0 };
    await setOn('recovery_min_apply_delay', '1d');
    await write(1000);
    await receives();
    expect(await asked(['REP01'], set)).toEqual({ REP01: 'ok' });
    await setOn('recovery_min_apply_delay', '1ms');
    await standby.catchUp();
    await standby.run('select pg_wal_replay_pause()');
    await write(1000);
    await receives();
    expect(await asked(['REP01'], set)).toEqual({ REP01: ['warning: this standby'] });
    await standby.run('select pg_wal_replay_resume()');
    await setOn('recovery_min_apply_delay', '0');
    await standby.catchUp();
  });

  it('a standby that hands on WAL answers for those that follow it', async () => {
    const set = { 'REP02.warnBytes': 100_000, 'REP03.graceSeconds': 0, 'REP04.expectedStandbys': 2 };
    expect(await asked(['REP02', 'REP03', 'REP04'], set)).toEqual({ REP02: 'ok', REP03: 'ok', REP04: 'ok' });
    await standby.run("select pg_create_physical_replication_slot('nobody', true)");
    expect(await asked(['REP04'], set)).toEqual({ REP04: ['warning: standbys'] });
    await standby.run("select pg_drop_replication_slot('nobody')");
    await using leaf = await startStandby(primary, {
      name: 'leaf',
      settings: {
        primary_conninfo: `host=127.0.0.1 port=${String(standby.port)} user=${primary.user} password=${primary.password} application_name=leaf`,
        wal_retrieve_retry_interval: '200ms',
      },
    });
    await leaf.catchUp();
    await until(async () => (await asked(['REP02', 'REP03'], set))['REP03'] === 'ok', 'it streams');
    await leaf.run('select pg_wal_replay_pause()');
    await write(1000);
    await until(
      async () => JSON.stringify(await asked(['REP02'], set)) === '{"REP02":["warning: standby leaf"]}',
      'it is behind',
    );
  }, 60_000);

  it('a standby that lives on an archive does not know how far it is behind; its slots keep what they keep', async () => {
    const [folder] = await primary.run("select current_setting('data_directory') as path");
    await using archived = await startStandby(primary, {
      name: 'archived',
      settings: {
        primary_conninfo: '',
        restore_command: `cp ${String(folder?.['path'])}/pg_wal/%f %p`,
        wal_retrieve_retry_interval: '200ms',
      },
    });
    const report = await ask(archived.url('shop'), ['REP01']);
    expect(checkOf(report, 'REP01')).toMatchObject({
      status: 'skipped',
      reason:
        'What this standby replays has not come by streaming: how far it is behind an archive only the primary knows.',
    });
    await archived.run("select pg_create_physical_replication_slot('kept', true)");
    const [slot] = checkOf(await ask(archived.url('shop'), ['REP05'], { 'REP05.quietSeconds': 0 }), 'REP05').findings;
    expect(slot?.message).not.toContain('keeps 0 B');
  }, 60_000);

  it.runIf(major >= 17)(
    'copies of the primary’s slots are the primary’s to drop (17 and later have them)',
    async () => {
      await primary.run("select pg_create_physical_replication_slot('for_synced', true)");
      await primary.run("select pg_create_logical_replication_slot('fo', 'pgoutput', false, false, true)", 'shop');
      await primary.run('create publication moving for table public.orders', 'shop');
      await using synced = await startStandby(primary, {
        settings: {
          wal_level: 'logical',
          hot_standby_feedback: 'on',
          sync_replication_slots: 'on',
          primary_slot_name: 'for_synced',
          primary_conninfo: `host=127.0.0.1 port=${String(primary.port)} user=${primary.user} password=${primary.password} dbname=postgres`,
          wal_retrieve_retry_interval: '200ms',
        },
      });
      await until(async () => {
        await write(1);
        await primary.run('select pg_log_standby_snapshot()');
        await primary.run(
          "select count(*) from pg_logical_slot_get_binary_changes('fo', null, null, 'proto_version', '1', 'publication_names', 'moving')",
          'shop',
        );
        return (await synced.run('select 1 from pg_replication_slots where synced and not temporary')).length === 1;
      }, 'the slot is copied');
      const set = { 'XID05.minAge': 0, 'REP05.quietSeconds': 0 };
      const report = await ask(synced.url('shop'), ['XID05', 'REP05', 'REP07'], set);
      const [held] = checkOf(report, 'XID05').findings.filter(({ object }) => object === 'slot fo');
      expect([held?.fixSql, held?.caution]).toEqual([undefined, expect.stringContaining('only there')]);
      expect(checkOf(report, 'REP05').findings).toEqual([]);
      await synced.stop();
      await primary.run("select pg_drop_replication_slot('for_synced')");
      await primary.run("select pg_drop_replication_slot('fo')", 'shop');
    },
    60_000,
  );
});

const archivers: readonly ServerMajor[] = [15, 18];

describe.each(archivers)('archiving of PostgreSQL %i', (major) => {
  const set = { 'REP12.startSeconds': 0, 'REP13.warnFiles': 1 };
  it('cannot work without a library that exists, with two ways at once, or on a standby without any', async () => {
    await using server = await startTestServer({ major });
    await createRoles(server);
    const asked = async (role: Role = 'superuser') => answers(await ask(urlOf(server, role), ['REP12'], set))['REP12'];
    const configure = async (settings: Record<string, string>) => {
      for (const [name, value] of Object.entries(settings)) await server.run(`alter system set ${name} = '${value}'`);
      await server.run('select pg_reload_conf()');
    };
    await configure({ archive_mode: 'on', archive_library: 'no_such_library' });
    await server.crash();
    await server.start();
    await until(async () => JSON.stringify(await asked()) === '["critical: archiver"]', 'no archiver runs');
    expect(await asked('monitor')).toEqual(['critical: archiver']);
    expect(checkOf(await ask(urlOf(server, 'plain'), ['REP12'], set), 'REP12')).toMatchObject({
      status: 'skipped',
      unlockSql: 'grant pg_monitor to plain;',
    });
    // In the first moments it may not be there yet.
    expect(answers(await ask(server.url(), ['REP12'], { 'REP12.startSeconds': 3600 }))).toEqual({ REP12: 'ok' });
    await configure({ archive_library: '', archive_command: '/bin/true' });
    await until(async () => (await asked()) === 'ok', 'it runs again');
    expect(await asked('plain')).toBe('ok');
    if (major >= 16) {
      await server.run("alter system set archive_library = 'basic_archive'");
      await server.run('select pg_reload_conf()');
      await until(async () => JSON.stringify(await asked('plain')) === '["critical: archive_library"]', 'both are set');
      await configure({ archive_library: '' });
    }

    // A primary that fails, and becomes a standby: there nothing is archived unless always.
    await configure({ archive_command: '/bin/false' });
    await server.run('create table public.written as select 1 as n; select pg_switch_wal()');
    await until(async () => JSON.stringify(await asked()) === '["critical: archive_command"]', 'it fails');
    const [folder] = await server.run("select current_setting('data_directory') as path");
    const dataDirectory = String(folder?.['path']);
    const cluster: Cluster = { binDirectory: server.binDirectory, dataDirectory, serverUser: await serverUserFor() };
    await server.run(`copy (select) to '${dataDirectory}/standby.signal'`);
    await stopCluster(cluster, 'fast');
    await server.start();
    const [failed] = await server.run(
      'select failed_count > 0 as failed, pg_is_in_recovery() as standby from pg_stat_archiver',
    );
    expect(failed).toEqual({ failed: true, standby: true });
    expect(answers(await ask(server.url(), ['REP12', 'REP13'], set))).toEqual({ REP12: 'ok', REP13: 'ok' });
    await configure({ archive_mode: 'always', archive_command: '' });
    await stopCluster(cluster, 'fast');
    await server.start();
    await server.run("select pg_stat_reset_shared('archiver')");
    await until(async () => JSON.stringify(await asked()) === '["warning: archive_command"]', 'there is no command');
  }, 60_000);
});

describe('published tables with generated columns', () => {
  it('what PostgreSQL 18 refuses is found, and no fix leads there', async () => {
    await using server = await startTestServer({ major: 18, settings: { wal_level: 'logical' } });
    await server.createDatabase('shop');
    const columns = {
      full_stored: 'a int, g int generated always as (a * 2) stored',
      full_virtual: 'a int, g int generated always as (a * 2) virtual',
      key_stored: 'a int not null, g int generated always as (a * 2) stored not null, primary key (a, g)',
      none_stored: 'a int, g int generated always as (a * 2) stored',
      none_virtual: 'a int, g int generated always as (a * 2) virtual',
      none_unique: 'a int not null unique, g int generated always as (a * 2) virtual',
      listed: 'a int not null, g int generated always as (a * 2) stored not null, primary key (a, g)',
      sent: 'a int not null, g int generated always as (a * 2) stored not null, primary key (a, g)',
      sent_full: 'a int, g int generated always as (a * 2) stored',
      sent_virtual: 'a int, g int generated always as (a * 2) virtual',
      plain_key: 'a int primary key, g int generated always as (a * 2) stored',
    };
    const names = Object.keys(columns);
    await server.run(
      `${Object.entries(columns)
        .map(([name, text]) => `create table public.${name} (${text}); insert into public.${name} (a) values (1);`)
        .join('\n')}
       ${names
         .filter((name) => name.includes('full') || name === 'sent_virtual')
         .map((name) => `alter table public.${name} replica identity full;`)
         .join('\n')}
       create publication unsent for table ${names
         .filter((name) => !name.startsWith('sent') && name !== 'listed')
         .map((name) => `public.${name}`)
         .join(', ')};
       create publication listing for table public.listed (a, g);
       create publication sending for table public.sent, public.sent_full, public.sent_virtual
         with (publish_generated_columns = stored)`,
      'shop',
    );
    const failing = async () => {
      const failed: string[] = [];
      for (const name of names) {
        await server.run(`update public.${name} set a = a`, 'shop').catch(() => failed.push(`public.${name}`));
      }
      return failed.toSorted();
    };
    const found = async () => checkOf(await ask(server.url('shop'), ['REP15']), 'REP15').findings;
    const before = await found();
    expect(before.map(({ object }) => object).toSorted()).toEqual(await failing());
    expect(await failing()).toEqual(
      ['full_stored', 'full_virtual', 'key_stored', 'none_stored', 'none_unique', 'none_virtual', 'sent_virtual'].map(
        (name) => `public.${name}`,
      ),
    );
    expect(before.find(({ object }) => object === 'public.key_stored')?.message).toBe(
      'Table public.key_stored is published by unsent, but its replica identity has generated columns that are not published (g): its updates and deletes fail.',
    );
    const fixes = before.flatMap(({ fixSql }) => fixSql ?? []);
    expect(fixes).toEqual(['alter table public.none_unique replica identity using index none_unique_a_key;']);
    for (const fix of fixes) await server.run(fix, 'shop');
    expect(await failing()).not.toContain('public.none_unique');
    expect((await found()).map(({ object }) => object).toSorted()).toEqual(await failing());
  }, 60_000);
});
