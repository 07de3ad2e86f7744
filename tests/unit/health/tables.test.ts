import { describe, expect, it } from 'vitest';

import type { HealthFinding } from '#contract/health-model.ts';
import { mostRows, newHeapBytes } from '../../../electron/services/health/checks/tables/heap-estimate.ts';
import { expectedDataBytes, type StoredColumn } from '../../../electron/services/health/checks/tables/row-width.ts';
import {
  bloatedTable,
  type TableSizeRow,
} from '../../../electron/services/health/checks/tables/tab01-bloated-table.ts';
import { measuredBloat } from '../../../electron/services/health/checks/tables/tab02-measured-bloat.ts';
import { deadRows } from '../../../electron/services/health/checks/tables/tab03-dead-rows.ts';
import { autovacuumOff } from '../../../electron/services/health/checks/tables/tab04-autovacuum-off.ts';
import { notVacuumedForLong } from '../../../electron/services/health/checks/tables/tab05-not-vacuumed-for-long.ts';
import { neverAnalyzed } from '../../../electron/services/health/checks/tables/tab06-never-analyzed.ts';
import { staleStatistics } from '../../../electron/services/health/checks/tables/tab07-stale-statistics.ts';
import { largeTableDefaultScaleFactor } from '../../../electron/services/health/checks/tables/tab08-large-table-default-scale-factor.ts';
import { sequentialScans } from '../../../electron/services/health/checks/tables/tab09-sequential-scans.ts';
import { largestTables } from '../../../electron/services/health/checks/tables/tab10-largest-tables.ts';
import { partitioningCandidate } from '../../../electron/services/health/checks/tables/tab11-partitioning-candidate.ts';
import { unusedTable } from '../../../electron/services/health/checks/tables/tab12-unused-table.ts';
import { fewHotUpdates } from '../../../electron/services/health/checks/tables/tab14-few-hot-updates.ts';
import { toastHeavy } from '../../../electron/services/health/checks/tables/tab15-toast-heavy.ts';
import { vacuumIndexPasses } from '../../../electron/services/health/checks/tables/tab20-vacuum-index-passes.ts';
import { vacuumTooSeldom } from '../../../electron/services/health/checks/tables/tab21-vacuum-too-seldom.ts';
import { pagesNotAllVisible } from '../../../electron/services/health/checks/tables/tab22-pages-not-all-visible.ts';
import type { TableUsageRow } from '../../../electron/services/health/checks/tables/table-usage.ts';
import type { CheckContext, CheckOutcome, HealthCheck } from '../../../electron/services/health/health-check.ts';
import { contextOf, healthFacts } from './health-facts.ts';

const megabyte = 1024 ** 2;
const gigabyte = 1024 ** 3;
const dayMs = 86_400_000;

function findingsOf(outcome: CheckOutcome): readonly HealthFinding[] {
  return 'kind' in outcome ? (outcome.findings ?? []) : outcome;
}

const table: TableUsageRow = {
  table_oid: '16400',
  table_name: 'app.orders',
  root_oid: '16400',
  root_name: 'app.orders',
  kind: 'r',
  is_inherited: false,
  rows: 100_000,
  pages: 1000,
  all_visible_pages: 1000,
  size_bytes: 1000 * 8192,
  has_indexes: true,
  seq_scans: 0,
  seq_rows: 0,
  idx_scans: 1,
  idle_ms: null,
  inserted: 0,
  updated: 0,
  deleted: 0,
  hot_updated: 0,
  moved: null,
  live_rows: 100_000,
  dead_rows: 0,
  changed_rows: 0,
  vacuumed_at: '2026-11-01 00:00:00+00',
  vacuum_age_ms: 22 * dayMs,
  analyzed_at: '2026-11-01 00:00:00+00',
  maintained_at: '2026-11-01 00:00:00+00',
  maintenance_age_ms: 22 * dayMs,
  vacuums: 3,
  autovacuum_comes: true,
  vacuum_threshold: 20_050,
  vacuum_scale_factor: 0.2,
  analyze_threshold: 10_050,
  fill_factor: 100,
  has_fill_factor: false,
  has_scale_factor: false,
  has_statistics: true,
  can_read: true,
  is_unlogged: false,
};

/** What a check says about the table above, with what a test wants to be different. */
function judge<LimitName extends string>(
  check: HealthCheck<TableUsageRow, LimitName>,
  different: Partial<TableUsageRow>,
  context: Partial<Omit<CheckContext, 'limits'>> = {},
): string[] {
  return findingsOf(check.findings([{ ...table, ...different }], contextOf(check, context))).map(
    ({ severity, message }) => `${severity}: ${message}`,
  );
}

const now = new Date('2026-11-23T12:00:00Z');
const seen = (minutesAgo: number, ...values: [string, number][]): Partial<Omit<CheckContext, 'limits'>> => ({
  now,
  earlier: { takenAt: new Date(now.getTime() - minutesAgo * 60_000), values: new Map(values) },
});

describe('the size of a row', () => {
  const fixed = (width: number, alignment: string, nullShare = 0): StoredColumn => ({
    length: width,
    width,
    alignment,
    nullShare,
  });
  const text = (width: number, nullShare = 0): StoredColumn => ({ length: -1, width, alignment: 'i', nullShare });

  it('has the padding that the alignment of each column asks for', () => {
    // (bool, bigint) is 16 bytes, (bigint, bool) too, (bool, bool, int) 8, (int, bigint, int) 24.
    expect([
      expectedDataBytes([fixed(1, 'c'), fixed(8, 'd')]),
      expectedDataBytes([fixed(8, 'd'), fixed(1, 'c')]),
      expectedDataBytes([fixed(1, 'c'), fixed(1, 'c'), fixed(4, 'i')]),
      expectedDataBytes([fixed(4, 'i'), fixed(8, 'd'), fixed(4, 'i')]),
    ]).toEqual([16, 16, 8, 24]);
  });

  it('is an average where a column varies or is null at times', () => {
    expect([
      expectedDataBytes([fixed(8, 'd', 0.5)]),
      expectedDataBytes([fixed(8, 'd', 1)]),
      expectedDataBytes([text(20)]),
    ]).toEqual([4, 0, 23.5]);
  });

  it('makes pages as PostgreSQL fills them', () => {
    const shape = {
      rows: 1_000_000,
      columns: [fixed(4, 'i')],
      columnCount: 1,
      droppedColumns: 0,
      fillFactor: 100,
      pageBytes: 8192,
    };
    // 226 rows of one integer fit in a page; 113 at half the fill factor.
    expect([newHeapBytes(shape) / 8192, newHeapBytes({ ...shape, fillFactor: 50 }) / 8192]).toEqual([
      Math.ceil(1_000_000 / 226),
      Math.ceil(1_000_000 / 113),
    ]);
  });
});

describe('T12: the number of rows', () => {
  const counts = { tuples: 1000, pages: 10, actualPages: 10, liveRows: 1000, deadRows: 0 };

  it('is the most that the counts allow', () => {
    expect([
      mostRows(counts),
      mostRows({ ...counts, liveRows: 5000 }),
      mostRows({ ...counts, liveRows: 100 }),
      mostRows({ ...counts, liveRows: null }),
      mostRows({ ...counts, tuples: -1, pages: 0, liveRows: null }),
    ]).toEqual([1000, 5000, 1000, 1000, 0]);
  });

  it('takes new pages for full of rows, unless dead or live ones explain them', () => {
    expect([
      mostRows({ ...counts, actualPages: 40 }),
      mostRows({ ...counts, actualPages: 40, deadRows: 3000 }),
      mostRows({ ...counts, actualPages: 40, liveRows: 4000 }),
      mostRows({ ...counts, actualPages: 40, liveRows: null, deadRows: 3000 }),
    ]).toEqual([4000, 1000, 4000, 4000]);
  });
});

describe('T8, T12: bloated tables', () => {
  const row: TableSizeRow = {
    table_oid: '1',
    table_name: 'app.t',
    root_oid: '1',
    root_name: 'app.t',
    schema_name: 'app',
    can_read: true,
    columns: [
      [4, 'i', 4, 0],
      [-1, 'i', 36, 0],
    ],
    column_count: 2,
    tuples: 100_000,
    pages: 12_800,
    live_rows: 100_000,
    dead_rows: 0,
    size_bytes: String(100 * megabyte),
    fill_factor: 100,
    page_bytes: 8192,
    analyzed_at: null,
    rows_changed_since: 0,
  };
  const say = (
    rows: readonly TableSizeRow[],
    set: Partial<Record<'minShare' | 'minWasteBytes', number>> = {},
  ): string[] => {
    const context = contextOf(bloatedTable);
    return findingsOf(bloatedTable.findings(rows, { ...context, limits: { ...context.limits, ...set } })).map(
      ({ severity, message }) => `${severity}: ${message}`,
    );
  };

  it('are those well above the size of a new one, by shares of 1 and by bytes', () => {
    const message = 'info: Table app.t is 100 MB; rewritten, its 100,000 rows would need about 6.9 MB.';
    expect([
      say([row]),
      say([row], { minShare: 0.92 }),
      say([row], { minShare: 0.94 }),
      say([row], { minWasteBytes: 95 * megabyte }),
    ]).toEqual([[message], [message], [], []]);
  });

  it('are said of the partitioned table where several partitions are bloated', () => {
    const part = (oid: string): TableSizeRow => ({ ...row, table_oid: oid, table_name: `app.t_${oid}`, root_oid: '9' });
    expect(findingsOf(bloatedTable.findings([part('1'), part('2')], contextOf(bloatedTable)))).toMatchObject([
      { object: 'app.t', relationOid: 9, fixSql: 'vacuum (full, analyze) app.t_1;\nvacuum (full, analyze) app.t_2;' },
    ]);
    expect(findingsOf(bloatedTable.findings([part('1')], contextOf(bloatedTable)))).toMatchObject([
      {
        object: 'app.t',
        relationOid: 1,
        message: expect.stringMatching(/^Partition app\.t_1 of app\.t is /) as string,
      },
    ]);
  });

  it('are unknown, not fine, where the widths are', () => {
    const unknown: TableSizeRow = {
      ...row,
      columns: [
        [4, 'i', null, null],
        [-1, 'i', 36, 0],
      ],
    };
    expect([
      bloatedTable.findings([{ ...unknown, can_read: false }], contextOf(bloatedTable)),
      bloatedTable.findings([unknown], contextOf(bloatedTable)),
    ]).toMatchObject([
      { kind: 'cannot-tell', unlockSql: 'grant select on all tables in schema app to app;' },
      { kind: 'cannot-tell', unlockSql: 'analyze app.t;' },
    ]);
  });
});

describe('measured bloat', () => {
  it('leaves the room of the fill factor out, and says what was not read', () => {
    const row = {
      table_oid: '1',
      table_name: 'app.t',
      size_bytes: String(gigabyte),
      free_bytes: 0.31 * gigabyte,
      dead_bytes: 0,
      dead_rows: 0,
      live_rows: 6_000_000,
      live_bytes: 0.69 * gigabyte,
      page_bytes: 8192,
      fill_factor: 100,
    };
    const count = (different: object): number =>
      findingsOf(measuredBloat.findings([{ ...row, ...different }], contextOf(measuredBloat))).length;
    expect([
      count({}),
      count({ free_bytes: 0.3 * gigabyte }),
      count({ fill_factor: 70 }),
      count({ free_bytes: 0, dead_bytes: 0.4 * gigabyte }),
      // One row a page leaves the rest free; where half the pages are empty, rewriting gives those back.
      count({ free_bytes: 0.35 * gigabyte, live_rows: 131_072, live_bytes: 0.65 * gigabyte }),
      count({ free_bytes: 0.675 * gigabyte, live_rows: 65_536, live_bytes: 0.325 * gigabyte }),
    ]).toEqual([1, 0, 0, 1, 0, 1]);
    const unread = { ...row, free_bytes: null, dead_bytes: null, dead_rows: null, live_rows: null, live_bytes: null };
    expect(measuredBloat.findings([unread], contextOf(measuredBloat))).toMatchObject({
      kind: 'cannot-tell',
      reason: '1 large table not measured: a report reads at most 256 MB for this (app.t). TAB01 estimates them.',
    });
  });
});

describe('dead rows', () => {
  const over = { dead_rows: 30_000 };

  it('are reported where autovacuum does not come, has had time, or the table is large', () => {
    expect([
      judge(deadRows, { ...over, autovacuum_comes: false }),
      judge(deadRows, over),
      judge(deadRows, over, seen(9, ['dead rows app.orders', 25_000])),
      judge(deadRows, over, seen(10, ['dead rows app.orders', 25_000])).length,
      judge(deadRows, over, seen(10, ['dead rows app.others', 25_000])),
      judge(deadRows, { ...over, size_bytes: gigabyte }).length,
      judge(deadRows, { dead_rows: 20_050, autovacuum_comes: false }),
      judge(deadRows, { dead_rows: 999, vacuum_threshold: 50, autovacuum_comes: false }),
    ]).toEqual([
      [
        'warning: Table app.orders has 30,000 dead rows (23.1 %), more than the 20,050 at which autovacuum starts, and autovacuum does not come.',
      ],
      [],
      [],
      1,
      [],
      1,
      [],
      [],
    ]);
  });

  it('grow from info to critical', () => {
    const severity = (different: Partial<TableUsageRow>): string | undefined =>
      judge(deadRows, { autovacuum_comes: false, ...different })[0]?.split(':')[0];
    expect([
      severity({ dead_rows: 24_000 }),
      severity({ dead_rows: 25_001 }),
      severity({ dead_rows: 25_001, size_bytes: 10 * gigabyte }),
    ]).toEqual(['info', 'warning', 'critical']);
  });

  it('of several partitions are one finding', () => {
    const part = (oid: string): TableUsageRow => ({
      ...table,
      ...over,
      table_oid: oid,
      table_name: `app."P ${oid}"`,
      root_oid: '9',
      root_name: 'app.parted',
      autovacuum_comes: false,
    });
    expect(findingsOf(deadRows.findings([part('1'), part('2')], contextOf(deadRows)))).toMatchObject([
      { object: 'app.parted', measure: 60_000, fixSql: 'vacuum (analyze) app."P 1";\nvacuum (analyze) app."P 2";' },
    ]);
  });

  it('are kept for the next report', () => {
    expect(
      deadRows.measures?.(
        [
          { ...table, ...over },
          { ...table, dead_rows: 10 },
        ],
        contextOf(deadRows),
      ),
    ).toEqual([
      { key: 'dead rows app.orders', label: 'dead rows of app.orders', unit: 'count', value: 30_000, limit: null },
    ]);
  });
});

describe('autovacuum', () => {
  it('off is critical for the server, a warning for a table, and no warning for a small quiet one', () => {
    const row = {
      kind: 'table' as const,
      table_oid: '1',
      table_name: 'app."T t"',
      root_oid: '1',
      root_name: 'app."T t"',
      dead_rows: 0,
      size_bytes: megabyte,
    };
    const rows = [
      {
        kind: 'server' as const,
        setting: {
          name: 'autovacuum',
          setting: 'off',
          unit: null,
          shown: 'off',
          source: 'configuration file',
          boot_val: 'on',
          context: 'sighup',
        },
      },
      row,
      { ...row, table_oid: '2', root_oid: '2', size_bytes: megabyte - 1 },
    ];
    expect(
      findingsOf(autovacuumOff.findings(rows, contextOf(autovacuumOff))).map(({ severity, fixSql }) => [
        severity,
        fixSql,
      ]),
    ).toEqual([
      ['critical', "alter system set autovacuum = 'on';\nselect pg_catalog.pg_reload_conf();"],
      ['warning', 'alter table app."T t" reset (autovacuum_enabled);'],
      ['info', 'alter table app."T t" reset (autovacuum_enabled);'],
    ]);
  });

  it('with a coarse factor matters for large tables that change', () => {
    const large = { rows: 10_000_000, vacuum_threshold: 2_000_050, updated: 10_001 };
    expect([
      judge(largeTableDefaultScaleFactor, large).length,
      judge(largeTableDefaultScaleFactor, { ...large, rows: 9_999_999 }).length,
      judge(largeTableDefaultScaleFactor, { ...large, vacuum_scale_factor: 0.09 }).length,
      judge(largeTableDefaultScaleFactor, { ...large, updated: 9999 }).length,
      // The ceiling of PostgreSQL 18.
      judge(largeTableDefaultScaleFactor, { ...large, rows: 2e9, vacuum_threshold: 1e8, updated: 1e9 }).length,
    ]).toEqual([1, 0, 0, 0, 0]);
  });
});

describe('statistics of the planner', () => {
  it('are missing where nobody comes to gather them', () => {
    const fresh = { analyzed_at: null, has_statistics: false, changed_rows: 1001, rows: -1 };
    expect([
      judge(neverAnalyzed, { ...fresh, autovacuum_comes: false }).length,
      judge(neverAnalyzed, fresh).length,
      judge(neverAnalyzed, fresh, seen(30, ['never analyzed rows app.orders', 1001])).length,
      judge(neverAnalyzed, { ...fresh, autovacuum_comes: false, changed_rows: 1000 }).length,
      judge(neverAnalyzed, { ...fresh, autovacuum_comes: false, has_statistics: true }).length,
    ]).toEqual([1, 0, 1, 0, 0]);
  });

  it('of a partitioned table as a whole are nobody else’s work', () => {
    const parent: TableUsageRow = { ...table, kind: 'p', rows: -1, has_statistics: false, size_bytes: 0 };
    const leaf: TableUsageRow = { ...table, table_oid: '2', table_name: 'app.orders_1' };
    const say = (rows: TableUsageRow[]): string[] =>
      findingsOf(neverAnalyzed.findings(rows, contextOf(neverAnalyzed))).map((finding) => finding.object);
    expect([
      say([parent, leaf]),
      say([{ ...parent, has_statistics: true }, leaf]),
      say([parent, { ...leaf, live_rows: 10, rows: 10 }]),
      // Before 14 a user without rights does not know.
      say([{ ...parent, rows: 0, can_read: false }, leaf]),
    ]).toEqual([['app.orders'], [], [], []]);
  });

  it('are stale from twice the threshold of autoanalyze', () => {
    const off = { autovacuum_comes: false };
    expect([
      judge(staleStatistics, { ...off, changed_rows: 20_101 }),
      judge(staleStatistics, { ...off, changed_rows: 20_100 }),
      judge(staleStatistics, { changed_rows: 90_000 }),
      judge(staleStatistics, { changed_rows: 90_000 }, seen(20, ['rows changed since analyze app.orders', 80_000]))
        .length,
    ]).toEqual([['info: 20,101 rows of app.orders changed since its last analyze (20.1 % of 100,000).'], [], [], 1]);
  });

  it('and vacuum are overdue after weeks, for tables that changed', () => {
    const quiet = { maintenance_age_ms: 25 * dayMs, changed_rows: 1000 };
    expect([
      judge(notVacuumedForLong, quiet).length,
      judge(notVacuumedForLong, { ...quiet, maintenance_age_ms: 24 * dayMs }).length,
      judge(notVacuumedForLong, { ...quiet, changed_rows: 999 }).length,
      judge(notVacuumedForLong, { ...quiet, maintenance_age_ms: null }).length,
    ]).toEqual([1, 0, 0, 0]);
  });
});

describe('use of tables', () => {
  it('T16: by full scans is judged without index scans where there is no index', () => {
    const scanned = {
      seq_scans: 100,
      seq_rows: 100_000,
      idx_scans: 0,
      has_indexes: false,
      live_rows: 10_000,
      rows: 10_000,
    };
    expect([
      judge(sequentialScans, scanned),
      judge(sequentialScans, { ...scanned, seq_scans: 99 }),
      judge(sequentialScans, { ...scanned, idx_scans: 11 }),
      judge(sequentialScans, { ...scanned, live_rows: 9999, rows: 9999 }),
      judge(sequentialScans, { ...scanned, seq_rows: 99_999 }),
    ]).toEqual([
      ['info: Table app.orders (10,000 rows) was read by 100 full scans and 0 index scans.'],
      [],
      [],
      [],
      [],
    ]);
  });

  it('T1, T3, T16: none at all is told by weeks of statistics, or by the last scan', () => {
    const quiet = { seq_scans: 0, idx_scans: 0 };
    const young = { facts: healthFacts({ statsAgeMs: dayMs }) };
    expect([
      judge(unusedTable, quiet),
      judge(unusedTable, { ...quiet, inserted: 1 }),
      judge(unusedTable, { ...quiet, seq_scans: 1 }),
      judge(unusedTable, { ...quiet, idx_scans: 1 }),
      judge(unusedTable, { ...quiet, idx_scans: 9, idle_ms: 31 * dayMs }).length,
      judge(unusedTable, { ...quiet, size_bytes: 8192 }),
      judge(unusedTable, quiet, young),
    ]).toEqual([['info: Table app.orders (7.8 MB) was neither read nor written in 53 days.'], [], [], [], 1, [], []]);
    expect(unusedTable.findings([{ ...table, ...quiet }], contextOf(unusedTable, young))).toMatchObject({
      kind: 'cannot-tell',
    });
    const standby = { facts: healthFacts({ attachedStandbys: 1 }) };
    expect(
      findingsOf(unusedTable.findings([{ ...table, ...quiet }], contextOf(unusedTable, standby)))[0],
    ).toMatchObject({
      confidence: 'low',
      confidenceReason: 'Reads on the other servers of this cluster are counted there; ask them too.',
    });
  });

  it('T15: of one partition is use of the table', () => {
    const part = (oid: string, scans: number): TableUsageRow => ({
      ...table,
      table_oid: oid,
      root_oid: '9',
      seq_scans: scans,
      idx_scans: 0,
    });
    expect([
      findingsOf(unusedTable.findings([part('1', 0), part('2', 1)], contextOf(unusedTable))).length,
      findingsOf(unusedTable.findings([part('1', 0), part('2', 0)], contextOf(unusedTable))).length,
    ]).toEqual([0, 1]);
  });

  it('is hard on indexes where few updates are HOT; room is proposed only where rows moved', () => {
    const busy = { updated: 10_000, hot_updated: 999 };
    const fixes = (different: Partial<TableUsageRow>): (string | undefined)[] =>
      findingsOf(fewHotUpdates.findings([{ ...table, ...busy, ...different }], contextOf(fewHotUpdates))).map(
        ({ fixSql }) => fixSql,
      );
    expect([
      fixes({}),
      fixes({ hot_updated: 1000 }),
      fixes({ updated: 9999 }),
      fixes({ moved: 2000 }),
      fixes({ moved: 1999 }),
      fixes({ moved: 9000, has_fill_factor: true }),
    ]).toEqual([[undefined], [], [], ['alter table app.orders set (fillfactor = 90);'], [undefined], [undefined]]);
  });
});

describe('large tables', () => {
  const row = {
    table_oid: '1',
    table_name: 'app.t',
    is_partitioned: false,
    total_bytes: 12 * gigabyte,
    heap_bytes: 8 * gigabyte,
  };
  const grown = (before: number, different = {}): string[] =>
    findingsOf(
      largestTables.findings(
        [{ ...row, ...different }],
        contextOf(largestTables, seen(2880, ['table size app.t', before])),
      ),
    ).map(({ message }) => message);

  it('are told when they grow between two reports, or are huge', () => {
    expect([
      grown(10 * gigabyte),
      grown(10.1 * gigabyte),
      grown(11.5 * gigabyte, { total_bytes: 12 * gigabyte }),
      findingsOf(largestTables.findings([row], contextOf(largestTables))),
      findingsOf(largestTables.findings([{ ...row, total_bytes: 100 * gigabyte }], contextOf(largestTables))).map(
        ({ message }) => message,
      ),
      findingsOf(
        largestTables.findings(
          [{ ...row, total_bytes: 100 * gigabyte, is_partitioned: true }],
          contextOf(largestTables),
        ),
      ),
    ]).toEqual([
      ['Table app.t grew by 2 GB (20 %) in 2 days, to 12 GB with its indexes.'],
      [],
      [],
      [],
      ['Table app.t takes 100 GB with its indexes.'],
      [],
    ]);
    expect(largestTables.measures?.([row], contextOf(largestTables))).toEqual([
      { key: 'table size app.t', label: 'Size of app.t', unit: 'bytes', value: 12 * gigabyte, limit: null },
    ]);
  });

  it('are worth partitions by rows and size together, unless they have some', () => {
    const huge = { rows: 50_000_000, size_bytes: 10 * gigabyte };
    expect([
      judge(partitioningCandidate, huge).length,
      judge(partitioningCandidate, { ...huge, rows: 49_999_999 }).length,
      judge(partitioningCandidate, { ...huge, size_bytes: 9 * gigabyte }).length,
      judge(partitioningCandidate, { ...huge, root_oid: '9' }).length,
      judge(partitioningCandidate, { ...huge, is_inherited: true }).length,
      judge(partitioningCandidate, { ...huge, kind: 'p' }).length,
    ]).toEqual([1, 0, 0, 0, 0, 0]);
  });

  it('live in TOAST from half of them on; dead pieces count by their share', () => {
    const toast = {
      table_oid: '1',
      table_name: 'app.t',
      root_oid: '1',
      root_name: 'app.t',
      heap_bytes: 10 * gigabyte,
      toast_bytes: 10 * gigabyte,
      toast_live: 100,
      toast_dead: 0,
      autovacuum_comes: true,
      compression: 'pglz',
    };
    const say = (different: object): string[] =>
      findingsOf(toastHeavy.findings([{ ...toast, ...different }], contextOf(toastHeavy))).map(
        ({ severity, fixSql }) => `${severity} ${fixSql ?? ''}`,
      );
    expect([
      say({}),
      say({ heap_bytes: 11 * gigabyte }),
      say({ heap_bytes: gigabyte }),
      say({ toast_bytes: 100 * megabyte, toast_dead: 43 }),
      say({ toast_bytes: 100 * megabyte, toast_dead: 42 }),
      say({ toast_bytes: 99 * megabyte, toast_dead: 100 }),
    ]).toEqual([['info '], [], ['warning '], ['warning vacuum app.t;'], [], []]);
  });
});

describe('vacuum', () => {
  it('in several passes is seen while it runs, and hidden from those without the rights', () => {
    const row = {
      kind: 'running' as const,
      pid: 77,
      table_oid: '1',
      table_name: 'app.t',
      passes: 3,
      dead_rows: 5e8,
      memory_bytes: 64 * megabyte,
      memory_setting: 'maintenance_work_mem',
    };
    expect(findingsOf(vacuumIndexPasses.findings([row], contextOf(vacuumIndexPasses)))).toMatchObject([
      { message: 'Vacuum of app.t (pid 77) is in pass 3 over its indexes; its memory is 64 MB.' },
    ]);
    expect(
      vacuumIndexPasses.findings([{ ...row, table_oid: null, table_name: null }], contextOf(vacuumIndexPasses)),
    ).toMatchObject({
      kind: 'cannot-tell',
      unlockSql: 'grant pg_monitor to app;',
    });
    // One that runs is not expected as well.
    const expected = { ...row, kind: 'expected' as const, pid: null };
    expect(findingsOf(vacuumIndexPasses.findings([row, expected], contextOf(vacuumIndexPasses))).length).toBe(1);
  });

  it('comes too seldom where two reports see many dead rows and none came between', () => {
    const dirty = { dead_rows: 20_000, size_bytes: 10 * megabyte };
    const before = (minutes: number, vacuums: number): Partial<Omit<CheckContext, 'limits'>> =>
      seen(minutes, ['dead row share app.orders', 180], ['vacuums app.orders', vacuums]);
    expect([
      judge(vacuumTooSeldom, dirty, before(60, 3)),
      judge(vacuumTooSeldom, dirty, before(59, 3)),
      judge(vacuumTooSeldom, dirty, before(60, 2)),
      judge(vacuumTooSeldom, { ...dirty, dead_rows: 17_000 }, before(60, 3)),
      judge(vacuumTooSeldom, { ...dirty, size_bytes: 10 * megabyte - 1 }, before(60, 3)),
      judge(vacuumTooSeldom, dirty),
    ]).toEqual([
      ['info: Table app.orders (10 MB) had 18 % dead rows 60 min ago and has 16.7 % now, without a vacuum in between.'],
      [],
      [],
      [],
      [],
      [],
    ]);
  });

  it('has marked too few pages where it was not there for a day', () => {
    const large = { pages: 131_072, all_visible_pages: 65_535 };
    expect([
      judge(pagesNotAllVisible, large).length,
      judge(pagesNotAllVisible, { ...large, all_visible_pages: 65_536 }).length,
      judge(pagesNotAllVisible, { ...large, pages: 131_071 }).length,
      judge(pagesNotAllVisible, { ...large, vacuum_age_ms: dayMs - 1 }).length,
      judge(pagesNotAllVisible, { ...large, has_indexes: false }).length,
      judge(pagesNotAllVisible, { ...large, vacuum_age_ms: null }, { facts: healthFacts({ statsAgeMs: 1000 }) }).length,
    ]).toEqual([1, 0, 0, 0, 0, 0]);
  });
});
