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
  sql: foreignKeysSql,
  // Tarjan's strongly connected components, linear in tables and keys. A table that refers to itself alone is SCH31.
  findings(rows) {
    // A key that is checked at commit, or may be null, can be left open until its target is there. The first opens a
    // circle for good; the second asks for another UPDATE.
    const between = rows.filter((row) => row.table_oid !== row.target_oid && !row.is_deferrable);
    const hard = between.filter((row) => row.columns.every((column) => column.own_is_not_null));
    const hardCircles = circles(hard);
    return circles(between).map((tables) => circleFinding(tables, between, hard, hardCircles));
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
  hard: readonly ForeignKeyRow[],
  hardCircles: readonly (readonly string[])[],
): HealthFinding {
  const inside = keysAmong(tables, keys);
  const hardInside = hardCircles
    .filter(([table = '']) => tables.includes(table))
    .map((circle) => keysAmong(circle, hard));
  const isHard = hardInside.length > 0;
  const opening = hardInside.flatMap((circle) => keysThatOpen(circle));
  const path = shortestCircle(isHard ? hardInside.flat() : inside);
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
    ...(isHard
      ? {
          fixSql: opening
            .map(
              (key) =>
                `alter table ${key.table_name} alter constraint ${key.constraint_name} deferrable initially immediate;`,
            )
            .join('\n'),
          undoSql: opening
            .map((key) => `alter table ${key.table_name} alter constraint ${key.constraint_name} not deferrable;`)
            .join('\n'),
          lock: lockTexts.accessExclusiveShort,
          caution: `Transactions that insert the rows of a circle then begin with SET CONSTRAINTS … DEFERRED. Nothing else changes: the keys are checked at once as before.${circles(inside.filter((key) => !opening.includes(key))).length > 0 ? ' Circles in which a key may be null stay.' : ''}`,
        }
      : {
          caution: 'Loading and deleting have to fill the keys that may be null in a second step.',
        }),
  };
}

function keysAmong(tables: readonly string[], keys: readonly ForeignKeyRow[]): ForeignKeyRow[] {
  const members = new Set(tables);
  return keys.filter((key) => members.has(key.table_oid) && members.has(key.target_oid));
}

/**
 * Keys without which no circle is left, none of them in vain: all others are put back, one pair of tables after the
 * other, as long as they close no circle. Those that few circles can go through come first, so that a key which many
 * circles share is what is left over, and of equal ones those into the table that most refer to. The fewest keys of all are hard to find (the problem is NP-complete).
 * https://doi.org/10.1016/0020-0190(93)90079-O
 */
function keysThatOpen(circle: readonly ForeignKeyRow[]): ForeignKeyRow[] {
  const pairs = [...Map.groupBy(circle, (key) => `${key.table_oid} ${key.target_oid}`).values()];
  const into = Map.groupBy(pairs, ([key]) => key?.target_oid);
  const outOf = Map.groupBy(pairs, ([key]) => key?.table_oid);
  const intoTarget = ([key]: readonly ForeignKeyRow[]) => into.get(key?.target_oid)?.length ?? 0;
  const ways = (pair: readonly ForeignKeyRow[]) =>
    ((into.get(pair[0]?.table_oid)?.length ?? 0) * (outOf.get(pair[0]?.target_oid)?.length ?? 0)) / pair.length;
  const kept = new Map<string, string[]>();
  return pairs
    .toSorted((left, right) => ways(left) - ways(right) || intoTarget(right) - intoTarget(left))
    .filter(([key]) => {
      if (key === undefined || leadsTo(key.target_oid, key.table_oid, kept)) return true;
      kept.set(key.table_oid, [...(kept.get(key.table_oid) ?? []), key.target_oid]);
      return false;
    })
    .flat();
}

function leadsTo(from: string, to: string, targets: ReadonlyMap<string, readonly string[]>): boolean {
  const reached = new Set([from]);
  for (const table of reached) {
    if (table === to) return true;
    for (const target of targets.get(table) ?? []) reached.add(target);
  }
  return false;
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
