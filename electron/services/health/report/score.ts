import type { Confidence, HealthCheckResult, HealthFinding, HealthReport, Severity } from '#contract/health-model.ts';
import { isOpen, openOmitted } from './open-counts.ts';

/** What the worst finding of one check takes off 100. More findings of the same check take off nothing more. */
const costs: Readonly<Record<Severity, number>> = { critical: 20, warning: 5, info: 1 };
/** A finding that is not sure counts for less. */
const weights: Readonly<Record<Confidence, number>> = { high: 1, medium: 0.7, low: 0.3 };

/**
 * 0 to 100: what is left after each check with findings has taken off the cost of its worst one. What is suppressed
 * costs nothing, and neither does a check that cannot tell: how many could is said beside the score. Pure.
 */
export function healthScore(report: Pick<HealthReport, 'checks'>): number {
  let score = 100;
  for (const check of report.checks)
    score -= Math.max(0, omittedCost(check), ...check.findings.filter(isOpen).map(cost));
  return Math.max(0, Math.round(score));
}

function cost(finding: HealthFinding): number {
  return costs[finding.severity] * weightOf(finding);
}

/** What is not listed is taken to be as sure as the surest of those that are. */
function omittedCost(check: HealthCheckResult): number {
  const omitted = openOmitted(check);
  const worst = (['critical', 'warning', 'info'] as const).find((severity) => omitted[severity] > 0);
  return worst === undefined ? 0 : costs[worst] * Math.max(0, ...check.findings.map(weightOf));
}

function weightOf({ confidence }: HealthFinding): number {
  return weights[confidence ?? 'high'];
}
