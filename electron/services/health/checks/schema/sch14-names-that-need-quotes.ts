import type { HealthCheck } from '../../health-check.ts';
import { namesSql, whatMatches, type NamesRow } from './names-by-table.ts';

export const namesThatNeedQuotes: HealthCheck<NamesRow> = {
  id: 'SCH14',
  group: 'schema',
  basis: 'catalog',
  title: 'Names that need quotes',
  why: 'PostgreSQL folds unquoted names to lower case. A name with capitals, blanks or other signs has to be quoted everywhere, and a forgotten quote is a "does not exist" error.',
  sql: () => namesSql((name) => `${name} !~ '^[a-z_][a-z0-9_$]*$'`),
  findings(rows) {
    return rows.map((row) => ({
      object: row.relation_name,
      relationOid: Number(row.relation_oid),
      severity: 'info' as const,
      message: `In ${row.relation_name} these names work only in quotes: ${whatMatches(row)}.`,
      evidence: [
        ...(row.own_name_matches ? [{ label: 'Name', value: row.bare_name }] : []),
        ...row.columns.map((column) => ({ label: 'Column', value: column })),
      ],
      caution: 'Renaming breaks every query that uses the name: change the applications with it.',
      confidence: 'high' as const,
    }));
  },
};
