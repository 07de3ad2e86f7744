import {
  countsLine,
  forecastLine,
  openFindings,
  type PrintedReport,
  severityWords,
  silentChecks,
  suppressedFindings,
} from './printed-report.ts';

/** A report as Markdown, for an issue or a chat: findings by severity with their fixes, then what could not be told. Pure. */
export function reportMarkdown({ report, subject, forecasts }: PrintedReport): string {
  const lines = [
    `# Health of ${inline(subject)}`,
    '',
    `Database ${inline(report.database)}, PostgreSQL ${inline(report.server.version)}, ${report.startedAt}, ${report.checks.length} checks${report.score === undefined ? '' : `, score ${report.score} of 100`}.`,
    '',
    `${countsLine(report)}.`,
  ];
  for (const { check, finding } of openFindings(report)) {
    lines.push('', `## ${severityWords[finding.severity]}: ${inline(finding.message)}`, '');
    lines.push(`${check.title} (${check.id}). ${inline(check.why)}`, '');
    lines.push(...finding.evidence.map(({ label, value }) => `- ${inline(label)}: ${inline(value)}`));
    if (finding.confidence !== undefined)
      lines.push(
        `- Confidence: ${finding.confidence}${finding.confidenceReason === undefined ? '' : `. ${inline(finding.confidenceReason)}`}`,
      );
    if (finding.blastRadius !== undefined) lines.push(`- Reaches: ${inline(finding.blastRadius)}`);
    if (finding.fixSql !== undefined) lines.push('', ...sqlBlock(finding.fixSql));
    if (finding.lock !== undefined) lines.push('', `Lock: ${inline(finding.lock)}`);
    if (finding.caution !== undefined) lines.push('', `Caution: ${inline(finding.caution)}`);
    if (finding.undoSql !== undefined) lines.push('', 'Undo:', '', ...sqlBlock(finding.undoSql));
  }
  if (forecasts.length > 0) {
    lines.push('', '## Forecast', '');
    lines.push(...forecasts.map((forecast) => `- ${inline(forecast.label)}: ${inline(forecastLine(forecast))}`));
  }
  const silent = silentChecks(report);
  if (silent.length > 0) lines.push('', '## Cannot tell', '');
  for (const check of silent) {
    lines.push(
      `- ${check.id} ${check.title}${check.status === 'error' ? ' (failed)' : ''}: ${inline(check.reason ?? '')}`,
    );
    if (check.unlockSql !== undefined) lines.push('', ...sqlBlock(check.unlockSql).map((line) => `  ${line}`), '');
  }
  const suppressed = suppressedFindings(report);
  if (suppressed.length > 0) lines.push('', '## Suppressed', '');
  for (const { check, finding } of suppressed) {
    lines.push(
      `- ${check.id} ${inline(finding.message)} Because: ${inline(finding.suppressed?.reason ?? '')}${finding.suppressed?.until ? ` (until ${finding.suppressed.until.slice(0, 10)})` : ''}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Text of a database as text: one line, and nothing in it that Markdown or HTML would take for a mark. */
function inline(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|!~&]/g, String.raw`\$&`);
}

/** A fence that is longer than any within. */
function sqlBlock(sql: string): string[] {
  const longest = Math.max(2, ...[...sql.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}sql`, ...sql.split('\n'), fence];
}
