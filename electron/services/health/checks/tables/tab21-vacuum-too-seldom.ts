import { formatBytes, formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { measureKey, tableMeasures, tableUsageSql, type TableUsageRow } from './table-usage.ts';

const deadKey = 'dead row share';
const vacuumKey = 'vacuums';

type Limit = 'minBytes' | 'minDeadShare' | 'minHours';

export const vacuumTooSeldom: HealthCheck<TableUsageRow, Limit> = {
  id: 'TAB21',
  group: 'tables',
  basis: 'estimate',
  title: 'Tables vacuumed too seldom',
  why: 'A table that has many dead rows whenever it is looked at, and was not vacuumed in between, keeps room that new rows could use, and grows. A lower scale factor brings autovacuum earlier.',
  thresholds: {
    // pganalyze: 20 % dead rows and 10 MB.
    minBytes: { usual: 10 * 1024 ** 2, unit: 'bytes', label: 'Smallest table that is looked at' },
    minDeadShare: { usual: 0.15, unit: 'ratio', label: 'Share of dead rows, in this report and the one before' },
    minHours: { usual: 3600, unit: 'seconds', label: 'Least time between the two reports' },
  },
  requires: { role: 'primary' },
  sql: (facts) => tableUsageSql(facts),
  findings(rows, { earlier, limits, now }) {
    const open = rows.filter((row) => isOpen(row, limits));
    if (open.length === 0) return [];
    if (earlier === undefined)
      return cannotTell('One report does not tell how often vacuum comes; the next one can compare with this.');
    const ageMs = now.getTime() - earlier.takenAt.getTime();
    if (ageMs < limits.minHours * 1000)
      return cannotTell(`The report before is ${formatDuration(ageMs)} old; that is too little to compare with.`);
    return open.flatMap((row) => {
      const before = earlier.values.get(measureKey(deadKey, row.table_name));
      const vacuumsBefore = earlier.values.get(measureKey(vacuumKey, row.table_name));
      if (before === undefined || vacuumsBefore !== row.vacuums) return [];
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity: 'info' as const,
          message: `Table ${row.table_name} (${formatBytes(row.size_bytes)}) had ${formatPercent(before / 1000)} dead rows ${formatDuration(ageMs)} ago and has ${formatPercent(deadShare(row))} now, without a vacuum in between.`,
          measure: row.dead_rows,
          evidence: [
            { label: 'Dead rows', value: formatCount(row.dead_rows) },
            { label: 'Live rows', value: formatCount(row.live_rows) },
            { label: 'Autovacuum starts at', value: formatCount(row.vacuum_threshold) },
            { label: 'Last vacuum', value: row.vacuumed_at ?? 'none on record' },
          ],
          ...(row.autovacuum_comes && !row.has_scale_factor
            ? {
                fixSql: `alter table ${row.table_name} set (autovacuum_vacuum_scale_factor = 0.05);`,
                undoSql: `alter table ${row.table_name} reset (autovacuum_vacuum_scale_factor);`,
                lock: lockTexts.shareUpdateExclusive,
              }
            : {}),
          confidence: 'medium' as const,
          confidenceReason: 'Two looks at counts of the statistics system.',
        },
      ];
    });
  },
  measures(rows, { limits }) {
    const open = rows.filter((row) => isOpen(row, limits));
    return [
      ...tableMeasures(deadKey, open, (row) => Math.round(deadShare(row) * 1000)),
      ...tableMeasures(vacuumKey, open, (row) => row.vacuums),
    ];
  },
};

function isOpen(row: TableUsageRow, limits: Readonly<Record<Limit, number>>): boolean {
  return row.kind !== 'p' && row.size_bytes >= limits.minBytes && deadShare(row) >= limits.minDeadShare;
}

function deadShare(row: TableUsageRow): number {
  return row.dead_rows / Math.max(1, row.dead_rows + row.live_rows);
}
