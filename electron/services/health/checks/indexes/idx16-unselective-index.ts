import { formatBytes, formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { indexUsageSql, type IndexUsageRow } from './index-usage.ts';

type Limit = 'minBytes' | 'minScans' | 'minEntries' | 'minShare';

export const unselectiveIndex: HealthCheck<IndexUsageRow, Limit> = {
  id: 'IDX16',
  group: 'indexes',
  basis: 'statistics',
  title: 'Indexes whose scans read many entries',
  why: 'An index that returns a large share of its entries in each scan narrows little. Often the condition of the queries has another column that the index lacks, or reports read a long range on purpose.',
  thresholds: {
    minBytes: { usual: 1024 ** 2, unit: 'bytes', label: 'Smallest index that is reported' },
    // pgFirstAid: more than 1,000 entries in more than 100 scans.
    minScans: { usual: 100, unit: 'count', label: 'Fewest scans' },
    minEntries: { usual: 1000, unit: 'rows', label: 'Entries read per scan' },
    minShare: { usual: 0.05, unit: 'ratio', label: 'Share of the entries read per scan' },
  },
  sql: (facts, { minBytes }) => indexUsageSql(facts, minBytes),
  findings(rows, { facts, limits }) {
    return rows.flatMap((row) => {
      if (row.size_bytes < limits.minBytes || row.scans <= limits.minScans || row.entries <= 0) return [];
      const perScan = row.entries_read / row.scans;
      const share = Math.min(1, perScan / row.entries);
      if (perScan <= limits.minEntries || share < limits.minShare) return [];
      return [
        {
          object: row.index_name,
          relationOid: Number(row.index_oid),
          severity: 'info' as const,
          message: `A scan of index ${row.index_name} reads ${formatCount(perScan)} entries on average, ${formatPercent(share)} of all.`,
          measure: row.entries_read,
          evidence: [
            { label: 'Table', value: row.table_name },
            { label: 'Scans', value: formatCount(row.scans) },
            { label: 'Entries read', value: formatCount(row.entries_read) },
            { label: 'Entries (estimate)', value: formatCount(row.entries) },
            { label: 'Size', value: formatBytes(row.size_bytes) },
            { label: 'Definition', value: row.definition },
            { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
          ],
          confidence: 'low' as const,
          confidenceReason:
            'Averages of counters: one report that reads the whole index weighs like thousands of lookups.',
        },
      ];
    });
  },
};
