import type { ActivitySample } from '#contract/activity.ts';
import type { CountersRow } from './activity-sql.ts';

/**
 * What happened between two looks, per second. Pure. All rates are null where there is no look before, and where any
 * counter went back: statistics were reset, or the server was restarted.
 */
export function sampleBetween(before: CountersRow | undefined, now: CountersRow): ActivitySample {
  const spanMs = before === undefined ? null : now.at_ms - before.at_ms;
  const isComparable = before !== undefined && spanMs !== null && spanMs > 0 && !wentBack(before, now);
  const perSecond = (name: keyof CountersRow): number | null =>
    isComparable ? ((Number(now[name]) - Number(before[name])) / spanMs) * 1000 : null;
  const blocksHit = perSecond('blocks_hit');
  const blocksRead = perSecond('blocks_read');
  const accesses = (blocksHit ?? 0) + (blocksRead ?? 0);
  return {
    at: new Date(now.at_ms).toISOString(),
    spanMs,
    commits: perSecond('commits'),
    rollbacks: perSecond('rollbacks'),
    sessions: {
      active: now.active,
      idle: now.idle,
      idleInTransaction: now.idle_in_transaction,
      waiting: now.waiting,
      hidden: now.hidden,
      total: now.total,
      limit: now.connection_limit,
    },
    cacheHit: accesses > 0 ? (blocksHit ?? 0) / accesses : null,
    blocksHit,
    blocksRead,
    tuplesReturned: perSecond('returned'),
    tuplesFetched: perSecond('fetched'),
    tuplesInserted: perSecond('inserted'),
    tuplesUpdated: perSecond('updated'),
    tuplesDeleted: perSecond('deleted'),
    tempBytes: perSecond('temp_bytes'),
    walBytes: typeof before?.wal_bytes !== 'string' || now.wal_bytes === null ? null : perSecond('wal_bytes'),
    ioReadMs: now.io_timed ? perSecond('io_read_ms') : null,
    ioWriteMs: now.io_timed ? perSecond('io_write_ms') : null,
    deadlocks: perSecond('deadlocks'),
  };
}

const counters = [
  'commits',
  'rollbacks',
  'blocks_hit',
  'blocks_read',
  'returned',
  'fetched',
  'inserted',
  'updated',
  'deleted',
  'temp_bytes',
  'deadlocks',
  'io_read_ms',
  'io_write_ms',
] as const;
/** Times are sums of fractions, which differ by rounding. */
const rounding = 1e-9;

function wentBack(before: CountersRow, now: CountersRow): boolean {
  return counters.some((name) => {
    const fall = Number(before[name]) - Number(now[name]);
    return fall > (name.endsWith('_ms') ? rounding * Number(before[name]) : 0);
  });
}
