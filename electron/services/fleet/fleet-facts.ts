import type { FleetFacts } from '#contract/fleet.ts';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { toFailure } from '../../postgres/failure.ts';

/** A number that the server keeps to itself, why, and what would unlock it. */
export interface CannotTell {
  readonly what: string;
  readonly reason: string;
  readonly unlockSql?: string;
}

export interface FleetReading {
  readonly facts: FleetFacts;
  /** What could not be measured in the time that a look may take. What is hidden is told by `hiddenThings`. */
  readonly cannotTell: readonly CannotTell[];
}

/** Measuring a database asks for the size of each of its files: seconds, where there are hundred thousands. */
const sizeTimeoutMs = 3000;
/** With more databases than that their sum is not asked for. */
const mostDatabases = 20;

/**
 * Run on PostgreSQL 13 to 18. One row. Touches no user table: shared memory, a few catalogs of the server, and pg_index.
 * Without pg_read_all_stats the times of other users' sessions are hidden; pg_locks and the counters are not.
 */
export function factsSql(versionNum: number): string {
  return `
with activity as materialized (
  select
    pid, usename, application_name, state, backend_type,
    backend_type = 'client backend' or backend_type is null and datid is not null and usesysid is not null as is_client,
    backend_type is null and usesysid is not null as is_hidden,
    extract(epoch from clock_timestamp() - xact_start)::float8 * 1000 as open_ms,
    extract(epoch from clock_timestamp() - state_change)::float8 * 1000 as idle_ms
  from pg_catalog.pg_stat_activity
  where pid <> pg_catalog.pg_backend_pid()
), locks as materialized (
  select pid, locktype, database, relation, mode, granted, ${versionNum >= 140_000 ? 'waitstart' : 'null::timestamptz as waitstart'}
  from pg_catalog.pg_locks
), databases as materialized (
  select datname, pg_catalog.age(datfrozenxid) as xid_age, pg_catalog.mxid_age(datminmxid) as multixact_age
  from pg_catalog.pg_database
), slots as materialized (
  select
    slot_name::text as slot_name,
    active,
    temporary,
    wal_status,
    ${versionNum >= 170_000 ? 'synced' : 'false as synced'},
    ${versionNum >= 170_000 ? 'invalidation_reason is not null as invalid' : versionNum >= 160_000 ? 'coalesce(conflicting, false) as invalid' : 'false as invalid'},
    pg_catalog.pg_wal_lsn_diff(
      case
        when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_receive_lsn()
        else pg_catalog.pg_current_wal_lsn()
      end,
      restart_lsn)::float8 as retained_bytes
  from pg_catalog.pg_replication_slots
), this_database as (
  select *
  from pg_catalog.pg_stat_database
  where datname = current_database()
)
select
  pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as reads_all_stats,
  extract(epoch from clock_timestamp() - pg_catalog.pg_postmaster_start_time())::float8 * 1000 as uptime_ms,
  pg_catalog.pg_is_in_recovery() as in_recovery,
  case
    when not pg_catalog.pg_is_in_recovery() then null
    when pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() then 0
    when pg_catalog.pg_last_wal_receive_lsn() is not null
      then extract(epoch from clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())::float8 * 1000
  end as replay_lag_ms,
  pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())::float8 as replay_behind_bytes,
  exists (select from pg_catalog.pg_stat_wal_receiver) as receives_wal,
  (select count(*)::int4 from databases) as databases,
  (select count(*) filter (where is_client)::int4 from activity) + 1 as connections_used,
  (select count(*) filter (where is_hidden)::int4 from activity) as hidden_sessions,
  pg_catalog.current_setting('max_connections')::int4 as connections_max,
  pg_catalog.current_setting('superuser_reserved_connections')::int4
    + coalesce(pg_catalog.current_setting('reserved_connections', true)::int4, 0) as connections_reserved,
  (select max(xid_age)::float8 from databases) as oldest_xid_age,
  (select datname::text from databases order by xid_age desc limit 1) as oldest_xid_database,
  (select max(multixact_age)::float8 from databases) as oldest_multixact_age,
  pg_catalog.current_setting('autovacuum_freeze_max_age')::float8 as freeze_max_age,
  pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::float8 as multixact_freeze_max_age,
  (
    select pg_catalog.json_build_object('pid', pid, 'user', coalesce(usename, ''), 'application', application_name, 'ms', open_ms)
    from activity
    where backend_type = 'client backend'
      and state not like 'idle in transaction%'
      and open_ms is not null
    order by open_ms desc
    limit 1
  ) as longest_transaction,
  (
    select pg_catalog.json_build_object('pid', pid, 'user', coalesce(usename, ''), 'application', application_name, 'ms', idle_ms)
    from activity
    where state like 'idle in transaction%'
      and idle_ms is not null
    order by idle_ms desc
    limit 1
  ) as oldest_idle_in_transaction,
  (select count(*)::int4 from pg_catalog.pg_prepared_xacts) as prepared_transactions,
  (
    select extract(epoch from clock_timestamp() - min(prepared))::float8 * 1000
    from pg_catalog.pg_prepared_xacts
  ) as oldest_prepared_ms,
  (select count(*)::int4 from slots) as slots,
  array(
    select slot_name from slots
    where not active and not temporary and not synced and not invalid and wal_status is distinct from 'lost'
    order by 1
  ) as inactive_slots,
  array(select slot_name from slots where wal_status = 'lost' or invalid order by 1) as lost_slots,
  (
    select pg_catalog.json_build_object('name', slot_name, 'bytes', retained_bytes)
    from slots
    where retained_bytes is not null
      and wal_status is distinct from 'lost'
    order by retained_bytes desc
    limit 1
  ) as most_retained_slot,
  (select count(*)::int4 from pg_catalog.pg_stat_replication) as standbys,
  (select count(distinct pid)::int4 from locks where not granted) as blocked_sessions,
  (
    select extract(epoch from clock_timestamp() - min(waitstart))::float8 * 1000
    from locks
    where not granted
  ) as longest_wait_ms,
  (select deadlocks::float8 from this_database) as deadlocks,
  (select temp_bytes::float8 from this_database) as temp_bytes,
  (select blks_hit::float8 from this_database) as blocks_hit,
  (select blks_read::float8 from this_database) as blocks_read,
  (select stats_reset::text from this_database) as stats_reset,
  extract(epoch from clock_timestamp() - coalesce(
    (select stats_reset from this_database),
    (select stats_reset from pg_catalog.pg_stat_bgwriter)))::float8 * 1000 as stats_age_ms,
  (
    select extract(epoch from clock_timestamp() - coalesce(last_archived_time, stats_reset))::float8 * 1000
    from pg_catalog.pg_stat_archiver
    where pg_catalog.current_setting('archive_mode') <> 'off'
      and last_failed_time > coalesce(last_archived_time, '-infinity')
  ) as archiver_failing_ms,
  (
    select count(*)::int4
    from pg_catalog.pg_index as ind
    join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
    where not (ind.indisvalid and ind.indisready)
      and index_class.relkind = 'i'
      -- One that is being built now is invalid too; its builder holds this lock, and so does a vacuum.
      and not exists (
        select
        from locks
        where locks.locktype = 'relation'
          and locks.granted
          and locks.relation = ind.indrelid
          and locks.mode = 'ShareUpdateExclusiveLock'
          and locks.database = (select oid from pg_catalog.pg_database where datname = current_database())
      )
  ) as invalid_indexes,
  case
    when pg_catalog.current_setting('data_checksums') = 'on'
      then (select coalesce(sum(checksum_failures), 0)::float8 from pg_catalog.pg_stat_database)
  end as checksum_failures,
  pg_catalog.has_database_privilege(current_database(), 'connect')
    or pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as measures_database,
  pg_catalog.has_function_privilege('pg_catalog.pg_ls_waldir()', 'execute') as lists_wal`;
}

/** What `factsSql` answers. */
export interface FactsRow {
  readonly reads_all_stats: boolean;
  readonly uptime_ms: number;
  readonly in_recovery: boolean;
  readonly replay_lag_ms: number | null;
  readonly replay_behind_bytes: number | null;
  readonly receives_wal: boolean;
  readonly databases: number;
  readonly connections_used: number;
  readonly hidden_sessions: number;
  readonly connections_max: number;
  readonly connections_reserved: number;
  readonly oldest_xid_age: number;
  readonly oldest_xid_database: string;
  readonly oldest_multixact_age: number;
  readonly freeze_max_age: number;
  readonly multixact_freeze_max_age: number;
  readonly longest_transaction: FleetFacts['longestTransaction'];
  readonly oldest_idle_in_transaction: FleetFacts['oldestIdleInTransaction'];
  readonly prepared_transactions: number;
  readonly oldest_prepared_ms: number | null;
  readonly slots: number;
  readonly inactive_slots: string[];
  readonly lost_slots: string[];
  readonly most_retained_slot: FleetFacts['mostRetainedSlot'];
  readonly standbys: number;
  readonly blocked_sessions: number;
  readonly longest_wait_ms: number | null;
  readonly deadlocks: number | null;
  readonly temp_bytes: number | null;
  readonly blocks_hit: number | null;
  readonly blocks_read: number | null;
  readonly stats_reset: string | null;
  readonly stats_age_ms: number | null;
  readonly archiver_failing_ms: number | null;
  readonly invalid_indexes: number;
  readonly checksum_failures: number | null;
  readonly measures_database: boolean;
  readonly lists_wal: boolean;
}

/** Reads the facts in one round trip and the sizes in a second and third, which may fail without harm. */
export async function readFleetFacts(reader: CatalogReader): Promise<FleetReading> {
  const { server } = reader;
  const [row] = await reader.rows<FactsRow>(factsSql(server.versionNum));
  if (!row) throw new Error('the server answered no row');
  const cannotTell: CannotTell[] = [];
  const measure = async (what: string, sql: string): Promise<number | null> => {
    try {
      const [size] = await reader.rows<{ bytes: string | null }>(sql, { timeoutMs: sizeTimeoutMs });
      return size?.bytes === null || size === undefined ? null : Number(size.bytes);
    } catch (error) {
      const { code, message } = toFailure(error);
      if (code === 'connection_lost' || code === 'unreachable') throw error;
      const tooSlow = code === 'timeout' || code === 'cancelled';
      cannotTell.push({ what, reason: tooSlow ? `Measuring took longer than ${sizeTimeoutMs / 1000} s.` : message });
      return null;
    }
  };
  const databaseBytes = row.measures_database
    ? await measure('Database size', 'select pg_catalog.pg_database_size(pg_catalog.current_database())::text as bytes')
    : null;
  const allDatabasesBytes =
    row.databases <= mostDatabases ? await measure('Size of all databases', allSizesSql(row.reads_all_stats)) : null;
  const walBytes = row.lists_wal
    ? await measure('WAL on disk', 'select sum(size)::text as bytes from pg_catalog.pg_ls_waldir()')
    : null;
  return { facts: factsOf(row, server, { databaseBytes, allDatabasesBytes, walBytes }), cannotTell };
}

/** Null where one of them may not be measured: a sum of some would pass for all. */
function allSizesSql(readsAllStats: boolean): string {
  return `
select
  case
    when ${readsAllStats} or bool_and(pg_catalog.has_database_privilege(database.oid, 'connect'))
      then sum(case
        when ${readsAllStats} or pg_catalog.has_database_privilege(database.oid, 'connect')
          then pg_catalog.pg_database_size(database.oid)
      end)::text
  end as bytes
from pg_catalog.pg_database as database`;
}

/** The row as facts. Pure. */
export function factsOf(
  row: FactsRow,
  server: Pick<CatalogReader['server'], 'version' | 'versionNum' | 'user'>,
  sizes: Pick<FleetFacts, 'databaseBytes' | 'allDatabasesBytes' | 'walBytes'>,
): FleetFacts {
  return {
    version: server.version,
    versionNum: server.versionNum,
    user: server.user,
    readsAllStats: row.reads_all_stats,
    uptimeMs: row.uptime_ms,
    inRecovery: row.in_recovery,
    replayLagMs: row.replay_lag_ms,
    replayBehindBytes: row.replay_behind_bytes,
    receivesWal: row.receives_wal,
    ...sizes,
    databases: row.databases,
    connectionsUsed: row.connections_used,
    connectionsReserved: row.connections_reserved,
    connectionsMax: row.connections_max,
    hiddenSessions: row.hidden_sessions,
    oldestXidAge: row.oldest_xid_age,
    oldestXidDatabase: row.oldest_xid_database,
    freezeMaxAge: row.freeze_max_age,
    oldestMultixactAge: row.oldest_multixact_age,
    multixactFreezeMaxAge: row.multixact_freeze_max_age,
    longestTransaction: row.longest_transaction,
    oldestIdleInTransaction: row.oldest_idle_in_transaction,
    preparedTransactions: row.prepared_transactions,
    oldestPreparedMs: row.oldest_prepared_ms,
    slots: row.slots,
    inactiveSlots: row.inactive_slots,
    lostSlots: row.lost_slots,
    mostRetainedSlot: row.most_retained_slot,
    standbys: row.standbys,
    blockedSessions: row.blocked_sessions,
    longestWaitMs: row.longest_wait_ms,
    deadlocks: row.deadlocks ?? 0,
    tempBytes: row.temp_bytes ?? 0,
    blocksHit: row.blocks_hit ?? 0,
    blocksRead: row.blocks_read ?? 0,
    statsAgeMs: row.stats_age_ms ?? row.uptime_ms,
    statsReset: row.stats_reset,
    archiverFailingMs: row.archiver_failing_ms,
    invalidIndexes: row.invalid_indexes,
    checksumFailures: row.checksum_failures,
  };
}
