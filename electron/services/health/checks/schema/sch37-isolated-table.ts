import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { isOfMigrationTool, relationsSql, tablesOf, type RelationRow } from './relations.ts';

export const isolatedTable: HealthCheck<RelationRow, 'listedTables'> = {
  id: 'SCH37',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables without any foreign key, in or out',
  why: 'A table that nothing refers to and that refers to nothing stands beside the model. It may be a log or a setting, or a relation was forgotten.',
  onlyWhenAsked: true,
  thresholds: { listedTables },
  sql: relationsSql,
  findings(rows, { limits }) {
    const found = tablesOf(rows).filter(
      (row) => row.references.length === 0 && !row.is_referenced && !row.inherits && !isOfMigrationTool(row.bare_name),
    );
    return foldBySchema(
      found,
      limits.listedTables,
      (row) => ({
        object: row.relation_name,
        relationOid: Number(row.relation_oid),
        severity: 'info' as const,
        message: `No foreign key leads to or from ${row.relation_name}.`,
        evidence: [{ label: 'Rows (estimate)', value: formatCount(row.rows) }],
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `No foreign key leads to or from ${formatCount(ofSchema.length)} tables of schema ${schema}.`,
        measure: ofSchema.length,
        evidence: [{ label: 'Tables', value: nameList(ofSchema.map((row) => row.relation_name)) }],
      }),
    );
  },
};
