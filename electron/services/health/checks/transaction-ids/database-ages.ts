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
