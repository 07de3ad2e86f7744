import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { eachTable, families, partitionsEvidence, total } from './partition-families.ts';
import { tableUsageSql, type TableUsageRow } from './table-usage.ts';

export const largeTableDefaultScaleFactor: HealthCheck<TableUsageRow, 'minRows' | 'minFactor' | 'minShareChanged'> = {
  id: 'TAB08',
  group: 'tables',
  basis: 'estimate',
  title: 'Large tables with a coarse autovacuum threshold',
  why: 'Autovacuum starts after a share of the table has changed. On a large table that share is millions of dead rows, so vacuum comes seldom and takes long. A smaller factor makes it come often and finish soon.',
  thresholds: {
    // pgdoctor: 10 million rows.
    minRows: { usual: 10_000_000, unit: 'rows', label: 'Rows of a large table' },
    minFactor: { usual: 0.1, unit: 'ratio', label: 'Scale factor that is coarse' },
    minShareChanged: { usual: 0.001, unit: 'ratio', label: 'Share of rows updated or deleted that makes it matter' },
  },
  requires: { role: 'primary' },
  sql: (facts) => tableUsageSql(facts),
  findings(rows, { facts, limits }) {
    const reported = rows.filter(
      (row) =>
        row.kind === 'r' &&
        row.rows >= limits.minRows &&
        row.vacuum_scale_factor >= limits.minFactor &&
        // Since 18 the number of dead rows has a ceiling, which does the same.
        row.vacuum_threshold >= limits.minFactor * row.rows &&
        // A table that only grows has no dead rows to wait for.
        !isAppendOnly(row, facts.statsAgeMs, limits.minShareChanged),
    );
    return families(reported).map((family) => {
      const threshold = total(family, (row) => row.vacuum_threshold);
      const rowCount = total(family, (row) => row.rows);
      return {
        object: family.name,
        relationOid: family.oid,
        severity: 'info' as const,
        message: `Autovacuum of ${family.phrase} starts only after ${formatCount(threshold)} of ${formatCount(rowCount)} rows are dead.`,
        measure: threshold,
        evidence: [
          {
            label: 'autovacuum_vacuum_scale_factor',
            value: [...new Set(family.rows.map((row) => String(row.vacuum_scale_factor)))].join(', '),
          },
          { label: 'Rows (estimate)', value: formatCount(rowCount) },
          { label: 'Updated and deleted', value: formatCount(total(family, (row) => row.updated + row.deleted)) },
          { label: 'Size', value: formatBytes(total(family, (row) => row.size_bytes)) },
          ...partitionsEvidence(family, (row) => formatCount(row.rows)),
        ],
        fixSql: eachTable(family, (table) => `alter table ${table} set (autovacuum_vacuum_scale_factor = 0.01);`),
        undoSql: eachTable(family, (table, row) =>
          row.has_scale_factor
            ? `alter table ${table} set (autovacuum_vacuum_scale_factor = ${row.vacuum_scale_factor});`
            : `alter table ${table} reset (autovacuum_vacuum_scale_factor);`,
        ),
        lock: lockTexts.shareUpdateExclusive,
        confidence: 'medium' as const,
        confidenceReason: 'The right factor depends on how fast the table changes.',
      };
    });
  },
};

/** Counters of a week or more saw (next to) no update and no delete. */
function isAppendOnly(row: TableUsageRow, statsAgeMs: number, minShareChanged: number): boolean {
  return statsAgeMs >= 7 * 86_400_000 && row.updated + row.deleted < minShareChanged * row.rows;
}
