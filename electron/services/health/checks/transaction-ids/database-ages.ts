/** The ages of one database, and what the server says about itself. */
export interface DatabaseAgeRow {
  readonly database_name: string;
  readonly is_current: boolean;
  readonly age_xids: number;
  readonly age_multixacts: number;
  readonly freeze_max_age: number;
  readonly multixact_freeze_max_age: number;
  readonly allows_connections: boolean;
  readonly is_template: boolean;
  /** An interrupted `drop database` left it behind: nobody can connect, vacuum neither. */
  readonly is_invalid: boolean;
  /** The next transaction id with its epoch, which never wraps around. Null on a standby. */
  readonly next_xid: string | null;
}

/** What to do about the age of a database other than this one. */
export function elsewhereCaution(row: DatabaseAgeRow): string {
  if (row.is_invalid)
    return 'Nobody can connect to what an interrupted drop left behind: it can only be dropped (XID06).';
  if (row.allows_connections) {
    return `To be vacuumed from a connection to ${row.database_name}, after what holds vacuum back is gone (XID05).`;
  }
  return 'Nobody can connect to it: autovacuum has to freeze it, once what holds vacuum back is gone (XID05). Where it does not, XID06 says how to get there.';
}

/**
 * Ages of all databases, oldest first. age() of a multixact id answers nonsense; mxid_age() is the right one.
 * Run on PostgreSQL 13 to 18.
 */
export const databaseAgesSql = `
select
  quote_ident(database.datname) as database_name,
  database.datname = current_database() as is_current,
  age(database.datfrozenxid) as age_xids,
  mxid_age(database.datminmxid) as age_multixacts,
  pg_catalog.current_setting('autovacuum_freeze_max_age')::int4 as freeze_max_age,
  pg_catalog.current_setting('autovacuum_multixact_freeze_max_age')::int4 as multixact_freeze_max_age,
  database.datallowconn as allows_connections,
  database.datistemplate as is_template,
  database.datconnlimit = -2 as is_invalid,
  case
    when not pg_catalog.pg_is_in_recovery()
      then pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text
  end as next_xid
from pg_catalog.pg_database as database
order by age_xids desc, database.datname`;
