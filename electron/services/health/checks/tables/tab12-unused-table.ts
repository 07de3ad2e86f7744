import { formatBytes, formatCount, formatDuration } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { families, partitionsEvidence, total, verb } from './partition-families.ts';
import { tableUsageSql, type TableUsageRow } from './table-usage.ts';

const dayMs = 86_400_000;

export const unusedTable: HealthCheck<TableUsageRow, 'quietDays' | 'minBytes'> = {
  id: 'TAB12',
  group: 'tables',
  basis: 'statistics',
  title: 'Tables that nobody reads or writes',
  why: 'A table without any scan and any change for weeks may be left over: a copy before a migration, an old import. It still goes into every backup and upgrade.',
  thresholds: {
    quietDays: { usual: 30, unit: 'days', label: 'Time without use' },
    minBytes: { usual: 1024 ** 2, unit: 'bytes', label: 'Smallest table that is reported' },
  },
  sql: (facts) => tableUsageSql(facts),
  // A table without indexes has no index scans, which says nothing either way.
  findings(rows, { facts, limits }) {
    const quietMs = limits.quietDays * dayMs;
    const large = rows.filter((row) => row.kind !== 'p');
    // One partition in use means that the table is in use.
    const quiet = families(large).filter(
      (family) =>
        total(family, (row) => row.size_bytes) >= limits.minBytes &&
        family.rows.every((row) => isQuiet(row, facts.statsAgeMs, quietMs)),
    );
    const findings = quiet.map((family) => {
      const size = total(family, (row) => row.size_bytes);
      const idle = Math.min(...family.rows.map((row) => row.idle_ms ?? facts.statsAgeMs));
      return {
        object: family.name,
        relationOid: family.oid,
        severity: 'info' as const,
        message: `${family.title} (${formatBytes(size)}) ${verb(family, 'was', 'were')} neither read nor written in ${formatDuration(idle)}.`,
        measure: size,
        evidence: [
          { label: 'Size', value: formatBytes(size) },
          {
            label: 'Scans since statistics began',
            value: formatCount(total(family, (row) => row.seq_scans + row.idx_scans)),
          },
          { label: 'Rows written', value: formatCount(total(family, writes)) },
          { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
          { label: 'Standbys attached', value: String(facts.attachedStandbys) },
          ...partitionsEvidence(family, (row) => formatBytes(row.size_bytes)),
        ],
        ...(facts.attachedStandbys > 0 || facts.inRecovery
          ? {
              confidence: 'low' as const,
              confidenceReason: 'Reads on the other servers of this cluster are counted there; ask them too.',
            }
          : {
              confidence: 'medium' as const,
              confidenceReason: 'A yearly job, or a standby that is not attached now, could still read it.',
            }),
      };
    });
    const unknown = facts.statsAgeMs < quietMs && large.some((row) => isQuiet(row, quietMs, quietMs));
    return unknown
      ? cannotTell(
          `Statistics cover ${formatDuration(facts.statsAgeMs)}; "nobody uses it" takes ${formatDuration(quietMs)}.`,
          { findings },
        )
      : findings;
  },
};

/** No scan and no change in all the time that statistics cover, or (16 and later) the last scan is long ago. */
function isQuiet(row: TableUsageRow, statsAgeMs: number, quietMs: number): boolean {
  if (writes(row) > 0) return false;
  if (row.seq_scans + row.idx_scans === 0) return statsAgeMs >= quietMs;
  return row.idle_ms !== null && row.idle_ms >= quietMs;
}

function writes(row: TableUsageRow): number {
  return row.inserted + row.updated + row.deleted;
}
