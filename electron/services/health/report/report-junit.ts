import { escapeMarkup as escape } from './escape-markup.ts';
import { openFindings, type PrintedReport, severities } from './printed-report.ts';
import type { Severity } from '#contract/health-model.ts';

/**
 * A report as JUnit XML: a test case a check, failed where it has a finding at or above `failOn`. Pure.
 * Findings below it are in the case's output, what is suppressed counts as passed.
 */
export function reportJunit({ report, subject }: PrintedReport, failOn: Severity | 'never' = 'info'): string {
  const limit = failOn === 'never' ? -1 : severities.indexOf(failOn);
  const open = Map.groupBy(openFindings(report), ({ check }) => check.id);
  const counts = { failures: 0, errors: 0, skipped: 0 };
  const cases = report.checks.map((check) => {
    const findings = (open.get(check.id) ?? []).map(({ finding }) => finding);
    const failing = findings.filter(({ severity }) => severities.indexOf(severity) <= limit);
    const lines: string[] = [];
    if (check.status === 'error') {
      counts.errors += 1;
      lines.push(`      <error message="${escape(check.reason ?? 'failed')}"/>`);
    } else if (failing.length > 0) {
      counts.failures += 1;
      const message =
        failing.length === 1 ? (failing[0]?.message ?? '') : `${failing.length} findings: ${failing[0]?.message}`;
      lines.push(
        `      <failure type="${escape(failing[0]?.severity ?? '')}" message="${escape(message)}">${escape(failing.map(findingText).join('\n\n'))}</failure>`,
      );
    } else if (check.status === 'skipped') {
      counts.skipped += 1;
      lines.push(
        `      <skipped message="${escape([check.reason, check.unlockSql].filter((part) => part !== undefined).join(' '))}"/>`,
      );
    }
    if (failing.length === 0 && findings.length > 0)
      lines.push(`      <system-out>${escape(findings.map(findingText).join('\n\n'))}</system-out>`);
    const head = `    <testcase classname="${escape(check.group)}" name="${escape(`${check.id} ${check.title}`)}" time="${(check.durationMs / 1000).toFixed(3)}"`;
    return lines.length === 0 ? `${head}/>` : `${head}>\n${lines.join('\n')}\n    </testcase>`;
  });
  const totals = `tests="${report.checks.length}" failures="${counts.failures}" errors="${counts.errors}" skipped="${counts.skipped}" time="${(report.durationMs / 1000).toFixed(3)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="steward health" ${totals}>`,
    `  <testsuite name="${escape(`${subject}: ${report.database}`)}" timestamp="${escape(report.startedAt)}" ${totals}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function findingText(finding: {
  readonly severity: Severity;
  readonly message: string;
  readonly fixSql?: string | undefined;
}): string {
  return `${finding.severity}: ${finding.message}${finding.fixSql === undefined ? '' : `\n${finding.fixSql}`}`;
}
