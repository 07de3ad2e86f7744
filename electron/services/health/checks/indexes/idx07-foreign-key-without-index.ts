import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { quoteIdentifier, quoteQualified } from '../../../../postgres/quote-identifier.ts';
import { truncateToNameLimit } from './drop-index.ts';

interface CandidateIndex {
  /** Leading columns, as many as the foreign key has; null stands for an expression. */
  readonly columns: readonly (string | null)[];
  readonly predicate: string | null;
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
  readonly target_name: string;
  readonly is_partitioned: boolean;
  /** The last column is a period (18 and later): rows are found by the columns before it. */
  readonly is_temporal: boolean;
  readonly columns: readonly string[];
  readonly table_bytes: number;
  readonly table_rows: number;
  /** Rows of the referenced table that were deleted or updated since statistics began. */
  readonly target_changes: number;
  /** The tables that hold rows, the partitions where it is partitioned, and how many of them lack a whole index. */
  readonly leaves: number;
  readonly uncovered: readonly { readonly name: string; readonly partial: readonly CandidateIndex[] }[];
  /** An invalid index on the same columns, which a rebuild would make useful. */
  readonly invalid_index: string | null;
  /** Names of the schema that begin like the index's would, and end like it. */
  readonly taken_names: readonly string[];
}

export const foreignKeyWithoutIndex: HealthCheck<ForeignKeyRow, 'largeBytes'> = {
  id: 'IDX07',
  group: 'indexes',
  basis: 'catalog',
  title: 'Foreign keys without an index',
  why: 'Deleting a referenced row, or changing its key, searches the referencing table. Without an index that is a full scan under a lock, once per row. Joins along the foreign key suffer as well.',
  thresholds: {
    largeBytes: { usual: 10 * 1024 ** 2, unit: 'bytes', label: 'Table from which it is a warning' },
  },
  // Run on PostgreSQL 13 to 18. Usable: btree (or hash, for one column), valid, the foreign key's columns leading in any
  // order, in their own collation. Partitions are judged by their own indexes and reported once, on the partitioned
  // table. Columns of a partition may have other numbers than its parent's. A temporal key, which is not just equality,
  // may have a GiST index as well. An index that is being built counts: the progress view shows its pid to everyone and
  // its table to few, and the lock shows the table.
  sql: ({ versionNum }) => `
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
    table_class.relnamespace
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
    foreign_key.is_temporal
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
    foreign_key.is_temporal
  from foreign_key
  cross join lateral pg_catalog.pg_partition_tree(foreign_key.conrelid) as tree
  join pg_catalog.pg_class as part on part.oid = tree.relid and part.relkind <> 'f'
  where foreign_key.relkind = 'p'
    and tree.isleaf
    and part.relkind <> 'p'
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
judged as (
  select
    leaf.key_oid,
    leaf.table_oid,
    leaf.columns,
    leaf.is_temporal,
    coalesce(bool_or(
      usable.is_valid
      and usable.indpred is null
      and (leaf.is_temporal or not usable.is_gist)
      and ${fits('leaf.columns')}
    ), false) or leaf.table_oid in (select building.table_oid from building where building.is_unnamed) as is_covered,
    coalesce(bool_or(usable.indpred is not null), false) as has_partial
  from leaf
  left join usable on usable.indrelid = leaf.table_oid
  group by leaf.key_oid, leaf.table_oid, leaf.columns, leaf.is_temporal
),
gathered as materialized (
  select
    judged.key_oid,
    count(*)::int4 as leaves,
    sum(pg_catalog.pg_stat_get_live_tuples(judged.table_oid)) as live_rows,
    sum(case when leaf_class.relpages > 0 or pg_catalog.pg_stat_get_live_tuples(judged.table_oid) > 0
      then pg_catalog.pg_relation_size(judged.table_oid) else 0 end) as bytes,
    sum(greatest(leaf_class.reltuples, 0)) as rows,
    json_agg(json_build_object(
      'name', leaf_class.relname,
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
      ) else '[]'::json end
    )) filter (where not judged.is_covered) as uncovered
  from judged
  join pg_catalog.pg_class as leaf_class on leaf_class.oid = judged.table_oid
  group by judged.key_oid
  having not bool_and(judged.is_covered)
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
wanted as materialized (
  select
    gathered.key_oid,
    foreign_key.relnamespace,
    foreign_key.relname || '_' || array_to_string(array(
      select attribute.attname::text
      from unnest(foreign_key.conkey) with ordinality as key (attnum, position)
      join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = foreign_key.conrelid
        and attribute.attnum = key.attnum
      order by key.position
    ), '_') as stem
  from gathered
  join foreign_key on foreign_key.oid = gathered.key_oid
),
standing as materialized (
  select
    wanted.key_oid,
    named.names
  from (select key_oid, relnamespace, ${nameKey('stem')} as beginning from wanted) as wanted
  join named using (relnamespace, beginning)
)
select
  foreign_key.conrelid::int8 as table_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, foreign_key.relname) as table_name,
  foreign_key.relname::text as bare_table,
  coalesce(root.oid, foreign_key.conrelid)::int8 as root_oid,
  case when root.oid is null then format('%I.%I', schema.nspname, foreign_key.relname)
    else format('%I.%I', root_schema.nspname, root.relname) end as root_name,
  quote_ident(foreign_key.conname) as constraint_name,
  format('%I.%I', target_schema.nspname, target.relname) as target_name,
  foreign_key.relkind = 'p' as is_partitioned,
  foreign_key.is_temporal,
  own_columns.columns,
  gathered.bytes::float8 as table_bytes,
  greatest(gathered.rows, gathered.live_rows)::float8 as table_rows,
  (pg_catalog.pg_stat_get_tuples_deleted(foreign_key.confrelid)
    + pg_catalog.pg_stat_get_tuples_updated(foreign_key.confrelid))::float8 as target_changes,
  gathered.leaves,
  gathered.uncovered,
  own_indexes.invalid_index,
  coalesce(standing.names, '{}') as taken_names
from gathered
join foreign_key on foreign_key.oid = gathered.key_oid
join pg_catalog.pg_namespace as schema on schema.oid = foreign_key.relnamespace
join pg_catalog.pg_class as target on target.oid = foreign_key.confrelid
join pg_catalog.pg_namespace as target_schema on target_schema.oid = target.relnamespace
cross join lateral (
  select
    min(format('%I.%I', schema.nspname, index_class.relname)) filter (
      where not (ind.indisvalid and ind.indisready)
        and index_class.relam = 403
        and ind.indpred is null
        and ind.indnkeyatts >= cardinality(foreign_key.conkey)
        and (ind.indkey::int2[])[0:cardinality(foreign_key.conkey) - 1] operator(pg_catalog.@>) foreign_key.conkey
    ) as invalid_index
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  where ind.indrelid = foreign_key.conrelid
) as own_indexes
cross join lateral (
  select array(
    select attribute.attname::text
    from unnest(foreign_key.conkey) with ordinality as key (attnum, position)
    join pg_catalog.pg_attribute as attribute
      on attribute.attrelid = foreign_key.conrelid
      and attribute.attnum = key.attnum
    order by key.position
  ) as columns
) as own_columns
left join standing on standing.key_oid = gathered.key_oid
left join pg_catalog.pg_class as root
  on foreign_key.relispartition
  and root.oid = pg_catalog.pg_partition_root(foreign_key.conrelid)
left join pg_catalog.pg_namespace as root_schema on root_schema.oid = root.relnamespace
where ${isNotOfExtension('foreign_key.conrelid')}
order by table_bytes desc, table_name, constraint_name`,
  findings(rows, { limits }) {
    const uncovered = rows.filter((row) => missingLeaves(row).length > 0);
    // Names are one set per schema, for all findings together.
    const taken = new Set(uncovered.flatMap((row) => row.taken_names.map((name) => inSchema(row, name))));
    return [...Map.groupBy(uncovered, (row) => row.root_oid).values()].flatMap((keys) =>
      finding(keys, limits.largeBytes, taken),
    );
  },
};

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

/** The tables of the foreign key that no partial index serves either. */
function missingLeaves(row: ForeignKeyRow): readonly { readonly name: string }[] {
  const searched = row.is_temporal ? row.columns.slice(0, -1) : row.columns;
  return row.uncovered.filter((leaf) => !leaf.partial.some((index) => coversForeignKey(index, searched)));
}

/** One finding for all foreign keys of a table: who adds one index adds the others along. */
function finding(keys: readonly ForeignKeyRow[], largeBytes: number, taken: Set<string>) {
  const [first] = keys;
  if (first === undefined) return [];
  const tables = new Map(keys.map((row) => [row.table_oid, row]));
  const isOne = tables.size === 1;
  const table = isOne ? first.table_name : first.root_name;
  const bytes = tables.values().reduce((sum, row) => sum + row.table_bytes, 0);
  const rowCount = tables.values().reduce((sum, row) => sum + row.table_rows, 0);
  const size = bytes === 0 ? ', empty now' : ` (${formatBytes(bytes)})`;
  const described = keys.map((row) => `${row.constraint_name} (${row.columns.map(quoteIdentifier).join(', ')})`);
  const targets = [...new Set(keys.map((row) => row.target_name))];
  const changes = keys.reduce((sum, row) => sum + row.target_changes, 0);
  return [
    {
      object: table,
      relationOid: Number(isOne ? first.table_oid : first.root_oid),
      severity: bytes >= largeBytes ? ('warning' as const) : ('info' as const),
      message:
        keys.length === 1
          ? `Foreign key ${described.join()} of ${table} has no index: each delete in ${targets.join()} reads the whole table${size}.`
          : `${keys.length} foreign keys of ${isOne ? '' : `${tables.size} partitions of `}${table} have no index, so each delete in a referenced table reads the whole table${size}: ${described.slice(0, 10).join(', ')}${keys.length > 10 ? ` and ${keys.length - 10} more` : ''}.`,
      measure: bytes,
      evidence: [
        { label: 'References', value: targets.join(', ') },
        { label: 'Size of the table', value: formatBytes(bytes) },
        { label: 'Rows (estimate)', value: formatCount(rowCount) },
        { label: 'Deletes and updates of referenced tables', value: formatCount(changes) },
        ...keys
          .filter((row) => row.is_partitioned)
          .map((row) => ({
            label: `Without index for ${row.constraint_name}`,
            value: `${formatCount(missingLeaves(row).length)} of ${plural(row.leaves, 'partition')}`,
          })),
        ...keys.flatMap((row) =>
          row.invalid_index === null ? [] : [{ label: 'Invalid index on these columns', value: row.invalid_index }],
        ),
      ],
      ...fixFor(keys, taken),
    },
  ];
}

function fixFor(keys: readonly ForeignKeyRow[], taken: Set<string>) {
  if (keys.some((row) => row.is_temporal)) {
    return {
      caution: 'A key with PERIOD is best served by a GiST index on its columns, which needs btree_gist for scalars.',
    };
  }
  const fixes: string[] = [];
  const undos: string[] = [];
  const done = new Set<string>();
  const isPartitioned = keys.some((row) => row.is_partitioned);
  for (const row of keys) {
    const columns = row.columns.map(quoteIdentifier).join(', ');
    const concurrently = row.is_partitioned ? '' : 'concurrently ';
    if (row.invalid_index !== null && !row.is_partitioned) {
      if (!done.has(row.invalid_index)) fixes.push(`reindex index concurrently ${row.invalid_index};`);
      done.add(row.invalid_index);
      continue;
    }
    // Two foreign keys on the same columns need one index.
    const set = [row.table_oid, ...row.columns.toSorted()].join('\0');
    if (done.has(set)) continue;
    done.add(set);
    const name = freeName(row, taken);
    taken.add(inSchema(row, name));
    fixes.push(`create index ${concurrently}${quoteIdentifier(name)} on ${row.table_name} (${columns});`);
    undos.push(`drop index ${concurrently}${quoteIdentifier(row.schema_name)}.${quoteIdentifier(name)};`);
  }
  return {
    fixSql: fixes.join('\n'),
    ...(undos.length === 0 ? {} : { undoSql: undos.join('\n') }),
    lock: isPartitioned ? lockTexts.share : lockTexts.shareUpdateExclusive,
    ...(isPartitioned
      ? {
          caution:
            'A partitioned table cannot take CONCURRENTLY; build the index on each partition first to avoid the wait.',
        }
      : {}),
  };
}

/** A name in PostgreSQL's own manner that nothing in the schema has, or is about to get. */
function freeName(row: ForeignKeyRow, taken: ReadonlySet<string>): string {
  for (let number = 0; ; number += 1) {
    const name = truncateToNameLimit(
      `${row.bare_table}_${row.columns.join('_')}`,
      `_idx${number === 0 ? '' : String(number)}`,
    );
    if (!taken.has(inSchema(row, name))) return name;
  }
}

function inSchema(row: ForeignKeyRow, name: string): string {
  return quoteQualified(row.schema_name, name);
}

/**
 * The search for referencing rows compares every column with `=`, so the order of the leading columns does not matter.
 * A predicate is harmless only where it says no more than that the columns are not null.
 */
export function coversForeignKey(index: CandidateIndex, columns: readonly string[]): boolean {
  const leading = new Set(index.columns.slice(0, columns.length));
  if (!columns.every((column) => leading.has(column))) return false;
  if (index.predicate === null) return true;
  const names = new Set(columns);
  return index.predicate.split(/ AND /).every((term) => {
    const name = notNullColumn(term);
    return name !== undefined && names.has(name);
  });
}

/** The bare name of the column that a term says is not null; names may be quoted that need not be. */
function notNullColumn(term: string): string | undefined {
  const bare = term.replace(/^\(+|\)+$/g, '');
  const column = String.raw`([\p{L}_][\p{L}\d_$]*|"(?:[^"]|"")+")`;
  const name = new RegExp(`^(?:${column} IS NOT NULL|NOT \\(${column} IS NULL)$`, 'u').exec(bare);
  const found = name?.[1] ?? name?.[2];
  return found?.startsWith('"') ? found.slice(1, -1).replaceAll('""', '"') : found;
}
