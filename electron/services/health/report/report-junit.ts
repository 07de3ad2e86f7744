import type { HealthCheckResult, HealthFinding, Severity } from '#contract/health-model.ts';
import { formatCount } from '../format-values.ts';
import { countedFindings } from './against-baseline.ts';
import { escapeMarkup as escape } from './escape-markup.ts';
import { openFindings, type PrintedReport } from './printed-report.ts';

/**
 * A report as JUnit XML: a test case a check, failed where it has a finding at or above `failOn`; beside a baseline one
 * that is new or worse. Other findings are in the case's output, what is suppressed counts as passed. Pure.
 */
export function reportJunit(printed: PrintedReport, failOn: Severity | 'never' = 'info'): string {
  const { report, subject } = printed;
  const open = Map.groupBy(openFindings(report), ({ check }) => check.id);
  const cases = report.checks.map((check) =>
    testCase(
      check,
      (open.get(check.id) ?? []).map(({ finding }) => finding),
      printed,
      failOn,
    ),
  );
  const count = (outcome: Outcome) => cases.filter((one) => one.outcome === outcome).length;
  const totals = `tests="${cases.length}" failures="${count('failed')}" errors="${count('error')}" skipped="${count('skipped')}" time="${seconds(report.durationMs)}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="steward health" ${totals}>`,
    `  <testsuite name="${escape(`${subject}: ${report.database}`)}" timestamp="${escape(report.startedAt)}" ${totals}>`,
    ...cases.map(({ xml }) => xml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

type Outcome = 'passed' | 'failed' | 'error' | 'skipped';

function testCase(
  check: HealthCheckResult,
  findings: readonly HealthFinding[],
  { against }: PrintedReport,
  failOn: Severity | 'never',
): { readonly outcome: Outcome; readonly xml: string } {
  const counted = countedFindings(check, failOn, against);
  const outcome = outcomeOf(check, counted.findings.length + counted.omitted);
  const output = [
    ...findings.filter((finding) => !counted.findings.includes(finding)).map(findingText),
    ...(check.status === 'finding' ? partText(check) : []),
    ...(against?.unsure ?? [])
      .filter((one) => one.check === check.id)
      .map(({ reason }) => `Not compared with the baseline: ${reason}`),
  ];
  const lines = [
    ...outcomeLines(outcome, check, counted),
    ...(output.length === 0 ? [] : [`      <system-out>${escape(output.join('\n\n'))}</system-out>`]),
  ];
  const head = `    <testcase classname="${escape(check.group)}" name="${escape(`${check.id} ${check.title}`)}" time="${seconds(check.durationMs)}"`;
  return { outcome, xml: lines.length === 0 ? `${head}/>` : `${head}>\n${lines.join('\n')}\n    </testcase>` };
}

function outcomeOf({ status }: HealthCheckResult, failing: number): Outcome {
  if (status === 'error') return 'error';
  if (failing > 0) return 'failed';
  return status === 'skipped' ? 'skipped' : 'passed';
}

function outcomeLines(
  outcome: Outcome,
  check: HealthCheckResult,
  { findings, omitted }: ReturnType<typeof countedFindings>,
): string[] {
  switch (outcome) {
    case 'error':
      return [`      <error message="${escape(check.reason ?? 'failed')}"/>`];
    case 'skipped':
      return [`      <skipped message="${escape(partText(check).join(' '))}"/>`];
    case 'failed': {
      const total = findings.length + omitted;
      const first = findings[0]?.message ?? check.reason ?? '';
      const message = total === 1 ? first : `${formatCount(total)} findings: ${first}`;
      const type = findings[0]?.severity ?? check.severity ?? '';
      return [
        `      <failure type="${escape(type)}" message="${escape(message)}">${escape(findings.map(findingText).join('\n\n'))}</failure>`,
      ];
    }
    case 'passed':
      return [];
  }
}

function partText({ reason, unlockSql }: HealthCheckResult): string[] {
  return [reason, unlockSql].filter((part) => part !== undefined);
}

function findingText({ severity, message, fixSql }: HealthFinding): string {
  return `${severity}: ${message}${fixSql === undefined ? '' : `\n${fixSql}`}`;
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}
