import type { PlanInsight, PlanNode } from '#contract/plan-model.ts';
import { consequencesOf } from './estimate-consequences.ts';
import { findErrorOrigins } from './estimate-origins.ts';
import type { Claims, Finding, PlanContext } from './plan-context.ts';
import { countOf, formatCount, labelOf, severityOf, sumOf, titleLabel } from './plan-context.ts';
import { adviseAnalyze } from './stale-statistics.ts';
import type { StatisticsAdvice } from './statistics-advice.ts';
import { adviseStatistics } from './statistics-advice.ts';

/** 10, 100 and 1000 are the grades of pev2, depesz and pgAdmin. */
const WARNING_FACTOR = 100;
const CRITICAL_FACTOR = 1000;
const MOST_REPORTED = 2;
const MOST_EXAMINED = 50;
const SEVERITIES = ['info', 'warning', 'critical'] as const;

/** The planner's row count was off by ten or more; told at the lowest node, where it began, with what it led to. */
export function findRowMisestimate(context: PlanContext): Finding[] {
  return findErrorOrigins(context)
    .toSorted((a, b) => (b.estimateFactor ?? 1) - (a.estimateFactor ?? 1) || a.id - b.id)
    .slice(0, MOST_EXAMINED)
    .flatMap((node): Finding[] => {
      const { claims, text } = consequencesOf(context, node);
      const factor = node.estimateFactor ?? 1;
      const advice = adviseAnalyze(context.plan, node) ?? adviseStatistics(context, node);
      // How many groups a guess of many columns and tables makes is beyond mending.
      if (node.nodeType === 'Aggregate' && advice.sql === undefined) return [];
      const hasConsequences = claims.size > 0 && (!context.timed || context.isWorth(sumOf(claims)));
      // Nothing was decided by it: a note, where the node itself is worth one and statistics can correct it.
      const isNote =
        node.estimateDirection === 'under' &&
        factor >= WARNING_FACTOR &&
        context.isCostly(node) &&
        advice.sql !== undefined;
      if (!hasConsequences && !isNote) return [];
      return [describe(context, node, hasConsequences ? claims : new Map(), text, advice)];
    })
    .toSorted((a, b) => (b.savedMs ?? 0) - (a.savedMs ?? 0))
    .slice(0, MOST_REPORTED);
}

function describe(
  context: PlanContext,
  node: PlanNode,
  claims: Claims,
  consequences: string,
  advice: StatisticsAdvice,
): Finding {
  const factor = node.estimateFactor ?? 1;
  const savedMs = Math.min(sumOf(claims), context.executionMs);
  const perLoop = node.loops > (node.processes ?? 1) ? ' per loop' : '';
  const planned = countOf(node.planRows ?? 0, 'row');
  const actual = formatCount(node.actualRows ?? 0);
  const hasClaims = claims.size > 0;
  return {
    rule: 'row-misestimate',
    nodeId: node.id,
    severity: hasClaims ? gradeOf(context, factor, savedMs) : 'info',
    ...(context.timed && hasClaims ? { savedMs, claims } : {}),
    title: `${titleLabel(node)}: ${planned} expected, ${actual} came`,
    message:
      `The planner expected ${planned}${perLoop} from ${labelOf(node)} and got ${actual}: ${formatCount(factor)} times ${node.estimateDirection === 'under' ? 'more' : 'fewer'}. This is the lowest node with the error. ` +
      (hasClaims ? consequences : 'Nothing above it seems to have been chosen wrongly for it in this plan.') +
      (advice.note === undefined ? '' : ` ${advice.note}`),
    ...(advice.sql === undefined ? {} : { sql: advice.sql }),
    verify:
      'Run EXPLAIN (ANALYZE) again: the estimated rows should be near the actual ones, and the plan above may change.',
    ignoreWhen: 'The plan is the right one in spite of the count: forcing another one is not faster.',
  };
}

/** How wrong it was, but no graver than what it cost. */
function gradeOf(context: PlanContext, factor: number, savedMs: number): PlanInsight['severity'] {
  const byFactor = factor >= CRITICAL_FACTOR ? 2 : factor >= WARNING_FACTOR ? 1 : 0;
  if (!context.timed) return SEVERITIES[Math.min(1, byFactor)] ?? 'info';
  const byTime = SEVERITIES.indexOf(severityOf(context, savedMs));
  return SEVERITIES[Math.min(byFactor, byTime)] ?? 'info';
}
