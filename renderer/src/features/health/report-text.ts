import type { HealthReport } from '#contract/health-model.ts';

import { healthRows } from './health-cards.ts';
import { everything } from './health-store.ts';
import { toneWords } from './health-words.ts';

/** A report as Markdown, for an issue or a chat: findings by severity with their fixes, then what could not be told. */
export function reportAsMarkdown(report: HealthReport, connectionName: string): string {
  const all = new Set(
    report.checks.flatMap(({ id }) => ['critical', 'warning', 'info'].map((severity) => `fold:${id}:${severity}`)),
  );
  const lines = [
    `# Health of ${connectionName}`,
    '',
    `Database ${report.database}, PostgreSQL ${report.server.version}, ${report.startedAt}, ${report.checks.length} checks.`,
  ];
  for (const row of healthRows(report, everything, all)) {
    if (row.kind === 'fold') continue;
    if (row.kind === 'check') {
      lines.push(
        '',
        `## ${toneWords[row.tone].word}: ${row.check.title} (${row.check.id})`,
        '',
        row.check.reason ?? '',
      );
      continue;
    }
    const { finding, check } = row;
    lines.push('', `## ${toneWords[row.tone].word}: ${finding.message}`, '', `${check.title} (${check.id})`, '');
    lines.push(...finding.evidence.map(({ label, value }) => `- ${label}: ${value}`));
    if (finding.fixSql !== undefined) lines.push('', '```sql', finding.fixSql, '```');
    if (finding.lock !== undefined) lines.push('', `Lock: ${finding.lock}`);
    if (finding.caution !== undefined) lines.push('', `Caution: ${finding.caution}`);
  }
  return `${lines.join('\n')}\n`;
}
