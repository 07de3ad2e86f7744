import type { HealthReport } from '#contract/health-model.ts';
import type { Suppression } from '#contract/health.ts';

/**
 * The report with every finding marked that a rule in force accepts; marks of before are gone. Pure.
 * A rule for one object is asked before a rule for the whole check.
 */
export function applySuppressions(
  report: HealthReport,
  rules: readonly Suppression[],
  connectionId: string | null,
  now: Date,
): HealthReport {
  const inForce = rules
    .filter((rule) => isInForce(rule, now) && (rule.connectionId === null || rule.connectionId === connectionId))
    .toSorted((left, right) => Number(left.object === null) - Number(right.object === null));
  return {
    ...report,
    checks: report.checks.map((check) => {
      const ofCheck = inForce.filter((rule) => rule.check === check.id);
      return {
        ...check,
        findings: check.findings.map(({ suppressed: _before, ...finding }) => {
          const rule = ofCheck.find(({ object }) => object === null || object === finding.object);
          return rule === undefined
            ? finding
            : { ...finding, suppressed: { id: rule.id, reason: rule.reason, until: rule.until } };
        }),
      };
    }),
  };
}

/** False once its time is over. Pure. */
export function isInForce(rule: Suppression, now: Date): boolean {
  return rule.until === null || Date.parse(rule.until) > now.getTime();
}
