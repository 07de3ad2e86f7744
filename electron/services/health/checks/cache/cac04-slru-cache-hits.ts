import { formatCount, formatDuration, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { gainsSince } from './counter-gains.ts';
import { counterMeasure } from './database-counters.ts';

interface Row {
  readonly name: string;
  readonly hits: string;
  readonly reads: string;
  readonly age_ms: number;
}

/** What each cache holds, and the setting that sizes it since PostgreSQL 17. Older versions spell the names otherwise. */
const caches: Readonly<Record<string, readonly [string, string]>> = {
  commit_timestamp: ['commit times', 'commit_timestamp_buffers'],
  multixact_member: ['members of multixacts', 'multixact_member_buffers'],
  multixact_offset: ['positions of multixacts', 'multixact_offset_buffers'],
  notify: ['notifications', 'notify_buffers'],
  serializable: ['serializable conflicts', 'serializable_buffers'],
  subtransaction: ['parents of subtransactions', 'subtransaction_buffers'],
  transaction: ['states of transactions', 'transaction_buffers'],
};

const olderNames: Readonly<Record<string, string>> = {
  CommitTs: 'commit_timestamp',
  MultiXactMember: 'multixact_member',
  MultiXactOffset: 'multixact_offset',
  Notify: 'notify',
  Serial: 'serializable',
  Subtrans: 'subtransaction',
  Xact: 'transaction',
};

function keyOf(name: string): string {
  return olderNames[name] ?? name;
}

export const slruCacheHits: HealthCheck<Row, 'minReads' | 'goodShare'> = {
  id: 'CAC04',
  group: 'cache',
  basis: 'statistics',
  title: 'Small caches of transaction states',
  why: 'The states of transactions, subtransactions and multixacts have small caches of their own. When these miss, sessions wait for each other under a few locks, and the whole server slows down at once.',
  thresholds: {
    // check_pgactivity leaves the numbers to the user. These caches normally hit far above 99 %.
    minReads: { usual: 100_000, unit: 'count', label: 'Fewest reads from outside that are reported' },
    goodShare: { usual: 0.95, unit: 'ratio', label: 'Share of hits below which it is reported' },
  },
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  slru.name,
  slru.blks_hit as hits,
  slru.blks_read as reads,
  coalesce(extract(epoch from clock_timestamp() - slru.stats_reset)::float8 * 1000, 0) as age_ms
from pg_catalog.pg_stat_slru as slru
order by slru.name`,
  findings(rows, context) {
    const { limits, facts } = context;
    return rows.flatMap((row) => {
      const key = keyOf(row.name);
      const [content, setting] = caches[key] ?? [];
      if (content === undefined || setting === undefined) return [];
      const recent = gainsSince(
        {
          hits: { key: `slru.${key}.hit`, value: Number(row.hits) },
          reads: { key: `slru.${key}.read`, value: Number(row.reads) },
        },
        { ...context, facts: { ...facts, statsAgeMs: row.age_ms } },
      );
      const hits = recent?.gained.hits ?? Number(row.hits);
      const reads = recent?.gained.reads ?? Number(row.reads);
      const share = hits / Math.max(1, hits + reads);
      if (reads < limits.minReads || share >= limits.goodShare) return [];
      const since = recent
        ? `in the ${formatDuration(recent.windowMs)} since the last report`
        : `in ${formatDuration(row.age_ms)}`;
      return [
        {
          object: `SLRU cache ${row.name}`,
          severity: 'info' as const,
          message: `The cache of ${content} (${row.name}) had to read ${formatCount(reads)} pages ${since}; ${formatPercent(share)} of its accesses were hits.`,
          measure: 1 - share,
          evidence: [
            { label: 'Hits', value: formatCount(hits) },
            { label: 'Reads', value: formatCount(reads) },
          ],
          caution:
            facts.versionNum >= 170_000
              ? `${setting} sizes this cache; a change needs a restart. Fewer savepoints, shorter transactions and fewer row locks on parents help as well.`
              : 'PostgreSQL 17 makes this cache configurable. Before it, fewer savepoints, shorter transactions and fewer row locks on parents help.',
          confidence: recent ? ('medium' as const) : ('low' as const),
          confidenceReason: recent
            ? 'A read that the operating system had in memory is fast.'
            : 'A share over all time does not say when the reads happened.',
        },
      ];
    });
  },
  measures(rows) {
    return rows
      .filter((row) => caches[keyOf(row.name)] !== undefined)
      .flatMap((row) => [
        counterMeasure(`slru.${keyOf(row.name)}.hit`, `Hits of the cache ${row.name}`, row.hits),
        counterMeasure(`slru.${keyOf(row.name)}.read`, `Reads of the cache ${row.name}`, row.reads),
      ]);
  },
};
