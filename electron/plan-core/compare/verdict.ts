import type { PlanComparison } from '#contract/plan-comparison.ts';
import { formatCount, formatMs } from '../insights/plan-context.ts';
import type { Comparison } from './node-changes.ts';
import { executionOf, factorOf } from './node-changes.ts';

/** Less than this factor apart, two executions took the same. */
const SAME_FACTOR = 1.05;
const SAME_MS = 0.01;
/** Costs have no weather: the same plan costs the same. */
const SAME_COST_FACTOR = 1.0001;

/** Faster or slower, by how much, and by which measure. */
export function judge({
  before,
  after,
}: Comparison): Pick<PlanComparison, 'verdict' | 'basis' | 'factor' | 'headline'> {
  const one = executionOf(before);
  const other = executionOf(after);
  if (one > 0 && other > 0) {
    const factor = factorOf(one, other, 0.001) ?? 1;
    const verdict = Math.abs(other - one) <= SAME_MS ? 'same' : verdictOf(factor, SAME_FACTOR);
    const figures = `${formatMs(one)} → ${formatMs(other)}`;
    return {
      verdict,
      basis: 'time',
      factor,
      headline: verdict === 'same' ? `About as fast: ${figures}` : `${timesOf(factor)} ${verdict}: ${figures}`,
    };
  }
  const costBefore = before.nodes[0]?.totalCost;
  const costAfter = after.nodes[0]?.totalCost;
  if (costBefore === undefined || costAfter === undefined)
    return {
      verdict: 'unknown',
      basis: 'none',
      factor: null,
      headline: 'The plans have no times and no costs in common',
    };
  const factor = factorOf(costBefore, costAfter, 0.01) ?? 1;
  const verdict = verdictOf(factor, SAME_COST_FACTOR);
  const figures = `cost ${formatCost(costBefore)} → ${formatCost(costAfter)}`;
  return {
    verdict,
    basis: 'cost',
    factor,
    headline:
      verdict === 'same'
        ? `The same by the planner’s estimate: ${figures}`
        : `${timesOf(factor)} ${verdict === 'faster' ? 'cheaper' : 'dearer'} by the planner’s estimate: ${figures}`,
  };
}

function verdictOf(factor: number, same: number): 'faster' | 'slower' | 'same' {
  return factor > same ? 'slower' : factor < 1 / same ? 'faster' : 'same';
}

/** `2.4 times`, `12 %` for less than twice. */
function timesOf(factor: number): string {
  const larger = Math.max(factor, 1 / factor);
  if (larger < 2) return `${Math.round((factor > 1 ? factor - 1 : 1 - factor) * 100)} %`;
  return `${larger >= 10 ? formatCount(larger) : larger.toFixed(1)} times`;
}

function formatCost(cost: number): string {
  return cost >= 100 ? formatCount(cost) : cost.toFixed(2);
}

/** What keeps the two plans from being compared in full. */
export function notesOn({ before, after }: Comparison): string[] {
  const notes: string[] = [];
  const either = (
    test: (plan: typeof before.plan) => boolean,
    only: (which: string) => string,
    both?: string,
  ): void => {
    const [one, other] = [test(before.plan), test(after.plan)];
    if (one && other) {
      if (both !== undefined) notes.push(both);
    } else if (one || other) notes.push(only(one ? 'before' : 'after'));
  };
  either(
    ({ analyzed }) => !analyzed,
    (which) =>
      `The plan ${which} was not executed (no ANALYZE): its times and rows are the planner’s estimates, so only estimates are compared.`,
    'Neither plan was executed (no ANALYZE): only the planner’s estimates are compared.',
  );
  if (before.plan.analyzed && after.plan.analyzed) {
    either(
      ({ nodes }) => nodes[0]?.totalMs === undefined,
      (which) => `The plan ${which} has no times of its nodes (TIMING OFF).`,
      'The plans have no times of their nodes (TIMING OFF): blocks, or costs, stand for them.',
    );
    either(
      ({ hasBuffers }) => !hasBuffers,
      (which) => `The plan ${which} has no BUFFERS, so blocks are not compared.`,
    );
  }
  either(
    ({ incomplete }) => incomplete !== undefined,
    (which) => `The plan ${which} is not whole: ${(which === 'before' ? before : after).plan.incomplete ?? ''}.`,
    'Neither plan is whole.',
  );
  if (before.verbose !== after.verbose)
    notes.push('Only one of the plans is VERBOSE: conditions are compared without the qualifiers of columns.');
  return notes;
}
