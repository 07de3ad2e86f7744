import { formatBytes, formatPercent, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { grantTables } from '../../unlock-sql.ts';
import { replaceIndex, type Fix } from './drop-index.ts';
import { indexColumnSql, type IndexColumnRow } from './index-column-statistics.ts';

export const mostlyNullIndex: HealthCheck<IndexColumnRow, 'minBytes' | 'minShare'> = {
  id: 'IDX10',
  group: 'indexes',
  basis: 'estimate',
  title: 'Indexes of mostly null values',
  why: 'Null entries are stored in a btree like others and are seldom searched for. A partial index with IS NOT NULL is smaller and is skipped when the column stays null.',
  thresholds: {
    // rails-pg-extras: half of the entries, 1 MB.
    minBytes: { usual: 1024 ** 2, unit: 'bytes', label: 'Smallest index that is reported' },
    minShare: { usual: 0.5, unit: 'ratio', label: 'Least share of nulls' },
  },
  requires: { privilege: 'SELECT on the tables: pg_stats shows only what the user may read' },
  sql: (facts, { minBytes }) => indexColumnSql(facts, minBytes),
  findings(rows, { facts, limits }) {
    const nullable = rows.filter(
      (row) => row.is_nullable && row.size_bytes >= limits.minBytes && ['btree', 'gist', 'spgist'].includes(row.method),
    );
    const hidden = nullable.filter((row) => row.null_share === null && !row.can_read);
    const findings = nullable.flatMap((row) => {
      if (row.null_share === null || row.null_share < limits.minShare) return [];
      return [
        {
          object: row.index_name,
          relationOid: Number(row.index_oid),
          severity: 'info' as const,
          message: `${formatPercent(row.null_share)} of index ${row.index_name} (${formatBytes(row.size_bytes)}) are null values of ${row.column_name}.`,
          measure: row.size_bytes * row.null_share,
          evidence: [
            { label: 'Table', value: row.table_name },
            { label: 'Share of nulls', value: formatPercent(row.null_share) },
            { label: 'Definition', value: row.definition },
          ],
          ...fixFor(row),
          confidence: 'medium' as const,
          confidenceReason: 'The share is an estimate of the last analyze.',
        },
      ];
    });
    if (hidden.length === 0) return findings;
    return cannotTell(
      `The share of nulls of ${plural(hidden.length, 'index', 'indexes')} cannot be read: ${facts.user} may not read the tables.`,
      {
        unlockSql: grantTables(
          hidden.map((row) => row.schema_name),
          facts,
        ),
        findings,
      },
    );
  },
};

function fixFor(row: IndexColumnRow): Fix {
  if (row.is_unique || row.has_constraint || row.is_replica_identity) {
    return {
      caution: 'It is unique: a partial unique index serves no foreign key and no ON CONFLICT without its predicate.',
    };
  }
  if (row.is_clustered)
    return { caution: 'CLUSTER without an index name uses it, which it cannot with a partial index.' };
  return {
    ...replaceIndex({ ...row, predicate: null }, `(${row.column_name} IS NOT NULL)`),
    caution: 'Queries that search for null, or sort the whole table by it, would no longer use it.',
  };
}
