/**
 * The settings of autovacuum that apply to a table: its own storage parameters, else the server's. For queries that have
 * `table_class`. https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM
 */
export function tableParameter(name: string): string {
  return `case when table_class.reloptions is null then pg_catalog.current_setting('${name}') else coalesce(
    (
      select option.option_value
      from pg_catalog.pg_options_to_table(table_class.reloptions) as option
      where option.option_name = '${name}'
    ),
    pg_catalog.current_setting('${name}')
  ) end::float8`;
}

/** Rows that must change before autovacuum analyzes the table. */
export const analyzeThreshold = `(${tableParameter('autovacuum_analyze_threshold')}
    + ${tableParameter('autovacuum_analyze_scale_factor')} * greatest(table_class.reltuples, 0))`;

/** Dead rows that must gather before autovacuum vacuums the table. PostgreSQL 18 caps it. */
export function vacuumThreshold(versionNum: number): string {
  const scaled = `${tableParameter('autovacuum_vacuum_threshold')}
    + ${tableParameter('autovacuum_vacuum_scale_factor')} * greatest(table_class.reltuples, 0)`;
  return versionNum >= 180_000
    ? `least(${scaled}, coalesce(nullif(${tableParameter('autovacuum_vacuum_max_threshold')}, -1), 'infinity'))`
    : `(${scaled})`;
}

/** False where autovacuum never comes by itself: it is off for the server or for the table. */
export const autovacuumComes = `(
    pg_catalog.current_setting('autovacuum')::bool
    and pg_catalog.current_setting('track_counts')::bool
    and case when table_class.reloptions is null then true else coalesce(
      (
        select option.option_value::bool
        from pg_catalog.pg_options_to_table(table_class.reloptions) as option
        where option.option_name = 'autovacuum_enabled'
      ),
      true
    ) end
  )`;
