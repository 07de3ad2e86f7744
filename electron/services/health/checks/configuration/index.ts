import type { HealthCheck } from '../../health-check.ts';
import { requestedCheckpoints } from './cfg01-requested-checkpoints.ts';
import { sharedBuffers } from './cfg03-shared-buffers.ts';
import { workMem } from './cfg04-work-mem.ts';
import { memoryBudget } from './cfg05-memory-budget.ts';
import { randomPageCost } from './cfg06-random-page-cost.ts';
import { maintenanceWorkMem } from './cfg07-maintenance-work-mem.ts';
import { autovacuumSettings } from './cfg09-autovacuum-settings.ts';
import { durabilityOff } from './cfg10-durability-off.ts';
import { plannerMethodsOff } from './cfg11-planner-methods-off.ts';
import { statisticsCollectionOff } from './cfg12-statistics-collection-off.ts';
import { pendingConfiguration } from './cfg13-pending-configuration.ts';
import { checksumsOff } from './cfg15-checksums-off.ts';
import { logging } from './cfg17-logging.ts';
import { outdatedVersion } from './cfg18-outdated-version.ts';
import { youngStatistics } from './cfg20-young-statistics.ts';

export const configurationChecks: readonly HealthCheck[] = [
  requestedCheckpoints,
  sharedBuffers,
  workMem,
  memoryBudget,
  randomPageCost,
  maintenanceWorkMem,
  autovacuumSettings,
  durabilityOff,
  plannerMethodsOff,
  statisticsCollectionOff,
  pendingConfiguration,
  checksumsOff,
  logging,
  outdatedVersion,
  youngStatistics,
];
