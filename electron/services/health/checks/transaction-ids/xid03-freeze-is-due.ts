import { formatBytes, formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { tableAgesSql, type TableAgeRow } from './table-ages.ts';

const pageBytes = 8192;

export const freezeIsDue: HealthCheck<TableAgeRow, 'dueShare' | 'minAge' | 'minBytes'> = {
  id: 'XID03',
  group: 'transaction-ids',
  basis: 'moment',
  title: 'Large tables that autovacuum will soon freeze',
  why: 'When a table reaches autovacuum_freeze_max_age, autovacuum reads all of it, and does not give way to other work. That is normal and necessary; for a large table it is better done at a quiet hour of your choosing.',
  // Healthy databases come here again and again: a plan, not a problem.
  onlyWhenAsked: true,
  thresholds: {
    // check_postgres: 95 %.
    dueShare: { usual: 0.95, unit: 'ratio', label: 'Share of autovacuum_freeze_max_age' },
    minAge: { usual: 10_000_000, unit: 'count', label: 'Lowest age that is looked at' },
    minBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'Smallest table that is reported' },
  },
  sql: (_, { minAge, minBytes }) => tableAgesSql(Math.floor(minAge), Math.floor(minBytes / pageBytes)),
  findings(rows, { limits }) {
    return rows
      .filter(
        (row) =>
          !row.is_temporary &&
          row.age_xids >= Math.max(limits.minAge, limits.dueShare * row.freeze_max_age) &&
          Number(row.size_bytes) >= limits.minBytes,
      )
      .map((row) => ({
        object: row.table_name,
        relationOid: Number(row.table_oid),
        severity: 'info' as const,
        message: `${row.table_name} (${formatBytes(row.size_bytes)}) has reached ${formatPercent(row.age_xids / row.freeze_max_age)} of autovacuum_freeze_max_age.`,
        measure: row.age_xids / row.freeze_max_age,
        evidence: [
          { label: 'Age', value: formatCount(row.age_xids) },
          { label: 'autovacuum_freeze_max_age', value: formatCount(row.freeze_max_age) },
          { label: 'Oldest part', value: row.part },
        ],
        fixSql: `vacuum (freeze) ${row.table_name};`,
        lock: lockTexts.shareUpdateExclusive,
        caution: 'Reads the whole table unless it is frozen in parts; run it at a quiet hour.',
        confidence: 'high' as const,
      }));
  },
};
