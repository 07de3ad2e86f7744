import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { isOfMigrationTool, primaryKeyOf, relationsSql, tablesOf, type RelationRow } from './relations.ts';

export const everythingNullable: HealthCheck<RelationRow, 'minColumns' | 'listedTables'> = {
  id: 'SCH21',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables in which every column may be null',
  why: 'Where nothing but the key has to be filled, a row may say nothing at all, and every query has to think of nulls. Mostly NOT NULL was forgotten, not decided against.',
  thresholds: {
    minColumns: { usual: 3, unit: 'count', label: 'Fewest columns beside the key of a table that is reported' },
    listedTables,
  },
  sql: relationsSql,
  findings(rows, { limits }) {
    const found = tablesOf(rows).flatMap((row) => {
      const key = new Set(primaryKeyOf(row));
      const others = row.columns.filter(([attnum, , , , , fills]) => !key.has(attnum) && fills !== 'generated');
      const isFound =
        !row.inherits &&
        !isOfMigrationTool(row.bare_name) &&
        others.length >= limits.minColumns &&
        others.every(([, , , , isNotNull]) => !isNotNull);
      return isFound ? [{ ...row, nullable: others.map(([, name]) => name), hasKey: key.size > 0 }] : [];
    });
    return foldBySchema(
      found,
      limits.listedTables,
      (row) => ({
        object: row.relation_name,
        relationOid: Number(row.relation_oid),
        severity: 'info' as const,
        message: `All ${formatCount(row.nullable.length)} columns of ${row.relation_name}${row.hasKey ? ' beside its key' : ''} may be null.`,
        measure: row.nullable.length,
        evidence: [
          { label: 'Columns', value: nameList(row.nullable) },
          { label: 'Rows (estimate)', value: formatCount(row.rows) },
        ],
        caution:
          'Count the nulls first. SET NOT NULL reads the whole table under ACCESS EXCLUSIVE unless a valid check proves it.',
        confidence: 'medium' as const,
        confidenceReason: 'Whether a value may be missing is known to the team alone.',
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `In ${formatCount(ofSchema.length)} tables of schema ${schema} every column beside the key may be null.`,
        measure: ofSchema.length,
        evidence: [{ label: 'Tables', value: nameList(ofSchema.map((row) => row.relation_name)) }],
        confidence: 'medium' as const,
        confidenceReason: 'Whether a value may be missing is known to the team alone.',
      }),
    );
  },
};
