import { formatBytes, formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { eachTable, families, partitionsEvidence, total, verb } from './partition-families.ts';
import { hasWaited, patience, tableMeasures, tableUsageSql, type TableUsageRow } from './table-usage.ts';

const key = 'dead rows';

type Limit = 'minRows' | 'warnShare' | 'largeBytes' | 'criticalBytes' | 'patience';

export const deadRows: HealthCheck<TableUsageRow, Limit> = {
  id: 'TAB03',
  group: 'tables',
  basis: 'estimate',
  title: 'Dead rows waiting for vacuum',
  why: 'Every update and delete leaves a dead row that scans must step over until vacuum removes it. More of them than autovacuum allows, for longer than it takes to come round, means that it is off, behind, or held back by an old transaction.',
  thresholds: {
    minRows: { usual: 1000, unit: 'rows', label: 'Fewest dead rows that are reported' },
    // pgdoctor: 20 % of a table of 1 GB at once, 10 GB critical.
    warnShare: { usual: 0.2, unit: 'ratio', label: 'Share of dead rows for a warning' },
    largeBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'Table that is reported without waiting for autovacuum' },
    criticalBytes: { usual: 10 * 1024 ** 3, unit: 'bytes', label: 'Table for which it is critical' },
    patience,
  },
  requires: { role: 'primary' },
  sql: (facts) => tableUsageSql(facts),
  findings(rows, context) {
    const { limits } = context;
    const reported = rows.filter(
      (row) =>
        isOver(row, limits.minRows) &&
        (!row.autovacuum_comes ||
          hasWaited(key, row, context) ||
          (row.size_bytes >= limits.largeBytes && shareOf(row) >= limits.warnShare)),
    );
    return families(reported).map((family) => {
      const dead = total(family, (row) => row.dead_rows);
      const live = total(family, (row) => row.live_rows);
      const share = dead / Math.max(1, dead + live);
      const size = total(family, (row) => row.size_bytes);
      const threshold = total(family, (row) => row.vacuum_threshold);
      const comes = family.rows.every((row) => row.autovacuum_comes);
      const severity = share < limits.warnShare ? 'info' : size >= limits.criticalBytes ? 'critical' : 'warning';
      const [first] = family.rows;
      return {
        object: family.name,
        relationOid: family.oid,
        severity,
        message: `${family.title} ${verb(family, 'has', 'have')} ${formatCount(dead)} dead rows (${formatPercent(share)}), more than the ${formatCount(threshold)} at which autovacuum starts${comes ? '' : ', and autovacuum does not come'}.`,
        measure: dead,
        evidence: [
          { label: 'Dead rows', value: formatCount(dead) },
          { label: 'Live rows', value: formatCount(live) },
          { label: 'Autovacuum starts at', value: formatCount(threshold) },
          { label: 'Size', value: formatBytes(size) },
          {
            label: 'Last vacuum',
            value:
              first?.vacuumed_at && first.vacuum_age_ms !== null
                ? `${first.vacuumed_at} (${formatDuration(first.vacuum_age_ms)} ago)`
                : 'none on record',
          },
          ...partitionsEvidence(family, (row) => formatCount(row.dead_rows)),
        ],
        fixSql: eachTable(family, (table) => `vacuum (analyze) ${table};`),
        lock: lockTexts.shareUpdateExclusive,
        caution: 'Rows that an open transaction may still see stay; look for old transactions first (XID05, TXN01).',
        confidenceReason: 'Counts of the statistics system, not of the rows.',
        confidence: 'medium' as const,
      };
    });
  },
  measures: (rows, { limits }) =>
    tableMeasures(
      key,
      rows.filter((row) => isOver(row, limits.minRows)),
      (row) => row.dead_rows,
    ),
};

function isOver(row: TableUsageRow, minRows: number): boolean {
  return row.kind !== 'p' && row.dead_rows >= minRows && row.dead_rows > row.vacuum_threshold;
}

function shareOf(row: TableUsageRow): number {
  return row.dead_rows / Math.max(1, row.dead_rows + row.live_rows);
}
