import type { IndexKeysRow } from './index-keys.ts';

/**
 * True where `index` holds the same entries in the same order for the same rows as `stays`, and the planner may use
 * `stays` for every search that it may use `index` for; uniqueness aside. A predicate that is always true leaves no row
 * out, but the planner has to prove it, so a whole index stands in for such a one and not the other way round.
 */
export function haveSameEntries(stays: IndexKeysRow, index: IndexKeysRow): boolean {
  return (
    stays.table_oid === index.table_oid &&
    stays.method === index.method &&
    servesPredicate(stays, index) &&
    stays.parameters === index.parameters &&
    sameList(stays.keys, index.keys) &&
    sameSet(stays.included, index.included)
  );
}

/**
 * True where every search that `shorter` can serve, `longer` can serve too: its key columns lead the longer key, element
 * by element, and its INCLUDE columns are all in the longer index. Only ordered methods (btree) have this property.
 */
export function isPrefixOf(shorter: IndexKeysRow, longer: IndexKeysRow): boolean {
  if (shorter.table_oid !== longer.table_oid || shorter.method !== 'btree' || longer.method !== 'btree') return false;
  if (!servesPredicate(longer, shorter) || haveSameEntries(longer, shorter)) return false;
  if (!shorter.keys.every((key, position) => key === longer.keys[position])) return false;
  const heldByLonger = new Set([...longer.keys.map(attributeOf), ...longer.included]);
  return shorter.included.every((attribute) => heldByLonger.has(attribute));
}

/** True where the predicate is nothing but `IS NOT NULL` of columns that never are. Anything else is left alone. */
export function isAlwaysTrue(predicate: string, notNullColumns: readonly string[]): boolean {
  const always = new Set(notNullColumns.map((column) => `${column} IS NOT NULL`));
  return predicate.split(' AND ').every((term) => always.has(term.replace(/^\(+|\)+$/g, '')));
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
  /** Those left whose predicate is always true, so that they should be whole (IDX14). */
  readonly needless: readonly IndexKeysRow[];
}

/** Decides for all indexes together, so that what one check proposes never depends on what another proposes to drop. */
export function planIndexes(rows: readonly IndexKeysRow[]): IndexPlan {
  const plans = [...Map.groupBy(rows, (row) => row.table_oid).values()].map(planTable);
  return {
    duplicates: plans.flatMap((plan) => plan.duplicates),
    besideUnique: plans.flatMap((plan) => plan.besideUnique),
    prefixes: plans.flatMap((plan) => plan.prefixes),
    needless: plans.flatMap((plan) => plan.needless),
  };
}

function planTable(indexes: readonly IndexKeysRow[]): IndexPlan {
  const duplicates: Replaceable[] = [];
  // The first of each kind in this order is the one that stays.
  const kept: IndexKeysRow[] = [];
  for (const index of indexes.toSorted(byReasonToKeep)) {
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
  const short = new Set(prefixes.map(({ index }) => index));
  const needless = left.filter((index) => !short.has(index) && !index.is_attached && isNeedless(index));
  return { duplicates, besideUnique, prefixes, needless };
}

/** Uniqueness counts too: a unique index beside a plain one is IDX15. */
function areDuplicates(stays: IndexKeysRow, index: IndexKeysRow): boolean {
  const bothExclude =
    stays.constraint_definition?.startsWith('EXCLUDE') && index.constraint_definition?.startsWith('EXCLUDE');
  return (
    haveSameEntries(stays, index) &&
    stays.is_unique === index.is_unique &&
    stays.nulls_not_distinct === index.nulls_not_distinct &&
    stays.is_immediate === index.is_immediate &&
    stays.is_deferred === index.is_deferred &&
    // The operators of exclusion constraints are not in the keys.
    !(bothExclude && stays.constraint_definition !== index.constraint_definition)
  );
}

/** What is used more stays, so that a count of scans (IDX01) never speaks against the one that is left. */
function byReasonToKeep(left: IndexKeysRow, right: IndexKeysRow): number {
  return (
    rankToKeep(left) - rankToKeep(right) ||
    Number(isNeedless(left)) - Number(isNeedless(right)) ||
    Number(right.scans) - Number(left.scans)
  );
}

function servesPredicate(stays: IndexKeysRow, index: IndexKeysRow): boolean {
  return stays.predicate === index.predicate || (stays.predicate === null && isNeedless(index));
}

function isNeedless(index: IndexKeysRow): boolean {
  return index.predicate !== null && isAlwaysTrue(index.predicate, index.not_null_columns);
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
