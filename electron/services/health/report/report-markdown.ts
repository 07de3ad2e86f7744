import type { HealthCheckResult } from '#contract/health-model.ts';
import { withoutControls } from './escape-markup.ts';
import {
  changeWord,
  countsLine,
  evidenceOf,
  forecastLine,
  openFindings,
  partialChecks,
  type PlacedFinding,
  type PrintedReport,
  scoreLine,
  severityWords,
  silentChecks,
  suppressedFindings,
} from './printed-report.ts';

/** A report as Markdown, for an issue or a chat: findings by severity with their fixes, then what could not be told. Pure. */
export function reportMarkdown(printed: PrintedReport): string {
  const { report, subject, forecasts } = printed;
  const lines = [
    `# Health of ${inline(subject)}`,
    '',
    `Database ${inline(report.database)}, PostgreSQL ${inline(report.server.version)}, ${report.startedAt}, ${scoreLine(report)}.`,
    '',
    `${countsLine(report)}.`,
    ...openFindings(report).flatMap((placed) => findingLines(placed, changeWord(printed, placed.finding))),
  ];
  if (forecasts.length > 0) {
    lines.push('', '## Forecast', '');
    lines.push(...forecasts.map((forecast) => `- ${inline(forecast.label)}: ${inline(forecastLine(forecast))}`));
  }
  lines.push(...comparisonLines(printed));
  lines.push(...checksSection('Told in part', partialChecks(report)));
  lines.push(...checksSection('Cannot tell', silentChecks(report)));
  const suppressed = suppressedFindings(report);
  if (suppressed.length > 0) lines.push('', '## Suppressed', '');
  for (const { check, finding } of suppressed) {
    lines.push(
      `- ${check.id} ${inline(finding.message)} Because: ${inline(finding.suppressed?.reason ?? '')}${finding.suppressed?.until ? ` (until ${finding.suppressed.until.slice(0, 10)})` : ''}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function findingLines({ check, finding }: PlacedFinding, change: string | undefined): string[] {
  const mark = change === undefined ? '' : ` (${change})`;
  const lines = ['', `## ${severityWords[finding.severity]}${mark}: ${inline(finding.message)}`, ''];
  lines.push(`${check.title} (${check.id}). ${inline(check.why)}`, '');
  lines.push(...evidenceOf(finding).map(({ label, value }) => `- ${inline(label)}: ${inline(value)}`));
  if (finding.confidence !== undefined)
    lines.push(
      `- Confidence: ${finding.confidence}${finding.confidenceReason === undefined ? '' : `. ${inline(finding.confidenceReason)}`}`,
    );
  if (finding.blastRadius !== undefined) lines.push(`- Reaches: ${inline(finding.blastRadius)}`);
  if (finding.fixSql !== undefined) lines.push('', ...sqlBlock(finding.fixSql));
  if (finding.lock !== undefined) lines.push('', `Lock: ${inline(finding.lock)}`);
  if (finding.caution !== undefined) lines.push('', `Caution: ${inline(finding.caution)}`);
  if (finding.undoSql !== undefined) lines.push('', 'Undo:', '', ...sqlBlock(finding.undoSql));
  return lines;
}

function comparisonLines({ against }: PrintedReport): string[] {
  if (against === undefined) return [];
  const { gone, unsure } = against;
  const lines: string[] = [];
  if (gone.length > 0) lines.push('', '## Gone since the baseline', '');
  lines.push(...gone.map(({ check, finding }) => `- ${check} ${inline(finding.message)}`));
  if (unsure.length > 0) lines.push('', '## Not compared with the baseline', '');
  lines.push(...unsure.map(({ check, title, reason }) => `- ${check} ${title}: ${inline(reason)}`));
  return lines;
}

function checksSection(heading: string, checks: readonly HealthCheckResult[]): string[] {
  if (checks.length === 0) return [];
  const lines = ['', `## ${heading}`, ''];
  for (const check of checks) {
    lines.push(
      `- ${check.id} ${check.title}${check.status === 'error' ? ' (failed)' : ''}: ${inline(check.reason ?? '')}`,
    );
    if (check.unlockSql !== undefined) lines.push('', ...sqlBlock(check.unlockSql).map((line) => `  ${line}`), '');
  }
  return lines;
}

/** Text of a database as text: one line, and nothing in it that Markdown, HTML or a terminal would take for a mark. */
function inline(text: string): string {
  return withoutControls(text)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[\\`*_{}[\]<>#|!~&]/g, String.raw`\$&`);
}

/** A fence that is longer than any within. */
function sqlBlock(text: string): string[] {
  const sql = withoutControls(text);
  const longest = Math.max(2, ...[...sql.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}sql`, ...sql.split(/\r\n?|\n/), fence];
}
