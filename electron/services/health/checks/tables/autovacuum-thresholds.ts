/**
 * The settings of autovacuum that apply to a table: its own storage parameters, else the server's.
 * https://www.postgresql.org/docs/current/routine-vacuuming.html#AUTOVACUUM
 */
export function tableParameter(name: string): string {
  return `coalesce(
    (
      select option.option_value
      from pg_catalog.pg_options_to_table(table_class.reloptions) as option
      where option.option_name = '${name}'
    ),
    pg_catalog.current_setting('${name}')
  )::float8`;
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
