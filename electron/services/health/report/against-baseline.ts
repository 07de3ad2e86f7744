import type { HealthCheckResult, HealthFinding, HealthReport, Severity } from '#contract/health-model.ts';
import type { HealthChange, HealthComparison } from '#contract/health.ts';
import { compareReports } from './compare-reports.ts';
import { isOpen, openCounts, openOmitted } from './open-counts.ts';

/** A report seen from one of before. */
export interface AgainstBaseline {
  /** Of each finding of the report; nothing is said of those that the baseline may have missed. */
  readonly kinds: ReadonlyMap<HealthFinding, Exclude<HealthChange['kind'], 'gone'>>;
  readonly changes: readonly HealthChange[];
  readonly gone: readonly HealthChange[];
  readonly unsure: HealthComparison['unsure'];
  /** The checks that the baseline has an answer of. */
  readonly answered: ReadonlyMap<string, HealthCheckResult>;
}

/** Findings of checks that the baseline did not ask, or had no answer of, are new: nobody has accepted them. Pure. */
export function againstBaseline(baseline: HealthReport, report: HealthReport): AgainstBaseline {
  const { changes, unsure } = compareReports(baseline, report);
  const answered = new Map(
    baseline.checks
      .filter(({ status }) => status === 'ok' || status === 'finding')
      .map((check) => [check.id, check] as const),
  );
  const kinds = new Map<HealthFinding, Exclude<HealthChange['kind'], 'gone'>>();
  for (const { kind, finding } of changes) if (kind !== 'gone') kinds.set(finding, kind);
  for (const check of report.checks)
    if (!answered.has(check.id)) for (const finding of check.findings) kinds.set(finding, 'new');
  return { kinds, changes, gone: changes.filter(({ kind }) => kind === 'gone'), unsure, answered };
}

/** What of a check counts for a gate. */
export interface CountedFindings {
  readonly findings: readonly HealthFinding[];
  /** How many more there are that are not listed. */
  readonly omitted: number;
}

const severities: readonly Severity[] = ['critical', 'warning', 'info'];

/**
 * The findings of a check that a gate counts: open ones at or above a severity; beside a baseline only those that are
 * new or worse. Pure.
 */
export function countedFindings(
  check: HealthCheckResult,
  failOn: Severity | 'never',
  against: AgainstBaseline | undefined,
): CountedFindings {
  const counting = failOn === 'never' ? [] : severities.slice(0, severities.indexOf(failOn) + 1);
  const findings = check.findings.filter((finding) => {
    if (!counting.includes(finding.severity) || !isOpen(finding)) return false;
    const kind = against?.kinds.get(finding);
    return against === undefined || kind === 'new' || kind === 'worse';
  });
  const unlisted = unlistedCounts(against?.answered.get(check.id), check, findings);
  return { findings, omitted: counting.reduce((sum, severity) => sum + unlisted[severity], 0) };
}

/** Which of those that are not listed are new cannot be told: as many are as there are more now, less those listed. */
function unlistedCounts(
  before: HealthCheckResult | undefined,
  after: HealthCheckResult,
  counted: readonly HealthFinding[],
): Record<Severity, number> {
  if (before === undefined) return openOmitted(after);
  if (before.omitted === undefined && after.omitted === undefined) return { critical: 0, warning: 0, info: 0 };
  const [then, now] = [openCounts(before), openCounts(after)];
  const of = (severity: Severity) =>
    Math.max(0, now[severity] - then[severity] - counted.filter((finding) => finding.severity === severity).length);
  return { critical: of('critical'), warning: of('warning'), info: of('info') };
}
