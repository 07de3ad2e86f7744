import { isNotOfExtension, isUserSchema, mayHoldNulls, relationSize } from '../../catalog-sql.ts';
import { partitionedIndexColumns, type PartitionedIndex } from './related-relations.ts';
import { passingNames, passingNamesOf, restoreSql, tablespaceSql } from './restore-index.ts';
import { rootColumns, rootJoins } from '../tables/partition-families.ts';

/** One index with everything that decides whether another one can stand in for it. */
export interface IndexKeysRow extends PartitionedIndex {
  readonly index_oid: string;
  readonly table_oid: string;
  readonly schema_name: string;
  readonly bare_name: string;
  readonly index_name: string;
  readonly table_name: string;
  /** The partitioned table above the table, or the table itself. */
  readonly root_oid: string;
  readonly root_name: string;
  readonly method: string;
  readonly is_unique: boolean;
  readonly is_primary: boolean;
  readonly is_replica_identity: boolean;
  readonly is_clustered: boolean;
  readonly is_partitioned: boolean;
  /** Belongs to a partitioned index and cannot go alone. */
  readonly is_attached: boolean;
  readonly nulls_not_distinct: boolean;
  /** False for a deferrable constraint, which a plain unique index cannot replace. */
  readonly is_immediate: boolean;
  /** It waits for the commit on its own: INITIALLY DEFERRED. */
  readonly is_deferred: boolean;
  /** Quoted name of the constraint that the index enforces. */
  readonly constraint_name: string | null;
  readonly constraint_definition: string | null;
  /** Foreign keys rest on it. */
  readonly is_referenced: boolean;
  /** Per key column: attribute number, operator class, collation, options, expression. */
  readonly keys: readonly string[];
  /** Attribute numbers of INCLUDE columns. */
  readonly included: readonly string[];
  readonly predicate: string | null;
  /** Of a partial index: names in its schema that it could get for the time of a rebuild. */
  readonly passing_names: readonly string[];
  /** Of a partial index: quoted names of the table's columns for which `IS NOT NULL` is always true. */
  readonly not_null_columns: readonly string[];
  /** Parameters of operator classes, and storage parameters of methods whose answers depend on them. */
  readonly parameters: string | null;
  readonly size_bytes: string;
  readonly scans: string;
  readonly definition: string;
  /** Quoted name of the tablespace, where it is not the database's own. */
  readonly tablespace: string | null;
  /** Statements that bring back what the definition leaves out. */
  readonly restore: string | null;
}

/**
 * Valid indexes whose key columns are the beginning of another's on the same table, and those others, by the arrays of
 * `pg_index`: text of definitions says the same thing in many ways. The trailing blank keeps column 1 from being the
 * beginning of column 10. A unique index has a duty that a longer one cannot take over. Partitions of a partitioned index
 * come and go with it and only stand in for others. Partial indexes that ask for a NOT NULL column to be not null come
 * along: from 18 on a NOT NULL that is not validated yet leaves nulls in, and a composite value that is stored is not null
 * only where all its fields are. Run on PostgreSQL 13 to 18.
 */
export function indexKeysSql(versionNum: number): string {
  return `
with keyed as materialized (
  select
    ind.*,
    index_class.relname,
    index_class.relnamespace,
    index_class.relkind,
    index_class.relispartition,
    index_class.reloptions,
    index_class.reltablespace,
    index_class.relam,
    index_class.relpages
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  where ind.indrelid >= 16384
    and ind.indisvalid
    and ind.indislive
),
crowd as materialized (
  select
    keyed.indexrelid,
    keyed.indrelid,
    keyed.indisunique,
    keyed.relam,
    keyed.relispartition,
    keyed.indpred is null as is_whole,
    keyed.indkey[0] as first_key,
    array_to_string((keyed.indkey::int2[])[0:keyed.indnkeyatts - 1], ' ') || ' ' as key_text,
    array_to_string((keyed.indclass::oid[])[0:keyed.indnkeyatts - 1], ' ') || ' ' as class_text,
    array_to_string((keyed.indcollation::oid[])[0:keyed.indnkeyatts - 1], ' ') || ' ' as collation_text,
    array_to_string((keyed.indoption::int2[])[0:keyed.indnkeyatts - 1], ' ') || ' ' as option_text
  from keyed
  where (keyed.indrelid, keyed.indkey[0]) in (
    select
      alike.indrelid,
      alike.indkey[0]
    from keyed as alike
    group by 1, 2
    having count(*) > 1
  )
),
related as materialized (
  select distinct side.oid
  from crowd as shorter
  join crowd as longer
    on longer.indrelid = shorter.indrelid
    and longer.first_key = shorter.first_key
    and longer.indexrelid <> shorter.indexrelid
  cross join lateral (values (shorter.indexrelid), (longer.indexrelid)) as side (oid)
  where starts_with(longer.key_text, shorter.key_text)
    and starts_with(longer.class_text, shorter.class_text)
    and starts_with(longer.collation_text, shorter.collation_text)
    and starts_with(longer.option_text, shorter.option_text)
    and (not shorter.indisunique or longer.key_text = shorter.key_text)
    -- A partial index finds some rows only.
    and (longer.is_whole or not shorter.is_whole)
    and longer.relam = shorter.relam
    and not (longer.relispartition and shorter.relispartition)
),
asked as (
  select related.oid
  from related
  union
  select partial.indexrelid
  from (
    select
      keyed.indexrelid,
      keyed.indrelid,
      pg_catalog.pg_get_expr(keyed.indpred, keyed.indrelid) as predicate
    from keyed
    where keyed.indpred is not null
      and not keyed.relispartition
    offset 0
  ) as partial
  -- LIMIT keeps the planner from reading all columns of all tables.
  where (
    select true
    from pg_catalog.pg_attribute as attribute
    where attribute.attrelid = partial.indrelid
      and attribute.attnum > 0
      and attribute.attnotnull
      and not attribute.attisdropped
      and strpos(partial.predicate, quote_ident(attribute.attname) || ' IS NOT NULL') > 0
    limit 1
  )
),
-- Materialized, so that no more is joined with all the rest than was asked for.
ind as materialized (
  select keyed.*
  from keyed
  where keyed.indexrelid in (select asked.oid from asked)
),
${passingNames}
select
  ind.indexrelid::int8 as index_oid,
  table_class.oid::int8 as table_oid,
  schema.nspname::text as schema_name,
  ind.relname::text as bare_name,
  format('%I.%I', schema.nspname, ind.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,${rootColumns},
  method.amname::text as method,
  ind.indisunique as is_unique,
  ind.indisprimary as is_primary,
  ind.indisreplident as is_replica_identity,
  ind.indisclustered as is_clustered,
  ind.relkind = 'I' as is_partitioned,
  ind.relispartition as is_attached,
  ${partitionedIndexColumns('ind.relispartition', 'ind.indexrelid')},
  ${versionNum >= 150_000 ? 'ind.indnullsnotdistinct' : 'false'} as nulls_not_distinct,
  ind.indimmediate as is_immediate,
  coalesce(own_constraint.condeferred, false) as is_deferred,
  quote_ident(own_constraint.conname) as constraint_name,
  pg_catalog.pg_get_constraintdef(own_constraint.oid) as constraint_definition,
  ind.indexrelid in (
    select foreign_key.conindid
    from pg_catalog.pg_constraint as foreign_key
    where foreign_key.contype = 'f'
  ) as is_referenced,
  array(
    select format('%s:%s:%s:%s:%s',
      ind.indkey[n], ind.indclass[n], ind.indcollation[n], ind.indoption[n],
      case when ind.indkey[n] = 0 then pg_catalog.pg_get_indexdef(ind.indexrelid, n + 1, false) end)
    from generate_series(0, ind.indnkeyatts - 1) as n
    order by n
  ) as keys,
  array(
    select key.attnum::text
    from unnest(ind.indkey::int2[]) with ordinality as key (attnum, position)
    where key.position > ind.indnkeyatts
    order by key.position
  ) as included,
  pg_catalog.pg_get_expr(ind.indpred, ind.indrelid) as predicate,
  case when ind.indpred is null then '{}' else ${passingNamesOf('ind.relnamespace')} end as passing_names,
  case when ind.indpred is null then '{}' else array(
    select quote_ident(attribute.attname)
    from pg_catalog.pg_attribute as attribute
    join pg_catalog.pg_type as type on type.oid = attribute.atttypid
    where attribute.attrelid = ind.indrelid
      and attribute.attnum > 0
      and not attribute.attisdropped
      and not ${mayHoldNulls('attribute', versionNum)}
      -- A domain has the category of the type below it.
      and type.typcategory <> 'C'
  ) end as not_null_columns,
  nullif(concat_ws(' ',
    (
      select string_agg(attribute.attnum || attribute.attoptions::text, ' ' order by attribute.attnum)
      from pg_catalog.pg_attribute as attribute
      where attribute.attrelid = ind.indexrelid
        and attribute.attoptions is not null
    ),
    case when method.amname not in ('btree', 'hash', 'gist', 'gin', 'spgist') then ind.reloptions::text end
  ), '') as parameters,
  -- Measuring opens the index, which is much for one without entries.
  case
    when ind.relkind = 'I' then 0
    when table_class.relpages = 0 and pg_catalog.pg_stat_get_live_tuples(ind.indrelid) = 0
      then ind.relpages::int8 * pg_catalog.current_setting('block_size')::int8
    else ${relationSize('ind.indexrelid', 'ind.relpages')}
  end as size_bytes,
  pg_catalog.pg_stat_get_numscans(ind.indexrelid) as scans,
  pg_catalog.pg_get_indexdef(ind.indexrelid) as definition,
  ${tablespaceSql('ind.reltablespace')} as tablespace,
  ${restoreSql('ind.relkind')} as restore
from ind
-- OFFSET keeps the planner from reading all relations for the tables of a few indexes.
cross join lateral (
  select table_class.*
  from pg_catalog.pg_class as table_class
  where table_class.oid = ind.indrelid
  offset 0
) as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_am as method on method.oid = ind.relam${rootJoins}
left join pg_catalog.pg_constraint as own_constraint
  on own_constraint.conindid = ind.indexrelid
  and own_constraint.conrelid = ind.indrelid
  and own_constraint.contype in ('p', 'u', 'x')
where ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by table_class.oid, ind.indexrelid`;
}
