import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { isOfMigrationTool, relationsSql, tablesOf, type RelationRow } from './relations.ts';

export const tableOfOneColumn: HealthCheck<RelationRow, 'listedTables'> = {
  id: 'SCH24',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables with one column or none',
  why: 'A table without columns holds nothing. One with a single column is sometimes a list, and often something that was begun and forgotten.',
  thresholds: { listedTables },
  sql: relationsSql,
  // A list that other tables refer to has a purpose.
  findings(rows, { limits }) {
    const found = tablesOf(rows).filter(
      (row) => row.columns.length <= 1 && !row.is_referenced && !row.inherits && !isOfMigrationTool(row.bare_name),
    );
    return foldBySchema(
      found,
      limits.listedTables,
      (row) => ({
        object: row.relation_name,
        relationOid: Number(row.relation_oid),
        severity: 'info' as const,
        message:
          row.columns.length === 0
            ? `Table ${row.relation_name} has no columns.`
            : `Table ${row.relation_name} has one column, ${row.columns.map(([, name]) => quoteIdentifier(name)).join('')}, and nothing refers to it.`,
        evidence: [{ label: 'Rows (estimate)', value: formatCount(row.rows) }],
        confidence: row.columns.length === 0 ? ('high' as const) : ('medium' as const),
        ...(row.columns.length === 0 ? {} : { confidenceReason: 'A list of values can be all that is wanted.' }),
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `${formatCount(ofSchema.length)} tables of schema ${schema} have one column or none, and nothing refers to them.`,
        measure: ofSchema.length,
        evidence: [{ label: 'Tables', value: nameList(ofSchema.map((row) => row.relation_name)) }],
        confidence: 'medium' as const,
        confidenceReason: 'A list of values can be all that is wanted.',
      }),
    );
  },
};
