import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { matchingNames, whatMatches } from './names-by-relation.ts';
import { relationsSql, type RelationRow } from './relations.ts';
import { isReservedWord } from './reserved-words.ts';

export const reservedNames: HealthCheck<RelationRow, 'listedTables'> = {
  id: 'SCH15',
  group: 'schema',
  basis: 'catalog',
  title: 'Names that are reserved words',
  why: 'A reserved word as a name has to be quoted, or is taken for syntax: a column called user, unquoted, answers with the current user.',
  thresholds: { listedTables },
  sql: relationsSql,
  findings(rows, { facts, limits }) {
    return foldBySchema(
      matchingNames(rows, (name) => isReservedWord(name, facts.versionNum)),
      limits.listedTables,
      (row) => ({
        object: row.relation_name,
        relationOid: row.relation_oid,
        severity: 'info' as const,
        message: `In ${row.relation_name} these names are reserved words: ${whatMatches(row)}.`,
        measure: row.columns.length + (row.own_name_matches ? 1 : 0),
        evidence: [
          ...(row.own_name_matches ? [{ label: 'Name', value: row.bare_name }] : []),
          ...row.columns.map((column) => ({ label: 'Column', value: column })),
        ],
        caution: 'Renaming breaks every query that uses the name: change the applications with it.',
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `${formatCount(ofSchema.length)} tables and views of schema ${schema} have names, or columns with names, that are reserved words.`,
        measure: ofSchema.length,
        evidence: [{ label: 'Tables and views', value: nameList(ofSchema.map((row) => row.relation_name)) }],
        caution: 'Renaming breaks every query that uses the names: change the applications with it.',
      }),
    );
  },
};
