import type { HealthCheck } from '../../health-check.ts';
import { requestedCheckpoints } from './cfg01-requested-checkpoints.ts';
import { oldRestartpoint } from './cfg02-old-restartpoint.ts';
import { sharedBuffers } from './cfg03-shared-buffers.ts';
import { workMem } from './cfg04-work-mem.ts';
import { memoryBudget } from './cfg05-memory-budget.ts';
import { randomPageCost } from './cfg06-random-page-cost.ts';
import { maintenanceWorkMem } from './cfg07-maintenance-work-mem.ts';
import { plannerAndIoSettings } from './cfg08-planner-and-io-settings.ts';
import { autovacuumSettings } from './cfg09-autovacuum-settings.ts';
import { durabilityOff } from './cfg10-durability-off.ts';
import { plannerMethodsOff } from './cfg11-planner-methods-off.ts';
import { statisticsCollectionOff } from './cfg12-statistics-collection-off.ts';
import { pendingConfiguration } from './cfg13-pending-configuration.ts';
import { checksumsOff } from './cfg15-checksums-off.ts';
import { hugePages } from './cfg16-huge-pages.ts';
import { logging } from './cfg17-logging.ts';
import { outdatedVersion } from './cfg18-outdated-version.ts';
import { youngStatistics } from './cfg20-young-statistics.ts';
import { encodingAndCollation } from './cfg22-encoding-and-collation.ts';

export const configurationChecks: readonly HealthCheck[] = [
  requestedCheckpoints,
  oldRestartpoint,
  sharedBuffers,
  workMem,
  memoryBudget,
  randomPageCost,
  maintenanceWorkMem,
  plannerAndIoSettings,
  autovacuumSettings,
  durabilityOff,
  plannerMethodsOff,
  statisticsCollectionOff,
  pendingConfiguration,
  checksumsOff,
  hugePages,
  logging,
  outdatedVersion,
  youngStatistics,
  encodingAndCollation,
];
