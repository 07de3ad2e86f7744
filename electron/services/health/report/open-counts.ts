import type { HealthCheckResult, HealthFinding, Severity } from '#contract/health-model.ts';

/** Findings that nobody has accepted. */
export function isOpen(finding: HealthFinding): boolean {
  return finding.suppressed === undefined;
}

/** How many findings of a check nobody has accepted, those that are not listed among them. Pure. */
export function openCounts(check: Pick<HealthCheckResult, 'findings' | 'omitted'>): Record<Severity, number> {
  const omitted = openOmitted(check);
  const of = (severity: Severity) =>
    check.findings.filter((finding) => finding.severity === severity && isOpen(finding)).length + omitted[severity];
  return { critical: of('critical'), warning: of('warning'), info: of('info') };
}

/** How many findings of a check that are not listed nobody has accepted. Pure. */
export function openOmitted({ omitted }: Pick<HealthCheckResult, 'omitted'>): Record<Severity, number> {
  return omitted === undefined || omitted.suppressed !== undefined
    ? { critical: 0, warning: 0, info: 0 }
    : { critical: omitted.critical, warning: omitted.warning, info: omitted.info };
}

/** The sum over several checks. Pure. */
export function openCountsOf(checks: readonly HealthCheckResult[]): Record<Severity, number> {
  const sum = { critical: 0, warning: 0, info: 0 };
  for (const check of checks) {
    const { critical, warning, info } = openCounts(check);
    sum.critical += critical;
    sum.warning += warning;
    sum.info += info;
  }
  return sum;
}
