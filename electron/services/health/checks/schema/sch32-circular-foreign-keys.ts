import type { HealthFinding } from '#contract/health-model.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { nameList } from './fold-by-schema.ts';
import { foreignKeysSql, referenceText, type ForeignKeyRow } from './foreign-keys.ts';
import { stronglyConnected } from './strongly-connected.ts';

export const circularForeignKeys: HealthCheck<ForeignKeyRow> = {
  id: 'SCH32',
  group: 'schema',
  basis: 'catalog',
  title: 'Foreign keys in a circle',
  why: 'Tables that refer to each other in a circle cannot be filled, emptied or restored one after the other. Where every key of the circle is NOT NULL and checked at once, no INSERT can come first: all have to be one statement.',
  sql: () => foreignKeysSql,
  // Tarjan's strongly connected components, linear in tables and keys. A table that refers to itself alone is SCH31.
  findings(rows) {
    const between = rows.filter((row) => row.table_oid !== row.target_oid);
    // A key that may be null, or is checked at commit, can be left open until its target is there.
    const hard = between.filter((row) => !row.is_deferrable && row.columns.every((column) => column.own_is_not_null));
    const hardTables = new Set(circles(hard).flat());
    return circles(between).map((tables) => circleFinding(tables, between, hardTables));
  },
};

function circles(keys: readonly ForeignKeyRow[]): string[][] {
  const targets = new Map<string, string[]>();
  for (const { table_oid, target_oid } of keys) {
    const known = targets.get(table_oid);
    if (known === undefined) targets.set(table_oid, [target_oid]);
    else known.push(target_oid);
  }
  return stronglyConnected(targets).filter((component) => component.length > 1);
}

function circleFinding(
  tables: readonly string[],
  keys: readonly ForeignKeyRow[],
  hardTables: ReadonlySet<string>,
): HealthFinding {
  const members = new Set(tables);
  const inside = keys.filter((key) => members.has(key.table_oid) && members.has(key.target_oid));
  const isHard = tables.some((table) => hardTables.has(table));
  const hardKeys = inside.filter(
    (key) =>
      hardTables.has(key.table_oid) &&
      hardTables.has(key.target_oid) &&
      !key.is_deferrable &&
      key.columns.every((column) => column.own_is_not_null),
  );
  const path = shortestCircle(isHard ? hardKeys : inside);
  const [first] = path;
  const names = [...new Set(inside.map((key) => key.table_name))].toSorted();
  const circleText = [...path.map((key) => key.table_name), first?.table_name ?? ''].join(' → ');
  return {
    object: first?.table_name ?? names[0] ?? '',
    ...(first === undefined ? {} : { relationOid: Number(first.table_oid) }),
    severity: isHard ? 'warning' : 'info',
    message: isHard
      ? `Foreign keys go in a circle in which none may be null or wait for the commit: ${circleText}.`
      : `Foreign keys go in a circle of ${formatCount(names.length)} tables${names.length > path.length ? `, for example ${circleText}` : `: ${circleText}`}.`,
    measure: names.length,
    evidence: [
      { label: 'Tables', value: nameList(names) },
      ...path.map((key) => ({ label: `${key.table_name}: ${key.constraint_name}`, value: referenceText(key) })),
    ],
    ...(isHard && first !== undefined
      ? {
          fixSql: `alter table ${first.table_name} alter constraint ${first.constraint_name} deferrable initially immediate;`,
          undoSql: `alter table ${first.table_name} alter constraint ${first.constraint_name} not deferrable;`,
          lock: lockTexts.accessExclusiveShort,
          caution: 'Transactions that insert both rows then begin with SET CONSTRAINTS … DEFERRED.',
        }
      : {
          caution: 'Loading and deleting have to fill the keys that may be null, or are deferrable, in a second step.',
        }),
  };
}

/** A shortest circle of keys, by breadth first search from each table of the first few; the keys of one round trip. */
function shortestCircle(keys: readonly ForeignKeyRow[]): ForeignKeyRow[] {
  const outgoing = Map.groupBy(keys, (key) => key.table_oid);
  let best: ForeignKeyRow[] = [];
  for (const start of [...outgoing.keys()].slice(0, maxStarts)) {
    const found = circleThrough(start, outgoing);
    if (found.length > 0 && (best.length === 0 || found.length < best.length)) best = found;
    if (best.length === 2) break;
  }
  return best;
}

/** Enough to find a short example in a large circle, and keeps the search linear. */
const maxStarts = 20;

function circleThrough(start: string, outgoing: ReadonlyMap<string, readonly ForeignKeyRow[]>): ForeignKeyRow[] {
  const reachedBy = new Map<string, ForeignKeyRow>();
  const queue = [start];
  for (const table of queue) {
    for (const key of outgoing.get(table) ?? []) {
      if (key.target_oid === start) return [...pathTo(table, start, reachedBy), key];
      if (reachedBy.has(key.target_oid)) continue;
      reachedBy.set(key.target_oid, key);
      queue.push(key.target_oid);
    }
  }
  return [];
}

function pathTo(end: string, start: string, reachedBy: ReadonlyMap<string, ForeignKeyRow>): ForeignKeyRow[] {
  const path: ForeignKeyRow[] = [];
  for (let at = end; at !== start;) {
    const key = reachedBy.get(at);
    if (key === undefined) return [];
    path.unshift(key);
    at = key.table_oid;
  }
  return path;
}
