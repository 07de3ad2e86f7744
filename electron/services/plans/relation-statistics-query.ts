/**
 * When the statistics of relations were taken, and how much has changed since. `$1`: relations as `regclass` reads them.
 * reltuples is -1 for a table that was never analyzed, since PostgreSQL 14. Ran on PostgreSQL 15 and 18.
 */
export const relationStatisticsQuery = `
  select ns.nspname as schema,
         rel.relname as name,
         nullif(rel.reltuples, -1)::float8 as rows,
         stat.n_mod_since_analyze::float8 as modified,
         greatest(stat.last_analyze, stat.last_autoanalyze)::text as analyzed_at
    from unnest($1::text[]) as written (name)
    join pg_catalog.pg_class rel on rel.oid = to_regclass(written.name)
    join pg_catalog.pg_namespace ns on ns.oid = rel.relnamespace
    join pg_catalog.pg_stat_all_tables stat on stat.relid = rel.oid`;
