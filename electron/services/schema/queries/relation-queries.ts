// What the page of one relation shows. $1 is its oid. Run on PostgreSQL 15 and 18.

export interface RelationFactsRow {
  oid: number;
  schema: string;
  name: string;
  kind: string;
  owner: string;
  comment: string | null;
  is_partition: boolean;
  total_bytes: string | null;
  table_bytes: string | null;
  index_bytes: string | null;
  toast_bytes: string | null;
  estimated_rows: number | null;
  partition_key: string | null;
  view_definition: string | null;
  parent_oid: number | null;
  parent_schema: string | null;
  parent_name: string | null;
  bound: string | null;
  persistence: string;
  options: string[] | null;
  row_security: boolean;
  force_row_security: boolean;
}

export const relationFactsQuery = `
  select relations.oid,
         namespaces.nspname as schema,
         relations.relname as name,
         relations.relkind as kind,
         pg_catalog.pg_get_userbyid(relations.relowner) as owner,
         pg_catalog.obj_description(relations.oid, 'pg_class') as comment,
         relations.relispartition as is_partition,
         sizes.total_bytes::text,
         sizes.table_bytes::text,
         sizes.index_bytes::text,
         sizes.toast_bytes::text,
         case when relations.reltuples > 0 or (relations.reltuples = 0 and relations.relpages > 0) then relations.reltuples::float8 end as estimated_rows,
         case when relations.relkind = 'p' then pg_catalog.pg_get_partkeydef(relations.oid) end as partition_key,
         case when relations.relkind in ('v', 'm') then pg_catalog.pg_get_viewdef(relations.oid, true) end as view_definition,
         parents.oid as parent_oid,
         parent_namespaces.nspname as parent_schema,
         parents.relname as parent_name,
         case when relations.relispartition then pg_catalog.pg_get_expr(relations.relpartbound, relations.oid) end as bound,
         relations.relpersistence as persistence,
         relations.reloptions as options,
         relations.relrowsecurity as row_security,
         relations.relforcerowsecurity as force_row_security
  from pg_catalog.pg_class as relations
  join pg_catalog.pg_namespace as namespaces on namespaces.oid = relations.relnamespace
  left join pg_catalog.pg_inherits as inheritance on inheritance.inhrelid = relations.oid and relations.relispartition
  left join pg_catalog.pg_class as parents on parents.oid = inheritance.inhparent
  left join pg_catalog.pg_namespace as parent_namespaces on parent_namespaces.oid = parents.relnamespace
  left join lateral (
    select sum(pg_catalog.pg_total_relation_size(parts.relid)) as total_bytes,
           sum(pg_catalog.pg_relation_size(parts.relid)) as table_bytes,
           sum(pg_catalog.pg_indexes_size(parts.relid)) as index_bytes,
           sum(pg_catalog.pg_total_relation_size(storage.reltoastrelid)) as toast_bytes
    from (
      select relations.oid as relid where relations.relkind <> 'p'
      union all
      select tree.relid from pg_catalog.pg_partition_tree(relations.oid) as tree where relations.relkind = 'p' and tree.isleaf
    ) as parts
    join pg_catalog.pg_class as storage on storage.oid = parts.relid
  ) as sizes on relations.relkind in ('r', 'p', 'm', 'S')
  where relations.oid = $1`;

export interface ColumnRow {
  position: number;
  name: string;
  type: string;
  not_null: boolean;
  default: string | null;
  identity: string;
  generated: string;
  collation: string | null;
  comment: string | null;
  null_fraction: number | null;
  distinct: number | null;
  correlation: number | null;
}

export const columnsQuery = `
  select attributes.attnum as position,
         attributes.attname as name,
         pg_catalog.format_type(attributes.atttypid, attributes.atttypmod) as type,
         attributes.attnotnull as not_null,
         pg_catalog.pg_get_expr(defaults.adbin, defaults.adrelid) as default,
         attributes.attidentity as identity,
         attributes.attgenerated as generated,
         case when attributes.attcollation <> types.typcollation then collation_namespaces.nspname || '.' || pg_catalog.quote_ident(collations.collname) end as collation,
         pg_catalog.col_description(attributes.attrelid, attributes.attnum) as comment,
         statistics.null_frac as null_fraction,
         statistics.n_distinct as distinct,
         statistics.correlation
  from pg_catalog.pg_attribute as attributes
  join pg_catalog.pg_class as relations on relations.oid = attributes.attrelid
  join pg_catalog.pg_namespace as namespaces on namespaces.oid = relations.relnamespace
  join pg_catalog.pg_type as types on types.oid = attributes.atttypid
  left join pg_catalog.pg_attrdef as defaults on defaults.adrelid = attributes.attrelid and defaults.adnum = attributes.attnum
  left join pg_catalog.pg_collation as collations on collations.oid = attributes.attcollation
  left join pg_catalog.pg_namespace as collation_namespaces on collation_namespaces.oid = collations.collnamespace
  left join pg_catalog.pg_stats as statistics
    on statistics.schemaname = namespaces.nspname
    and statistics.tablename = relations.relname
    and statistics.attname = attributes.attname
    and statistics.inherited = (relations.relkind = 'p')
  where attributes.attrelid = $1
    and attributes.attnum > 0
    and not attributes.attisdropped
  order by attributes.attnum`;

export interface IndexRow {
  oid: number;
  name: string;
  definition: string;
  method: string;
  unique: boolean;
  primary: boolean;
  valid: boolean;
  size_bytes: string | null;
  scans: string | null;
  constraint: string | null;
}

export const indexesQuery = `
  select relations.oid,
         relations.relname as name,
         pg_catalog.pg_get_indexdef(relations.oid) as definition,
         methods.amname as method,
         indexes.indisunique as "unique",
         indexes.indisprimary as "primary",
         indexes.indisvalid as valid,
         case when relations.relkind = 'i' then pg_catalog.pg_relation_size(relations.oid)::text end as size_bytes,
         statistics.idx_scan::text as scans,
         constraints.conname as constraint
  from pg_catalog.pg_index as indexes
  join pg_catalog.pg_class as relations on relations.oid = indexes.indexrelid
  join pg_catalog.pg_am as methods on methods.oid = relations.relam
  left join pg_catalog.pg_stat_all_indexes as statistics on statistics.indexrelid = relations.oid
  left join pg_catalog.pg_constraint as constraints on constraints.conindid = relations.oid and constraints.contype in ('p', 'u', 'x') and constraints.conrelid = indexes.indrelid
  where indexes.indrelid = $1
  order by indexes.indisprimary desc, relations.relname`;

export interface ConstraintRow {
  name: string;
  kind: string;
  definition: string;
  validated: boolean;
  is_local: boolean;
}

/** NOT NULL constraints (a row each since PostgreSQL 18) are shown with their columns instead. */
export const constraintsQuery = `
  select constraints.conname as name,
         constraints.contype as kind,
         pg_catalog.pg_get_constraintdef(constraints.oid, true) as definition,
         constraints.convalidated as validated,
         constraints.conislocal as is_local
  from pg_catalog.pg_constraint as constraints
  where constraints.conrelid = $1
    and constraints.contype in ('p', 'u', 'f', 'c', 'x', 't')
    and constraints.conparentid = 0
  order by array_position(array['p', 'u', 'f', 'c', 'x', 't'], constraints.contype::text), constraints.conname`;

export interface TriggerRow {
  name: string;
  definition: string;
  enabled: boolean;
}

export const triggersQuery = `
  select triggers.tgname as name,
         pg_catalog.pg_get_triggerdef(triggers.oid, true) as definition,
         triggers.tgenabled <> 'D' as enabled
  from pg_catalog.pg_trigger as triggers
  where triggers.tgrelid = $1
    and not triggers.tgisinternal
  order by triggers.tgname`;

export interface PolicyRow {
  name: string;
  permissive: boolean;
  command: string;
  roles: string[];
  using: string | null;
  check: string | null;
}

export const policiesQuery = `
  select policies.polname as name,
         policies.polpermissive as permissive,
         case policies.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end as command,
         case when policies.polroles = '{0}' then array['public']
              else array(select pg_catalog.quote_ident(rolname) from pg_catalog.pg_roles where oid = any (policies.polroles) order by 1) end as roles,
         pg_catalog.pg_get_expr(policies.polqual, policies.polrelid) as "using",
         pg_catalog.pg_get_expr(policies.polwithcheck, policies.polrelid) as "check"
  from pg_catalog.pg_policy as policies
  where policies.polrelid = $1
  order by policies.polname`;

export interface PartitionRow {
  oid: number;
  schema: string;
  name: string;
  bound: string;
  size_bytes: string | null;
}

export const partitionsQuery = `
  select relations.oid,
         namespaces.nspname as schema,
         relations.relname as name,
         pg_catalog.pg_get_expr(relations.relpartbound, relations.oid) as bound,
         (select sum(pg_catalog.pg_total_relation_size(tree.relid)) from pg_catalog.pg_partition_tree(relations.oid) as tree where tree.isleaf)::text as size_bytes
  from pg_catalog.pg_inherits as inheritance
  join pg_catalog.pg_class as relations on relations.oid = inheritance.inhrelid
  join pg_catalog.pg_namespace as namespaces on namespaces.oid = relations.relnamespace
  where inheritance.inhparent = $1
    and relations.relispartition
  order by bound, relations.relname`;

export interface ActivityRow {
  seq_scans: string;
  index_scans: string | null;
  live_rows: string;
  dead_rows: string;
  inserted: string;
  updated: string;
  deleted: string;
  last_vacuum: string | null;
  last_analyze: string | null;
}

export const activityQuery = `
  select coalesce(seq_scan, 0) as seq_scans,
         idx_scan as index_scans,
         n_live_tup as live_rows,
         n_dead_tup as dead_rows,
         n_tup_ins as inserted,
         n_tup_upd as updated,
         n_tup_del as deleted,
         greatest(last_vacuum, last_autovacuum) as last_vacuum,
         greatest(last_analyze, last_autoanalyze) as last_analyze
  from pg_catalog.pg_stat_all_tables
  where relid = $1`;

export interface SequenceRow {
  type: string;
  start: string;
  minimum: string;
  maximum: string;
  increment: string;
  cycle: boolean;
  cache: string;
  owned_by: string | null;
}

export const sequenceQuery = `
  select pg_catalog.format_type(sequences.seqtypid, null) as type,
         sequences.seqstart as start,
         sequences.seqmin as minimum,
         sequences.seqmax as maximum,
         sequences.seqincrement as increment,
         sequences.seqcycle as cycle,
         sequences.seqcache as cache,
         (select pg_catalog.quote_ident(namespaces.nspname) || '.' || pg_catalog.quote_ident(relations.relname) || '.' || pg_catalog.quote_ident(attributes.attname)
          from pg_catalog.pg_depend as dependencies
          join pg_catalog.pg_class as relations on relations.oid = dependencies.refobjid
          join pg_catalog.pg_namespace as namespaces on namespaces.oid = relations.relnamespace
          join pg_catalog.pg_attribute as attributes on attributes.attrelid = relations.oid and attributes.attnum = dependencies.refobjsubid
          where dependencies.objid = sequences.seqrelid
            and dependencies.classid = 'pg_catalog.pg_class'::regclass
            and dependencies.refclassid = 'pg_catalog.pg_class'::regclass
            and dependencies.deptype = 'a'
          limit 1) as owned_by
  from pg_catalog.pg_sequence as sequences
  where sequences.seqrelid = $1`;
