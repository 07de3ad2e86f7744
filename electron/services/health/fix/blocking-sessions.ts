import type { BlockingSession } from '#contract/health.ts';
import type { CatalogReader, ReadOptions } from '../../../postgres/catalog-reader.ts';
import { readStatementLength, shownStatement } from '../shown-statement.ts';

interface Row {
  readonly pid: number;
  readonly user_name: string | null;
  readonly application_name: string | null;
  readonly state: string | null;
  readonly transaction_ms: number | null;
  readonly query: string | null;
  readonly holds: string | null;
}

const sessionColumns = `
  activity.pid,
  activity.usename::text as user_name,
  activity.application_name,
  activity.state,
  (extract(epoch from clock_timestamp() - activity.xact_start) * 1000)::float8 as transaction_ms,
  left(activity.query, ${readStatementLength}) as query`;

/** Run on PostgreSQL 13 to 18. The sessions that the backend `$1` waits for right now. */
const blockersSql = `
select ${sessionColumns},
  (
    select string_agg(distinct held.mode || case when held.relation is null then '' else ' on ' || held.relation::regclass end, ', ')
    from pg_catalog.pg_locks as held
    join pg_catalog.pg_locks as wanted
      on wanted.pid = $1
      and not wanted.granted
      and wanted.locktype = held.locktype
      and wanted.database is not distinct from held.database
      and wanted.relation is not distinct from held.relation
      and wanted.virtualxid is not distinct from held.virtualxid
      and wanted.transactionid is not distinct from held.transactionid
    where held.pid = activity.pid
      and held.granted
  ) as holds
from pg_catalog.pg_stat_activity as activity
where activity.pid = any (pg_catalog.pg_blocking_pids($1))
order by activity.xact_start nulls last`;

/** Run on PostgreSQL 13 to 18. Sessions that hold any lock on the table `$1`, and transactions that a concurrent build waits for. */
const holdersSql = `
select ${sessionColumns},
  string_agg(distinct held.mode, ', ') as holds
from pg_catalog.pg_locks as held
join pg_catalog.pg_stat_activity as activity on activity.pid = held.pid
where held.locktype = 'relation'
  and held.database = (select oid from pg_catalog.pg_database where datname = current_database())
  and held.relation = $1::oid
  and held.granted
  and held.pid <> pg_catalog.pg_backend_pid()
group by activity.pid, activity.usename, activity.application_name, activity.state, activity.xact_start, activity.query
order by transaction_ms desc nulls last
limit 20`;

/** Who makes a backend wait. */
export async function blockersOf(pid: number, reader: CatalogReader, options: ReadOptions): Promise<BlockingSession[]> {
  return (await reader.rows<Row>(blockersSql, { ...options, values: [pid] })).map(session);
}

/** Who holds locks on a table now. */
export async function holdersOf(
  tableOid: number,
  reader: CatalogReader,
  options: ReadOptions,
): Promise<BlockingSession[]> {
  return (await reader.rows<Row>(holdersSql, { ...options, values: [tableOid] })).map(session);
}

function session(row: Row): BlockingSession {
  return {
    pid: row.pid,
    user: row.user_name,
    application: row.application_name ?? '',
    state: row.state,
    transactionMs: row.transaction_ms,
    query: row.query === null ? null : shownStatement(row.query, 500),
    holds: row.holds ?? 'an older snapshot',
  };
}
