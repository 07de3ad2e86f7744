import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { tableUsageSql, type TableUsageRow } from './table-usage.ts';

export const partitioningCandidate: HealthCheck<TableUsageRow, 'minRows' | 'minBytes'> = {
  id: 'TAB11',
  group: 'tables',
  basis: 'estimate',
  title: 'Very large tables without partitions',
  why: 'Vacuum, index builds and restores of one huge table run for hours. Partitions by time or tenant keep each step small, and old data goes by dropping a partition instead of deleting rows. It pays only where queries carry the partition key.',
  thresholds: {
    // pgdoctor: 50 million rows. Rows alone say little: narrow ones fit in memory, so the size counts as well.
    minRows: { usual: 50_000_000, unit: 'rows', label: 'Rows of a very large table' },
    minBytes: { usual: 10 * 1024 ** 3, unit: 'bytes', label: 'Size of a very large table' },
  },
  sql: (facts) => tableUsageSql(facts),
  findings(rows, { limits }) {
    return rows
      .filter(
        (row) =>
          row.kind === 'r' &&
          row.root_oid === row.table_oid &&
          !row.is_inherited &&
          row.rows >= limits.minRows &&
          row.size_bytes >= limits.minBytes,
      )
      .map((row) => ({
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: 'info' as const,
        message: `Table ${row.table_name} has about ${formatCount(row.rows)} rows (${formatBytes(row.size_bytes)}) and is not partitioned.`,
        measure: row.rows,
        evidence: [
          { label: 'Rows (estimate)', value: formatCount(row.rows) },
          { label: 'Size', value: formatBytes(row.size_bytes) },
          { label: 'Rows deleted', value: formatCount(row.deleted) },
        ],
        confidence: 'low' as const,
        confidenceReason: 'Size alone does not say whether the queries have a key to partition by.',
      }));
  },
};
