import type { CatalogReader, ReadOptions } from '../../postgres/catalog-reader.ts';
import type { HealthFacts } from './health-check.ts';

/** Run on PostgreSQL 13 to 18. */
const factsSql = `
select
  pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage') as reads_all_stats,
  (select role.rolinherit from pg_catalog.pg_roles as role where role.rolname = current_user) as inherits,
  coalesce((
    select pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', extension.extname,
      'schema', schema.nspname,
      'version', extension.extversion))
    from pg_catalog.pg_extension as extension
    join pg_catalog.pg_namespace as schema on schema.oid = extension.extnamespace
  ), '[]'::json) as extensions,
  this_database.stats_reset::text as stats_reset,
  coalesce(
    extract(epoch from clock_timestamp() - coalesce(
      this_database.stats_reset,
      (select stats_reset from pg_catalog.pg_stat_bgwriter))),
    0)::float8 as stats_age_seconds,
  (select count(*) from pg_catalog.pg_stat_replication)::int4 as attached_standbys
from pg_catalog.pg_stat_database as this_database
where this_database.datname = current_database()`;

interface FactsRow {
  readonly reads_all_stats: boolean;
  readonly inherits: boolean;
  readonly extensions: readonly { readonly name: string; readonly schema: string; readonly version: string }[];
  readonly stats_reset: string | null;
  readonly stats_age_seconds: number;
  readonly attached_standbys: number;
}

/** Reads what every check may want to know. Throws what the reader throws. */
export async function readHealthFacts(reader: CatalogReader, options: ReadOptions): Promise<HealthFacts> {
  const [row] = await reader.rows<FactsRow>(factsSql, options);
  if (row === undefined) throw new Error(`pg_stat_database has no row for ${reader.server.database}`);
  return {
    ...reader.server,
    readsAllStats: row.reads_all_stats,
    inherits: row.inherits,
    extensions: new Map(row.extensions.map(({ name, schema, version }) => [name, { schema, version }])),
    statsResetAt: row.stats_reset,
    statsAgeMs: row.stats_age_seconds * 1000,
    attachedStandbys: row.attached_standbys,
    standbyScans: new Map(),
    standbysAsked: [],
  };
}
