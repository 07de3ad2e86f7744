import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { matchingNames, whatMatches } from './names-by-relation.ts';
import { relationsSql, type RelationRow } from './relations.ts';

export const namesThatNeedQuotes: HealthCheck<RelationRow, 'listedTables'> = {
  id: 'SCH14',
  group: 'schema',
  basis: 'catalog',
  title: 'Names that need quotes',
  why: 'PostgreSQL folds unquoted names to lower case. A name with capitals, blanks or other signs has to be quoted everywhere, and a forgotten quote is a "does not exist" error.',
  thresholds: { listedTables },
  sql: relationsSql,
  // Letters beyond ASCII are not folded and need no quotes. Reserved words are SCH15.
  findings(rows, { limits }) {
    const found = matchingNames(rows, (name) => !/^[a-z_\u0080-\uffff][a-z0-9_$\u0080-\uffff]*$/.test(name));
    return foldBySchema(
      found,
      limits.listedTables,
      (row) => ({
        object: row.relation_name,
        relationOid: row.relation_oid,
        severity: 'info' as const,
        message: `In ${row.relation_name} these names work only in quotes: ${whatMatches(row)}.`,
        measure: row.columns.length + (row.own_name_matches ? 1 : 0),
        evidence: [
          ...(row.own_name_matches ? [{ label: 'Name', value: row.bare_name }] : []),
          ...row.columns.map((column) => ({ label: 'Column', value: column === '' ? '(empty)' : column })),
        ],
        caution: 'Renaming breaks every query that uses the name: change the applications with it.',
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `${formatCount(ofSchema.length)} tables and views of schema ${schema} have names, or columns with names, that work only in quotes.`,
        measure: ofSchema.length,
        evidence: [{ label: 'Tables and views', value: nameList(ofSchema.map((row) => row.relation_name)) }],
        caution: 'Renaming breaks every query that uses the names: change the applications with it.',
      }),
    );
  },
};
