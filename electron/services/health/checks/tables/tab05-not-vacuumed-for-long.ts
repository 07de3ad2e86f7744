import { formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { eachTable, families, partitionsEvidence, total, verb } from './partition-families.ts';
import { tableUsageSql, type TableUsageRow } from './table-usage.ts';

export const notVacuumedForLong: HealthCheck<TableUsageRow, 'quietDays' | 'minRows' | 'minShare'> = {
  id: 'TAB05',
  group: 'tables',
  basis: 'estimate',
  title: 'Changed tables without vacuum or analyze for weeks',
  why: 'A table that changes and is neither vacuumed nor analyzed drifts away from what the planner believes about it. A quiet table needs neither and is not listed.',
  thresholds: {
    // pgdoctor: 25 days, from 1,000 rows.
    quietDays: { usual: 25, unit: 'days', label: 'Time without vacuum and analyze' },
    minRows: { usual: 1000, unit: 'rows', label: 'Fewest live and fewest changed rows' },
    minShare: { usual: 0.01, unit: 'ratio', label: 'Least share of rows that changed' },
  },
  requires: { role: 'primary' },
  sql: (facts) => tableUsageSql(facts),
  findings(rows, { limits }) {
    const reported = rows
      .filter(
        (row) =>
          row.kind !== 'p' &&
          row.maintenance_age_ms !== null &&
          row.maintenance_age_ms >= limits.quietDays * 86_400_000 &&
          row.live_rows >= limits.minRows &&
          Math.max(row.changed_rows, row.dead_rows) >= Math.max(limits.minRows, limits.minShare * row.live_rows),
      )
      .toSorted((left, right) => (right.maintenance_age_ms ?? 0) - (left.maintenance_age_ms ?? 0));
    return families(reported).map((family) => {
      const [oldest] = family.rows;
      const age = oldest?.maintenance_age_ms ?? 0;
      const changed = total(family, (row) => row.changed_rows);
      return {
        object: family.name,
        relationOid: family.oid,
        severity: 'warning' as const,
        message: `${family.title} ${verb(family, 'was', 'were')} last vacuumed or analyzed ${formatDuration(age)} ago; ${formatCount(changed)} rows changed since.`,
        measure: age,
        evidence: [
          { label: 'Last vacuum or analyze', value: oldest?.maintained_at ?? '' },
          { label: 'Rows changed since analyze', value: formatCount(changed) },
          { label: 'Dead rows', value: formatCount(total(family, (row) => row.dead_rows)) },
          { label: 'Live rows', value: formatCount(total(family, (row) => row.live_rows)) },
          ...partitionsEvidence(family, (row) => formatDuration(row.maintenance_age_ms ?? 0)),
        ],
        fixSql: eachTable(family, (table) => `vacuum (analyze) ${table};`),
        lock: lockTexts.shareUpdateExclusive,
        confidence: 'high' as const,
      };
    });
  },
};
