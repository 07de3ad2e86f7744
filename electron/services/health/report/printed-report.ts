import type { HealthCheckResult, HealthFinding, HealthReport, Severity } from '#contract/health-model.ts';
import type { HealthForecast } from '#contract/health.ts';
import { formatBytes, formatCount } from '../format-values.ts';
import { isOpen } from './score.ts';

/** A report with what the exports print beside it. */
export interface PrintedReport {
  readonly report: HealthReport;
  /** The name of the connection, or what stood on the command line. Never a URL with a password. */
  readonly subject: string;
  readonly forecasts: readonly HealthForecast[];
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

/** `2 critical, 3 warnings, 1 note, 180 ok, 4 cannot tell, 1 suppressed`. Pure. */
export function countsLine(report: HealthReport): string {
  const open = openFindings(report);
  const of = (severity: Severity) => open.filter(({ finding }) => finding.severity === severity).length;
  const status = (...wanted: HealthCheckResult['status'][]) =>
    report.checks.filter((check) => wanted.includes(check.status)).length;
  const suppressed = suppressedFindings(report).length;
  return [
    `${of('critical')} critical`,
    many(of('warning'), 'warning'),
    many(of('info'), 'note'),
    `${status('ok')} checks ok`,
    `${status('skipped')} cannot tell`,
    ...(status('error') > 0 ? [`${status('error')} failed`] : []),
    ...(suppressed > 0 ? [`${suppressed} suppressed`] : []),
  ].join(', ');
}

/** `full at 1.2 GB a day on 2027-03-01`. Pure. */
export function forecastLine(forecast: HealthForecast): string {
  const amount = (value: number) => (forecast.unit === 'bytes' ? formatBytes(value) : formatCount(value));
  const now = `${amount(forecast.value)}${forecast.limit === null ? '' : ` of ${amount(forecast.limit)}`}`;
  const rate = `${forecast.perDay >= 0 ? '+' : '−'}${amount(Math.abs(forecast.perDay))} a day`;
  const end = forecast.reachedAt === null ? '' : `, at its end on ${forecast.reachedAt.slice(0, 10)}`;
  return `${now}, ${rate}${end} (${forecast.confidence} confidence: ${forecast.confidenceReason.replace(/\.$/, '')})`;
}

function many(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
