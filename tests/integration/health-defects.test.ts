import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { HealthCheckResult, HealthReport } from '#contract/health-model.ts';
import { runHealthReport } from '../../electron/services/health/index.ts';
import { PgCatalogReader } from '../support/pg-catalog-reader.ts';
import { startTestServer, type TestServer } from '../support/postgres-server.ts';

const defects = new URL('health-defects.sql', import.meta.url);

async function report(url: string): Promise<HealthReport> {
  await using first = await PgCatalogReader.open(url);
  await using second = await PgCatalogReader.open(url);
  // The server has just been started: its statistics cover minutes.
  return await runHealthReport([first, second], { thresholds: new Map([['IDX01.minDays', 0]]) });
}

function checkOf(from: HealthReport, id: string): HealthCheckResult {
  const check = from.checks.find((candidate) => candidate.id === id);
  if (check === undefined) throw new Error(`no ${id}`);
  return check;
}

/** The objects that a check found, sorted; a check without findings answers with its status. */
function objects(from: HealthReport, id: string): string[] | string {
  const check = checkOf(from, id);
  return check.status === 'finding' ? check.findings.map((finding) => finding.object).toSorted() : check.status;
}

describe.each([15, 18] as const)('health of a database with defects on PostgreSQL %i', (major) => {
  let server: TestServer;
  let asSuperuser: HealthReport;
  let asMonitor: HealthReport;
  let asPlain: HealthReport;

  beforeAll(async () => {
    server = await startTestServer({ major });
    await server.createDatabase('defects');
    await server.run(await readFile(defects, 'utf8'), 'defects');
    // In a transaction of its own: what one transaction writes counts as changed after its own analyze.
    await server.run('analyze app.scanned', 'defects');
    await server.run('create unique index concurrently twice_v on app.twice (v)', 'defects').catch(() => {});
    for (let scan = 0; scan < 120; scan += 1)
      await server.run('select count(*) from app.scanned where v > 0', 'defects');
    await server.run(
      "create role plain login password 'plain'; create role monitor login password 'monitor'; grant pg_monitor to monitor",
      'defects',
    );
    if (major >= 15) await server.run('alter view app.locked_invoker set (security_invoker = true)', 'defects');
    // Counters of the sessions above reach the views within a second of their end.
    await server.run('select pg_sleep(1.2)', 'defects');
    const urlOf = (role: string) => `postgresql://${role}:${role}@${server.host}:${String(server.port)}/defects`;
    asSuperuser = await report(server.url('defects'));
    asMonitor = await report(urlOf('monitor'));
    asPlain = await report(urlOf('plain'));
  }, 120_000);

  afterAll(async () => {
    await server.stop();
  });

  it('no check fails, whoever asks', () => {
    const failed = [asSuperuser, asMonitor, asPlain].flatMap((each) =>
      each.checks.filter((check) => check.status === 'error'),
    );
    expect(failed.map(({ id, reason }) => ({ id, reason }))).toEqual([]);
  });

  it('every finding has a message that ends, evidence with words, and a lock with its fix', () => {
    const findings = asSuperuser.checks.flatMap((check) =>
      check.findings.map((finding) => ({ id: check.id, ...finding })),
    );
    const poor = findings.filter(
      (finding) =>
        !finding.message.endsWith('.') ||
        /undefined|:null|NaN|\[object/.test(JSON.stringify(finding)) ||
        finding.evidence.some(({ label, value }) => label === '' || value === '') ||
        (finding.fixSql !== undefined && finding.lock === undefined),
    );
    expect(poor).toEqual([]);
  });

  it('T29: no fix and no way back writes to a catalog', () => {
    const sql = asSuperuser.checks.flatMap((check) =>
      check.findings.flatMap(({ fixSql, undoSql }) => [fixSql ?? '', undoSql ?? '']),
    );
    expect(sql.filter((text) => text !== '').length).toBeGreaterThan(50);
    expect(sql.filter((text) => /\b(?:update|insert\s+into|delete\s+from)\s+(?:pg_catalog\.)?pg_/i.test(text))).toEqual(
      [],
    );
  });

  it('finds duplicate, redundant and shadowed indexes, and nothing that only looks like them', () => {
    expect(['IDX03', 'IDX04', 'IDX15'].map((id) => objects(asSuperuser, id))).toEqual([
      ['app.orders_expression_copy', 'app.orders_placed_copy'],
      ['app.wide_c2'],
      ['app.wide_c4_plain'],
    ]);
  });

  it('finds foreign keys that no index serves', () => {
    expect(objects(asSuperuser, 'IDX07')).toEqual([
      'app.child_bare',
      'app.child_brin',
      'app.child_gap',
      'app.child_half',
      'app.child_partial',
    ]);
  });

  it('finds unused, invalid and incomplete indexes', () => {
    expect(['IDX01', 'IDX05', 'IDX06'].map((id) => objects(asSuperuser, id))).toEqual([
      ['app.big_unused'],
      ['app.twice_v'],
      ['app.half_incomplete'],
    ]);
    expect(checkOf(asSuperuser, 'IDX01').findings[0]).toMatchObject({
      confidence: 'low',
      fixSql: 'drop index concurrently app.big_unused;',
      undoSql: 'CREATE INDEX CONCURRENTLY big_unused ON app.big USING btree (free_text);',
    });
  });

  it('finds tables that vacuum and analyze neglect', () => {
    expect(['TAB03', 'TAB04', 'TAB07', 'TAB09', 'TAB16', 'TAB18'].map((id) => objects(asSuperuser, id))).toEqual([
      ['app.dead', 'app.stale'],
      ['app.dead', 'app.never_analyzed', 'app.stale'],
      ['app.dead', 'app.stale'],
      ['app.scanned'],
      ['app.scratch'],
      ['app.parent'],
    ]);
    expect(objects(asSuperuser, 'TAB06')).toContain('app.never_analyzed');
    expect(objects(asSuperuser, 'TAB06')).not.toContain('app.stale');
  });

  it('finds sequences and columns that run out, by what they feed', () => {
    expect(['SEQ01', 'SEQ02', 'SEQ04', 'SEQ05'].map((id) => objects(asSuperuser, id))).toEqual([
      ['app.full_serial_id_seq'],
      ['app.fed.id', 'app.fed_too.id', 'app.identity_int.id'],
      ['app.narrow.order_id'],
      ['app.behind_id_seq'],
    ]);
  });

  it('finds what is wrong with the design', () => {
    const found = [
      'SCH01',
      'SCH06',
      'SCH07',
      'SCH09',
      'SCH10',
      'SCH12',
      'SCH14',
      'SCH15',
      'SCH23',
      'SCH24',
      'SCH25',
      'SCH27',
      'SCH29',
      'SCH35',
    ];
    expect(Object.fromEntries(found.map((id) => [id, objects(asSuperuser, id)]))).toEqual({
      SCH01: ['app.empty_row', 'app.keyless', 'app.keyless_candidate', 'app.scanned', 'app.twice'],
      SCH06: ['app.moments'],
      SCH07: ['app.moments'],
      SCH09: ['app.moments'],
      SCH10: ['app.moments'],
      SCH12: ['app.moments'],
      SCH14: ['app."Odd ""Name"'],
      SCH15: ['app."Odd ""Name"'],
      SCH23: ['app.null_word.v'],
      SCH24: ['app.empty_row', 'app.keyless_candidate', 'app.parted_keys', 'app.scanned', 'app.twice']
        .concat([
          'app.behind',
          'app.fed',
          'app.fed_too',
          'app.full_serial',
          'app.guarded',
          'app.identity_bigint',
          'app.identity_int',
          'app.locked',
          'app.never_analyzed',
          'app.scratch',
        ])
        .toSorted(),
      SCH25: ['app.phones', 'app.wide'],
      SCH27: ['app.twin_keys'],
      SCH29: ['app.text_source.code'],
      SCH35: ['app.phones'],
    });
  });

  it('finds holes in the rights', () => {
    expect(
      ['SEC13', 'SEC14', 'SEC15', 'SEC16', 'SEC17', 'SEC18', 'SEC29'].map((id) => objects(asSuperuser, id)),
    ).toEqual([
      ['app.definer(x integer)'],
      ['app.definer(x integer)'],
      ['app.locked_view'],
      ['app.guarded'],
      ['app.locked'],
      ['app.guarded'],
      ['extension pg_trgm'],
    ]);
    expect(objects(asSuperuser, 'SEC22')).toEqual(['app.single', 'database defects']);
  });

  it('says "cannot tell", and how to change that, where rights are missing', () => {
    const unlocks = (from: HealthReport): Record<string, string> =>
      Object.fromEntries(
        from.checks.flatMap((check) => (check.unlockSql === undefined ? [] : [[check.id, check.unlockSql]])),
      );
    const pgss = 'create extension pg_stat_statements;';
    const readBoth =
      'grant usage on schema app to monitor;\ngrant select on all tables in schema app to monitor;\ngrant select on all sequences in schema app to monitor;';
    const hba =
      'grant select on pg_catalog.pg_hba_file_rules to monitor;\ngrant execute on function pg_catalog.pg_hba_file_rules() to monitor;';
    const sequences = 'grant select on all sequences in schema app to monitor;';
    const tables = 'grant select on all tables in schema app to monitor;';
    const measured = 'create extension pgstattuple;';
    const forMonitor = {
      QRY01: pgss,
      QRY02: pgss,
      QRY03: pgss,
      QRY04: pgss,
      QRY05: pgss,
      QRY06: pgss,
      QRY08: pgss,
      QRY12: pgss,
      SEQ01: sequences,
      SEQ02: sequences,
      SEQ05: readBoth,
      SEQ06: sequences,
      SEC02: hba,
      SEC08: hba,
      SEC09: hba,
      SEC10: hba,
      SEC38: hba,
      IDX10: tables,
      IDX11: tables,
      IDX09: measured,
      IDX18: measured,
      TAB02: measured,
    };
    expect(unlocks(asMonitor)).toEqual(forMonitor);
    const forPlain = Object.fromEntries(
      Object.entries(forMonitor).map(([id, sql]) => [id, sql.replaceAll('monitor', 'plain')]),
    );
    const monitor = 'grant pg_monitor to plain;';
    expect(unlocks(asPlain)).toEqual({
      ...forPlain,
      CON03: monitor,
      CON04: monitor,
      CON09: monitor,
      QRY10: monitor,
      TXN01: monitor,
      TXN02: monitor,
      XID05: monitor,
      XID08: monitor,
      TXN06: monitor,
      TXN07: monitor,
      REP14: monitor,
    });
    const guesses = asPlain.checks.filter((check) => check.status === 'skipped' && (check.reason ?? '') === '');
    expect([guesses, checkOf(asPlain, 'SEQ01').status, checkOf(asPlain, 'SEC04').status]).toEqual([
      [],
      'skipped',
      'skipped',
    ]);
  });

  it('finds in the catalogs the same for everybody', () => {
    const ids = [
      'IDX03',
      'IDX04',
      'IDX05',
      'IDX06',
      'IDX07',
      'IDX15',
      'TAB03',
      'TAB07',
      'TAB09',
      'SCH01',
      'SCH06',
      'SCH27',
      'SEC13',
      'SEC16',
    ];
    expect(ids.map((id) => objects(asPlain, id))).toEqual(ids.map((id) => objects(asSuperuser, id)));
  });

  it('proposes fixes that run, after which the finding is gone, and undo that brings it back', async () => {
    const ids = [
      'IDX03',
      'IDX15',
      'TAB04',
      'TAB18',
      'SCH35',
      'SCH23',
      'SCH27',
      'SEC13',
      'SEC16',
      'IDX05',
      'SEC22',
      'SCH05',
      'SEQ02',
      'SEQ04',
      'SEQ05',
      'IDX01',
      'TAB16',
    ];
    await server.run('delete from app.twice where ctid = (select min(ctid) from app.twice)', 'defects');
    const undo: string[] = [];
    for (const finding of ids.flatMap((id) => checkOf(asSuperuser, id).findings)) {
      // One statement at a time: several in one message would be one transaction.
      const statements =
        finding.fixSql?.startsWith('begin') === true ? [finding.fixSql] : (finding.fixSql ?? '').split(/(?<=;)\n/);
      for (const statement of statements) await server.run(statement, 'defects');
      if (finding.undoSql !== undefined) undo.unshift(finding.undoSql);
    }
    const after = await report(server.url('defects'));
    expect(ids.map((id) => [id, checkOf(after, id).status])).toEqual(ids.map((id) => [id, 'ok']));
    for (const statement of undo.flatMap((sql) => sql.split(/(?<=;)\n/))) await server.run(statement, 'defects');
    const again = await report(server.url('defects'));
    const reversible = ['IDX03', 'IDX15', 'TAB04', 'TAB18', 'SCH23', 'SCH27', 'SEC13', 'SEC16', 'IDX01', 'TAB16'];
    expect(reversible.map((id) => objects(again, id))).toEqual(reversible.map((id) => objects(asSuperuser, id)));
  }, 60_000);
});
