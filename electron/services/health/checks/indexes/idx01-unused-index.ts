import { formatBytes, formatCount, formatDuration } from '../../format-values.ts';
import { cannotTell, type HealthCheck, type HealthFacts, type Limits } from '../../health-check.ts';
import { dropIndex, type Fix } from './drop-index.ts';
import { indexUsageSql, standbyDoubt, standbyEvidence, standbyScansOf, type IndexUsageRow } from './index-usage.ts';

const dayMs = 86_400_000;
/** While statistics are young nearly every index looks unused: a first look at the largest is enough. */
const mostWhileYoung = 10;

type Limit = 'minBytes' | 'quietDays' | 'minDays';

export const unusedIndex: HealthCheck<IndexUsageRow, Limit> = {
  id: 'IDX01',
  group: 'indexes',
  basis: 'statistics',
  title: 'Unused indexes',
  why: 'Every index is written on each insert and on most updates, and takes room in memory and backups. One that no query reads is cost without use. Scans are counted per server: a standby may use an index that the primary does not.',
  thresholds: {
    // rails-pg-extras: 1 MB. pganalyze: 35 days.
    minBytes: { usual: 1024 ** 2, unit: 'bytes', label: 'Smallest index that is reported' },
    quietDays: { usual: 30, unit: 'days', label: 'Time without a scan' },
    minDays: { usual: 1, unit: 'days', label: 'Time without a scan before which no drop is proposed' },
  },
  // Unique, constraint and replica identity indexes work without being scanned, and so does one that leads with the
  // columns of a foreign key: deleting the referenced row searches it.
  sql: (facts, { minBytes }) => indexUsageSql(facts, minBytes),
  findings(rows, { facts, limits }) {
    const quietMs = limits.quietDays * dayMs;
    const unused = rows.filter(
      (row) =>
        row.size_bytes >= limits.minBytes &&
        !row.has_duty &&
        standbyScansOf(row, facts) === 0 &&
        (row.scans === 0 || (row.idle_ms !== null && row.idle_ms >= quietMs)),
    );
    const isYoung = facts.statsAgeMs < quietMs;
    const neverScanned = isYoung ? unused.filter((row) => row.scans === 0) : [];
    const listed = unused.filter((row) => !neverScanned.includes(row) || neverScanned.indexOf(row) < mostWhileYoung);
    const findings = listed.map((row) => finding(row, facts, limits));
    if (neverScanned.length === 0) return findings;
    const more = unused.length - listed.length;
    return cannotTell(
      `Statistics cover ${formatDuration(facts.statsAgeMs)}; unused takes ${formatDuration(quietMs)}${more > 0 ? `. The ${mostWhileYoung} largest of ${formatCount(neverScanned.length)} indexes without a scan so far are listed` : ''}${facts.statsAgeMs < limits.minDays * dayMs ? `. Nothing is proposed before ${formatDuration(limits.minDays * dayMs)}` : ''}.`,
      { findings },
    );
  },
};

function finding(row: IndexUsageRow, facts: HealthFacts, limits: Limits<Limit>) {
  const since =
    row.idle_ms === null
      ? `since statistics began${facts.statsAgeMs > 0 ? ` ${formatDuration(facts.statsAgeMs)} ago` : ''}`
      : `for ${formatDuration(row.idle_ms)}`;
  const nowhere = facts.standbysAsked.length === 0 ? '' : `, nor on ${facts.standbysAsked.join(', ')}`;
  return {
    object: row.index_name,
    relationOid: Number(row.index_oid),
    severity: 'info' as const,
    message: `Index ${row.index_name} has not been used ${since}${nowhere} (${formatCount(row.scans)} scans, ${formatBytes(row.size_bytes)}).`,
    measure: row.size_bytes,
    evidence: [
      { label: 'Table', value: row.table_name },
      { label: 'Size', value: formatBytes(row.size_bytes) },
      { label: 'Scans', value: formatCount(row.scans) },
      ...(row.last_scan === null ? [] : [{ label: 'Last scan', value: row.last_scan }]),
      { label: 'Rows written to the table', value: formatCount(row.inserted + row.updated + row.deleted) },
      { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
      ...standbyEvidence(row, facts),
    ],
    ...fixFor(row, facts, limits),
    ...confidenceIn(row, facts, limits.quietDays * dayMs),
  };
}

/** Two indexes that serve the same searches must not both go, so one of them waits for what is said of the pair. */
function fixFor(row: IndexUsageRow, facts: HealthFacts, limits: Limits<Limit>): Fix {
  if (row.rival !== null) {
    return {
      caution: `It has the same first columns as ${row.rival}. Which of both can go is for IDX03, IDX04 and IDX15 to say; dropping both would leave no index for these searches. Ask again when one of them is gone.`,
    };
  }
  if ((row.idle_ms ?? facts.statsAgeMs) < limits.minDays * dayMs) return {};
  return dropIndex({
    name: row.index_name,
    definition: row.definition,
    isPartitioned: row.is_partitioned,
    restore: row.restore,
  });
}

function confidenceIn(
  row: IndexUsageRow,
  facts: HealthFacts,
  quietMs: number,
): { confidence: 'low' | 'medium'; confidenceReason: string } {
  const coveredMs = row.idle_ms ?? facts.statsAgeMs;
  if (coveredMs < quietMs) {
    return {
      confidence: 'low',
      confidenceReason: `Statistics cover at most ${formatDuration(coveredMs)}; a monthly job would not have shown up.`,
    };
  }
  const doubt = standbyDoubt(facts);
  if (doubt !== undefined) return { confidence: 'low', confidenceReason: doubt };
  return {
    confidence: 'medium',
    confidenceReason:
      facts.standbysAsked.length > 0
        ? 'A yearly job, or a standby that is not attached now, could still use it.'
        : 'A standby that is not attached now could still use it.',
  };
}
