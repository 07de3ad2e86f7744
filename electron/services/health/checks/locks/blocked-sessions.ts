import type { HealthFinding } from '#contract/health-model.ts';
import { plural } from '../../format-values.ts';
import { cannotTell, type CheckOutcome, type HealthFacts } from '../../health-check.ts';
import { grantRole } from '../../unlock-sql.ts';
import { sessionColumns, type SessionRow } from './session-row.ts';

/** A session that waits for a lock, or one that such a session waits for: that has an empty `blocked_by`. */
export interface BlockedRow extends SessionRow {
  /** Null where it does not wait, or nobody may know since when. */
  readonly waiting_ms: number | null;
  /** Process ids, 0 for a prepared transaction. */
  readonly blocked_by: readonly number[];
  /** Kind of process, `client backend` or `autovacuum worker`; null where hidden. */
  readonly backend_type: string | null;
  readonly state: string | null;
  /** What it waits for, such as `AccessExclusiveLock on app.orders`; null where it does not wait. */
  readonly wanted: string | null;
  /** True where that is a lock on a table. */
  readonly wants_relation: boolean;
}

/**
 * pg_blocking_pids does not know the process that replays. What that waits for is ACCESS EXCLUSIVE, which conflicts with
 * every lock on the same table.
 */
const blockedByOnStandby = `coalesce(
      nullif(pg_catalog.pg_blocking_pids(lock.pid), '{}'),
      array(
        select distinct holder.pid
        from pg_catalog.pg_locks as wanted
        join pg_catalog.pg_locks as holder
          on holder.locktype = 'relation'
          and holder.database = wanted.database
          and holder.relation = wanted.relation
          and holder.granted
          and holder.pid <> wanted.pid
        where wanted.pid = lock.pid
          and not wanted.granted
          and wanted.locktype = 'relation'
          and wanted.mode = 'AccessExclusiveLock'
      )
    )`;

/**
 * Every session that waits for a heavyweight lock, with those that block it directly. Which of them wait is in pg_locks,
 * which hides nothing; pg_blocking_pids briefly locks the lock table, so it is asked for waiting sessions only.
 * Run on PostgreSQL 13 to 18.
 */
export function blockedSessionsSql({ versionNum, inRecovery }: HealthFacts): string {
  const waitStart =
    versionNum >= 140_000 ? 'coalesce(min(lock.waitstart), min(activity.query_start))' : 'min(activity.query_start)';
  return `
with waiting as materialized (
  select
    lock.pid,
    extract(epoch from clock_timestamp() - ${waitStart})::float8 * 1000 as waiting_ms,
    ${inRecovery ? blockedByOnStandby : 'pg_catalog.pg_blocking_pids(lock.pid)'} as blocked_by,
    min(concat_ws(' on ', lock.mode, case
      when relation.oid is not null then format('%I.%I', schema.nspname, relation.relname)
      when lock.locktype in ('transactionid', 'virtualxid') then 'a transaction'
      when lock.locktype = 'tuple' then 'a row'
      else lock.locktype
    end)) as wanted,
    bool_or(lock.locktype = 'relation') as wants_relation
  from pg_catalog.pg_locks as lock
  left join pg_catalog.pg_stat_activity as activity on activity.pid = lock.pid
  left join pg_catalog.pg_class as relation
    on lock.locktype = 'relation'
    and relation.oid = lock.relation
    and lock.database = (select oid from pg_catalog.pg_database where datname = current_database())
  left join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
  where not lock.granted
  group by lock.pid
)
select
  ${sessionColumns},
  activity.backend_type,
  activity.state,
  waiting.waiting_ms,
  coalesce(waiting.blocked_by, '{}') as blocked_by,
  waiting.wanted,
  coalesce(waiting.wants_relation, false) as wants_relation
from pg_catalog.pg_stat_activity as activity
left join waiting on waiting.pid = activity.pid
where waiting.pid is not null
  or activity.pid in (select unnest(blocker.blocked_by) from waiting as blocker)
order by waiting.waiting_ms desc nulls last, activity.pid`;
}

/** Processes by their ids; a prepared transaction has none. */
export function blockerNames(pids: readonly number[]): string {
  return [...new Set(pids)].map((pid) => (pid === 0 ? 'a prepared transaction (TXN04)' : String(pid))).join(', ');
}

/** A user's session, which can be ended: a process of the server itself has no user. What it is may be hidden. */
export function isClient(row: BlockedRow): boolean {
  return row.backend_type === 'client backend' || (row.backend_type === null && row.user_name !== '');
}

/** True for who waits for a lock on a table that those who read or write it then have to wait behind. */
export function stopsTable(row: BlockedRow): boolean {
  return row.wants_relation && /^(?:Share|ShareRowExclusive|Exclusive|AccessExclusive)Lock /.test(row.wanted ?? '');
}

/** Before 14 only those who see a session know since when it waits: without that "no long wait" is a guess. */
export function withWaitTimes(
  findings: readonly HealthFinding[],
  rows: readonly BlockedRow[],
  facts: HealthFacts,
): CheckOutcome {
  const hidden = rows.filter((row) => row.blocked_by.length > 0 && row.waiting_ms === null);
  if (hidden.length === 0 || facts.readsAllStats) return findings;
  return cannotTell(
    `Since when ${plural(hidden.length, 'session waits', 'sessions wait')} for a lock is hidden from ${facts.user}.`,
    { unlockSql: grantRole('pg_monitor', facts), findings },
  );
}

/** Who stands at the root: blocks others and waits for nobody. A cycle has no root. */
export function rootBlockers(rows: readonly BlockedRow[]): Map<number, BlockedRow[]> {
  const waiting = rows.filter((row) => row.blocked_by.length > 0);
  const byPid = new Map(waiting.map((row) => [row.pid, row]));
  const roots = new Map<number, BlockedRow[]>();
  for (const row of waiting) {
    for (const root of rootsOf(row, byPid, new Set())) {
      roots.set(root, [...(roots.get(root) ?? []), row]);
    }
  }
  return roots;
}

/** How many sessions stand one behind the other, the root included. */
export function queueDepth(row: BlockedRow, rows: readonly BlockedRow[]): number {
  return depthOf(row.pid, new Map(rows.map((other) => [other.pid, other])), new Set());
}

function rootsOf(row: BlockedRow, byPid: ReadonlyMap<number, BlockedRow>, seen: Set<number>): Set<number> {
  seen.add(row.pid);
  const roots = new Set<number>();
  for (const pid of row.blocked_by) {
    const blocker = byPid.get(pid);
    if (blocker === undefined) roots.add(pid);
    else if (!seen.has(pid)) for (const root of rootsOf(blocker, byPid, seen)) roots.add(root);
  }
  return roots;
}

function depthOf(pid: number, byPid: ReadonlyMap<number, BlockedRow>, seen: ReadonlySet<number>): number {
  const row = byPid.get(pid);
  if (row === undefined || seen.has(pid)) return 1;
  const nowSeen = new Set([...seen, pid]);
  return 1 + Math.max(0, ...row.blocked_by.map((blocker) => depthOf(blocker, byPid, nowSeen)));
}
