import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { healthReportSchema } from '#contract/health-model.ts';
import type { CatalogReader, ReadOptions } from '../../../electron/postgres/catalog-reader.ts';
import { HealthInputError, healthChecks, runHealthReport } from '../../../electron/services/health/index.ts';

const facts = {
  reads_all_stats: true,
  extensions: [],
  stats_reset: null,
  stats_age_seconds: 3600,
  attached_standbys: 0,
};

function databaseError(code: string, message: string): Error {
  const error = new pg.DatabaseError(message, 0, 'error');
  error.code = code;
  return error;
}

/** A reader that answers by a function; it notes how many statements run at once. */
function reader(
  answer: (sql: string, options: ReadOptions) => object[] | Promise<object[]>,
): CatalogReader & { readonly mostAtOnce: number } {
  let running = 0;
  let mostAtOnce = 0;
  return {
    server: {
      versionNum: 180_004,
      version: '18.4',
      database: 'shop',
      user: 'app',
      isSuperuser: false,
      reachesOut: false,
      inRecovery: false,
    },
    get mostAtOnce() {
      return mostAtOnce;
    },
    async rows<Row extends object>(sql: string, options: ReadOptions = {}): Promise<Row[]> {
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      try {
        await Promise.resolve();
        return (sql.includes('reads_all_stats') ? [facts] : await answer(sql, options)) as Row[];
      } finally {
        running -= 1;
      }
    },
  };
}

describe('runHealthReport', () => {
  it('answers every check once, in the order of the catalogue, and tells progress', async () => {
    const progress: [number, number][] = [];
    const readers = [reader(() => []), reader(() => [])];
    const report = await runHealthReport(readers, { onProgress: (done, total) => progress.push([done, total]) });
    expect(healthReportSchema.parse(report).checks.map((check) => check.id)).toEqual(
      healthChecks.filter(({ onlyWhenAsked }) => onlyWhenAsked !== true).map((check) => check.id),
    );
    expect(progress).toEqual(report.checks.map((_, position) => [position + 1, report.checks.length]));
    expect(readers.map((each) => each.mostAtOnce)).toEqual([1, 0]);
  });

  it('runs only what was asked for, and refuses ids it does not know', async () => {
    const report = await runHealthReport([reader(() => [])], { only: ['SCH01', 'CON05'] });
    expect(report.checks.map((check) => [check.id, check.status])).toEqual([
      ['CON05', 'ok'],
      ['SCH01', 'ok'],
    ]);
    const unknown = await runHealthReport([reader(() => [])], { only: ['SCH01', 'NOPE', 'X'] }).catch(
      (error: unknown) => error,
    );
    expect(unknown).toBeInstanceOf(HealthInputError);
    expect(unknown).toMatchObject({ unknownIds: ['NOPE', 'X'] });
  });

  it('lets a failing check cost only itself', async () => {
    const failing = reader((sql) => {
      if (sql.includes('pg_hba_file_rules'))
        throw databaseError('42501', 'permission denied for view pg_hba_file_rules');
      if (sql.includes('pg_publication')) throw databaseError('57014', 'canceling statement due to statement timeout');
      if (sql.includes('pg_prepared_xacts')) throw databaseError('42703', 'column "nope" does not exist');
      return [];
    });
    const report = await runHealthReport([failing], { only: ['SEC08', 'REP15', 'TXN04', 'SCH01'], timeoutMs: 2000 });
    expect(report.checks.map(({ id, status, reason, unlockSql }) => ({ id, status, reason, unlockSql }))).toEqual([
      { id: 'TXN04', status: 'error', reason: 'column "nope" does not exist (42703)', unlockSql: undefined },
      {
        id: 'REP15',
        status: 'error',
        reason: 'Stopped after 2 s without an answer (57014: canceling statement due to statement timeout).',
        unlockSql: undefined,
      },
      { id: 'SCH01', status: 'ok', reason: undefined, unlockSql: undefined },
      {
        id: 'SEC08',
        status: 'skipped',
        reason: 'app may not read this: permission denied for view pg_hba_file_rules.',
        unlockSql:
          'grant select on pg_catalog.pg_hba_file_rules to app;\ngrant execute on function pg_catalog.pg_hba_file_rules() to app;',
      },
    ]);
  });

  it('asks slice by slice where one statement would lock too much, and shares the answer', async () => {
    const asked: unknown[] = [];
    const slices = [
      { first_oid: '20000', last_oid: '20999' },
      { first_oid: '21000', last_oid: '21500' },
    ];
    const sliced = reader((sql, { values }) => {
      if (sql.includes('first_oid')) return slices;
      asked.push(values);
      return [];
    });
    const report = await runHealthReport([sliced], { only: ['SEQ01', 'SEQ02'] });
    expect(asked).toEqual([
      ['20000', '20999'],
      ['21000', '21500'],
    ]);
    expect(report.checks.map(({ status, sql }) => [status, sql.includes('$1')])).toEqual([
      ['ok', false],
      ['ok', false],
    ]);
    asked.length = 0;
    slices.pop();
    await runHealthReport([sliced], { only: ['SEQ01'] });
    expect(asked).toEqual([undefined]);
  });

  it('fails as a whole when a connection is lost', async () => {
    const lost = databaseError('57P01', 'terminating connection due to administrator command');
    const answer = (sql: string): object[] | Promise<object[]> =>
      sql.includes('pg_publication') ? Promise.reject(lost) : [];
    const report = runHealthReport([reader(answer), reader(answer)]);
    await expect(report).rejects.toBe(lost);
  });

  it('is asked by one session alone, until that takes long', async () => {
    const stuck = Promise.withResolvers<object[]>();
    let isFirst = true;
    const first = reader(() => {
      if (!isFirst) return [];
      isFirst = false;
      return stuck.promise;
    });
    const second = reader(() => []);
    const quick = await runHealthReport([reader(() => []), second]);
    expect(second.mostAtOnce).toBe(0);
    const report = await runHealthReport([first, second], {
      joinAfterMs: 1,
      // All but the one that the first session hangs in is answered by the other.
      onProgress: (done, total) => (done === total - 1 ? stuck.resolve([]) : undefined),
    });
    expect(second.mostAtOnce).toBe(1);
    expect(report.checks.map(({ id, status }) => [id, status])).toEqual(
      quick.checks.map(({ id, status }) => [id, status]),
    );
  });

  it('stops at once when aborted, even if the server does not answer', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let asked = 0;
    const silent = reader(() => {
      asked += 1;
      queueMicrotask(() => controller.abort(reason));
      return new Promise<object[]>(() => {});
    });
    await expect(runHealthReport([silent], { signal: controller.signal })).rejects.toBe(reason);
    expect(asked).toBe(1);
  });

  it('lists two hundred findings at most, worst first, and says how many more there are', async () => {
    const rows = Array.from({ length: 250 }, (_, number) => ({
      kind: number === 249 ? 'server' : 'table',
      setting: { name: `t${String(number)}`, setting: 'off', source: 'default', context: 'sighup' },
      table_oid: String(number),
      table_name: `t${String(number)}`,
      root_oid: String(number),
      root_name: `t${String(number)}`,
      dead_rows: 0,
      size_bytes: 0,
    }));
    const listed = async (suppressed: readonly string[]) =>
      (
        await runHealthReport([reader(() => rows)], {
          only: ['TAB04'],
          suppressions: suppressed.map((object) => ({
            id: object,
            check: 'TAB04',
            object,
            connectionId: null,
            reason: 'Known.',
            by: 'ada',
            at: '2026-11-01T00:00:00Z',
            until: null,
          })),
        })
      ).checks[0];
    const check = await listed([]);
    expect([check?.findings.length, check?.severity, check?.findings[0]?.object]).toEqual([200, 'critical', 't249']);
    expect([check?.reason, check?.omitted]).toEqual([
      '50 more findings are not listed.',
      { critical: 0, warning: 0, info: 50 },
    ]);
    // What a rule accepts takes nobody's place.
    const others = await listed(check?.findings.map(({ object }) => object) ?? []);
    expect([others?.findings.length, others?.reason, others?.omitted]).toEqual([250, undefined, undefined]);
    const one = await listed(['t249', ...Array.from({ length: 48 }, (_, number) => `t${String(number)}`)]);
    expect([one?.findings.length, one?.reason]).toEqual([249, '1 more finding is not listed.']);
  });

  it('says of a check that cannot apply why, without asking the server', async () => {
    const report = await runHealthReport(
      [
        reader(() => {
          throw new Error('asked');
        }),
      ],
      { only: ['REP01', 'QRY01'] },
    );
    expect(report.checks.map(({ status, reason, unlockSql }) => [status, reason, unlockSql])).toEqual([
      ['skipped', 'The extension pg_stat_statements is not installed in shop.', 'create extension pg_stat_statements;'],
      ['skipped', 'Only a standby can answer this; this server is a primary.', undefined],
    ]);
  });
});
