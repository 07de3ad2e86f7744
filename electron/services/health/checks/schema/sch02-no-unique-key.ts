import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { tellOnce } from './fold-by-schema.ts';
import { isOfMigrationTool, relationsSql, tablesOf, type RelationRow } from './relations.ts';

export const noUniqueKey: HealthCheck<RelationRow> = {
  id: 'SCH02',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables in which nothing is unique',
  why: 'Without any unique index the same row can be stored twice, and afterwards no condition can tell the copies apart. A mistaken double insert then cannot be undone by key.',
  sql: relationsSql,
  // A partitioned table can have its keys on the partitions alone, and one without columns has nothing to be unique.
  findings(rows) {
    const found = tablesOf(rows).filter(
      (row) =>
        row.kind === 'r' &&
        !row.has_unique_index &&
        !row.inherits &&
        row.columns.length > 0 &&
        !isOfMigrationTool(row.bare_name),
    );
    return tellOnce(
      found.map((row) => ({
        schema: row.schema_name,
        finding: {
          object: row.relation_name,
          relationOid: Number(row.relation_oid),
          // SCH01 warns of the same table; this says what it means.
          severity: 'info',
          message: `Nothing keeps ${row.relation_name} from holding the same row twice: it has no unique index of any kind.`,
          measure: row.rows,
          evidence: [
            { label: 'Rows (estimate)', value: formatCount(row.rows) },
            { label: 'Columns', value: formatCount(row.columns.length) },
          ],
          caution:
            'Look for rows that exist twice before a key is declared; logs and staging tables may do without one.',
        },
      })),
    );
  },
};
