import type { HealthCheck } from '../../health-check.ts';
import { slowStatements } from './qry01-slow-statements.ts';
import { shareOfTotalTime } from './qry02-share-of-total-time.ts';
import { heavyStatements } from './qry03-heavy-statements.ts';
import { unsteadyStatements } from './qry04-unsteady-statements.ts';
import { planningDominates } from './qry05-planning-dominates.ts';
import { jitDominates } from './qry06-jit-dominates.ts';
import { statementStatisticsMissing } from './qry07-statement-statistics-missing.ts';
import { statementsEvicted } from './qry08-statements-evicted.ts';
import { longRunningStatements } from './qry10-long-running-statements.ts';
import { partitionKeyNotUsed } from './qry12-partition-key-not-used.ts';

export const queriesChecks: readonly HealthCheck[] = [
  slowStatements,
  shareOfTotalTime,
  heavyStatements,
  unsteadyStatements,
  planningDominates,
  jitDominates,
  statementStatisticsMissing,
  statementsEvicted,
  longRunningStatements,
  partitionKeyNotUsed,
];
