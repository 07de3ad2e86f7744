import type { HealthCheck } from '../../health-check.ts';
import { bloatedTable } from './tab01-bloated-table.ts';
import { deadRows } from './tab03-dead-rows.ts';
import { autovacuumOff } from './tab04-autovacuum-off.ts';
import { notVacuumedForLong } from './tab05-not-vacuumed-for-long.ts';
import { neverAnalyzed } from './tab06-never-analyzed.ts';
import { staleStatistics } from './tab07-stale-statistics.ts';
import { largeTableDefaultScaleFactor } from './tab08-large-table-default-scale-factor.ts';
import { sequentialScans } from './tab09-sequential-scans.ts';
import { unloggedTable } from './tab16-unlogged-table.ts';
import { disabledTrigger } from './tab18-disabled-trigger.ts';

export const tablesChecks: readonly HealthCheck[] = [
  bloatedTable,
  deadRows,
  autovacuumOff,
  notVacuumedForLong,
  neverAnalyzed,
  staleStatistics,
  largeTableDefaultScaleFactor,
  sequentialScans,
  unloggedTable,
  disabledTrigger,
];
