import type { HealthCheck } from '../../health-check.ts';
import { namesSql, whatMatches, type NamesRow } from './names-by-table.ts';

export const reservedNames: HealthCheck<NamesRow> = {
  id: 'SCH15',
  group: 'schema',
  basis: 'catalog',
  title: 'Names that are reserved words',
  why: 'A reserved word as a name has to be quoted, or is taken for syntax: a column called user, unquoted, answers with the current user.',
  sql: () =>
    namesSql(
      (name) =>
        `${name} = any (array(select word from pg_catalog.pg_get_keywords() where catcode in ('R', 'T'))::name[])`,
    ),
  findings(rows) {
    return rows.map((row) => ({
      object: row.relation_name,
      relationOid: Number(row.relation_oid),
      severity: 'info' as const,
      message: `In ${row.relation_name} these names are reserved words: ${whatMatches(row)}.`,
      evidence: [
        ...(row.own_name_matches ? [{ label: 'Name', value: row.bare_name }] : []),
        ...row.columns.map((column) => ({ label: 'Column', value: column })),
      ],
      caution: 'Renaming breaks every query that uses the name: change the applications with it.',
      confidence: 'high' as const,
    }));
  },
};
