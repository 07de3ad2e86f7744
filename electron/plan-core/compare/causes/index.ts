import type { PlanCause, PlanPair } from '#contract/plan-comparison.ts';
import type { Comparison } from '../node-changes.ts';
import type { CauseRule } from './cause-context.ts';
import { createCauseContext } from './cause-context.ts';
import { findDataGrowth, findEstimates, findPartitions } from './data-causes.ts';
import { findBranches, findCache, findIndexes, findJitDifference, findSpill, findWorkers } from './execution-causes.ts';
import { findDifferentQuery, findGenericPlan, findSettings, findVersion } from './statement-causes.ts';

/** From what makes the plans hard to compare to what merely happened. */
const RULES: readonly CauseRule[] = [
  findDifferentQuery,
  findVersion,
  findSettings,
  findGenericPlan,
  findEstimates,
  findDataGrowth,
  findPartitions,
  findIndexes,
  findWorkers,
  findCache,
  findSpill,
  findJitDifference,
  findBranches,
];

/** Why the plans differ, as far as the plans show it; every cause names what it was seen by. */
export function explainDifference(comparison: Comparison, pairs: readonly PlanPair[]): PlanCause[] {
  const context = createCauseContext(comparison, pairs);
  return RULES.flatMap((rule) => rule(context));
}
