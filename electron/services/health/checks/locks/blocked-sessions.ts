import { sessionColumns, type SessionRow } from './session-row.ts';

export interface BlockedRow extends SessionRow {
  readonly waiting_ms: number | null;
  readonly blocked_by: readonly number[];
}

/**
 * Every session that waits for a heavyweight lock, with those that block it directly. Which of them wait is in pg_locks,
 * which hides nothing; pg_blocking_pids briefly locks the lock table, so it is asked for waiting sessions only.
 * Run on PostgreSQL 13 to 18.
 */
export function blockedSessionsSql(versionNum: number): string {
  const waitStart =
    versionNum >= 140_000 ? 'coalesce(min(lock.waitstart), min(activity.query_start))' : 'min(activity.query_start)';
  return `
select
  ${sessionColumns},
  extract(epoch from clock_timestamp() - ${waitStart})::float8 * 1000 as waiting_ms,
  pg_catalog.pg_blocking_pids(activity.pid) as blocked_by
from pg_catalog.pg_locks as lock
join pg_catalog.pg_stat_activity as activity on activity.pid = lock.pid
where not lock.granted
group by activity.pid, activity.usename, activity.datname, activity.application_name, activity.query
order by waiting_ms desc nulls last`;
}

/** Who stands at the root: blocks others and waits for nobody. A cycle has no root. */
export function rootBlockers(rows: readonly BlockedRow[]): Map<number, BlockedRow[]> {
  const byPid = new Map(rows.map((row) => [row.pid, row]));
  const roots = new Map<number, BlockedRow[]>();
  for (const row of rows) {
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
