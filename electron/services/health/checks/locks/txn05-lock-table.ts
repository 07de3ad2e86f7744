import { formatCount, formatPercent } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly locked_objects: string;
  readonly per_transaction: number;
  readonly slots: number;
  readonly busiest_pid: number | null;
  readonly busiest_locks: string | null;
}

export const lockTable: HealthCheck<Row, 'warnShare' | 'criticalShare'> = {
  id: 'TXN05',
  group: 'locks',
  basis: 'moment',
  title: 'Room for locks',
  why: 'The lock table has a fixed size for the whole server. When one transaction over thousands of partitions fills it, statements of all sessions fail with "out of shared memory".',
  thresholds: {
    // check_postgres counts 100 or 150 locks; what counts is the room there is.
    warnShare: { usual: 0.5, unit: 'ratio', label: 'Share of the room that is a warning' },
    criticalShare: { usual: 0.8, unit: 'ratio', label: 'Share of the room that is critical' },
  },
  // Run on PostgreSQL 13 to 18. There is room for every process that can run transactions: clients, autovacuum and its
  // launcher, since 17 the worker that synchronizes slots, background workers and WAL senders. Fast-path locks and predicate locks are kept elsewhere; an object that several lock is
  // there once.
  sql: ({ versionNum }) => `
select
  count(*) as locked_objects,
  pg_catalog.current_setting('max_locks_per_transaction')::int4 as per_transaction,
  pg_catalog.current_setting('max_connections')::int4
    + pg_catalog.current_setting('${versionNum >= 180_000 ? 'autovacuum_worker_slots' : 'autovacuum_max_workers'}')::int4
    + ${versionNum >= 170_000 ? 2 : 1}
    + pg_catalog.current_setting('max_worker_processes')::int4
    + pg_catalog.current_setting('max_wal_senders')::int4
    + pg_catalog.current_setting('max_prepared_transactions')::int4 as slots,
  busiest.pid as busiest_pid,
  busiest.locks as busiest_locks
from (
  select distinct
    locktype, database, relation, page, tuple, virtualxid, transactionid::text, classid, objid, objsubid
  from pg_catalog.pg_locks
  where not fastpath
    and mode <> 'SIReadLock'
) as locked
left join (
  select
    pid,
    count(*) as locks
  from pg_catalog.pg_locks
  where not fastpath
    and mode <> 'SIReadLock'
    and pid is not null
  group by pid
  order by count(*) desc
  limit 1
) as busiest on true
group by busiest.pid, busiest.locks`,
  findings([row], { limits }) {
    if (row === undefined) return [];
    const room = row.per_transaction * row.slots;
    const share = Number(row.locked_objects) / Math.max(1, room);
    if (share < Math.min(limits.warnShare, limits.criticalShare)) return [];
    const isBeyond = share > 1;
    return [
      {
        object: 'max_locks_per_transaction',
        severity: share >= limits.criticalShare ? 'critical' : 'warning',
        message: `${formatCount(row.locked_objects)} objects are locked, ${isBeyond ? `more than the ${formatCount(room)} that there is sure to be room for: the rest is spare shared memory` : `${formatPercent(share)} of the room for ${formatCount(room)}`}.`,
        measure: share,
        evidence: [
          { label: 'Locked objects', value: formatCount(row.locked_objects) },
          { label: 'Room', value: formatCount(room) },
          { label: 'max_locks_per_transaction', value: formatCount(row.per_transaction) },
          ...(row.busiest_pid === null
            ? []
            : [
                {
                  label: 'Session with the most locks',
                  value: `${row.busiest_pid} (${formatCount(row.busiest_locks ?? 0)})`,
                },
              ]),
        ],
        fixSql: `alter system set max_locks_per_transaction = ${String(row.per_transaction * 2)};`,
        undoSql: `alter system set max_locks_per_transaction = ${String(row.per_transaction)};`,
        lock: lockTexts.none,
        caution:
          'Takes effect after a restart of the server; standbys first, they need at least as much. Fewer partitions in one statement help as well.',
        confidence: isBeyond ? 'low' : 'medium',
        confidenceReason: isBeyond
          ? 'One look; how much spare shared memory is left cannot be known.'
          : 'One look; the server can spare some more room than it promises.',
      },
    ];
  },
};
