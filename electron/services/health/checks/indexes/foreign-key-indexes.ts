import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import type { HealthFacts } from '../../health-check.ts';
import { columnStatistics } from '../tables/column-statistics.ts';

export interface CandidateIndex {
  /** Leading columns, as many as the foreign key has; null stands for an expression. */
  readonly columns: readonly (string | null)[];
  readonly predicate: string | null;
}

/** A table that holds rows of a foreign key and has no whole index on all its columns. */
export interface UncoveredTable {
  readonly name: string;
  readonly partial: readonly CandidateIndex[];
  /** Of a key of several columns: the index that narrows the search by one of them, the furthest first. */
  readonly led_by: {
    readonly index: string;
    readonly column: string;
    /** Null where the statistics of the column are not there, or not to be read. */
    readonly rows_per_value: number | null;
  } | null;
}

/** One foreign key that no whole index serves, with the partial ones of the tables that hold its rows. */
export interface ForeignKeyRow {
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly bare_table: string;
  /** The partitioned table above it, or itself. */
  readonly root_oid: string;
  readonly root_name: string;
  readonly constraint_name: string;
  readonly target_oid: string;
  readonly target_name: string;
  readonly is_partitioned: boolean;
  /** The last column is a period (18 and later): rows are found by the columns before it. */
  readonly is_temporal: boolean;
  readonly columns: readonly string[];
  readonly table_bytes: number;
  readonly table_rows: number;
  /** Rows of the referenced table that were deleted or updated since statistics began. */
  readonly target_changes: number;
  /** Those that may have been a search by this key: updates that left all indexed columns alone are none. */
  readonly target_searches: number | null;
  /** The tables that hold rows, the partitions where it is partitioned, and how many of them lack a whole index. */
  readonly leaves: number;
  readonly uncovered: readonly UncoveredTable[];
  /** An invalid index on the same columns, which a rebuild would make useful. */
  readonly invalid_index: string | null;
  /** Names of the schema that begin like the index's would, and end like it. */
  readonly taken_names: readonly string[];
}

/**
 * Foreign keys that no whole index serves. Usable: btree (or hash, for one column), valid, the foreign key's columns
 * leading in any order, in their own collation. Partitions are judged by their own indexes and reported once, on the
 * partitioned table. Columns of a partition may have other numbers than its parent's. A temporal key, which is not just
 * equality, may have a GiST index as well. An index that is being built counts: the progress view shows its pid to
 * everyone and its table to few, and the lock shows the table. Run on PostgreSQL 13 to 18.
 */
export function foreignKeyIndexesSql(facts: HealthFacts): string {
  const { versionNum } = facts;
  return `
with foreign_key as materialized (
  select
    any_key.oid,
    any_key.conname,
    any_key.conrelid,
    any_key.confrelid,
    any_key.conkey,
    ${versionNum >= 180_000 ? 'any_key.conperiod' : 'false'} as is_temporal,
    ${versionNum >= 180_000 ? 'case when any_key.conperiod then trim_array(any_key.conkey, 1) else any_key.conkey end' : 'any_key.conkey'} as searched,
    table_class.relkind,
    table_class.relispartition,
    table_class.relname,
    table_class.relnamespace,
    table_class.relpages,
    table_class.reltuples
  from pg_catalog.pg_constraint as any_key
  join pg_catalog.pg_class as table_class on table_class.oid = any_key.conrelid
  where any_key.contype = 'f'
    and any_key.conparentid = 0
    and table_class.relpersistence <> 't'
    ${versionNum >= 180_000 ? 'and any_key.conenforced' : ''}
    and table_class.relnamespace = any (array(
      select schema.oid
      from pg_catalog.pg_namespace as schema
      where ${isUserSchema('schema')}
    ))
    and ${isNotOfExtension('any_key.conrelid')}
),
building as materialized (
  select
    lock.relation as table_oid,
    lock.mode = 'ShareLock' as is_unnamed
  from pg_catalog.pg_stat_progress_create_index as progress
  join pg_catalog.pg_locks as lock on lock.pid = progress.pid
  where lock.locktype = 'relation'
    and lock.granted
    and lock.database = (select database.oid from pg_catalog.pg_database as database where database.datname = current_database())
    and (
      lock.mode = 'ShareUpdateExclusiveLock'
      or lock.mode = 'ShareLock' and coalesce(progress.command, 'CREATE INDEX') = 'CREATE INDEX'
    )
),
leaf as (
  select
    foreign_key.oid as key_oid,
    foreign_key.conrelid as table_oid,
    foreign_key.searched as columns,
    foreign_key.is_temporal,
    foreign_key.relname,
    foreign_key.relnamespace,
    foreign_key.relpages,
    foreign_key.reltuples
  from foreign_key
  where foreign_key.relkind = 'r'
  union all
  select
    foreign_key.oid,
    tree.relid,
    (
      select array_agg(part_column.attnum order by key.position)
      from unnest(foreign_key.searched) with ordinality as key (attnum, position)
      join pg_catalog.pg_attribute as parent_column
        on parent_column.attrelid = foreign_key.conrelid
        and parent_column.attnum = key.attnum
      join pg_catalog.pg_attribute as part_column
        on part_column.attrelid = tree.relid
        and part_column.attname = parent_column.attname
    ),
    foreign_key.is_temporal,
    part.relname,
    part.relnamespace,
    part.relpages,
    part.reltuples
  from foreign_key
  cross join lateral pg_catalog.pg_partition_tree(foreign_key.conrelid) as tree
  -- OFFSET keeps the planner from reading all relations for a few partitions.
  cross join lateral (
    select part.*
    from pg_catalog.pg_class as part
    where part.oid = tree.relid
    offset 0
  ) as part
  where foreign_key.relkind = 'p'
    and tree.isleaf
    and part.relkind not in ('f', 'p')
),
usable as materialized (
  select
    ind.indexrelid,
    ind.indrelid,
    ind.indnkeyatts,
    ind.indkey::int2[] as columns,
    ind.indcollation::oid[] as collations,
    ind.indpred,
    case
      when ind.indisvalid and ind.indisready then true
      else ind.indrelid in (select building.table_oid from building)
    end as is_valid,
    index_class.relam = 405 as is_hash,
    index_class.relam = 783 as is_gist
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  where ind.indrelid >= 16384
    and index_class.relam in (403, 405${versionNum >= 180_000 ? ', 783' : ''})
),
-- The first column of an index that serves is one of the key's.
covered as materialized (
  select
    leaf.key_oid,
    leaf.table_oid
  from leaf
  cross join lateral unnest(leaf.columns) as key (attnum)
  join usable on usable.indrelid = leaf.table_oid and usable.columns[0] = key.attnum
  where usable.is_valid
    and usable.indpred is null
    and (leaf.is_temporal or not usable.is_gist)
    and ${fits('leaf.columns')}
),
judged as materialized (
  select
    leaf.*,
    (leaf.key_oid, leaf.table_oid) in (select covered.key_oid, covered.table_oid from covered)
      or leaf.table_oid in (select building.table_oid from building where building.is_unnamed) as is_covered,
    leaf.table_oid in (select usable.indrelid from usable where usable.indpred is not null) as has_partial
  from leaf
),
gathered as materialized (
  select
    judged.key_oid,
    count(*)::int4 as leaves,
    sum(pg_catalog.pg_stat_get_live_tuples(judged.table_oid)) as live_rows,
    sum(case when judged.relpages > 0 or pg_catalog.pg_stat_get_live_tuples(judged.table_oid) > 0
      then ${relationSize('judged.table_oid', 'judged.relpages')} else 0 end) as bytes,
    sum(greatest(judged.reltuples, 0)) as rows,
    json_agg(json_build_object(
      'name', judged.relname,
      'partial', case when judged.has_partial then (
        select coalesce(json_agg(json_build_object(
          'columns', (
            select json_agg(attribute.attname order by key.position)
            from unnest(usable.columns) with ordinality as key (attnum, position)
            left join pg_catalog.pg_attribute as attribute
              on attribute.attrelid = judged.table_oid
              and attribute.attnum = key.attnum
              and attribute.attnum > 0
            where key.position <= cardinality(judged.columns)
          ),
          'predicate', pg_catalog.pg_get_expr(usable.indpred, usable.indrelid))), '[]'::json)
        from (
          select
            ind.indkey::int2[] as columns,
            ind.indpred,
            ind.indrelid
          from pg_catalog.pg_index as ind
          join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
          where ind.indrelid = judged.table_oid
            and ind.indpred is not null
            and ind.indisvalid
            and ind.indisready
            and ind.indnkeyatts >= cardinality(judged.columns)
            and (
              index_class.relam = 403
              or index_class.relam = 405 and cardinality(judged.columns) = 1
              or index_class.relam = 783 and judged.is_temporal
            )
        ) as usable
      ) else '[]'::json end,
      'led_by', case when cardinality(judged.columns) > 1 and not judged.is_covered then ${narrowestIndex(facts)} end
    )) filter (where not judged.is_covered) as uncovered
  from judged
  where judged.key_oid in (select lacking.key_oid from judged as lacking where not lacking.is_covered)
  group by judged.key_oid
),
named as materialized (
  select
    relation.relnamespace,
    ${nameKey("regexp_replace(relation.relname, '_idx[0-9]*$', '')")} as beginning,
    array_agg(relation.relname::text) as names
  from pg_catalog.pg_class as relation
  where relation.relname like '%\\_idx%'
  group by 1, 2
),
-- Computed once a key: in the condition of a join it would be computed for every pair.
uncovered as materialized (
  select
    found.*,
    ${nameKey("(found.relname || '_' || array_to_string(found.columns, '_'))")} as beginning
  from (
    select
      foreign_key.*,
      gathered.leaves,
      gathered.live_rows,
      gathered.bytes,
      gathered.rows,
      gathered.uncovered,
      array(
        select attribute.attname::text
        from pg_catalog.pg_attribute as attribute
        where attribute.attrelid = foreign_key.conrelid
          and attribute.attnum = any (foreign_key.conkey)
        order by array_position(foreign_key.conkey, attribute.attnum)
      ) as columns
    from gathered
    join foreign_key on foreign_key.oid = gathered.key_oid
    -- Not to be taken apart, or the columns would be looked up for each use.
    offset 0
  ) as found
),
invalid as materialized (
  select
    ind.indrelid,
    ind.indnkeyatts,
    ind.indkey::int2[] as columns,
    index_class.relname
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  where not (ind.indisvalid and ind.indisready)
    and index_class.relam = 403
    and ind.indpred is null
    -- What a REINDEX CONCURRENTLY that failed has left goes (IDX05).
    and index_class.relname !~ '_cc(new|old)[0-9]*$'
)
select
  uncovered.conrelid::int8 as table_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, uncovered.relname) as table_name,
  uncovered.relname::text as bare_table,
  coalesce(root.oid, uncovered.conrelid)::int8 as root_oid,
  case when root.oid is null then format('%I.%I', schema.nspname, uncovered.relname)
    else format('%I.%I', root_schema.nspname, root.relname) end as root_name,
  quote_ident(uncovered.conname) as constraint_name,
  target.oid::int8 as target_oid,
  format('%I.%I', target_schema.nspname, target.relname) as target_name,
  uncovered.relkind = 'p' as is_partitioned,
  uncovered.is_temporal,
  uncovered.columns,
  uncovered.bytes::float8 as table_bytes,
  greatest(uncovered.rows, uncovered.live_rows)::float8 as table_rows,
  (pg_catalog.pg_stat_get_tuples_deleted(uncovered.confrelid)
    + pg_catalog.pg_stat_get_tuples_updated(uncovered.confrelid))::float8 as target_changes,
  -- A partitioned table counts nothing of its own.
  case when target.relkind = 'r' then pg_catalog.pg_stat_get_tuples_deleted(uncovered.confrelid)
    + pg_catalog.pg_stat_get_tuples_updated(uncovered.confrelid)
    - pg_catalog.pg_stat_get_tuples_hot_updated(uncovered.confrelid) end::float8 as target_searches,
  uncovered.leaves,
  uncovered.uncovered,
  (
    select min(format('%I.%I', schema.nspname, invalid.relname))
    from invalid
    where invalid.indrelid = uncovered.conrelid
      and invalid.indnkeyatts >= cardinality(uncovered.conkey)
      and invalid.columns[0:cardinality(uncovered.conkey) - 1] operator(pg_catalog.@>) uncovered.conkey
  ) as invalid_index,
  coalesce(named.names, '{}') as taken_names
from uncovered
join pg_catalog.pg_namespace as schema on schema.oid = uncovered.relnamespace
join pg_catalog.pg_class as target on target.oid = uncovered.confrelid
join pg_catalog.pg_namespace as target_schema on target_schema.oid = target.relnamespace
left join named on named.relnamespace = uncovered.relnamespace and named.beginning = uncovered.beginning
left join pg_catalog.pg_class as root
  on uncovered.relispartition
  and root.oid = pg_catalog.pg_partition_root(uncovered.conrelid)
left join pg_catalog.pg_namespace as root_schema on root_schema.oid = root.relnamespace
order by table_bytes desc, table_name, constraint_name`;
}

/**
 * What the name that would be given and the names that could stand in its way have in common: all of a short one, and
 * the beginning of one that may have been cut to 63 bytes.
 */
function nameKey(name: string): string {
  return `case when octet_length(${name}) <= 40 then ${name} else left(${name}, 12) end`;
}

/** True where an index of `usable` leads with the columns, in any order, each in its own collation. */
function fits(columns: string): string {
  return `usable.indnkeyatts >= cardinality(${columns})
      and usable.columns[0:cardinality(${columns}) - 1] operator(pg_catalog.@>) ${columns}
      and (not usable.is_hash or cardinality(${columns}) = 1)
      and (
        usable.collations[0:cardinality(${columns}) - 1] operator(pg_catalog.<@) '{0,100}'::oid[]
        or not exists (
          select
          from pg_catalog.pg_attribute as entry
          join pg_catalog.pg_attribute as own
            on own.attrelid = usable.indrelid
            and own.attnum = usable.columns[entry.attnum - 1]
          where entry.attrelid = usable.indexrelid
            and entry.attnum <= cardinality(${columns})
            and entry.attcollation <> own.attcollation
        )
      )`;
}

/** As JSON, the index of `judged.table_oid` whose first columns are some of the key's, and narrow the search most. */
function narrowestIndex(facts: HealthFacts): string {
  return `(
        select json_build_object(
          'index', narrow.relname,
          'column', narrow.attname,
          'rows_per_value', narrow.rows_per_value)
        from (
          select
            index_class.relname,
            attribute.attname,
            case
              when stats.n_distinct < 0 then -1 / stats.n_distinct
              when stats.n_distinct > 0
                then greatest(judged.reltuples, pg_catalog.pg_stat_get_live_tuples(judged.table_oid)) / stats.n_distinct
            end as rows_per_value
          from pg_catalog.pg_index as ind
          join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
          cross join lateral unnest(ind.indkey::int2[]) with ordinality as key (attnum, position)
          join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = judged.table_oid
            and attribute.attnum = key.attnum
          left join lateral ${columnStatistics(facts, {
            relationOid: 'judged.table_oid',
            schemaName:
              '(select leaf_schema.nspname from pg_catalog.pg_namespace as leaf_schema where leaf_schema.oid = judged.relnamespace)',
            relationName: 'judged.relname',
            columnNumber: 'attribute.attnum',
            columnName: 'attribute.attname',
          })} as stats on true
          where ind.indrelid = judged.table_oid
            and ind.indisvalid
            and ind.indisready
            and ind.indpred is null
            and index_class.relam in (403, 405)
            and key.position <= ind.indnkeyatts
            and (ind.indkey::int2[])[0:(key.position - 1)::int4] operator(pg_catalog.<@) judged.columns
            and (
              (ind.indcollation::oid[])[0:(key.position - 1)::int4] operator(pg_catalog.<@) '{0,100}'::oid[]
              or key.position = 1 and ind.indcollation[0] = attribute.attcollation
            )
          order by rows_per_value nulls last, index_class.relname, key.position
          limit 1
        ) as narrow
      )`;
}
