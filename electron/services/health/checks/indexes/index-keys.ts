import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';

/** One index with everything that decides whether another one can stand in for it. */
export interface IndexKeysRow {
  readonly index_oid: string;
  readonly table_oid: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly method: string;
  readonly is_unique: boolean;
  readonly is_primary: boolean;
  readonly is_replica_identity: boolean;
  readonly is_partitioned: boolean;
  readonly nulls_not_distinct: boolean;
  /** False for a deferrable constraint, which a plain unique index cannot replace. */
  readonly is_immediate: boolean;
  /** Quoted name of the constraint that the index enforces. */
  readonly constraint_name: string | null;
  readonly constraint_definition: string | null;
  /** Foreign keys that point at this index's constraint. */
  readonly referencing_keys: number;
  /** Per key column: attribute number, operator class, collation, options, expression. */
  readonly keys: readonly string[];
  /** Attribute numbers of INCLUDE columns. */
  readonly included: readonly string[];
  readonly predicate: string | null;
  readonly size_bytes: string;
  readonly scans: string;
  readonly definition: string;
}

/**
 * Valid indexes of users' tables, by the arrays of `pg_index`: text of definitions says the same thing in many ways.
 * Partitions of a partitioned index come and go with it, and are left out, and so are indexes whose first column no other
 * index of the table begins with: nothing can stand in for them.
 * Run on PostgreSQL 13 to 18.
 */
export function indexKeysSql(versionNum: number): string {
  return `
with referenced as (
  select
    foreign_key.conindid as index_oid,
    count(*) as foreign_keys
  from pg_catalog.pg_constraint as foreign_key
  where foreign_key.contype = 'f'
  group by foreign_key.conindid
)
select
  index_class.oid::int8 as index_oid,
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  method.amname::text as method,
  ind.indisunique as is_unique,
  ind.indisprimary as is_primary,
  ind.indisreplident and table_class.relreplident = 'i' as is_replica_identity,
  index_class.relkind = 'I' as is_partitioned,
  ${versionNum >= 150_000 ? 'ind.indnullsnotdistinct' : 'false'} as nulls_not_distinct,
  ind.indimmediate as is_immediate,
  quote_ident(own_constraint.conname) as constraint_name,
  pg_catalog.pg_get_constraintdef(own_constraint.oid) as constraint_definition,
  coalesce(referenced.foreign_keys, 0)::int4 as referencing_keys,
  array(
    select format('%s:%s:%s:%s:%s',
      ind.indkey[n], ind.indclass[n], ind.indcollation[n], ind.indoption[n],
      case when ind.indkey[n] = 0 then pg_catalog.pg_get_indexdef(ind.indexrelid, n + 1, false) end)
    from unnest(ind.indclass::oid[]) with ordinality as key (opclass, position)
    cross join lateral (select key.position::int4 - 1 as n) as subscript
    order by n
  ) as keys,
  array(
    select key.attnum::text
    from unnest(ind.indkey::int2[]) with ordinality as key (attnum, position)
    where key.position > ind.indnkeyatts
    order by key.position
  ) as included,
  pg_catalog.pg_get_expr(ind.indpred, ind.indrelid) as predicate,
  pg_catalog.pg_relation_size(index_class.oid) as size_bytes,
  pg_catalog.pg_stat_get_numscans(index_class.oid) as scans,
  pg_catalog.pg_get_indexdef(index_class.oid) as definition
from pg_catalog.pg_index as ind
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_am as method on method.oid = index_class.relam
left join pg_catalog.pg_constraint as own_constraint
  on own_constraint.conindid = index_class.oid
  and own_constraint.conrelid = ind.indrelid
  and own_constraint.contype in ('p', 'u', 'x')
left join referenced on referenced.index_oid = index_class.oid
where ${isUserSchema('schema')}
  and ind.indisvalid
  and ind.indislive
  and not index_class.relispartition
  and exists (
    select
    from pg_catalog.pg_index as sibling
    where sibling.indrelid = ind.indrelid
      and sibling.indexrelid <> ind.indexrelid
      and sibling.indkey[0] = ind.indkey[0]
  )
  and ${isNotOfExtension('table_class.oid')}
order by table_class.oid, index_class.oid`;
}

/** True where both indexes hold the same entries in the same order for the same rows; uniqueness aside. */
export function haveSameEntries(left: IndexKeysRow, right: IndexKeysRow): boolean {
  return (
    left.table_oid === right.table_oid &&
    left.method === right.method &&
    left.predicate === right.predicate &&
    sameList(left.keys, right.keys) &&
    sameSet(left.included, right.included)
  );
}

/**
 * True where every search that `shorter` can serve, `longer` can serve too: its key columns lead the longer key, element
 * by element, and its INCLUDE columns are all in the longer index. Only ordered methods (btree) have this property.
 */
export function isPrefixOf(shorter: IndexKeysRow, longer: IndexKeysRow): boolean {
  if (shorter.table_oid !== longer.table_oid || shorter.method !== 'btree' || longer.method !== 'btree') return false;
  if (shorter.predicate !== longer.predicate || haveSameEntries(shorter, longer)) return false;
  if (!shorter.keys.every((key, position) => key === longer.keys[position])) return false;
  const heldByLonger = new Set([...longer.keys.map(attributeOf), ...longer.included]);
  return shorter.included.every((attribute) => heldByLonger.has(attribute));
}

/** True where the index does something besides speeding up searches, so that it cannot simply go. */
export function hasDuty(row: IndexKeysRow): boolean {
  return row.is_unique || row.constraint_name !== null || row.is_replica_identity;
}

/** All pairs of indexes on one table, in the order of the rows. */
export function* pairsByTable(rows: readonly IndexKeysRow[]): Generator<readonly [IndexKeysRow, IndexKeysRow]> {
  for (const indexes of Map.groupBy(rows, (row) => row.table_oid).values()) {
    for (const [position, first] of indexes.entries()) {
      for (const second of indexes.slice(position + 1)) yield [first, second];
    }
  }
}

function attributeOf(key: string): string {
  return key.slice(0, key.indexOf(':'));
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((value, position) => value === right[position]);
}

function sameSet(left: readonly string[], right: readonly string[]): boolean {
  return sameList(left.toSorted(), right.toSorted());
}
