import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { eachTable, families, partitionsEvidence, total, type Family } from './partition-families.ts';
import { tableUsageSql, type TableUsageRow } from './table-usage.ts';

export const fewHotUpdates: HealthCheck<TableUsageRow, 'minUpdates' | 'maxHotShare' | 'minMovedShare'> = {
  id: 'TAB14',
  group: 'tables',
  basis: 'statistics',
  title: 'Updates that rewrite every index',
  why: 'An update that changes no indexed column and finds room on its page (a HOT update) leaves the indexes alone. Other updates write every index of the table and leave more for vacuum. Room on the page comes from a lower fill factor.',
  thresholds: {
    // rails-pg-extras: 10,000 updates, fewer than 10 % HOT, 20 % moved to a new page.
    minUpdates: { usual: 10_000, unit: 'count', label: 'Fewest updates' },
    maxHotShare: { usual: 0.1, unit: 'ratio', label: 'Largest share of HOT updates that is reported' },
    minMovedShare: {
      usual: 0.2,
      unit: 'ratio',
      label: 'Share of updates moved to another page for which room is lacking',
    },
  },
  requires: { role: 'primary' },
  sql: (facts) => tableUsageSql(facts),
  findings(rows, { facts, limits }) {
    const busy = rows.filter((row) => row.kind === 'r' && row.has_indexes);
    return families(busy).flatMap((family) => {
      const updates = total(family, (row) => row.updated);
      const hot = total(family, (row) => row.hot_updated);
      if (updates < limits.minUpdates || hot / updates >= limits.maxHotShare) return [];
      const moved = family.rows.some((row) => row.moved === null) ? null : total(family, (row) => row.moved ?? 0);
      const lacksRoom = moved !== null && moved / updates >= limits.minMovedShare;
      return [
        {
          object: family.name,
          relationOid: family.oid,
          severity: 'info' as const,
          message: `Only ${formatPercent(hot / updates)} of ${formatCount(updates)} updates of ${family.phrase} left the indexes alone${lacksRoom ? `; ${formatPercent(moved / updates)} moved the row to another page` : ''}.`,
          measure: updates - hot,
          evidence: [
            { label: 'Updates', value: formatCount(updates) },
            { label: 'HOT updates', value: formatCount(hot) },
            ...(moved === null ? [] : [{ label: 'Moved to another page', value: formatCount(moved) }]),
            { label: 'Fill factor', value: [...new Set(family.rows.map((row) => row.fill_factor))].join(', ') },
            { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
            ...partitionsEvidence(family, (row) => formatCount(row.updated)),
          ],
          ...(lacksRoom ? roomOnPages(family) : {}),
          confidence: 'low' as const,
          confidenceReason:
            moved === null
              ? 'Before 16 nothing tells a changed index column from a full page.'
              : 'A changed index column rules HOT out, whatever the room.',
        },
      ];
    });
  },
};

/** A lower fill factor for pages to come, where the table has the usual one. */
function roomOnPages(family: Family<TableUsageRow>): object {
  if (family.rows.some((row) => row.has_fill_factor)) return {};
  return {
    fixSql: eachTable(family, (table) => `alter table ${table} set (fillfactor = 90);`),
    undoSql: eachTable(family, (table) => `alter table ${table} reset (fillfactor);`),
    lock: lockTexts.shareUpdateExclusive,
    caution: 'Only pages written from now on keep the room, and the table grows by it.',
  };
}
