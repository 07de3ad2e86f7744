import type { Plan, PlanInsight } from '#contract/plan-model.ts';
import { findCartesianProduct } from './cartesian-product.ts';
import { findColdCache } from './cold-cache.ts';
import { findCorrelatedSubplan } from './correlated-subplan.ts';
import { findCteMaterialized } from './cte-materialized.ts';
import { findDisabledNode } from './disabled-node.ts';
import { findDiskSort } from './disk-sort.ts';
import { findHashBatches } from './hash-batches.ts';
import { findHashedSubplanMissing } from './hashed-subplan-missing.ts';
import { findHeapFetches } from './heap-fetches.ts';
import { findIncompletePlan } from './incomplete-plan.ts';
import { findIndexRecheck } from './index-recheck.ts';
import { findInefficientIndex } from './inefficient-index.ts';
import { findIoHeavy } from './io-heavy.ts';
import { findJit } from './jit.ts';
import { findIndexOnlyPossible } from './index-only-possible.ts';
import { findJoinWithoutIndex } from './join-without-index.ts';
import { findLossyBitmap } from './lossy-bitmap.ts';
import { findMemoizeThrash } from './memoize-thrash.ts';
import { findMergeJoinSorts } from './merge-join-sorts.ts';
import { findNestedLoopLoops } from './nested-loop-loops.ts';
import { findOffsetWaste } from './offset-waste.ts';
import { findOrderByLimitIndex } from './order-by-limit-index.ts';
import type { InsightRule } from './plan-context.ts';
import { createPlanContext } from './plan-context.ts';
import { findPlannerSettings } from './planner-settings.ts';
import { findPlanningTime } from './planning-time.ts';
import { findRowMisestimate } from './row-misestimate.ts';
import { findMissingMeasures } from './missing-measures.ts';
import { findOutsideNodes } from './outside-nodes.ts';
import { findParallelUnused } from './parallel-unused.ts';
import { findSerialization } from './serialization.ts';
import { findMuchReadForLittle } from './much-read-for-little.ts';
import { settleFindings } from './settle-claims.ts';
import { findSelectDirtied } from './select-dirtied.ts';
import { findSeqScanFilter } from './seq-scan-filter.ts';
import { findTempBlocks } from './temp-blocks.ts';
import { findTopNSort } from './top-n-sort.ts';
import { findTriggers } from './triggers.ts';
import { findWalFullPageImages } from './wal-full-page-images.ts';
import { findWorkerImbalance } from './worker-imbalance.ts';
import { findWorkersNotLaunched } from './workers-not-launched.ts';

/** Rules that read the plan alone. */
const PLAN_RULES: readonly InsightRule[] = [findIncompletePlan, findPlannerSettings, findDisabledNode];

/** Rules that need to know what happened. */
const EXECUTION_RULES: readonly InsightRule[] = [
  findSeqScanFilter,
  findInefficientIndex,
  findOrderByLimitIndex,
  findJoinWithoutIndex,
  findIndexOnlyPossible,
  findMuchReadForLittle,
  findRowMisestimate,
  findNestedLoopLoops,
  findCartesianProduct,
  findCorrelatedSubplan,
  findHashedSubplanMissing,
  findDiskSort,
  findTopNSort,
  findMergeJoinSorts,
  findHashBatches,
  findTempBlocks,
  findLossyBitmap,
  findIndexRecheck,
  findHeapFetches,
  findOffsetWaste,
  findCteMaterialized,
  findMemoizeThrash,
  findWorkersNotLaunched,
  findWorkerImbalance,
  findParallelUnused,
  findIoHeavy,
  findColdCache,
  findSelectDirtied,
  findJit,
  findTriggers,
  findPlanningTime,
  findSerialization,
  findOutsideNodes,
  findMissingMeasures,
  findWalFullPageImages,
];

/** What costs time in a plan and what to do about it; what would save most first. `ownMs` is by node id. */
export function findInsights(plan: Plan, ownMs: readonly number[]): PlanInsight[] {
  const context = createPlanContext(plan, ownMs);
  const rules = plan.analyzed ? [...PLAN_RULES, ...EXECUTION_RULES] : PLAN_RULES;
  return settleFindings(
    context,
    rules.flatMap((rule) => rule(context)),
  );
}
