import type { PlanCause, PlanPair } from '#contract/plan-comparison.ts';
import type { PlanNode } from '#contract/plan-model.ts';
import type { Comparison } from '../node-changes.ts';
import type { PlanView } from '../plan-view.ts';
import { comparableCondition, CONDITION_KEYS, conditionOf } from '../plan-view.ts';
import { conditionShape } from '../statement-fingerprint.ts';

/** Two nodes that do the same work. */
export type NodePair = { readonly before: PlanNode; readonly after: PlanNode };

/** What a rule may ask. */
export type CauseContext = {
  readonly comparison: Comparison;
  readonly pairs: readonly PlanPair[];
  readonly matched: readonly NodePair[];
  readonly bothAnalyzed: boolean;
};

/** One rule: it claims only what the two plans show. */
export type CauseRule = (context: CauseContext) => PlanCause[];

/** Prepares the comparison for the rules. */
export function createCauseContext(comparison: Comparison, pairs: readonly PlanPair[]): CauseContext {
  const matched = pairs.flatMap(({ beforeId, afterId }): NodePair[] => {
    const before = beforeId === null ? undefined : comparison.before.nodes[beforeId];
    const after = afterId === null ? undefined : comparison.after.nodes[afterId];
    return before && after ? [{ before, after }] : [];
  });
  return {
    comparison,
    pairs,
    matched,
    bothAnalyzed: comparison.before.plan.analyzed && comparison.after.plan.analyzed,
  };
}

/** A cause that belongs to the statement, not to a node. */
export function ofStatement(rule: PlanCause['rule'], title: string, message: string): PlanCause {
  return { rule, beforeId: null, afterId: null, title, message };
}

/** Do two nodes have the same conditions, constants included? */
export function haveSameConditions({ comparison }: CauseContext, { before, after }: NodePair): boolean {
  const unqualified = comparison.before.verbose !== comparison.after.verbose;
  const all = (view: PlanView, node: PlanNode): string =>
    CONDITION_KEYS.filter((key) => key !== 'Recheck Cond')
      .map((key) => conditionOf(node, key) ?? '')
      .filter((condition) => condition !== '')
      .map((condition) => comparableCondition(view, '', condition, unqualified))
      .toSorted()
      .join('\u0000');
  return all(comparison.before, before) === all(comparison.after, after);
}

/** Conditions of a pair under the same key that differ in nothing but their constants. */
export function constantsThatDiffer({
  before,
  after,
}: NodePair): { property: string; before: string; after: string }[] {
  return CONDITION_KEYS.flatMap((property) => {
    const one = conditionOf(before, property);
    const other = conditionOf(after, property);
    if (one === null || other === null || one === other || conditionShape(one) !== conditionShape(other)) return [];
    return [{ property, before: one, after: other }];
  });
}

/** A condition short enough for a sentence. */
export function short(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}

/** A scan that both executions entered. */
export function isExecutedScan({ comparison }: CauseContext, { before, after }: NodePair): boolean {
  return comparison.before.families[before.id] === 'scan' && !before.neverExecuted && !after.neverExecuted;
}
