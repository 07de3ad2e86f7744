/**
 * Conditions that many checks share. A schema of a user never begins with `pg_`: PostgreSQL reserves the prefix,
 * so temporary and TOAST schemas are out as well. TimescaleDB keeps the parts of its tables in schemas that begin with
 * `_timescaledb_`: they are no members of the extension, and still its own.
 */
export function isUserSchema(schemaAlias: string): string {
  return `${schemaAlias}.nspname !~ '^(?:pg|_timescaledb)_' and ${schemaAlias}.nspname <> 'information_schema'`;
}

type CatalogWithMembers = 'pg_class' | 'pg_proc' | 'pg_type';

/**
 * False for what an extension brought along: its objects are its author's to change. From the side of the extensions,
 * which have few members: from the side of the objects every check would read most of `pg_depend`, and that is what
 * `=` instead of `is not distinct from`, which no index serves, makes of it.
 */
export function isNotOfExtension(oid: string, catalog: CatalogWithMembers = 'pg_class'): string {
  return `${oid} not in (
    select membership.objid
    from pg_catalog.pg_depend as membership
    where membership.refclassid = 'pg_catalog.pg_extension'::regclass
      and membership.classid is not distinct from 'pg_catalog.${catalog}'::regclass
      and membership.deptype = 'e'
  )`;
}

/**
 * True for a session that runs no VACUUM and helps with none: its snapshot holds no other vacuum back, and ending it ends
 * the freeze that somebody waits for. VACUUM FULL is not in that view, and holds back like any other. So do concurrent
 * index builds, but for 14.0 to 14.3.
 */
export function runsNoVacuum(activityAlias: string): string {
  return `coalesce(${activityAlias}.leader_pid, ${activityAlias}.pid) not in (
      select progress.pid
      from pg_catalog.pg_stat_progress_vacuum as progress
      where progress.pid is not null
    )`;
}

/** The fill factor in percent that an array of storage parameters sets, or the usual one of tables (100) or btrees (90). */
export function fillFactor(reloptions: string, usual: 90 | 100): string {
  return `coalesce(substring(array_to_string(${reloptions}, ',') from '(?:^|,)fillfactor=([0-9]+)')::int4, ${usual})`;
}

/**
 * True for a default that is the next number of this sequence and nothing else, as serial makes it. One that computes
 * something out of the number, such as a key with the time in it, is a generator of its own.
 */
export function isNextNumberAlone(defaultAlias: string, sequenceOid: string): string {
  return `${defaultText(defaultAlias)} = ${nextNumber(sequenceOid)}`;
}

/**
 * A default as PostgreSQL prints it. Naming the table would open it, which takes time, and waits where somebody has locked
 * it; only the expression of a generated column has need of it.
 */
export function defaultText(defaultAlias: string): string {
  return `pg_catalog.pg_get_expr(${defaultAlias}.adbin, case when strpos(${defaultAlias}.adbin::text, '{VAR ') > 0 then ${defaultAlias}.adrelid else 0 end)`;
}

/** The default of a serial column as PostgreSQL prints it: never as an escape string. */
export function nextNumber(sequenceOid: string): string {
  return `'nextval(''' || replace(${sequenceOid}::regclass::text, '''', '''''') || '''::regclass)'`;
}

/** True for a column that may hold nulls: since 18 a NOT NULL may wait for its validation, with nulls in old rows. */
export function mayHoldNulls(attributeAlias: string, versionNum: number): string {
  if (versionNum < 180_000) return `not ${attributeAlias}.attnotnull`;
  return `(not ${attributeAlias}.attnotnull or exists (
        select
        from pg_catalog.pg_constraint as not_null
        where not_null.conrelid = ${attributeAlias}.attrelid
          and not_null.contype = 'n'
          and not not_null.convalidated
          and not_null.conkey[1] = ${attributeAlias}.attnum
      ))`;
}

/**
 * The size of a relation in bytes, by one of PostgreSQL's functions. They open it, which waits as long as somebody has
 * locked it against readers or waits to, as VACUUM FULL and ALTER TABLE do: then its pages at the last vacuum stand in.
 */
export function relationSize(oid: string, pages: string, measure = 'pg_relation_size'): string {
  return `case
    when ${oid} in (
      select held.relation
      from pg_catalog.pg_locks as held
      where held.locktype = 'relation'
        and held.mode = 'AccessExclusiveLock'
        and held.database = (select this.oid from pg_catalog.pg_database as this where this.datname = current_database())
    ) then ${pages}::int8 * pg_catalog.current_setting('block_size')::int8
    else pg_catalog.${measure}(${oid})
  end`;
}
