import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';

interface CandidateIndex {
  /** Leading columns, as many as the foreign key has; null stands for an expression. */
  readonly columns: readonly (string | null)[];
  readonly predicate: string | null;
}

/** One foreign key, with the usable indexes of each table that holds its rows (the leaves, where partitioned). */
export interface ForeignKeyRow {
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly bare_table: string;
  readonly constraint_name: string;
  readonly target_name: string;
  readonly is_partitioned: boolean;
  readonly columns: readonly string[];
  readonly table_bytes: string;
  readonly table_rows: number;
  readonly target_deletes: string;
  readonly leaves: readonly { readonly name: string; readonly indexes: readonly CandidateIndex[] }[];
}

export const foreignKeyWithoutIndex: HealthCheck<ForeignKeyRow> = {
  id: 'IDX07',
  group: 'indexes',
  basis: 'catalog',
  title: 'Foreign keys without an index',
  why: 'Deleting a referenced row, or changing its key, searches the referencing table. Without an index that is a full scan under a lock, once per row. Joins along the foreign key suffer as well.',
  // Run on PostgreSQL 13 to 18. Usable: btree (or hash, for one column), valid, the foreign key's columns leading in any
  // order. Partitions are judged by their own indexes and reported once, on the partitioned table.
  sql: () => `
with leaf as (
  select
    root.oid as root_oid,
    tree.relid::oid as oid
  from pg_catalog.pg_class as root
  cross join lateral pg_catalog.pg_partition_tree(root.oid) as tree
  where root.relkind = 'p'
    and tree.isleaf
  union all
  select
    plain.oid,
    plain.oid
  from pg_catalog.pg_class as plain
  where plain.relkind = 'r'
)
select
  table_class.oid::int8 as table_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  table_class.relname::text as bare_table,
  quote_ident(foreign_key.conname) as constraint_name,
  (
    select format('%I.%I', target_schema.nspname, target.relname)
    from pg_catalog.pg_class as target
    join pg_catalog.pg_namespace as target_schema on target_schema.oid = target.relnamespace
    where target.oid = foreign_key.confrelid
  ) as target_name,
  table_class.relkind = 'p' as is_partitioned,
  key_columns.names as columns,
  sum(pg_catalog.pg_relation_size(leaf.oid)) as table_bytes,
  sum(greatest(leaf_class.reltuples, 0))::float8 as table_rows,
  pg_catalog.pg_stat_get_tuples_deleted(foreign_key.confrelid)
    + pg_catalog.pg_stat_get_tuples_updated(foreign_key.confrelid) as target_deletes,
  json_agg(json_build_object(
    'name', leaf_class.relname,
    'indexes', (
      select coalesce(json_agg(json_build_object(
        'columns', (
          select json_agg(attribute.attname order by position)
          from unnest(ind.indkey::int2[]) with ordinality as key (attnum, position)
          left join pg_catalog.pg_attribute as attribute
            on attribute.attrelid = leaf.oid
            and attribute.attnum = key.attnum
            and attribute.attnum > 0
          where position <= cardinality(foreign_key.conkey)
        ),
        'predicate', pg_catalog.pg_get_expr(ind.indpred, ind.indrelid))), '[]'::json)
      from pg_catalog.pg_index as ind
      join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
      join pg_catalog.pg_am as method on method.oid = index_class.relam
      where ind.indrelid = leaf.oid
        and ind.indisvalid
        and ind.indnkeyatts >= cardinality(foreign_key.conkey)
        and (method.amname = 'btree' or method.amname = 'hash' and cardinality(foreign_key.conkey) = 1)
    )
  )) as leaves
from pg_catalog.pg_constraint as foreign_key
join pg_catalog.pg_class as table_class on table_class.oid = foreign_key.conrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
cross join lateral (
  select array_agg(attribute.attname::text order by position) as names
  from unnest(foreign_key.conkey) with ordinality as key (attnum, position)
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = foreign_key.conrelid
    and attribute.attnum = key.attnum
) as key_columns
join leaf on leaf.root_oid = table_class.oid
join pg_catalog.pg_class as leaf_class on leaf_class.oid = leaf.oid and leaf_class.relkind <> 'f'
where foreign_key.contype = 'f'
  and foreign_key.conparentid = 0
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
group by table_class.oid, schema.nspname, table_class.relname, table_class.relkind, foreign_key.oid,
  foreign_key.conname, foreign_key.confrelid, key_columns.names
order by table_bytes desc, table_name, constraint_name`,
  findings(rows) {
    return rows.flatMap((row) => {
      const uncovered = row.leaves.filter(
        (leaf) => !leaf.indexes.some((index) => coversForeignKey(index, row.columns)),
      );
      if (uncovered.length === 0) return [];
      const columns = row.columns.map(quoteIdentifier).join(', ');
      const indexName = quoteIdentifier(truncateToNameLimit(`${row.bare_table}_${row.columns.join('_')}_idx`));
      const isLarge = Number(row.table_bytes) >= 10 * 1024 * 1024;
      return [
        {
          object: row.table_name,
          relationOid: Number(row.table_oid),
          severity: isLarge ? ('warning' as const) : ('info' as const),
          message: `Foreign key ${row.constraint_name} (${columns}) of ${row.table_name} has no index: each delete in ${row.target_name} reads the whole table${Number(row.table_bytes) === 0 ? ', empty now' : ` (${formatBytes(row.table_bytes)})`}.`,
          evidence: [
            { label: 'References', value: row.target_name },
            { label: 'Size of the table', value: formatBytes(row.table_bytes) },
            { label: 'Rows (estimate)', value: formatCount(row.table_rows) },
            { label: 'Deletes and updates of referenced rows', value: formatCount(row.target_deletes) },
            ...(row.is_partitioned
              ? [
                  {
                    label: 'Without index',
                    value: `${formatCount(uncovered.length)} of ${plural(row.leaves.length, 'partition')}`,
                  },
                ]
              : []),
          ],
          fixSql: `create index ${row.is_partitioned ? '' : 'concurrently '}${indexName} on ${row.table_name} (${columns});`,
          undoSql: `drop index ${row.is_partitioned ? '' : 'concurrently '}${quoteIdentifier(row.schema_name)}.${indexName};`,
          lock: row.is_partitioned ? lockTexts.share : lockTexts.shareUpdateExclusive,
          ...(row.is_partitioned
            ? {
                caution:
                  'A partitioned table cannot take CONCURRENTLY; build the index on each partition first to avoid the wait.',
              }
            : {}),
          confidence: 'high' as const,
        },
      ];
    });
  },
};

/**
 * The search for referencing rows compares every column with `=`, so the order of the leading columns does not matter.
 * A predicate is harmless only where it says no more than that the columns are not null.
 */
export function coversForeignKey(index: CandidateIndex, columns: readonly string[]): boolean {
  const leading = new Set(index.columns.slice(0, columns.length));
  if (!columns.every((column) => leading.has(column))) return false;
  if (index.predicate === null) return true;
  const harmless = new Set(columns.map((column) => `${quoteIdentifier(column)} IS NOT NULL`));
  return index.predicate.split(/ AND /).every((term) => harmless.has(term.replace(/^\(+|\)+$/g, '')));
}

/** PostgreSQL keeps 63 bytes of a name. */
function truncateToNameLimit(name: string): string {
  let shortened = name;
  while (Buffer.byteLength(shortened) > 63) shortened = shortened.slice(0, -1);
  return shortened;
}
