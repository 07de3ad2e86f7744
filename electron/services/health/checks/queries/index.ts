import type { HealthCheck } from '../../health-check.ts';
import { slowStatements } from './qry01-slow-statements.ts';
import { shareOfTotalTime } from './qry02-share-of-total-time.ts';
import { statementStatisticsMissing } from './qry07-statement-statistics-missing.ts';
import { longRunningStatements } from './qry10-long-running-statements.ts';

export const queriesChecks: readonly HealthCheck[] = [
  slowStatements,
  shareOfTotalTime,
  statementStatisticsMissing,
  longRunningStatements,
];
