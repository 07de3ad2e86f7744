import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { definerFunctionsSql, type DefinerFunctionRow } from './definer-functions.ts';

export const definerSearchPath: HealthCheck<DefinerFunctionRow> = {
  id: 'SEC13',
  group: 'security',
  basis: 'catalog',
  title: 'SECURITY DEFINER functions without a search path',
  why: 'Such a function runs with its owner’s rights, but finds names by the caller’s search path. A caller who puts an operator or table in front makes the owner’s rights run it.',
  sql: () => definerFunctionsSql,
  findings(rows) {
    return rows
      .filter((row) => !row.has_search_path)
      .map((row) => ({
        object: row.signature,
        severity: 'warning' as const,
        message: `${row.kind === 'procedure' ? 'Procedure' : 'Function'} ${row.signature} runs as ${row.owner} with the caller's search path.`,
        evidence: [
          { label: 'Owner', value: `${row.owner}${row.owner_is_superuser ? ' (superuser)' : ''}` },
          { label: 'Language', value: row.language },
          { label: 'May be called by everybody', value: row.is_public ? 'yes' : 'no' },
        ],
        fixSql: `alter ${row.kind} ${row.signature} set search_path = pg_catalog, ${schemaOf(row.signature)}, pg_temp;`,
        undoSql: `alter ${row.kind} ${row.signature} reset search_path;`,
        lock: lockTexts.none,
        caution: 'Add the other schemas that the body uses without naming them.',
        confidence: 'high' as const,
      }));
  },
};

/** The schema of a qualified name, quoted as it stands. */
function schemaOf(signature: string): string {
  return /^(?:"(?:[^"]|"")*"|[^.]+)/.exec(signature)?.[0] ?? 'public';
}
