import type { AuditEntry, AuditExportFormat } from '#contract/audit.ts';

/** What an export begins with, and how it writes an entry. */
export interface ExportText {
  readonly ending: string;
  readonly header: string;
  readonly entry: (entry: AuditEntry) => string;
}

const columns = [
  'at',
  'durationMs',
  'actor',
  'role',
  'machine',
  'connectionName',
  'environment',
  'server',
  'database',
  'action',
  'subject',
  'outcome',
  'rows',
  'error',
  'sql',
  'sqlOmitted',
  'host',
  'version',
  'connectionId',
  'jobId',
  'recordedBy',
  'recordedAt',
  'id',
] as const satisfies readonly (keyof AuditEntry)[];

export const exportTexts: Readonly<Record<AuditExportFormat, ExportText>> = {
  csv: {
    ending: '.csv',
    header: csvLine(columns),
    entry: (entry) => csvLine(columns.map((column) => entry[column])),
  },
  jsonl: { ending: '.jsonl', header: '', entry: (entry) => `${JSON.stringify(entry)}\n` },
  markdown: { ending: '.md', header: '# Audit of Steward\n', entry: markdownEntry },
};

/**
 * A line of CSV after RFC 4180, null as an empty field. A text that begins with `=`, `+`, `-`, `@`, tab or carriage
 * return gets an apostrophe before it, since a spreadsheet would take it for a formula and run it: such a value is not
 * exactly what was recorded, JSON lines are.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
export function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map(csvField).join(',')}\r\n`;
}

function csvField(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const tame = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(tame) ? `"${tame.replaceAll('"', '""')}"` : tame;
}

/** An entry for an issue or a report: a heading, its facts, its SQL in a fence that nothing in it can close. */
function markdownEntry(entry: AuditEntry): string {
  const facts: readonly (readonly [string, string | number | null])[] = [
    ['Who', [entry.actor, entry.machine].filter(Boolean).join('@')],
    ['Role', entry.role],
    ['Connection', [entry.connectionName, entry.environment].filter(Boolean).join(', ')],
    ['Server', entry.server],
    ['Database', entry.database],
    ['About', entry.subject],
    ['Took', entry.durationMs === null ? null : `${entry.durationMs} ms`],
    ['Rows', entry.rows],
    ['Error', entry.error],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === null || value === '' ? [] : [`- ${name}: ${inline(String(value))}`],
  );
  const sql =
    entry.sql === null
      ? []
      : [
          '',
          ...fenced(entry.sql),
          ...(entry.sqlOmitted > 0 ? ['', `${entry.sqlOmitted} more characters were not kept.`] : []),
        ];
  return ['', `## ${entry.at} ${entry.action}: ${entry.outcome}`, '', ...lines, ...sql, ''].join('\n');
}

/** Text on one line that Markdown takes as text. */
function inline(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>|#&!~]/g, String.raw`\$&`);
}

function fenced(sql: string): string[] {
  const longest = Math.max(2, ...[...sql.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}sql`, sql, fence];
}
