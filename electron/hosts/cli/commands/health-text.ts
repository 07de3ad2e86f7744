import type { HealthCheckResult } from '#contract/health-model.ts';

import {
  changeWord,
  countsLine,
  openFindings,
  partialChecks,
  type PlacedFinding,
  type PrintedReport,
  scoreLine,
  silentChecks,
  suppressedFindings,
} from '../../../services/health/index.ts';
import { visible, visibleLines } from '../output.ts';

/** A report for a terminal: findings by severity with their fixes, then what is suppressed and what could not be told. */
export function healthText(printed: PrintedReport): string {
  const { report, against } = printed;
  const lines = [
    `${visible(report.database)} on PostgreSQL ${report.server.version}: ${scoreLine(report)}, in ${(report.durationMs / 1000).toFixed(1)} s`,
    countsLine(report),
    ...openFindings(report).flatMap((placed) => findingLines(placed, changeWord(printed, placed.finding))),
    ...(against?.gone ?? []).flatMap(({ check, finding }) => ['', `gone     ${check}  ${visible(finding.message)}`]),
    ...paragraph(
      suppressedFindings(report).map(
        ({ check, finding }) =>
          `suppressed ${check.id} ${visible(finding.message)} (${visible(finding.suppressed?.reason ?? '')})`,
      ),
    ),
    ...paragraph(partialChecks(report).map((check) => gapLine('in part', check))),
    ...paragraph(
      silentChecks(report).map((check) => gapLine(check.status === 'error' ? 'error   ' : 'cannot tell', check)),
    ),
    ...paragraph(
      (against?.unsure ?? []).map(({ check, title, reason }) => `not compared ${check} ${title}: ${visible(reason)}`),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function findingLines({ check, finding }: PlacedFinding, change: string | undefined): string[] {
  const mark = change === undefined ? '' : ` [${change}]`;
  const lines = ['', `${finding.severity.padEnd(8)} ${check.id}  ${visible(finding.message)}${mark}`];
  if (finding.suppressedMembers)
    lines.push(`         suppressed among them: ${visible(finding.suppressedMembers.join(', '))}`);
  if (finding.fixSql) lines.push(`         fix: ${visibleLines(finding.fixSql).join('\n              ')}`);
  if (finding.fixSql && finding.lock) lines.push(`         lock: ${finding.lock}`);
  if (finding.caution) lines.push(`         caution: ${visible(finding.caution)}`);
  return lines;
}

function gapLine(word: string, { id, title, reason = '', unlockSql }: HealthCheckResult): string {
  return `${word} ${id} ${title}: ${visible(reason)}${unlockSql ? ` (${visible(unlockSql)})` : ''}`;
}

function paragraph(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', ...lines];
}
