import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { indexUsageSql, standbyDoubt, standbyEvidence, standbyScansOf, type IndexUsageRow } from './index-usage.ts';

type Limit = 'minBytes' | 'maxScans' | 'minWrites' | 'writesPerScan';

export const rarelyUsedIndex: HealthCheck<IndexUsageRow, Limit> = {
  id: 'IDX02',
  group: 'indexes',
  basis: 'statistics',
  title: 'Indexes written far more than read',
  why: 'An index that is scanned a few times while its table takes many thousands of writes may cost more than it gives. A rare scan can still be the one that a report depends on, so this asks for a look, not for a drop.',
  thresholds: {
    minBytes: { usual: 10 * 1024 ** 2, unit: 'bytes', label: 'Smallest index that is reported' },
    // pgdoctor: fewer than 1,000 scans and more than 10,000 writes.
    maxScans: { usual: 1000, unit: 'count', label: 'Scans below which an index is rarely used' },
    minWrites: { usual: 10_000, unit: 'count', label: 'Fewest writes' },
    writesPerScan: { usual: 1000, unit: 'ratio', label: 'Writes for one scan' },
  },
  sql: (facts, { minBytes }) => indexUsageSql(facts, minBytes),
  findings(rows, { facts, limits }) {
    return rows.flatMap((row) => {
      const scans = row.scans + standbyScansOf(row, facts);
      // Updates that stay on the page (HOT) do not write indexes.
      const writes = row.inserted + row.updated - row.hot_updated;
      if (row.has_duty || row.size_bytes < limits.minBytes || scans === 0 || scans >= limits.maxScans) return [];
      if (writes <= limits.minWrites || writes <= limits.writesPerScan * scans) return [];
      return [
        {
          object: row.index_name,
          relationOid: Number(row.index_oid),
          severity: 'info' as const,
          message: `Index ${row.index_name} was scanned ${formatCount(scans)} times against ${formatCount(writes)} index writes (${formatBytes(row.size_bytes)}).`,
          measure: writes,
          evidence: [
            { label: 'Table', value: row.table_name },
            { label: 'Size', value: formatBytes(row.size_bytes) },
            { label: 'Scans', value: formatCount(row.scans) },
            { label: 'Index writes', value: formatCount(writes) },
            { label: 'Definition', value: row.definition },
            { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
            ...standbyEvidence(row, facts),
          ],
          // No SQL to drop it: a rare scan may be the one that matters.
          confidence: 'low' as const,
          confidenceReason: standbyDoubt(facts) ?? 'A count of scans does not say how much each one matters.',
        },
      ];
    });
  },
};
