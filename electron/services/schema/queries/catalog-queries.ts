// Every query here was run on PostgreSQL 15 and 18. They name pg_catalog, so that no search_path can redirect them.

/** A condition on `namespaces.nspname` that leaves out the system's own schemas and those of temporary tables. */
export const userNamespaces = String.raw`namespaces.nspname !~ '^pg_' and namespaces.nspname <> 'information_schema'`;

export interface SchemaRow {
  name: string;
  owner: string;
  comment: string | null;
}

/** Which schemas are there? */
export const schemasQuery = `
  select namespaces.nspname as name,
         pg_catalog.pg_get_userbyid(namespaces.nspowner) as owner,
         pg_catalog.obj_description(namespaces.oid, 'pg_namespace') as comment
  from pg_catalog.pg_namespace as namespaces
  where ${userNamespaces}
  order by namespaces.nspname`;

export interface RelationRow {
  oid: number;
  schema: string;
  name: string;
  kind: string;
  size_bytes: string | null;
  estimated_rows: number | null;
  partitions: number;
  comment: string | null;
}

/**
 * Which relations are there, how large, with how many rows? Partitions are summed into the root of their tree.
 * A size takes a lock to read, so that of a relation somebody has locked is null instead of a wait.
 * reltuples is -1 (0 before PostgreSQL 14) where a table was never analyzed.
 */
export const relationsQuery = `
  with recursive locked as materialized (
    select coalesce(indexes.indrelid, owners.oid, locks.relation) as oid
    from pg_catalog.pg_locks as locks
    left join pg_catalog.pg_index as indexes on indexes.indexrelid = locks.relation
    left join pg_catalog.pg_class as owners on owners.reltoastrelid = locks.relation
    where locks.locktype = 'relation'
      and locks.mode = 'AccessExclusiveLock'
      and locks.granted
      and locks.database = (select databases.oid from pg_catalog.pg_database as databases where databases.datname = pg_catalog.current_database())
  ),
  tree as (
    select inhrelid as oid, inhparent as root
    from pg_catalog.pg_inherits
    join pg_catalog.pg_class as parent on parent.oid = inhparent and parent.relkind = 'p'
    where not parent.relispartition
    union all
    select below.inhrelid, tree.root
    from tree
    join pg_catalog.pg_inherits as below on below.inhparent = tree.oid
  ),
  sums as materialized (
    select tree.root,
           count(*)::int as partitions,
           sum(case when tree.oid not in (select locked.oid from locked) then pg_catalog.pg_total_relation_size(tree.oid) end) as size_bytes,
           sum(parts.reltuples) filter (where parts.reltuples >= 0) as estimated_rows
    from tree
    join pg_catalog.pg_class as parts on parts.oid = tree.oid and parts.relkind <> 'p'
    group by tree.root
  )
  select relations.oid,
         namespaces.nspname as schema,
         relations.relname as name,
         relations.relkind as kind,
         case
           when relations.relkind = 'p' then coalesce(sums.size_bytes, 0)
           when relations.oid in (select locked.oid from locked) then null
           when relations.relkind in ('r', 'm', 'S') then pg_catalog.pg_total_relation_size(relations.oid)
         end::text as size_bytes,
         case
           when relations.relkind = 'p' then sums.estimated_rows
           when relations.relkind in ('r', 'm', 'f') and (relations.reltuples > 0 or (relations.reltuples = 0 and relations.relpages > 0)) then relations.reltuples
         end::float8 as estimated_rows,
         coalesce(sums.partitions, 0) as partitions,
         descriptions.description as comment
  from pg_catalog.pg_class as relations
  join pg_catalog.pg_namespace as namespaces on namespaces.oid = relations.relnamespace
  left join sums on sums.root = relations.oid
  left join pg_catalog.pg_description as descriptions
    on descriptions.objoid = relations.oid
    and descriptions.classoid = 'pg_catalog.pg_class'::regclass
    and descriptions.objsubid = 0
  where relations.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and not relations.relispartition
    and ${userNamespaces}
  order by namespaces.nspname, relations.relname`;

export interface FunctionRow {
  oid: number;
  schema: string;
  name: string;
  kind: string;
  arguments: string;
  result: string | null;
  language: string;
}

/** Which functions and procedures are there, those of extensions left out? */
export const functionsQuery = `
  select routines.oid,
         namespaces.nspname as schema,
         routines.proname as name,
         case routines.prokind when 'f' then 'function' when 'p' then 'procedure' when 'a' then 'aggregate' else 'window' end as kind,
         pg_catalog.pg_get_function_identity_arguments(routines.oid) as arguments,
         pg_catalog.pg_get_function_result(routines.oid) as result,
         languages.lanname as language
  from pg_catalog.pg_proc as routines
  join pg_catalog.pg_namespace as namespaces on namespaces.oid = routines.pronamespace
  join pg_catalog.pg_language as languages on languages.oid = routines.prolang
  where ${userNamespaces}
    and not exists (
      select from pg_catalog.pg_depend as members
      where members.objid = routines.oid
        and members.classid = 'pg_catalog.pg_proc'::regclass
        and members.deptype = 'e')
  order by namespaces.nspname, routines.proname, arguments`;

export interface TypeRow {
  oid: number;
  schema: string;
  name: string;
  kind: string;
}

/** Which types did users make? Row types of tables and multiranges are left out. */
export const typesQuery = `
  select types.oid, namespaces.nspname as schema, types.typname as name, types.typtype as kind
  from pg_catalog.pg_type as types
  join pg_catalog.pg_namespace as namespaces on namespaces.oid = types.typnamespace
  left join pg_catalog.pg_class as rows on rows.oid = types.typrelid
  where types.typtype in ('e', 'c', 'd', 'r')
    and (types.typtype <> 'c' or rows.relkind = 'c')
    and ${userNamespaces}
    and not exists (
      select from pg_catalog.pg_depend as members
      where members.objid = types.oid
        and members.classid = 'pg_catalog.pg_type'::regclass
        and members.deptype = 'e')
  order by namespaces.nspname, types.typname`;

export interface ExtensionRow {
  name: string;
  version: string;
  schema: string;
}

/** Which extensions are installed? */
export const extensionsQuery = `
  select extensions.extname as name, extensions.extversion as version, namespaces.nspname as schema
  from pg_catalog.pg_extension as extensions
  join pg_catalog.pg_namespace as namespaces on namespaces.oid = extensions.extnamespace
  order by extensions.extname`;
