import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly is_partitioned: boolean;
  readonly rows: number;
  readonly size_bytes: string;
  /** A unique index over columns that are never null, which could become the key. */
  readonly candidate: string | null;
  readonly candidate_constraint: string | null;
}

export const noPrimaryKey: HealthCheck<Row> = {
  id: 'SCH01',
  group: 'schema',
  basis: 'catalog',
  title: 'Tables without a primary key',
  why: 'Without a key a single row cannot be named: duplicates cannot be told apart, tools cannot edit rows, and logical replication cannot update or delete them.',
  // Run on PostgreSQL 13 to 18. Partitions belong to their parent, and a partitioned table whose partitions all have a
  // key of their own is not without one.
  sql: () => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  table_class.relkind = 'p' as is_partitioned,
  greatest(table_class.reltuples, 0)::float8 as rows,
  pg_catalog.pg_relation_size(table_class.oid) as size_bytes,
  quote_ident(candidate.index_name) as candidate,
  quote_ident(candidate.constraint_name) as candidate_constraint
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join lateral (
  select
    index_class.relname as index_name,
    own_constraint.conname as constraint_name
  from pg_catalog.pg_index as ind
  join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
  left join pg_catalog.pg_constraint as own_constraint
    on own_constraint.conindid = ind.indexrelid
    and own_constraint.conrelid = ind.indrelid
    and own_constraint.contype = 'u'
  where ind.indrelid = table_class.oid
    and ind.indisunique
    and ind.indisvalid
    and ind.indimmediate
    and ind.indpred is null
    and ind.indexprs is null
    and not exists (
      select
      from unnest(ind.indkey::int2[]) with ordinality as key (attnum, position)
      join pg_catalog.pg_attribute as attribute
        on attribute.attrelid = ind.indrelid
        and attribute.attnum = key.attnum
      where key.position <= ind.indnkeyatts
        and not attribute.attnotnull
    )
  order by (own_constraint.oid is not null), ind.indnkeyatts, ind.indexrelid
  limit 1
) as candidate on true
where ${isUserSchema('schema')}
  and table_class.relkind in ('r', 'p')
  and not table_class.relispartition
  and not exists (
    select
    from pg_catalog.pg_constraint as primary_key
    where primary_key.conrelid = table_class.oid
      and primary_key.contype = 'p'
  )
  and not (
    table_class.relkind = 'p'
    and exists (
      select
      from pg_catalog.pg_inherits as inheritance
      where inheritance.inhparent = table_class.oid
    )
    and not exists (
      select
      from pg_catalog.pg_inherits as inheritance
      where inheritance.inhparent = table_class.oid
        and not exists (
          select
          from pg_catalog.pg_constraint as partition_key
          where partition_key.conrelid = inheritance.inhrelid
            and partition_key.contype = 'p'
        )
    )
  )
  and ${isNotOfExtension('table_class.oid')}
order by table_class.reltuples desc, table_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'warning' as const,
      message: `Table ${row.table_name} has no primary key (${formatCount(row.rows)} rows).`,
      evidence: [
        { label: 'Rows (estimate)', value: formatCount(row.rows) },
        { label: 'Size', value: formatBytes(row.size_bytes) },
        { label: 'Unique index over not-null columns', value: row.candidate ?? 'none' },
      ],
      ...(row.candidate !== null && row.candidate_constraint === null && !row.is_partitioned
        ? {
            fixSql: `alter table ${row.table_name} add primary key using index ${row.candidate};`,
            lock: lockTexts.accessExclusiveShort,
          }
        : {}),
      caution:
        row.candidate === null
          ? 'Choose columns that identify a row, or add an identity column: that rewrites the table under ACCESS EXCLUSIVE.'
          : row.candidate_constraint === null
            ? 'The index takes the name of the key.'
            : `The unique constraint ${row.candidate_constraint} serves as a key in practice; declaring the primary key builds a second index.`,
      confidence: 'high' as const,
    }));
  },
};
