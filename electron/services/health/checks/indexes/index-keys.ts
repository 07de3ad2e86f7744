import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { restoreSql } from './restore-index.ts';
import { rootColumns, rootJoins } from '../tables/partition-families.ts';

/** One index with everything that decides whether another one can stand in for it. */
export interface IndexKeysRow {
  readonly index_oid: string;
  readonly table_oid: string;
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
  /** Parameters of operator classes, and storage parameters of methods whose answers depend on them. */
  readonly parameters: string | null;
  readonly size_bytes: string;
  readonly scans: string;
  readonly definition: string;
  /** Statements that bring back what the definition leaves out. */
  readonly restore: string | null;
}

/**
 * Valid indexes whose key columns are the beginning of another's on the same table, and those others, by the arrays of
 * `pg_index`: text of definitions says the same thing in many ways. The trailing blank keeps column 1 from being the
 * beginning of column 10. A unique index has a duty that a longer one cannot take over. Partitions of a partitioned index come and go with it and only stand in for others.
 * Run on PostgreSQL 13 to 18.
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
    index_class.relam
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
    keyed.indkey[0] as first_key,
    array_to_string((keyed.indkey::int2[])[0:keyed.indnkeyatts - 1], ' ') || ' ' as key_text
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
    and (not shorter.indisunique or longer.key_text = shorter.key_text)
    and longer.relam = shorter.relam
    and not (longer.relispartition and shorter.relispartition)
)
select
  ind.indexrelid::int8 as index_oid,
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, ind.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,${rootColumns},
  method.amname::text as method,
  ind.indisunique as is_unique,
  ind.indisprimary as is_primary,
  ind.indisreplident as is_replica_identity,
  ind.indisclustered as is_clustered,
  ind.relkind = 'I' as is_partitioned,
  ind.relispartition as is_attached,
  ${versionNum >= 150_000 ? 'ind.indnullsnotdistinct' : 'false'} as nulls_not_distinct,
  ind.indimmediate as is_immediate,
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
  nullif(concat_ws(' ',
    (
      select string_agg(attribute.attnum || attribute.attoptions::text, ' ' order by attribute.attnum)
      from pg_catalog.pg_attribute as attribute
      where attribute.attrelid = ind.indexrelid
        and attribute.attoptions is not null
    ),
    case when method.amname not in ('btree', 'hash', 'gist', 'gin', 'spgist') then ind.reloptions::text end
  ), '') as parameters,
  case when ind.relkind = 'I' then 0 else pg_catalog.pg_relation_size(ind.indexrelid) end as size_bytes,
  pg_catalog.pg_stat_get_numscans(ind.indexrelid) as scans,
  pg_catalog.pg_get_indexdef(ind.indexrelid) as definition,
  ${restoreSql('ind.relkind')} as restore
from related
join keyed as ind on ind.indexrelid = related.oid
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
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

/** True where both indexes hold the same entries in the same order for the same rows; uniqueness aside. */
export function haveSameEntries(left: IndexKeysRow, right: IndexKeysRow): boolean {
  return (
    left.table_oid === right.table_oid &&
    left.method === right.method &&
    left.predicate === right.predicate &&
    left.parameters === right.parameters &&
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
  return (
    row.is_unique || row.constraint_name !== null || row.is_replica_identity || row.is_clustered || row.is_attached
  );
}

/** An index that can go, and the one that stays and does its work. */
export interface Replaceable {
  readonly index: IndexKeysRow;
  readonly stays: IndexKeysRow;
}

/** Which indexes can go, each for one reason only, and never together with the one that takes its place. */
export interface IndexPlan {
  /** Exact copies (IDX03). */
  readonly duplicates: readonly Replaceable[];
  /** Plain ones beside a unique one (IDX15). */
  readonly besideUnique: readonly Replaceable[];
  /** Beginnings of a longer one (IDX04). */
  readonly prefixes: readonly Replaceable[];
}

/** Decides for all indexes together, so that what one check proposes never depends on what another proposes to drop. */
export function planIndexes(rows: readonly IndexKeysRow[]): IndexPlan {
  const plans = [...Map.groupBy(rows, (row) => row.table_oid).values()].map(planTable);
  return {
    duplicates: plans.flatMap((plan) => plan.duplicates),
    besideUnique: plans.flatMap((plan) => plan.besideUnique),
    prefixes: plans.flatMap((plan) => plan.prefixes),
  };
}

function planTable(indexes: readonly IndexKeysRow[]): IndexPlan {
  const duplicates: Replaceable[] = [];
  // The first of each kind in this order is the one that stays.
  const kept: IndexKeysRow[] = [];
  for (const index of indexes.toSorted((left, right) => rankToKeep(left) - rankToKeep(right))) {
    const twin = kept.find((candidate) => areDuplicates(candidate, index));
    if (twin === undefined || index.is_attached) kept.push(index);
    else duplicates.push({ index, stays: twin });
  }
  const besideUnique = kept.flatMap((index): Replaceable[] => {
    if (hasDuty(index)) return [];
    const stays = kept.find((candidate) => candidate.is_unique && haveSameEntries(candidate, index));
    return stays === undefined ? [] : [{ index, stays }];
  });
  const gone = new Set(besideUnique.map(({ index }) => index));
  const left = kept.filter((index) => !gone.has(index));
  const coversOf = (index: IndexKeysRow): IndexKeysRow[] =>
    hasDuty(index) ? [] : left.filter((candidate) => isPrefixOf(index, candidate));
  const prefixes = left.flatMap((index): Replaceable[] => {
    // An index that is a beginning itself goes too; the smallest of those that stay takes the place.
    const [stays] = coversOf(index)
      .filter((candidate) => coversOf(candidate).length === 0)
      .toSorted((one, other) => Number(one.size_bytes) - Number(other.size_bytes));
    return stays === undefined ? [] : [{ index, stays }];
  });
  return { duplicates, besideUnique, prefixes };
}

/** Uniqueness counts too: a unique index beside a plain one is IDX15. */
function areDuplicates(left: IndexKeysRow, right: IndexKeysRow): boolean {
  const bothExclude =
    left.constraint_definition?.startsWith('EXCLUDE') && right.constraint_definition?.startsWith('EXCLUDE');
  return (
    haveSameEntries(left, right) &&
    left.is_unique === right.is_unique &&
    left.nulls_not_distinct === right.nulls_not_distinct &&
    left.is_immediate === right.is_immediate &&
    // The operators of exclusion constraints are not in the keys.
    !(bothExclude && left.constraint_definition !== right.constraint_definition)
  );
}

function rankToKeep(row: IndexKeysRow): number {
  if (row.is_primary) return 0;
  if (row.is_referenced) return 1;
  if (row.is_replica_identity) return 2;
  if (row.constraint_name !== null) return 3;
  if (row.is_attached) return 4;
  return row.is_clustered ? 5 : 6;
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
