import type { HealthFinding } from '#contract/health-model.ts';

/** Of the index of a partition: the partitioned index at the top, with which it goes. */
export interface PartitionedIndex {
  readonly index_root_oid: string | null;
  readonly index_root_name: string | null;
}

/** The columns of `PartitionedIndex`, from expressions for `relispartition` and the oid of an index. */
export function partitionedIndexColumns(isPartition: string, oid: string): string {
  return `case when ${isPartition} then pg_catalog.pg_partition_root(${oid})::oid::int8 end as index_root_oid,
  case when ${isPartition} then (
    select format('%I.%I', root_schema.nspname, root_class.relname)
    from pg_catalog.pg_class as root_class
    join pg_catalog.pg_namespace as root_schema on root_schema.oid = root_class.relnamespace
    where root_class.oid = pg_catalog.pg_partition_root(${oid})
  ) end as index_root_name`;
}

/** The table of an index, and the indexes that its fix rests on, as far as there are any: `settle-fixes.ts` goes by them. */
export function relatedTo(
  table: { readonly table_oid: string; readonly table_name: string },
  ...indexes: readonly { readonly oid: string | null; readonly name: string | null }[]
): NonNullable<HealthFinding['related']> {
  return [
    { name: table.table_name, oid: Number(table.table_oid) },
    ...indexes.flatMap(({ oid, name }) => (oid === null || name === null ? [] : [{ name, oid: Number(oid) }])),
  ];
}
