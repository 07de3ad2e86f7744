import { isUserSchema } from '../../catalog-sql.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly index_oid: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly partitions: string;
  readonly attached: string;
  readonly missing: readonly string[];
  readonly definition: string;
}

export const invalidPartitionedIndex: HealthCheck<Row> = {
  id: 'IDX06',
  group: 'indexes',
  basis: 'catalog',
  title: 'Partitioned indexes that are not complete',
  why: 'An index made with ON ONLY becomes valid when every partition has an index attached to it. Until then new partitions get the index and some old ones do not, and a unique index is not enforced everywhere.',
  // Run on PostgreSQL 13 to 18. The statistics views have no row for a partitioned index, so this reads pg_index.
  sql: () => `
select
  index_class.oid::int8 as index_oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  count(partition.oid) as partitions,
  count(attached.indexrelid) as attached,
  coalesce(
    array_agg(format('%I.%I', partition_schema.nspname, partition.relname) order by partition.relname)
      filter (where partition.oid is not null and attached.indexrelid is null),
    '{}'
  ) as missing,
  pg_catalog.pg_get_indexdef(index_class.oid) as definition
from pg_catalog.pg_index as ind
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
left join pg_catalog.pg_inherits as inheritance on inheritance.inhparent = table_class.oid
left join pg_catalog.pg_class as partition
  on partition.oid = inheritance.inhrelid
  and partition.relkind <> 'f'
left join pg_catalog.pg_namespace as partition_schema on partition_schema.oid = partition.relnamespace
left join lateral (
  select child.indexrelid
  from pg_catalog.pg_inherits as index_inheritance
  join pg_catalog.pg_index as child on child.indexrelid = index_inheritance.inhrelid
  where index_inheritance.inhparent = index_class.oid
    and child.indrelid = partition.oid
    and child.indisvalid
) as attached on true
where ${isUserSchema('schema')}
  and index_class.relkind = 'I'
  and not ind.indisvalid
group by index_class.oid, schema.nspname, index_class.relname, table_class.relname
order by index_name`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.index_name,
      relationOid: Number(row.index_oid),
      severity: 'warning' as const,
      message: `Partitioned index ${row.index_name} on ${row.table_name} is not valid: ${formatCount(row.attached)} of ${formatCount(row.partitions)} partitions have a valid index attached.`,
      evidence: [
        { label: 'Definition', value: row.definition },
        { label: 'Partitions without', value: row.missing.slice(0, 20).join(', ') || 'none' },
      ],
      fixSql: [
        `-- For each partition: build its index, then attach it to ${row.index_name}.`,
        ...row.missing
          .slice(0, 20)
          .map((partition) => `create index concurrently on ${partition} ${columnsPart(row.definition)};`),
        `-- alter index ${row.index_name} attach partition <the new index>;`,
      ].join('\n'),
      lock: lockTexts.shareUpdateExclusive,
      caution: 'The attach steps need the names of the new indexes; the last one makes the parent valid.',
      confidence: 'high' as const,
    }));
  },
};

/** What follows the table in a definition: `USING btree (a)`. */
function columnsPart(definition: string): string {
  return definition.slice(definition.indexOf(' USING ') + 1);
}
