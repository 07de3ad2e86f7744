import { readFile } from 'node:fs/promises';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthReport } from '#contract/health-model.ts';
import { tablesChecks } from '../../electron/services/health/checks/tables/index.ts';
import { ask, checkOf, createRoles, measuresOf, urlOf, type Role } from '../support/health-questions.ts';
import { startTestServer, type TestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

const defects = new URL('health-tables.sql', import.meta.url);
const ids = tablesChecks.map((check) => check.id);
const database = 'tables';

/** The tables of the test are small. */
const small = {
  'TAB01.minWasteBytes': 500_000,
  'TAB02.minBytes': 500_000,
  'TAB08.minRows': 40_000,
  'TAB10.minBytes': 500_000,
  'TAB11.minRows': 40_000,
  'TAB11.minBytes': 500_000,
  'TAB15.minBytes': 1_000_000,
  'TAB15.minDeadBytes': 1_000_000,
  'TAB19.minWrites': 1,
  'TAB21.minBytes': 500_000,
  'TAB22.minBytes': 1_000_000,
  'TAB22.quietHours': 0,
};

describe.each([13, 15, 18] as const)('tables with defects on PostgreSQL %i', (major) => {
  let server: TestServer;
  let report: HealthReport;

  const again = (only: readonly string[], role: Role = 'superuser', more = {}, set = {}): Promise<HealthReport> =>
    ask(urlOf(server, role, database), only, { ...small, ...set }, more);
  const run = async (sql = ''): Promise<void> => {
    for (const statement of sql.split(/(?<=;)\n/)) await server.run(statement, database);
  };

  beforeAll(async () => {
    server = await startTestServer({ major, settings: { autovacuum_naptime: '86400', synchronous_commit: 'off' } });
    await createRoles(server);
    await server.createDatabase(database);
    await server.run(await readFile(defects, 'utf8'), database);
    if (major >= 15) await server.run('create unlogged sequence app.counter', database);
    for (const table of [
      'dead',
      'stale',
      'deleted_now',
      'updated_now',
      'large',
      'large_tuned',
      'scanned',
      'dead_parted',
      'correlated',
      'correlated_not',
      'dense',
      'roomy',
      'moving',
      'hot',
    ])
      await server.run(`analyze app.${table}`, database);
    await server.run(
      `delete from app.dead where id > 8000;
       delete from app.deleted_now where id > 8000;
       delete from app.dead_parted where id % 2 = 0;
       delete from app.bloated where id % 5 <> 0;
       delete from app.toast_dying where id % 2 = 0;
       create statistics app.not_gathered on a, b from app.correlated_not`,
      database,
    );
    for (const column of [1, 2, 3]) {
      await server.run(`update app.moving set n = ${String(column)}`, database);
      await server.run(`update app.hot set n = ${String(column)} where id <= 4500`, database);
    }
    await server.run('update app.stale set v = 1; update app.updated_now set v = 1', database);
    await server.run(
      `do $$ begin for i in 1..120 loop
         perform count(*) from app.scanned; perform count(*) from app.scanned_small; perform count(*) from app.scanned_and_searched;
       end loop; end $$;
       set enable_seqscan = off;
       do $$ begin for i in 1..20 loop perform 1 from app.scanned_and_searched where v = i; end loop; end $$`,
      database,
    );
    // Before 15 counters arrive when they do, and in any order: what vacuum tells must come after what the deletes told.
    const dead = async () =>
      Number((await server.run(`select pg_stat_get_dead_tuples('app.bloated'::regclass) as n`, database))[0]?.['n']);
    await until(async () => (await dead()) > 0);
    await server.run('vacuum (analyze) app.bloated', database);
    await until(async () => (await dead()) === 0);
    const counted = `select pg_stat_get_numscans('app.scanned'::regclass) >= 120 and pg_stat_get_dead_tuples('app.updated_now'::regclass) = 20000 as done`;
    await until(async () => (await server.run(counted, database))[0]?.['done'] === true);
    report = await again(ids);
  });

  afterAll(async () => {
    await server.stop();
  });

  it('no check fails, whoever asks, and every finding is whole', async () => {
    const reports = [report, await again(ids, 'monitor'), await again(ids, 'plain')];
    expect(reports.flatMap(({ checks }) => checks.filter(({ status }) => status === 'error'))).toEqual([]);
    const poor = reports.flatMap(({ checks }) =>
      checks.flatMap((check) =>
        check.findings.filter(
          (finding) =>
            !finding.message.endsWith('.') ||
            /undefined|NaN|\[object/.test(JSON.stringify(finding)) ||
            finding.evidence.some(({ label, value }) => label === '' || value === '') ||
            (finding.fixSql !== undefined && finding.lock === undefined),
        ),
      ),
    );
    expect(poor).toEqual([]);
  });

  it('T15, T16: finds the defects and nothing that only looks like them, whoever asks', async () => {
    const expected = {
      TAB03: ['app.dead', 'app.dead_parted', 'app.stale'],
      TAB04: [
        '"Od""d"."Nie analysiert"',
        'app.dead',
        'app.dead_parted',
        'app.never_analyzed',
        'app.not_visible',
        'app.off_and_small',
        'app.stale',
        'app.toast_dying',
        'app.toast_off',
        'app.toasted',
      ],
      TAB05: 'ok',
      // Before 14 only a reader can tell whether a partitioned table has statistics.
      TAB06: ['"Od""d"."Nie analysiert"', 'app.never_analyzed', 'app.not_visible', 'app.parted'],
      TAB07: ['app.dead', 'app.dead_parted', 'app.stale'],
      TAB08: ['app.large'],
      TAB09: ['app.scanned'],
      TAB10: 'ok',
      TAB11: ['app.large', 'app.large_tuned'],
      TAB12: 'ok',
      TAB13: ['"Od""d"."Scra""tch"', 'schema app'],
      TAB14: ['app.moving', 'app.updated_now'],
      TAB15: ['app.toast_dying', 'app.toasted'],
      TAB16: ['"Od""d"."Scra""tch"', ...(major >= 15 ? ['app.counter'] : []), 'app.scratch'],
      TAB17: ['app.wide'],
      TAB18: ['app.child', 'app.guarded', 'app.trig_parted_2'],
      TAB19: ['app.guarded'],
      TAB20: 'ok',
      TAB21: 'skipped',
      TAB22: ['app.dense', 'app.large', 'app.large_tuned', 'app.roomy'],
    };
    for (const role of ['superuser', 'monitor', 'plain'] as const) {
      const asked = role === 'superuser' ? report : await again(ids, role);
      const visible =
        major === 13 && role !== 'superuser'
          ? expected.TAB06.filter((table) => table !== 'app.parted')
          : expected.TAB06;
      expect(objectsOf(asked, Object.keys(expected))).toEqual({ ...expected, TAB06: visible });
    }
  });

  it('T12: what rests on rights is found by those who have them, and unknown to others', async () => {
    const rights = ['TAB01', 'TAB02', 'TAB23'];
    expect(objectsOf(report, rights)).toEqual({
      TAB01: ['app.bloated', 'app.moving', 'app.updated_now'],
      TAB02: ['app.bloated', 'app.dead', 'app.deleted_now', 'app.moving', 'app.updated_now'],
      TAB23: ['app.correlated_not'],
    });
    const unlocks = async (role: Role): Promise<unknown> =>
      (await again(rights, role)).checks.map(({ id, status, unlockSql }) => [id, status, unlockSql]);
    expect(await unlocks('monitor')).toEqual([
      ['TAB01', 'skipped', 'grant select on all tables in schema app to monitor;'],
      ['TAB02', 'finding', undefined],
      ['TAB23', 'skipped', undefined],
    ]);
    expect(await unlocks('plain')).toEqual([
      ['TAB01', 'skipped', 'grant select on all tables in schema app to plain;'],
      ['TAB02', 'skipped', 'grant pg_stat_scan_tables to plain;'],
      ['TAB23', 'skipped', undefined],
    ]);
  });

  it('wide rows that leave room at the end of each page are no bloat; half of them deleted is', async () => {
    await server.createDatabase('wide');
    await server.run('create extension pgstattuple; create schema app', 'wide');
    await server.run(
      `create table app.one_a_page (id int, note text) with (toast_tuple_target = 8160);
       alter table app.one_a_page alter note set storage main;
       insert into app.one_a_page
         select n, (select string_agg(md5(n::text || part), '') from generate_series(1, 165) as part)
         from generate_series(1, 1000) as n;
       create table app.two_a_page (like app.one_a_page including storage) with (toast_tuple_target = 8160);
       insert into app.two_a_page select id, left(note, 2600 + id % 400) from app.one_a_page`,
      'wide',
    );
    const judge = async () => {
      for (const table of ['app.one_a_page', 'app.two_a_page']) await server.run(`vacuum analyze ${table}`, 'wide');
      return objectsOf(await ask(server.url('wide'), ['TAB02'], small), ['TAB02'])['TAB02'];
    };
    for (const table of ['app.one_a_page', 'app.two_a_page']) await server.run(`vacuum (full) ${table}`, 'wide');
    expect(await judge()).toBe('ok');
    await server.run(
      'delete from app.one_a_page where id % 2 = 0; delete from app.two_a_page where id between 250 and 750',
      'wide',
    );
    expect(await judge()).toEqual(['app.one_a_page', 'app.two_a_page']);
  });

  it('rows written seconds ago are no defect; what an earlier report has seen as well is one', async () => {
    const waiting = ['TAB03', 'TAB06', 'TAB07'];
    const earlier = (minutes: number) => ({
      earlier: { takenAt: new Date(Date.now() - minutes * 60_000), values: measuresOf(report) },
    });
    const soon = await again(waiting, 'superuser', earlier(5));
    expect(objectsOf(soon, waiting)).toEqual(objectsOf(report, waiting));
    const later = objectsOf(await again(waiting, 'superuser', earlier(15)), waiting);
    const added = Object.fromEntries(
      waiting.map((id) => [
        id,
        [...(later[id] ?? [])].filter((object) => !objectsOf(report, [id])[id]?.includes(object)),
      ]),
    );
    expect(added).toEqual({
      TAB03: ['app.deleted_now', 'app.hot', 'app.moving', 'app.updated_now'],
      TAB06: expect.arrayContaining(['app.loaded']),
      TAB07: ['app.deleted_now', 'app.hot', 'app.moving', 'app.updated_now'],
    });
  });

  it('T8: growth and the share of dead rows are told from two reports, by bytes and shares that are what they say', async () => {
    const values = new Map([
      ['table size app.dense', 1_000_000],
      ['table size app.large', 2_500_000],
      ...measuresOf(report),
      ['table size app.dense', 1_000_000],
    ]);
    const before = { earlier: { takenAt: new Date(Date.now() - 7_200_000), values } };
    const grown = await again(['TAB10', 'TAB21'], 'superuser', before, { 'TAB10.minGrowthBytes': 1_000_000 });
    expect(objectsOf(grown, ['TAB10', 'TAB21'])).toEqual({
      TAB10: ['app.dense'],
      TAB21: expect.arrayContaining(['app.dead', 'app.deleted_now', 'app.updated_now']),
    });
  });

  it('a vacuum that does not have the memory for its dead rows is expected until 16', async () => {
    const asked = await again(['TAB20'], 'superuser', {}, { 'TAB20.minPasses': 1 });
    expect(objectsOf(asked, ['TAB20'])).toEqual({
      TAB20: major >= 17 ? 'ok' : expect.arrayContaining(['app.dead', 'app.updated_now']),
    });
  });

  it('T3: "nobody uses it" is said only where statistics are old enough', async () => {
    await server.createDatabase('quiet');
    await server.run(
      'create table old (v int); insert into old select generate_series(1, 1000); create table used (v int); insert into used select 1',
      'quiet',
    );
    await server.run('analyze', 'quiet');
    await server.run('select pg_stat_reset()', 'quiet');
    await server.run('select count(*) from used', 'quiet');
    const scans = `select seq_scan from pg_stat_user_tables where relname = 'used'`;
    await until(async () => Number((await server.run(scans, 'quiet'))[0]?.['seq_scan']) > 0);
    const asked = (set: Record<string, number>) =>
      ask(urlOf(server, 'plain', 'quiet'), ['TAB12'], { 'TAB12.minBytes': 1, ...set });
    expect(checkOf(await asked({}), 'TAB12')).toMatchObject({
      status: 'skipped',
      reason: expect.stringMatching(/^Statistics cover .*; "nobody uses it" takes 30 days\.$/),
    });
    // Ten milliseconds ago is long ago for a scan as well, where 16 and later know its time.
    expect(objectsOf(await asked({ 'TAB12.quietDays': 0.000_000_1 }), ['TAB12'])).toEqual({
      TAB12: ['public.old', ...(major >= 16 ? ['public.used'] : [])],
    });
  });

  it('proposes to log no table before those that its foreign keys point to', async () => {
    await server.run(
      `create unlogged table app.cache (id int primary key, above int references app.cache);
       create unlogged table app.cache_part (cache_id int references app.cache)`,
      database,
    );
    const findingsNow = async () => {
      const asked = await ask(urlOf(server, 'superuser', database), ['TAB16']);
      return new Map(checkOf(asked, 'TAB16').findings.map((finding) => [finding.object, finding]));
    };
    const before = await findingsNow();
    expect(before.get('app.cache_part')?.fixSql).toBeUndefined();
    expect(before.get('app.cache_part')?.caution).toContain('logged first: app.cache.');
    await server.run(before.get('app.cache')?.fixSql ?? '', database);
    await server.run((await findingsNow()).get('app.cache_part')?.fixSql ?? '', database);
    expect([...(await findingsNow()).keys()].filter((object) => object.startsWith('app.cache'))).toEqual([]);
    await server.run('drop table app.cache, app.cache_part', database);
  });

  it('a table is not called empty by counters that come late', async () => {
    const client = new pg.Client({ connectionString: server.url(database) });
    await client.connect();
    await client.query('create schema late');
    await client.query('create table late.filled (id int)');
    await client.query('analyze late.filled');
    await client.query('insert into late.filled values (1)');
    // The session stays, so that what it did is not counted yet.
    const found = checkOf(await again(['TAB13']), 'TAB13').findings.map(({ object }) => object);
    expect(found.filter((object) => object.includes('late'))).toEqual([]);
    await client.query('drop schema late cascade');
    await client.end();
  });

  it('T28: fixes run as they stand, the finding is gone, and undo brings it back', async () => {
    const reversible = ['TAB04', 'TAB16', 'TAB18', 'TAB08'];
    const fixed = [...reversible, 'TAB06', 'TAB07', 'TAB03', 'TAB23', 'TAB15', 'TAB22', 'TAB01', 'TAB02'];
    const undo: string[] = [];
    // The estimate asks for statistics of what was loaded just now.
    await run(checkOf(report, 'TAB01').unlockSql);
    for (const id of fixed) {
      for (const { fixSql, undoSql } of checkOf(await again([id]), id).findings) {
        await run(fixSql);
        if (undoSql !== undefined) undo.unshift(undoSql);
      }
    }
    // Before 15 the counters of a vacuum arrive a moment after it.
    const isVacuumed = async (): Promise<boolean> =>
      checkOf(await again(['TAB15']), 'TAB15').findings.every(({ fixSql }) => fixSql === undefined);
    await until(isVacuumed);
    const after = await again(fixed);
    // A table that lives in TOAST stays there.
    expect(objectsOf(after, fixed)).toEqual({
      ...Object.fromEntries(fixed.map((id) => [id, 'ok'])),
      TAB15: ['app.toast_dying', 'app.toasted'],
    });
    expect(checkOf(after, 'TAB15').findings.map(({ fixSql }) => fixSql)).toEqual([undefined, undefined]);
    for (const sql of undo) await run(sql);
    expect(objectsOf(await again(reversible), reversible)).toEqual(objectsOf(report, reversible));
  });
});

/** The objects that the checks found, sorted; a check without findings answers with its status. */
function objectsOf(report: HealthReport, checks: readonly string[]): Record<string, readonly string[] | string> {
  return Object.fromEntries(
    checks.map((id) => {
      const check = checkOf(report, id);
      return [id, check.status === 'finding' ? check.findings.map(({ object }) => object).toSorted() : check.status];
    }),
  );
}
