import type { HealthCheck } from '../../health-check.ts';
import { bloatedTable } from './tab01-bloated-table.ts';
import { measuredBloat } from './tab02-measured-bloat.ts';
import { deadRows } from './tab03-dead-rows.ts';
import { autovacuumOff } from './tab04-autovacuum-off.ts';
import { notVacuumedForLong } from './tab05-not-vacuumed-for-long.ts';
import { neverAnalyzed } from './tab06-never-analyzed.ts';
import { staleStatistics } from './tab07-stale-statistics.ts';
import { largeTableDefaultScaleFactor } from './tab08-large-table-default-scale-factor.ts';
import { sequentialScans } from './tab09-sequential-scans.ts';
import { largestTables } from './tab10-largest-tables.ts';
import { partitioningCandidate } from './tab11-partitioning-candidate.ts';
import { unusedTable } from './tab12-unused-table.ts';
import { emptyTable } from './tab13-empty-table.ts';
import { fewHotUpdates } from './tab14-few-hot-updates.ts';
import { toastHeavy } from './tab15-toast-heavy.ts';
import { unloggedTable } from './tab16-unlogged-table.ts';
import { wideTable } from './tab17-wide-table.ts';
import { disabledTrigger } from './tab18-disabled-trigger.ts';
import { rowTriggers } from './tab19-row-triggers.ts';
import { vacuumIndexPasses } from './tab20-vacuum-index-passes.ts';
import { vacuumTooSeldom } from './tab21-vacuum-too-seldom.ts';
import { pagesNotAllVisible } from './tab22-pages-not-all-visible.ts';
import { missingStatistics } from './tab23-missing-statistics.ts';

export const tablesChecks: readonly HealthCheck[] = [
  bloatedTable,
  measuredBloat,
  deadRows,
  autovacuumOff,
  notVacuumedForLong,
  neverAnalyzed,
  staleStatistics,
  largeTableDefaultScaleFactor,
  sequentialScans,
  largestTables,
  partitioningCandidate,
  unusedTable,
  emptyTable,
  fewHotUpdates,
  toastHeavy,
  unloggedTable,
  wideTable,
  disabledTrigger,
  rowTriggers,
  vacuumIndexPasses,
  vacuumTooSeldom,
  pagesNotAllVisible,
  missingStatistics,
];
