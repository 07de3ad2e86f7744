import type { PlanComparison, PlanPair } from '#contract/plan-comparison.ts';
import type { Plan } from '#contract/plan-model.ts';
import { explainDifference } from './causes/index.ts';
import { measureFor, rankDifferences } from './differences.ts';
import { matchNodes } from './match-nodes.ts';
import type { Comparison } from './node-changes.ts';
import { changesBetween } from './node-changes.ts';
import { viewPlan } from './plan-view.ts';
import { compareTotals } from './totals.ts';
import { judge, notesOn } from './verdict.ts';

/**
 * Compares two plans node by node: what was matched and what changed in it, what was added and removed, the totals,
 * what won or lost the time, and why the plans probably differ, as far as they themselves show it.
 * Formats, versions and options may differ; what only one of the plans tells is not called a change.
 * The same plans give the same comparison, and the other way round the inverse one. Never throws.
 */
export function comparePlans(before: Plan, after: Plan): PlanComparison {
  const one = viewPlan(before);
  const other = viewPlan(after);
  const comparison: Comparison = { before: one, after: other, ...matchNodes(one, other) };
  const pairs = pairsOf(comparison);
  return {
    ...judge(comparison),
    notes: notesOn(comparison),
    totals: compareTotals(before, after),
    pairs,
    rankedBy: measureFor(comparison).unit,
    differences: rankDifferences(comparison, pairs),
    causes: explainDifference(comparison, pairs),
  };
}

/** Every node once: in the order of the plan after, each removed node behind the node that stood before it. */
function pairsOf(comparison: Comparison): PlanPair[] {
  const { before, ofBefore, ofAfter } = comparison;
  const pairs: PlanPair[] = [];
  const addRemovedFrom = (start: number): void => {
    for (let id = start; id < before.nodes.length && ofBefore[id] === -1; id += 1)
      pairs.push({ beforeId: id, afterId: null, changes: [] });
  };
  addRemovedFrom(0);
  for (const [afterId, beforeId] of ofAfter.entries()) {
    if (beforeId === -1) {
      pairs.push({ beforeId: null, afterId, changes: [] });
      continue;
    }
    pairs.push({ beforeId, afterId, changes: changesBetween(comparison, beforeId, afterId) });
    addRemovedFrom(beforeId + 1);
  }
  return pairs;
}
