import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { quoteQualified } from '../../postgres/quote-identifier.ts';

export const defaultTrackingTable = 'mikro_orm_migrations';

export interface AppliedMigration {
  readonly name: string;
  readonly appliedAt: string;
}

/** Reads which migrations are applied, and creates nothing: null where the table does not exist. */
export async function readTrackingTable(
  reader: CatalogReader,
  table: string,
): Promise<readonly AppliedMigration[] | null> {
  const [first = '', second] = table.split('.');
  const [found] = await reader.rows<{ schema: string; name: string }>(
    `select namespaces.nspname as schema, relations.relname as name
     from pg_catalog.pg_class as relations
     join pg_catalog.pg_namespace as namespaces on namespaces.oid = relations.relnamespace
     where relations.relkind in ('r', 'p')
       and relations.relname = $1
       and case when $2::text is null then pg_catalog.pg_table_is_visible(relations.oid) else namespaces.nspname = $2 end`,
    { values: second === undefined ? [first, null] : [second, first] },
  );
  if (!found) return null;
  const rows = await reader.rows<{ name: string; applied_at: string }>(
    `select name, executed_at::text as applied_at from ${quoteQualified(found.schema, found.name)} order by id`,
  );
  return rows.map((row) => ({ name: row.name, appliedAt: row.applied_at }));
}

/** The key of the advisory lock that all runs on one tracking table of one database take. */
export function lockKeySql(): string {
  return `select pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended('steward:migrate:' || $1, 0)) as locked`;
}
