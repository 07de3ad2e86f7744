/**
 * Conditions that many checks share. A schema of a user never begins with `pg_`: PostgreSQL reserves the prefix,
 * so temporary and TOAST schemas are out as well.
 */
export function isUserSchema(schemaAlias: string): string {
  return `${schemaAlias}.nspname !~ '^pg_' and ${schemaAlias}.nspname <> 'information_schema'`;
}

type CatalogWithMembers = 'pg_class' | 'pg_proc' | 'pg_type';

/** False for what an extension brought along: its objects are its author's to change. */
export function isNotOfExtension(oid: string, catalog: CatalogWithMembers = 'pg_class'): string {
  return `not exists (
    select
    from pg_catalog.pg_depend as membership
    where membership.classid = 'pg_catalog.${catalog}'::regclass
      and membership.objid = ${oid}
      and membership.deptype = 'e'
  )`;
}
