import type { Progress } from '#contract/activity.ts';
import type { ServerFacts } from '../../postgres/catalog-reader.ts';

/** Sessions that are listed; on a server with more, the busy ones come first. */
export const maxSessions = 1000;
/** Lock waits that are listed. */
export const maxWaits = 300;
const shownQuery = 1000;

export interface CountersRow {
  readonly at_ms: number;
  readonly commits: string;
  readonly rollbacks: string;
  readonly blocks_hit: string;
  readonly blocks_read: string;
  readonly returned: string;
  readonly fetched: string;
  readonly inserted: string;
  readonly updated: string;
  readonly deleted: string;
  readonly temp_bytes: string;
  readonly deadlocks: string;
  readonly io_read_ms: number;
  readonly io_write_ms: number;
  readonly io_timed: boolean;
  readonly wal_bytes: string | null;
  readonly active: number;
  readonly idle: number;
  readonly idle_in_transaction: number;
  readonly waiting: number;
  /** Processes of any kind that wait for a lock, autovacuum and replication among them. */
  readonly lock_waiters: number;
  readonly hidden: number;
  readonly total: number;
  readonly connection_limit: number;
}

/**
 * Counters of the whole server and its sessions by state: what is asked once a second. Run on PostgreSQL 13 to 18.
 * `max_wal_senders` and the like never show up as client backends, so the limit is that of clients.
 */
export function countersSql({ versionNum }: ServerFacts): string {
  const reserved = versionNum >= 160_000 ? ` - current_setting('reserved_connections')::int4` : '';
  return `
select
  extract(epoch from clock_timestamp())::float8 * 1000 as at_ms,
  database.*,
  session.*,
  current_setting('track_io_timing')::bool as io_timed,
  case
    when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_replay_lsn(), '0/0')
    else pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')
  end as wal_bytes,
  current_setting('max_connections')::int4 - current_setting('superuser_reserved_connections')::int4${reserved} as connection_limit
from (
  select
    sum(xact_commit)::int8 as commits,
    sum(xact_rollback)::int8 as rollbacks,
    sum(blks_hit)::int8 as blocks_hit,
    sum(blks_read)::int8 as blocks_read,
    sum(tup_returned)::int8 as returned,
    sum(tup_fetched)::int8 as fetched,
    sum(tup_inserted)::int8 as inserted,
    sum(tup_updated)::int8 as updated,
    sum(tup_deleted)::int8 as deleted,
    sum(temp_bytes)::int8 as temp_bytes,
    sum(deadlocks)::int8 as deadlocks,
    sum(blk_read_time)::float8 as io_read_ms,
    sum(blk_write_time)::float8 as io_write_ms
  from pg_catalog.pg_stat_database
) as database
cross join (
  select
    (count(*) filter (where is_client and state in ('active', 'fastpath function call')))::int4 as active,
    (count(*) filter (where is_client and state = 'idle'))::int4 as idle,
    (count(*) filter (where is_client and state like 'idle in transaction%'))::int4 as idle_in_transaction,
    (count(*) filter (where is_client and wait_event_type = 'Lock'))::int4 as waiting,
    (count(*) filter (where wait_event_type = 'Lock'))::int4 as lock_waiters,
    (count(*) filter (where is_client and state is null))::int4 as hidden,
    (count(*) filter (where is_client))::int4 as total
  from (
    select
      state,
      wait_event_type,
      -- Where the kind is hidden: processes of the server have no user or no database.
      coalesce(backend_type = 'client backend', usesysid is not null and datid is not null) as is_client
    from pg_catalog.pg_stat_activity
  ) as process
) as session`;
}

export interface SessionRow {
  readonly pid: number;
  readonly backend_start: string | null;
  readonly backend_type: string | null;
  readonly database: string | null;
  readonly user_name: string | null;
  readonly application: string | null;
  readonly client: string | null;
  readonly state: string | null;
  readonly wait_event_type: string | null;
  readonly wait_event: string | null;
  readonly transaction_ms: number | null;
  readonly state_ms: number | null;
  readonly query_ms: number | null;
  readonly xmin_age: number | null;
  readonly leader_pid: number | null;
  readonly query: string | null;
  readonly is_visible: boolean;
  readonly total: number;
}

/** Run on PostgreSQL 13 to 18. Sessions with work first. */
export const sessionsSql = `
select
  pid,
  backend_start::text as backend_start,
  backend_type,
  datname::text as database,
  usename::text as user_name,
  application_name as application,
  coalesce(host(client_addr) || ':' || client_port, case when client_port = -1 then 'local socket' end) as client,
  state,
  wait_event_type,
  wait_event,
  extract(epoch from clock_timestamp() - xact_start)::float8 * 1000 as transaction_ms,
  extract(epoch from clock_timestamp() - state_change)::float8 * 1000 as state_ms,
  case when state = 'active' then extract(epoch from clock_timestamp() - query_start)::float8 * 1000 end as query_ms,
  pg_catalog.age(backend_xmin) as xmin_age,
  leader_pid,
  left(query, ${shownQuery}) as query,
  query is distinct from '<insufficient privilege>' as is_visible,
  count(*) over ()::int4 as total
from pg_catalog.pg_stat_activity
where backend_start is not null or usesysid is not null
order by state = 'idle', xact_start nulls last, pid
limit ${maxSessions}`;

export interface WaitRow {
  readonly pid: number;
  readonly blocked_by: readonly number[];
  readonly mode: string | null;
  readonly target: string | null;
  readonly wait_ms: number | null;
  readonly total: number;
}

/** Words for a lock's object, over a row of pg_locks called `lock`. Names only of this database: oids are per database. */
const targetWords = `
  case
    when lock.relation is not null and lock.database = (select oid from pg_catalog.pg_database where datname = current_database())
      then case when lock.locktype = 'relation' then '' else lock.locktype || ' of ' end || lock.relation::regclass
    when lock.relation is not null then lock.locktype || ' of relation ' || lock.relation || ' in database ' || lock.database
    when lock.locktype = 'transactionid' then 'transaction ' || lock.transactionid
    when lock.locktype = 'virtualxid' then 'virtual transaction ' || lock.virtualxid
    -- By one number or by two.
    when lock.locktype = 'advisory' and lock.objsubid = 1 then 'advisory lock ' || (lock.classid::int8 << 32 | lock.objid::int8)
    when lock.locktype = 'advisory' then 'advisory lock ' || lock.classid || ', ' || lock.objid
    else lock.locktype
  end`;

/** Asked only while somebody waits: it goes through all locks. Run on PostgreSQL 13 to 18. */
export function waitsSql({ versionNum }: ServerFacts): string {
  const waitMs =
    versionNum >= 140_000 ? 'extract(epoch from clock_timestamp() - lock.waitstart)::float8 * 1000' : 'null::float8';
  return `
with waiting as materialized (
  select
    pid,
    count(*) over ()::int4 as total
  from pg_catalog.pg_stat_activity
  where wait_event_type = 'Lock'
  order by query_start
  limit ${maxWaits}
)
select
  waiting.pid,
  pg_catalog.pg_blocking_pids(waiting.pid) as blocked_by,
  lock.mode,
  ${targetWords} as target,
  ${waitMs} as wait_ms,
  waiting.total
from waiting
left join pg_catalog.pg_locks as lock on lock.pid = waiting.pid and not lock.granted
order by wait_ms desc nulls last, waiting.pid`;
}

/** The locks of one session, grouped. `$1` is its pid. Run on PostgreSQL 13 to 18. */
export const locksOfSessionSql = `
select
  target,
  mode,
  granted,
  count(*)::int4 as count,
  count(*) over ()::int4 as total
from (
  select
    lock.mode,
    lock.granted,
    ${targetWords} as target
  from pg_catalog.pg_locks as lock
  where lock.pid = $1
) as held
group by target, mode, granted
order by granted, mode = 'AccessShareLock', target, mode
limit 200`;

export interface ProgressRow {
  readonly pid: number;
  readonly command: string;
  readonly relation: string | null;
  readonly database: string | null;
  readonly phase: string;
  readonly done: string;
  readonly total: string;
  readonly unit: Progress['unit'];
  readonly detail: string | null;
}

/** COPY of a query is about no relation. */
const relationName = `case when progress.datname = current_database() and progress.relid <> 0 then progress.relid::regclass::text end`;

/** All that the server tells the progress of. What others do is there, with its numbers hidden. Run on PostgreSQL 13 to 18. */
export function progressSql({ versionNum }: ServerFacts): string {
  const columns = (
    command: string,
    phase: string,
    done: string,
    total: string,
    unit: string,
    detail: string,
    hidden = command,
  ) => `
select
  progress.pid,
  coalesce(${command}, ${hidden}) as command,
  ${relationName} as relation,
  progress.datname::text as database,
  coalesce(${phase}, 'hidden') as phase,
  coalesce(${done}, 0) as done,
  coalesce(${total}, 0) as total,
  ${unit} as unit,
  ${detail} as detail`;
  const parts = [
    `${columns(`'vacuum'`, 'progress.phase', "case when progress.phase = 'vacuuming heap' then progress.heap_blks_vacuumed else progress.heap_blks_scanned end", 'progress.heap_blks_total', "'blocks'", "case when progress.index_vacuum_count > 0 then progress.index_vacuum_count || ' passes over the indexes' end")}
from pg_catalog.pg_stat_progress_vacuum as progress`,
    `${columns(`'analyze'`, 'progress.phase', 'progress.sample_blks_scanned', 'progress.sample_blks_total', "'blocks'", 'null::text')}
from pg_catalog.pg_stat_progress_analyze as progress`,
    `${columns('lower(progress.command)', 'progress.phase', 'case when progress.blocks_total > 0 then progress.blocks_done else progress.tuples_done end', 'case when progress.blocks_total > 0 then progress.blocks_total else progress.tuples_total end', "case when progress.blocks_total > 0 then 'blocks' else 'rows' end", "case when progress.lockers_total > 0 then progress.lockers_done || ' of ' || progress.lockers_total || ' lock holders gone' end", "'create index'")}
from pg_catalog.pg_stat_progress_create_index as progress`,
    `${columns('lower(progress.command)', 'progress.phase', 'progress.heap_blks_scanned', 'progress.heap_blks_total', "'blocks'", 'null::text', "'cluster'")}
from pg_catalog.pg_stat_progress_cluster as progress`,
    ...(versionNum >= 140_000
      ? [
          `${columns('lower(progress.command)', 'lower(progress.type)', 'progress.bytes_processed', 'progress.bytes_total', "'bytes'", "progress.tuples_processed || ' rows'", "'copy'")}
from pg_catalog.pg_stat_progress_copy as progress`,
        ]
      : []),
    `
select
  progress.pid,
  'base backup',
  null,
  null,
  coalesce(progress.phase, 'hidden'),
  coalesce(progress.backup_streamed, 0),
  coalesce(progress.backup_total, 0),
  'bytes',
  progress.tablespaces_streamed || ' of ' || progress.tablespaces_total || ' tablespaces'
from pg_catalog.pg_stat_progress_basebackup as progress`,
  ];
  return parts.join('\nunion all');
}
