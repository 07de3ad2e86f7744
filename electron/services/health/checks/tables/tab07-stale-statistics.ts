import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { eachTable, families, partitionsEvidence, total } from './partition-families.ts';
import { hasWaited, patience, tableMeasures, tableUsageSql, type TableUsageRow } from './table-usage.ts';

const key = 'rows changed since analyze';

type Limit = 'minRows' | 'factor' | 'warnShare' | 'warnRows' | 'patience';

export const staleStatistics: HealthCheck<TableUsageRow, Limit> = {
  id: 'TAB07',
  group: 'tables',
  basis: 'estimate',
  title: 'Stale planner statistics',
  why: 'The planner estimates with the statistics of the last analyze. Far more changes than autovacuum tolerates, for longer than it takes to come round, mean that it is off or behind, and that estimates may be wrong by orders of magnitude.',
  thresholds: {
    minRows: { usual: 1000, unit: 'rows', label: 'Fewest changed rows that are reported' },
    factor: { usual: 2, unit: 'ratio', label: 'Multiple of the changes at which autoanalyze starts' },
    // pgdoctor: 500,000 rows.
    warnShare: { usual: 0.5, unit: 'ratio', label: 'Share of changed rows for a warning' },
    warnRows: { usual: 500_000, unit: 'rows', label: 'Changed rows for a warning' },
    patience,
  },
  requires: { role: 'primary' },
  sql: (facts) => tableUsageSql(facts),
  findings(rows, context) {
    const { limits } = context;
    const reported = rows.filter(
      (row) => isStale(row, limits) && (!row.autovacuum_comes || hasWaited(key, row, context)),
    );
    return families(reported).map((family) => {
      const changed = total(family, (row) => row.changed_rows);
      const live = total(family, (row) => row.live_rows);
      const share = changed / Math.max(1, live);
      return {
        object: family.name,
        relationOid: family.oid,
        severity: share >= limits.warnShare || changed >= limits.warnRows ? ('warning' as const) : ('info' as const),
        message: `${formatCount(changed)} rows of ${family.phrase} changed since ${family.isPartitioned ? 'their' : 'its'} last analyze (${formatPercent(share)} of ${formatCount(live)}).`,
        measure: changed,
        evidence: [
          { label: 'Rows changed', value: formatCount(changed) },
          { label: 'Live rows', value: formatCount(live) },
          { label: 'Autoanalyze starts at', value: formatCount(total(family, (row) => row.analyze_threshold)) },
          {
            label: 'Autovacuum',
            value: family.rows.every((row) => row.autovacuum_comes) ? 'on, and has not come' : 'off for this table',
          },
          { label: 'Last analyze', value: family.rows[0]?.analyzed_at ?? 'none on record' },
          ...partitionsEvidence(family, (row) => formatCount(row.changed_rows)),
        ],
        fixSql: eachTable(family, (table) => `analyze ${table};`),
        lock: lockTexts.shareUpdateExclusive,
        confidence: 'high' as const,
      };
    });
  },
  measures: (rows, { limits }) =>
    tableMeasures(
      key,
      rows.filter((row) => isStale(row, limits)),
      (row) => row.changed_rows,
    ),
};

function isStale(row: TableUsageRow, limits: Readonly<Record<'minRows' | 'factor', number>>): boolean {
  return (
    row.kind !== 'p' &&
    row.analyzed_at !== null &&
    row.changed_rows >= limits.minRows &&
    row.changed_rows > limits.factor * row.analyze_threshold
  );
}
