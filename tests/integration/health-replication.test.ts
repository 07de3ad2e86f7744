import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { answers, ask, checkOf, createRoles, measuresOf, urlOf } from '../support/health-questions.ts';
import { subscribe } from '../support/logical-replication.ts';
import { startTestServer, type ServerMajor, type TestServer } from '../support/postgres-server.ts';
import { startStandby, type TestStandby } from '../support/standby.ts';
import { until } from '../support/until.ts';

const onPrimary = [
  'REP02',
  'REP03',
  'REP04',
  'REP05',
  'REP06',
  'REP07',
  'REP08',
  'REP12',
  'REP13',
  'REP14',
  'REP15',
  'REP16',
];
const onStandby = ['REP01', 'REP09', 'REP10', 'REP11', 'CFG02'];

const majors: readonly ServerMajor[] = [13, 15, 18];

describe.each(majors)('replication of PostgreSQL %i', (major) => {
  let primary: TestServer;
  let standby: TestStandby;
  const asked = async (
    ids: readonly string[],
    set: Record<string, number> = {},
    role: 'superuser' | 'monitor' | 'plain' = 'superuser',
  ) => answers(await ask(urlOf(primary, role, 'shop'), ids, set));
  /** The slot of the standby keeps nothing that was written by now: else it would be found, too, or lost. */
  const standbyConfirms = async () => {
    const [row] = await primary.run('select pg_current_wal_flush_lsn()::text as lsn');
    const lsn = String(row?.['lsn']);
    await until(async () => {
      const [slot] = await primary.run(
        `select restart_lsn >= '${lsn}'::pg_lsn as done from pg_replication_slots where slot_name = 'for_standby'`,
      );
      return slot?.['done'] === true;
    }, `the standby has confirmed ${lsn}`);
  };
  const askedStandby = async (ids: readonly string[], set: Record<string, number> = {}) =>
    answers(await ask(standby.url('shop'), ids, set));

  beforeAll(async () => {
    primary = await startTestServer({
      major,
      settings: {
        wal_level: 'logical',
        max_prepared_transactions: '5',
        archive_mode: 'on',
        wal_retrieve_retry_interval: '200ms',
      },
    });
    await createRoles(primary);
    await primary.run("alter system set archive_command = '/bin/true'");
    await primary.run('select pg_reload_conf()');
    await primary.createDatabase('shop');
    await primary.run('create table public.orders (id int primary key, note text)', 'shop');
    standby = await startStandby(primary, {
      slot: 'for_standby',
      settings: { max_standby_streaming_delay: '0', wal_retrieve_retry_interval: '200ms' },
    });
    await standby.catchUp();
  }, 60_000);

  afterAll(async () => {
    await standby.stop();
    await primary.stop();
  });

  it('T11: a healthy pair is fine, seen from either side', async () => {
    expect(await asked(onPrimary)).toEqual(Object.fromEntries(onPrimary.map((id) => [id, 'ok'])));
    expect(await askedStandby(onStandby)).toEqual(Object.fromEntries(onStandby.map((id) => [id, 'ok'])));
    // What is a question to one side is none to the other: no downstream of its own does not make a standby lost.
    expect(answers(await ask(standby.url('shop'), ['REP02', 'REP03', 'REP04', 'REP16', 'CFG01']))).toEqual({
      REP02: 'ok',
      REP03: 'ok',
      REP04: 'ok',
      REP16: 'skipped',
      CFG01: 'skipped',
    });
    expect(answers(await ask(primary.url('shop'), ['REP01', 'REP09']))).toEqual({ REP01: 'skipped', REP09: 'skipped' });
  });

  it('what a role may not see is unknown, not fine, and it says which grant helps', async () => {
    const report = await ask(urlOf(primary, 'plain', 'shop'), [...onPrimary]);
    const unlocks = report.checks.flatMap(({ id, unlockSql }) => (unlockSql === undefined ? [] : [[id, unlockSql]]));
    expect(Object.fromEntries(unlocks)).toEqual({
      REP02: 'grant pg_monitor to plain;',
      REP03: 'grant pg_monitor to plain;',
      REP13: 'grant pg_monitor to plain;',
      REP14: 'grant pg_monitor to plain;',
    });
    expect(report.checks.filter(({ status }) => status === 'error')).toEqual([]);
    expect(await asked(onPrimary, {}, 'monitor')).toEqual(Object.fromEntries(onPrimary.map((id) => [id, 'ok'])));
  });

  it('T13: a standby can be asked everything; whatever writes would fail there', async () => {
    const { healthChecks } = await import('../../electron/services/health/checks/index.ts');
    const groups = new Set([
      'connections',
      'cache',
      'queries',
      'transaction-ids',
      'sequences',
      'locks',
      'replication',
      'configuration',
    ]);
    const ids = healthChecks.filter(({ group }) => groups.has(group)).map(({ id }) => id);
    const failed = (await ask(standby.url('shop'), ids)).checks.filter(({ status }) => status === 'error');
    expect(failed.map(({ id, reason }) => ({ id, reason }))).toEqual([]);
  });

  it('replay that is paused, how far behind it is, and the fix', async () => {
    await standby.run('select pg_wal_replay_pause()');
    await primary.run(
      "insert into public.orders select n, repeat('x', 200) from generate_series(1, 20000) as n",
      'shop',
    );
    await until(async () => {
      const [row] = await standby.run(
        'select pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) > 1000000 as far',
      );
      return row?.['far'] === true;
    });
    // However long ago the last commit was, little WAL is no lag.
    expect(
      await askedStandby(['REP01', 'REP11'], {
        'REP01.warnSeconds': 0,
        'REP01.minBytes': 1024 ** 4,
        'REP01.unknownBytes': 1024 ** 4,
      }),
    ).toEqual({
      REP01: 'ok',
      REP11: ['warning: this standby'],
    });
    expect(await askedStandby(['REP01'], { 'REP01.warnSeconds': 0, 'REP01.unknownBytes': 0 })).toEqual({
      REP01: ['warning: this standby'],
    });
    expect(await asked(['REP02'], { 'REP02.warnBytes': 100_000 })).toEqual({ REP02: ['warning: standby standby'] });
    expect(await asked(['REP02'], { 'REP02.warnBytes': 100_000, 'REP02.criticalBytes': 100_000 })).toEqual({
      REP02: ['critical: standby standby'],
    });
    const paused = checkOf(await ask(standby.url('shop'), ['REP11']), 'REP11').findings[0];
    await standby.run(paused?.fixSql ?? '');
    await standby.catchUp();
    expect(await askedStandby(['REP01', 'REP11'])).toEqual({ REP01: 'ok', REP11: 'ok' });
    await standby.run(paused?.undoSql ?? '');
    expect(await askedStandby(['REP11'])).toEqual({ REP11: ['warning: this standby'] });
    await standby.run(paused?.fixSql ?? '');
  });

  it('a query that replay cancels', async () => {
    await standby.catchUp();
    const reader = new pg.Client({ connectionString: standby.url('shop') });
    reader.on('error', () => {});
    await reader.connect();
    try {
      await reader.query('begin transaction isolation level repeatable read');
      await reader.query('select count(*) from public.orders');
      await primary.run('drop table if exists public.gone; delete from public.orders where id > 10', 'shop');
      await primary.run('vacuum public.orders', 'shop');
      await until(async () => (answers(await ask(standby.url('shop'), ['REP10']))['REP10'] ?? 'ok') !== 'ok');
    } finally {
      await reader.end().catch(() => {});
    }
    expect(await askedStandby(['REP10'])).toEqual({ REP10: ['info: database shop'] });
    // The session may count once more while it ends.
    await until(async () => {
      const earlier = {
        takenAt: new Date(Date.now() - 500),
        values: measuresOf(await ask(standby.url('shop'), ['REP10'])),
      };
      return answers(await ask(standby.url('shop'), ['REP10'], {}, { earlier }))['REP10'] === 'ok';
    }, 'nothing new since the report before');
  });

  it('a slot that nobody uses, how much it keeps, and the fix', async () => {
    await primary.run(
      `select pg_create_physical_replication_slot('idle', true);
       select pg_create_physical_replication_slot('reserves_nothing');
       select pg_create_logical_replication_slot('forgotten', 'test_decoding')`,
      'shop',
    );
    const now = { 'REP05.quietSeconds': 0 };
    expect(await asked(['REP04', 'REP05', 'REP06', 'REP07'], now)).toEqual({
      REP04: ['warning: standbys'],
      REP05: ['info: slot reserves_nothing', 'warning: slot forgotten', 'warning: slot idle'],
      REP06: 'ok',
      REP07: 'ok',
    });
    expect(await asked(['REP05'], { 'REP05.quietSeconds': 3600 })).toEqual({
      REP05: major >= 17 ? 'ok' : ['info: slot reserves_nothing', 'warning: slot forgotten', 'warning: slot idle'],
    });
    await primary.run(
      "insert into public.orders select n, repeat('y', 500) from generate_series(20001, 30000) as n",
      'shop',
    );
    await standbyConfirms();
    expect(await asked(['REP06'], { 'REP06.warnBytes': 1_000_000 })).toEqual({
      REP06: ['warning: slot forgotten', 'warning: slot idle'],
    });
    expect(await asked(['REP06'], { 'REP06.warnBytes': 1_000_000, 'REP06.criticalBytes': 1_000_000 })).toEqual({
      REP06: ['critical: slot forgotten', 'critical: slot idle'],
    });
    expect(await asked(['REP04'], { 'REP04.expectedStandbys': 3 })).toEqual({ REP04: ['critical: standbys'] });
    const slots = checkOf(await ask(primary.url('shop'), ['REP05'], now), 'REP05').findings;
    for (const { fixSql } of slots) await primary.run(fixSql ?? '', 'shop');
    expect(await asked(['REP04', 'REP05'], now)).toEqual({ REP04: 'ok', REP05: 'ok' });
  });

  it('a slot whose WAL is gone', async () => {
    await primary.run("select pg_create_physical_replication_slot('lost', true)");
    await primary.run("select pg_create_logical_replication_slot('lost_logical', 'pgoutput')", 'shop');
    const heldBack = async () =>
      checkOf(await ask(primary.url('shop'), ['XID05'], { 'XID05.minAge': 0 }), 'XID05').findings.filter(
        ({ object }) => object === 'slot lost_logical',
      ).length;
    const deadColumns = async () => {
      await primary.run('create table public.brief (a int, b int); drop table public.brief', 'shop');
      await primary.run('vacuum pg_catalog.pg_attribute', 'shop');
      const [row] = await primary.run("select pg_stat_get_dead_tuples('pg_attribute'::regclass)::int4 as dead", 'shop');
      return Number(row?.['dead']);
    };
    expect(await heldBack()).toBe(1);
    await until(async () => (await deadColumns()) > 0, 'the slot holds vacuum of catalogs back');
    for (const setting of ["max_slot_wal_keep_size = '1MB'", "max_wal_size = '32MB'", "min_wal_size = '32MB'"])
      await primary.run(`alter system set ${setting}`);
    await primary.run('select pg_reload_conf()');
    await until(async () => {
      await primary.run('select pg_switch_wal()');
      await primary.run('create temporary table filler as select 1 as n');
      await standbyConfirms();
      await primary.run('checkpoint');
      return (
        (await primary.run("select 1 from pg_replication_slots where slot_name ~ '^lost' and wal_status = 'lost'"))
          .length === 2
      );
    });
    const found = checkOf(await ask(primary.url('shop'), ['REP07']), 'REP07').findings.filter(({ object }) =>
      object.startsWith('slot lost'),
    );
    expect(found.map(({ severity }) => severity)).toEqual(['critical', 'critical']);
    // It still has its catalog_xmin, which no longer holds anything back.
    expect(
      await primary.run(
        "select 1 from pg_replication_slots where slot_name = 'lost_logical' and catalog_xmin is not null",
      ),
    ).toHaveLength(1);
    expect(await heldBack()).toBe(0);
    await until(async () => (await deadColumns()) === 0, 'vacuum of catalogs goes on');
    for (const { fixSql } of found) await primary.run(fixSql ?? '', 'shop');
    for (const setting of ['max_slot_wal_keep_size', 'max_wal_size', 'min_wal_size'])
      await primary.run(`alter system reset ${setting}`);
    await primary.run('select pg_reload_conf()');
    await until(async () => (await asked(['REP07']))['REP07'] === 'ok');
  });

  it('T24: archiving that fails now, and not what failed once', async () => {
    await primary.run("alter system set archive_command = '/bin/false'");
    await primary.run('select pg_reload_conf()');
    await primary.run('create table public.archived as select 1 as n; select pg_switch_wal()', 'shop');
    await until(async () => ((await asked(['REP12']))['REP12'] ?? 'ok') !== 'ok');
    expect(await asked(['REP12'])).toEqual({ REP12: ['critical: archive_command'] });
    expect(await asked(['REP12'], { 'REP12.recentSeconds': 0 })).toEqual({ REP12: ['warning: archive_command'] });
    expect(await asked(['REP13'], { 'REP13.warnFiles': 1 })).toEqual({ REP13: ['warning: archiver'] });
    expect(await asked(['REP13'], { 'REP13.criticalFiles': 1 })).toEqual({ REP13: ['critical: archiver'] });
    expect(await asked(['REP13'])).toEqual({ REP13: 'ok' });
    await primary.run("alter system set archive_command = ''");
    await primary.run('select pg_reload_conf()');
    // The failure is still there, and still not made good.
    expect((await asked(['REP12']))['REP12']).not.toBe('ok');
    await primary.run("alter system set archive_command = '/bin/true'");
    await primary.run('select pg_reload_conf(); ');
    await primary.run('select pg_switch_wal()');
    await until(async () => (await asked(['REP12']))['REP12'] === 'ok');
    const [counted] = await primary.run('select failed_count > 0 as failed from pg_stat_archiver');
    expect([counted, await asked(['REP12'])]).toEqual([{ failed: true }, { REP12: 'ok' }]);
    // Archiving that succeeds, and then has no command any more.
    await primary.run("alter system set archive_command = ''");
    await primary.run('select pg_reload_conf()');
    await until(async () => ((await asked(['REP12']))['REP12'] ?? 'ok') !== 'ok');
    expect(await asked(['REP12'])).toEqual({ REP12: ['warning: archive_command'] });
    await primary.run("alter system set archive_command = '/bin/true'");
    await primary.run('select pg_reload_conf()');
  });

  it('WAL on disk beyond what the settings ask for', async () => {
    expect(await asked(['REP14'], { 'REP14.minBytes': 1, 'REP14.timesExpected': 0.001 })).toEqual({
      REP14: ['warning: WAL directory'],
    });
    expect(await asked(['REP14'], { 'REP14.minBytes': 1 })).toEqual({ REP14: 'ok' });
  });

  it('published tables without identity, the fix and its undo', async () => {
    await primary.run(
      `create table public."no ""key" (v int);
       create table public.with_full (v int);
       alter table public.with_full replica identity full;
       create table public.inserts_only (v int);
       create table public.deferred_key (v int primary key deferrable);
       create table public.parted (id int) partition by range (id);
       create table public.parted_1 partition of public.parted for values from (0) to (10);
       create publication changes for table public."no ""key", public.with_full, public.orders, public.deferred_key, public.parted;
       create publication additions for table public.inserts_only with (publish = 'insert')`,
      'shop',
    );
    const objects = ['critical: public."no ""key"', 'critical: public.deferred_key', 'critical: public.parted_1'];
    expect(await asked(['REP15'])).toEqual({ REP15: objects });
    expect(await asked(['REP15'], {}, 'plain')).toEqual({ REP15: objects });
    const found = checkOf(await ask(primary.url('shop'), ['REP15']), 'REP15').findings;
    for (const { fixSql } of found) await primary.run(fixSql ?? '', 'shop');
    expect(await asked(['REP15'])).toEqual({ REP15: 'ok' });
    for (const { undoSql } of found) await primary.run(undoSql ?? '', 'shop');
    expect(await asked(['REP15'])).toEqual({ REP15: objects });
  });

  it('partitions that are published as their table: each needs the identity, and gets it', async () => {
    await primary.run(
      `create table public.pr (id int not null, k int) partition by list (k);
       create table public.pr1 partition of public.pr for values in (1);
       create table public."pr ""2" partition of public.pr for values in (2);
       create publication via_root for table public.pr with (publish_via_partition_root = true);
       insert into public.pr values (1, 1), (2, 2)`,
      'shop',
    );
    const found = checkOf(await ask(primary.url('shop'), ['REP15']), 'REP15').findings.filter(
      ({ object }) => object === 'public.pr',
    );
    expect(found.map(({ message }) => message)).toEqual([
      'Table public.pr is published by via_root, but 2 partitions have no replica identity: its updates and deletes fail.',
    ]);
    await expect(primary.run('update public.pr set id = 3', 'shop')).rejects.toThrow('cannot update table');
    // The table's own identity changes nothing.
    await primary.run('alter table public.pr replica identity full', 'shop');
    expect(JSON.stringify(await asked(['REP15']))).toContain('public.pr"');
    await primary.run(found[0]?.fixSql ?? '', 'shop');
    await primary.run('update public.pr set id = 3', 'shop');
    expect(JSON.stringify(await asked(['REP15']))).not.toContain('public.pr"');
    await primary.run(found[0]?.undoSql ?? '', 'shop');
    await expect(primary.run('update public.pr set id = 3', 'shop')).rejects.toThrow('cannot update table');
    await primary.run('drop publication via_root', 'shop');
  });

  it.runIf(major >= 15)(
    'row filters and column lists that do not go with the identity (15 and later have them)',
    async () => {
      await primary.run(
        `create table public.rf (id int primary key, st text not null unique);
       create table public.rf_index (id int primary key, st text not null, constraint "st ""key" unique (st));
       alter table public.rf_index replica identity using index "st ""key";
       create table public.rf_fine (id int primary key, st text);
       create table public.cl (id int primary key, st text);
       create table public.cl_fine (id int primary key, st text);
       create table public.cl_full (id int primary key, st text);
       alter table public.cl_full replica identity full;
       create table public.rf_parted (st text, id int, primary key (id)) partition by range (id);
       create table public.rf_parted_1 (id int not null, st text);
       alter table public.rf_parted attach partition public.rf_parted_1 for values from (0) to (10);
       insert into public.rf values (1, 'a');
       insert into public.rf_index values (1, 'a');
       insert into public.rf_fine values (1, 'a');
       insert into public.cl values (1, 'a');
       insert into public.cl_fine values (1, 'a');
       insert into public.cl_full values (1, 'a');
       insert into public.rf_parted values ('a', 1);
       create publication filtered for table public.rf where (st = 'a'), public.rf_index where (id > 0),
         public.rf_fine (id, st) where (id > 0);
       create publication filtered_root for table public.rf_parted where (st = 'a')
         with (publish_via_partition_root = true);
       create publication listed for table public.cl (st), public.cl_fine (id), public.cl_full (id, st)`,
        'shop',
      );
      const tables = ['rf', 'rf_index', 'rf_fine', 'cl', 'cl_fine', 'cl_full', 'rf_parted'];
      const failing = async () => {
        const failed: string[] = [];
        for (const table of tables) {
          const message = await primary.run(`update public.${table} set st = st`, 'shop').then(
            () => '',
            (error: unknown) => String(error),
          );
          if (message.includes('cannot update table')) failed.push(`public.${table}`);
        }
        return failed.toSorted();
      };
      const found = async () =>
        checkOf(await ask(primary.url('shop'), ['REP15']), 'REP15').findings.filter(({ object }) =>
          tables.includes(object.replace('public.', '')),
        );
      const names = async () => (await found()).map(({ object }) => object).toSorted();
      const before = await found();
      expect(await names()).toEqual([
        'public.cl',
        'public.cl_full',
        'public.rf',
        'public.rf_index',
        'public.rf_parted',
      ]);
      expect(await names()).toEqual(await failing());
      for (const { fixSql } of before) if (fixSql !== undefined) await primary.run(fixSql, 'shop');
      // No statement about one table puts a column list right.
      expect(await names()).toEqual(['public.cl', 'public.cl_full']);
      expect(await names()).toEqual(await failing());
      for (const { undoSql } of before) if (undoSql !== undefined) await primary.run(undoSql, 'shop');
      expect(await found()).toEqual(before);
      await primary.run('drop publication filtered, filtered_root, listed', 'shop');
    },
  );

  it('a subscription that meets an error, one that is disabled, and one that works', async () => {
    await primary.createDatabase('target');
    const tables = 'create table public.clash (id int primary key); create table public.fine (id int primary key)';
    await primary.run(tables, 'shop');
    await primary.run(`${tables}; insert into public.clash values (1)`, 'target');
    const both = [
      { server: primary, database: 'shop' },
      { server: primary, database: 'target' },
    ] as const;
    await subscribe(...both, { table: 'public.clash', publication: 'clashing', subscription: 'clashes' });
    await subscribe(...both, { table: 'public.fine', publication: 'working', subscription: 'works' });
    const url = primary.url('target');
    await until(async () => answers(await ask(url, ['REP08']))['REP08'] === 'ok', 'both work');
    await primary.run('insert into public.clash values (1)', 'shop');
    const failing = async () => JSON.stringify(answers(await ask(url, ['REP08']))['REP08']);
    await until(async () => (await failing()).includes('clashes'), 'the error is seen');
    // Where errors are counted the answer stays after the first one; before, only while no worker runs.
    if (major >= 15) {
      await until(async () => (await failing()) === JSON.stringify(['warning: subscription clashes']));
      const first = await ask(url, ['REP08']);
      expect(measuresOf(first).get('subscription clashes errors')).toBeGreaterThan(0);
    }
    // Seen from another database it is no subscription.
    expect(await asked(['REP08'])).toEqual({ REP08: 'ok' });
    await primary.run('delete from public.clash', 'target');
    await until(async () => (await primary.run('select 1 from public.clash', 'target')).length === 1, 'it goes on');
    await primary.run('alter subscription works disable', 'target');
    const disabled = checkOf(await ask(url, ['REP08']), 'REP08').findings.find(
      ({ object }) => object === 'subscription works',
    );
    expect(disabled?.severity).toBe('info');
    expect(disabled?.message).toContain('its slot on the publisher keeps WAL');
    await primary.run(disabled?.fixSql ?? '', 'target');
    await until(async () => !JSON.stringify(answers(await ask(url, ['REP08']))).includes('works'), 'it works again');
    await primary.run(
      "create subscription slotless connection 'host=127.0.0.1 port=1' publication nobody with (connect = false, slot_name = none)",
      'target',
    );
    for (const role of ['superuser', 'plain'] as const) {
      const slotless = checkOf(await ask(urlOf(primary, role, 'target'), ['REP08']), 'REP08').findings.find(
        ({ object }) => object === 'subscription slotless',
      );
      expect([slotless?.message, slotless?.fixSql]).toEqual([
        'Subscription slotless is disabled and has no slot: nothing arrives, and nothing is kept for it.',
        undefined,
      ]);
    }
    await primary.run('drop subscription slotless', 'target');
    for (const name of ['clashes', 'works']) {
      await primary.run(`alter subscription ${name} disable`, 'target');
      await primary.run(`alter subscription ${name} set (slot_name = none)`, 'target');
      await primary.run(`drop subscription ${name}`, 'target');
    }
    await primary.run(
      "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_type = 'logical' and active",
    );
    await until(
      async () =>
        (await primary.run("select 1 from pg_replication_slots where slot_type = 'logical' and active")).length === 0,
    );
    await primary.run(
      "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_type = 'logical'",
      'shop',
    );
  });

  it('synchronous standbys that are missing, the fix and its undo', async () => {
    const set = async (names: string) => {
      await primary.run(`alter system set synchronous_standby_names = '${names}'`);
      await primary.run('select pg_reload_conf()');
      await until(async () => {
        const [row] = await primary.run('show synchronous_standby_names');
        return row?.['synchronous_standby_names'] === names;
      });
    };
    await set('FIRST 1 (standby)');
    await until(async () => (await asked(['REP16']))['REP16'] === 'ok', 'the standby counts');
    await set('ANY 2 ("Other", standby)');
    expect(await asked(['REP16'])).toEqual({ REP16: ['critical: synchronous_standby_names'] });
    expect(await asked(['REP16'], {}, 'plain')).toEqual({ REP16: 'skipped' });
    const found = checkOf(await ask(primary.url('shop'), ['REP16']), 'REP16').findings[0];
    const run = async (sql: string | undefined) => {
      for (const statement of (sql ?? '').split(/(?<=;)\n/)) await primary.run(statement);
    };
    await run(found?.fixSql);
    await until(async () => (await asked(['REP16']))['REP16'] === 'ok');
    await run(found?.undoSql);
    await until(async () => ((await asked(['REP16']))['REP16'] ?? 'ok') !== 'ok');
    const [row] = await primary.run('show synchronous_standby_names');
    expect(row).toEqual({ synchronous_standby_names: 'ANY 2 ("Other", standby)' });
    await run(found?.fixSql);
  });

  it('a restartpoint that is long ago', async () => {
    const old = { 'CFG02.maxSeconds': 0, 'CFG02.minBytes': 0 };
    expect(await askedStandby(['CFG02'], old)).toEqual({ CFG02: ['warning: this standby'] });
    expect(await askedStandby(['CFG02'], { 'CFG02.minBytes': 0 })).toEqual({ CFG02: 'ok' });
  });

  it('a standby whose primary is gone', async () => {
    await primary.crash();
    await until(async () => ((await askedStandby(['REP09']))['REP09'] ?? 'ok') !== 'ok');
    expect(await askedStandby(['REP09'])).toEqual({ REP09: ['critical: WAL receiver'] });
    const plain = `postgresql://plain:plain@127.0.0.1:${String(standby.port)}/shop`;
    expect(checkOf(await ask(plain, ['REP09']), 'REP09')).toMatchObject({
      status: 'skipped',
      unlockSql: '-- On the primary:\ngrant pg_monitor to plain;',
    });
    await primary.start();
    await until(async () => (await askedStandby(['REP09']))['REP09'] === 'ok');
  });
});
