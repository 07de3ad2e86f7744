import { userNamespaces } from './catalog-queries.ts';

export interface GraphColumnRow {
  oid: number;
  name: string;
  type: string;
  not_null: boolean;
  primary: boolean;
}

/** Which columns has each table, and which of them are in its primary key? Partitions are left out. */
export const graphColumnsQuery = `
  select relations.oid,
         attributes.attname as name,
         pg_catalog.format_type(attributes.atttypid, attributes.atttypmod) as type,
         attributes.attnotnull as not_null,
         coalesce(attributes.attnum = any (keys.conkey), false) as "primary"
  from pg_catalog.pg_class as relations
  join pg_catalog.pg_namespace as namespaces on namespaces.oid = relations.relnamespace
  join pg_catalog.pg_attribute as attributes on attributes.attrelid = relations.oid and attributes.attnum > 0 and not attributes.attisdropped
  left join pg_catalog.pg_constraint as keys on keys.conrelid = relations.oid and keys.contype = 'p'
  where relations.relkind in ('r', 'p', 'f')
    and not relations.relispartition
    and ${userNamespaces}
  order by relations.oid, attributes.attnum`;

export interface ForeignKeyRow {
  oid: number;
  name: string;
  from_oid: number;
  from_schema: string;
  from_table: string;
  from_columns: string[];
  to_oid: number;
  to_schema: string;
  to_table: string;
  to_columns: string[];
  on_delete: string;
  on_update: string;
  validated: boolean;
  optional: boolean;
  unique: boolean;
  indexed: boolean;
}

/**
 * Which foreign keys are there? Those that partitions inherit are left out; those that were declared on partitions
 * one by one are told of the partitioned table when all are asked for ($1 null), once for each partition.
 * "Indexed": the leading columns of a valid, unpartial index are the key's columns in any order.
 * "Unique": a unique index covers no column outside the key. $1 limits it to one relation's keys, from either side.
 */
export const foreignKeysQuery = `
  with keys as materialized (
    select *
    from pg_catalog.pg_constraint
    where contype = 'f'
      and conparentid = 0
      and ($1::oid is null or conrelid = $1 or confrelid = $1)
  ),
  supports as (
    select keys.oid as key_oid,
           bool_or(
             (select array_agg(first_columns.attnum order by first_columns.attnum)
              from unnest((indexes.indkey::int2[])[0:cardinality(keys.conkey) - 1]) as first_columns(attnum))
             = (select array_agg(own.attnum order by own.attnum) from unnest(keys.conkey) as own(attnum))
           ) as indexed,
           bool_or(
             indexes.indisunique
             and (indexes.indkey::int2[])[0:indexes.indnkeyatts - 1] <@ keys.conkey
           ) as "unique"
    from keys
    join pg_catalog.pg_index as indexes on indexes.indrelid = keys.conrelid and indexes.indisvalid and indexes.indpred is null
    group by keys.oid
  )
  select keys.oid,
         keys.conname as name,
         children.oid as from_oid,
         child_namespaces.nspname as from_schema,
         children.relname as from_table,
         (select array_agg(columns.attname::text order by positions.position)
          from unnest(keys.conkey) with ordinality as positions(attnum, position)
          join pg_catalog.pg_attribute as columns on columns.attrelid = keys.conrelid and columns.attnum = positions.attnum) as from_columns,
         parents.oid as to_oid,
         parent_namespaces.nspname as to_schema,
         parents.relname as to_table,
         (select array_agg(columns.attname::text order by positions.position)
          from unnest(keys.confkey) with ordinality as positions(attnum, position)
          join pg_catalog.pg_attribute as columns on columns.attrelid = keys.confrelid and columns.attnum = positions.attnum) as to_columns,
         keys.confdeltype as on_delete,
         keys.confupdtype as on_update,
         keys.convalidated as validated,
         exists (
           select from pg_catalog.pg_attribute as columns
           where columns.attrelid = keys.conrelid and columns.attnum = any (keys.conkey) and not columns.attnotnull) as optional,
         coalesce(supports."unique", false) as "unique",
         coalesce(supports.indexed, false) as indexed
  from keys
  join pg_catalog.pg_class as children
    on children.oid = case when $1::oid is null then coalesce(pg_catalog.pg_partition_root(keys.conrelid), keys.conrelid) else keys.conrelid end
  join pg_catalog.pg_namespace as child_namespaces on child_namespaces.oid = children.relnamespace
  join pg_catalog.pg_class as parents
    on parents.oid = case when $1::oid is null then coalesce(pg_catalog.pg_partition_root(keys.confrelid), keys.confrelid) else keys.confrelid end
  join pg_catalog.pg_namespace as parent_namespaces on parent_namespaces.oid = parents.relnamespace
  left join supports on supports.key_oid = keys.oid
  order by child_namespaces.nspname, children.relname, keys.conname`;
