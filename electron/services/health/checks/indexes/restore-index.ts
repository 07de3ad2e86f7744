/**
 * SQL for the statements that bring back what `pg_get_indexdef` leaves out, for a query that has the index as `ind`: the
 * indexes of partitions under their own names, tablespace, statistics targets, comments and the mark of CLUSTER. Null
 * where there is nothing of it, which is asked first, since that is so for most. `relkind` is an expression for the kind
 * of the index. Run on PostgreSQL 13 to 18.
 */
export function restoreSql(relkind: string): string {
  return `case when ${relkind} = 'I'
    or ind.indisclustered
    -- LIMIT keeps the planner from reading all relations and columns there are.
    or (
      select true
      from pg_catalog.pg_class as placed
      where placed.oid = ind.indexrelid
        and placed.reltablespace <> 0
      limit 1
    )
    or (
      select true
      from pg_catalog.pg_attribute as entry
      where entry.attrelid = ind.indexrelid
        and entry.attstattarget >= 0
      limit 1
    )
    or ind.indexrelid in (
      select note.objoid
      from pg_catalog.pg_description as note
      where note.classoid = 'pg_catalog.pg_class'::regclass
        and note.objsubid = 0
    )
    or ind.indexrelid in (
      select own.conindid
      from pg_catalog.pg_description as note
      join pg_catalog.pg_constraint as own on own.oid = note.objoid
      where note.classoid = 'pg_catalog.pg_constraint'::regclass
    )
  then (
    select string_agg(step.sql, E'\\n' order by step.rank, node.level, named.name, step.place)
    from (
      select ind.indexrelid as oid, null::oid as parent_oid, 0 as level
      union all
      select tree.relid, tree.parentrelid, tree.level
      from pg_catalog.pg_partition_tree(case when ${relkind} = 'I' then ind.indexrelid end) as tree
      where tree.level > 0
    ) as node
    join pg_catalog.pg_class as node_class on node_class.oid = node.oid
    join pg_catalog.pg_index as node_index on node_index.indexrelid = node.oid
    join pg_catalog.pg_class as node_table on node_table.oid = node_index.indrelid
    join pg_catalog.pg_namespace as node_schema on node_schema.oid = node_class.relnamespace
    cross join lateral (
      select
        format('%I.%I', node_schema.nspname, node_class.relname) as name,
        format('%I.%I', node_schema.nspname, node_table.relname) as table_name
    ) as named
    cross join lateral (
      select 1 as rank, 0 as place, case
        when node_class.relkind = 'I' then pg_catalog.pg_get_indexdef(node.oid)
        else regexp_replace(pg_catalog.pg_get_indexdef(node.oid), '^CREATE (UNIQUE )?INDEX ', E'CREATE \\\\1INDEX CONCURRENTLY ')
      end || ';' as sql
      where node.level > 0
      union all
      select 2, 0, format('alter index %I.%I attach partition %s;', parent_schema.nspname, parent.relname, named.name)
      from pg_catalog.pg_class as parent
      join pg_catalog.pg_namespace as parent_schema on parent_schema.oid = parent.relnamespace
      where parent.oid = node.parent_oid
      union all
      select 3, 0, format('alter index %s set tablespace %I;', named.name, tablespace.spcname)
      from pg_catalog.pg_tablespace as tablespace
      where tablespace.oid = node_class.reltablespace
      union all
      select 4, entry.attnum, format('alter index %s alter column %s set statistics %s;', named.name, entry.attnum, entry.attstattarget)
      from pg_catalog.pg_attribute as entry
      where entry.attrelid = node.oid
        and entry.attstattarget >= 0
      union all
      select 5, 0, format('comment on index %s is %L;', named.name, note.description)
      from pg_catalog.pg_description as note
      where note.classoid = 'pg_catalog.pg_class'::regclass
        and note.objoid = node.oid
        and note.objsubid = 0
      union all
      select 6, 0, format('comment on constraint %I on %s is %L;', own.conname, named.table_name, note.description)
      from pg_catalog.pg_constraint as own
      join pg_catalog.pg_description as note
        on note.classoid = 'pg_catalog.pg_constraint'::regclass
        and note.objoid = own.oid
      where own.conrelid = node_index.indrelid
        and own.conindid = node.oid
        and own.contype in ('p', 'u', 'x')
      union all
      select 7, 0, format('alter table %s cluster on %I;', named.table_name, node_class.relname)
      where node_index.indisclustered
    ) as step
  ) end`;
}

/** SQL for the quoted name of the tablespace with an oid; null for the database's own. */
export function tablespaceSql(oid: string): string {
  return `case when ${oid} <> 0 then (
    select quote_ident(own_space.spcname)
    from pg_catalog.pg_tablespace as own_space
    where own_space.oid = ${oid}
  ) end`;
}

/** The ending of the names that a rebuild gives for as long as both indexes are there. */
export const passingEnding = '_rebuilt';

/** A part of a WITH list: relations of any schema that are called like an index in a rebuild, which few are. */
export const passingNames = `passing as materialized (
  select
    relation.relnamespace,
    relation.relname::text as name
  from pg_catalog.pg_class as relation
  where relation.relname like '%\\${passingEnding}%'
)`;

/** SQL for the names of `passing` in the schema with an oid. */
export function passingNamesOf(schemaOid: string): string {
  return `array(
    select passing.name
    from passing
    where passing.relnamespace = ${schemaOid}
  )`;
}
