import type { LogImport, LogStatement } from '#contract/logs.ts';

import { csvLine } from '../audit/index.ts';

const columns = [
  'fingerprint',
  'calls',
  'totalMs',
  'meanMs',
  'medianMs',
  'p95Ms',
  'p99Ms',
  'maxMs',
  'maxAt',
  'parseMs',
  'bindMs',
  'firstAt',
  'lastAt',
  'users',
  'databases',
  'applications',
  'plans',
  'fromPlans',
  'tempFiles',
  'tempBytes',
  'errors',
  'lockWaits',
  'sql',
] as const satisfies readonly (keyof LogStatement)[];

/** Statements as CSV; times as the log's clock showed them. */
export function statementsCsv(statements: readonly LogStatement[]): string {
  const rows = statements.map((statement) =>
    csvLine(
      columns.map((column) => {
        const value = statement[column];
        if (column === 'maxAt' || column === 'firstAt' || column === 'lastAt') return logClock(value as number | null);
        if (typeof value === 'boolean') return String(value);
        return Array.isArray(value) ? value.join(', ') : (value as string | number | null);
      }),
    ),
  );
  return csvLine(columns) + rows.join('');
}

export function statementsJson(about: LogImport, statements: readonly LogStatement[]): string {
  return `${JSON.stringify({ import: about, statements }, null, 2)}\n`;
}

/** `2026-11-29 18:07:33.440`, as the log has it; its zone is the log's. */
export function logClock(atMs: number | null): string | null {
  if (atMs === null || Math.abs(atMs) > 8.64e15) return null;
  return new Date(atMs).toISOString().replace('T', ' ').replace('Z', '');
}
