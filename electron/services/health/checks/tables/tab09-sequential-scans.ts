import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { families, partitionsEvidence, total, verb } from './partition-families.ts';
import { tableUsageSql, type TableUsageRow } from './table-usage.ts';

type Limit = 'minRows' | 'minScans' | 'minRatio' | 'minRowsPerScan' | 'warnRows' | 'warnRatio';

export const sequentialScans: HealthCheck<TableUsageRow, Limit> = {
  id: 'TAB09',
  group: 'tables',
  basis: 'statistics',
  title: 'Tables read mostly by full scans',
  why: 'A large table that is scanned from end to end again and again often lacks an index for a common condition. Reports and backups scan on purpose, so look at the queries first.',
  thresholds: {
    // pgdoctor: 10 full scans for one by index from 10,000 rows, 50 from 50,000; pg-index-health: 100 scans.
    minRows: { usual: 10_000, unit: 'rows', label: 'Rows of a table that is looked at' },
    minScans: { usual: 100, unit: 'count', label: 'Fewest full scans' },
    minRatio: { usual: 10, unit: 'ratio', label: 'Full scans for one index scan' },
    minRowsPerScan: { usual: 1000, unit: 'rows', label: 'Rows read per full scan' },
    warnRows: { usual: 50_000, unit: 'rows', label: 'Rows of a table for a warning' },
    warnRatio: { usual: 50, unit: 'ratio', label: 'Full scans for one index scan, for a warning' },
  },
  sql: (facts) => tableUsageSql(facts),
  // A table without any index has no index scans at all: it is the likeliest of all.
  findings(rows, { facts, limits }) {
    const reported = rows
      .filter(
        (row) =>
          row.kind !== 'p' &&
          Math.max(row.live_rows, row.rows) >= limits.minRows &&
          row.seq_scans >= limits.minScans &&
          row.seq_scans >= limits.minRatio * row.idx_scans &&
          row.seq_rows >= limits.minRowsPerScan * row.seq_scans,
      )
      .toSorted((left, right) => right.seq_rows - left.seq_rows);
    return families(reported).map((family) => {
      const live = total(family, (row) => Math.max(row.live_rows, row.rows));
      const scans = total(family, (row) => row.seq_scans);
      const indexScans = total(family, (row) => row.idx_scans);
      const isHeavy = live >= limits.warnRows && scans >= limits.warnRatio * indexScans;
      return {
        object: family.name,
        relationOid: family.oid,
        severity: isHeavy ? ('warning' as const) : ('info' as const),
        message: `${family.title} (${formatCount(live)} rows) ${verb(family, 'was', 'were')} read by ${formatCount(scans)} full scans and ${formatCount(indexScans)} index scans.`,
        measure: total(family, (row) => row.seq_rows),
        evidence: [
          { label: 'Full scans', value: formatCount(scans) },
          {
            label: 'Index scans',
            value: family.rows.some((row) => row.has_indexes) ? formatCount(indexScans) : 'the table has no index',
          },
          {
            label: 'Rows read per full scan',
            value: formatCount(total(family, (row) => row.seq_rows) / Math.max(1, scans)),
          },
          { label: 'Size', value: formatBytes(total(family, (row) => row.size_bytes)) },
          { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
          ...partitionsEvidence(family, (row) => formatCount(row.seq_scans)),
        ],
        confidence: 'low' as const,
        confidenceReason: 'Counts do not say which queries scan, or whether an index could serve them.',
      };
    });
  },
};
