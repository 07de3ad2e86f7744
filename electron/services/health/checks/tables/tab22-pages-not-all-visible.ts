import { formatBytes, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { eachTable, families, partitionsEvidence, total, verb } from './partition-families.ts';
import { tableUsageSql, type TableUsageRow } from './table-usage.ts';

export const pagesNotAllVisible: HealthCheck<TableUsageRow, 'minBytes' | 'maxVisibleShare' | 'quietHours'> = {
  id: 'TAB22',
  group: 'tables',
  basis: 'estimate',
  title: 'Tables whose visibility map is mostly empty',
  why: 'An index-only scan skips the table only for pages that vacuum has marked as visible to everybody. With few of them it reads the table as well. Vacuum marks pages, and the next one can skip them too.',
  thresholds: {
    minBytes: { usual: 1024 ** 3, unit: 'bytes', label: 'Smallest table that is reported' },
    maxVisibleShare: { usual: 0.5, unit: 'ratio', label: 'Share of marked pages below which it is reported' },
    // Right after a vacuum a low share means that the table changes faster than vacuum can help.
    quietHours: { usual: 86_400, unit: 'seconds', label: 'Time since the last vacuum' },
  },
  requires: { role: 'primary' },
  sql: (facts) => tableUsageSql(facts),
  findings(rows, { facts, limits }) {
    const pageBytes = 8192;
    const reported = rows.filter(
      (row) =>
        row.kind !== 'p' &&
        row.has_indexes &&
        row.pages * pageBytes >= limits.minBytes &&
        row.all_visible_pages / row.pages < limits.maxVisibleShare &&
        (row.vacuum_age_ms ?? facts.statsAgeMs) >= limits.quietHours * 1000,
    );
    return families(reported).map((family) => {
      const pages = total(family, (row) => row.pages);
      const visible = total(family, (row) => row.all_visible_pages);
      return {
        object: family.name,
        relationOid: family.oid,
        severity: 'info' as const,
        message: `${family.title} (${formatBytes(pages * pageBytes)}) ${verb(family, 'has', 'have')} ${formatPercent(visible / pages)} of pages marked as visible to all, so index-only scans read the table too.`,
        measure: pages - visible,
        evidence: [
          { label: 'Pages marked', value: formatPercent(visible / pages) },
          { label: 'Last vacuum', value: family.rows[0]?.vacuumed_at ?? 'none on record' },
          ...partitionsEvidence(family, (row) => formatPercent(row.all_visible_pages / row.pages)),
        ],
        fixSql: eachTable(family, (table) => `vacuum ${table};`),
        lock: lockTexts.shareUpdateExclusive,
        confidence: 'medium' as const,
        confidenceReason: 'As of the last vacuum or analyze; it matters only where queries use index-only scans.',
      };
    });
  },
};
