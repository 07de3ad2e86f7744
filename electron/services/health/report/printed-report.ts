import type { HealthCheckResult, HealthFinding, HealthReport, Severity } from '#contract/health-model.ts';
import type { HealthForecast } from '#contract/health.ts';
import { formatBytes, formatCount, plural } from '../format-values.ts';
import type { AgainstBaseline } from './against-baseline.ts';
import { isOpen, openCountsOf } from './open-counts.ts';

/** A report with what the exports print beside it. */
export interface PrintedReport {
  readonly report: HealthReport;
  /** The name of the connection, or what stood on the command line. Never a URL with a password. */
  readonly subject: string;
  readonly forecasts: readonly HealthForecast[];
  /** Where it is compared with a report of before. */
  readonly against?: AgainstBaseline | undefined;
}

export interface PlacedFinding {
  readonly check: HealthCheckResult;
  readonly finding: HealthFinding;
}

export const severities: readonly Severity[] = ['critical', 'warning', 'info'];
export const severityWords: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  warning: 'Warning',
  info: 'Note',
};

/** Findings that nobody has accepted, the worst first, those of one check together. Pure. */
export function openFindings(report: HealthReport): PlacedFinding[] {
  return severities.flatMap((severity) =>
    report.checks.flatMap((check) =>
      check.findings
        .filter((finding) => finding.severity === severity && isOpen(finding))
        .map((finding) => ({ check, finding })),
    ),
  );
}

/** Findings that are suppressed today. Pure. */
export function suppressedFindings(report: HealthReport): PlacedFinding[] {
  return report.checks.flatMap((check) =>
    check.findings.filter((finding) => !isOpen(finding)).map((finding) => ({ check, finding })),
  );
}

/** Checks that have no answer, failed ones first. Pure. */
export function silentChecks(report: HealthReport): HealthCheckResult[] {
  return (['error', 'skipped'] as const).flatMap((status) => report.checks.filter((check) => check.status === status));
}

/** Checks whose findings are not all: rights are missing, or there are too many to list. Pure. */
export function partialChecks(report: HealthReport): HealthCheckResult[] {
  return report.checks.filter((check) => check.status === 'finding' && check.reason !== undefined);
}

/** `2 critical, 3 warnings, 1 note, 180 checks ok, 4 cannot tell, 1 suppressed`; what is not listed is counted. Pure. */
export function countsLine(report: HealthReport): string {
  const open = openCountsOf(report.checks);
  const status = (wanted: HealthCheckResult['status']) =>
    report.checks.filter((check) => check.status === wanted).length;
  const suppressed = suppressedCount(report);
  return [
    `${formatCount(open.critical)} critical`,
    plural(open.warning, 'warning'),
    plural(open.info, 'note'),
    `${plural(status('ok'), 'check')} ok`,
    `${status('skipped')} cannot tell`,
    ...(status('error') > 0 ? [`${status('error')} failed`] : []),
    ...(suppressed > 0 ? [`${formatCount(suppressed)} suppressed`] : []),
  ].join(', ');
}

/** `190 checks, score 95 of 100 by the 183 that could tell`. Pure. */
export function scoreLine(report: HealthReport): string {
  const checks = plural(report.checks.length, 'check');
  if (report.score === undefined) return checks;
  const told = report.checks.length - silentChecks(report).length;
  return `${checks}, score ${report.score} of 100${told === report.checks.length ? '' : ` by the ${told} that could tell`}`;
}

/** `new`, `worse` or `better` since the baseline; absent for what is the same, and where nothing can be said. Pure. */
export function changeWord({ against }: PrintedReport, finding: HealthFinding): 'new' | 'worse' | 'better' | undefined {
  const kind = against?.kinds.get(finding);
  return kind === 'same' ? undefined : kind;
}

/** What is suppressed of the objects that a finding stands for, as evidence. Pure. */
export function evidenceOf({ evidence, members, suppressedMembers }: HealthFinding): HealthFinding['evidence'] {
  if (suppressedMembers === undefined) return evidence;
  const label = `Suppressed, ${formatCount(suppressedMembers.length)} of ${formatCount(members?.length ?? 0)}`;
  return [...evidence, { label, value: suppressedMembers.join(', ') }];
}

function suppressedCount(report: HealthReport): number {
  const listed = suppressedFindings(report).length;
  const unlisted = report.checks
    .map(({ omitted }) => omitted)
    .filter((omitted) => omitted?.suppressed !== undefined)
    .reduce((sum, omitted) => sum + (omitted ? omitted.critical + omitted.warning + omitted.info : 0), 0);
  return listed + unlisted;
}

/** `full at 1.2 GB a day on 2027-03-01`. Pure. */
export function forecastLine(forecast: HealthForecast): string {
  const amount = (value: number) => (forecast.unit === 'bytes' ? formatBytes(value) : formatCount(value));
  const now = `${amount(forecast.value)}${forecast.limit === null ? '' : ` of ${amount(forecast.limit)}`}`;
  const rate = `${forecast.perDay >= 0 ? '+' : '−'}${amount(Math.abs(forecast.perDay))} a day`;
  const end = forecast.reachedAt === null ? '' : `, at its end on ${forecast.reachedAt.slice(0, 10)}`;
  return `${now}, ${rate}${end} (${forecast.confidence} confidence: ${forecast.confidenceReason.replace(/\.$/, '')})`;
}
