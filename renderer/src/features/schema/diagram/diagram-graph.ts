import type { ForeignKey, GraphTable, SchemaGraph } from '#contract/schema.ts';

import { qualifiedName } from '../relation-names.ts';

/** The identity of a table by which layouts are remembered: its qualified name. */
export type TableKey = string;

export interface DiagramTable extends GraphTable {
  readonly key: TableKey;
}

/** A foreign key between tables of the diagram: `from` refers to `to`. */
export interface DiagramKey {
  readonly id: string;
  readonly from: TableKey;
  readonly to: TableKey;
  readonly foreignKey: ForeignKey;
}

export interface DiagramGraph {
  readonly tables: ReadonlyMap<TableKey, DiagramTable>;
  readonly keys: readonly DiagramKey[];
  readonly keysOf: ReadonlyMap<TableKey, readonly DiagramKey[]>;
  /** Tables that so many keys lead to that lines to them would say nothing. */
  readonly hubs: ReadonlySet<TableKey>;
  readonly schemas: readonly string[];
}

/**
 * In-degree above which a table is a hub. Real schemas have a few tables (users, organizations) with 20 to 160 incoming
 * keys; drawn as lines they turn every layered layout into a ribbon.
 */
export const hubInDegree = 20;

/** The tables and keys of a database as a graph that can be walked. Keys whose other end is not there are left out. */
export function buildDiagramGraph(graph: SchemaGraph, hubAbove: number = hubInDegree): DiagramGraph {
  const tables = new Map<TableKey, DiagramTable>();
  const keyOfOid = new Map<number, TableKey>();
  for (const table of graph.tables) {
    const key = qualifiedName(table);
    tables.set(key, { ...table, key });
    keyOfOid.set(table.oid, key);
  }
  const keys: DiagramKey[] = [];
  const seen = new Map<string, number>();
  for (const foreignKey of graph.foreignKeys) {
    const from = keyOfOid.get(foreignKey.fromOid);
    const to = keyOfOid.get(foreignKey.toOid);
    if (from === undefined || to === undefined) continue;
    const name = `${from} ${foreignKey.name}`;
    const repeats = seen.get(name) ?? 0;
    seen.set(name, repeats + 1);
    keys.push({ id: repeats === 0 ? name : `${name} ${repeats}`, from, to, foreignKey });
  }
  const keysOf = new Map<TableKey, DiagramKey[]>();
  const inDegree = new Map<TableKey, number>();
  for (const key of keys) {
    push(keysOf, key.from, key);
    if (key.from === key.to) continue;
    push(keysOf, key.to, key);
    inDegree.set(key.to, (inDegree.get(key.to) ?? 0) + 1);
  }
  const hubs = new Set([...inDegree].filter(([, degree]) => degree > hubAbove).map(([key]) => key));
  const schemas = [...new Set(graph.tables.map((table) => table.schema))].sort();
  return { tables, keys, keysOf, hubs, schemas };
}

/**
 * A table with what is at most `depth` keys away, in either direction. Hubs are neither entered nor expanded: a key that
 * leads to one is told on its row. The table itself may be a hub; what refers to it is then left out, except with
 * `wholeHub`, and is not expanded further.
 */
export function neighbourhood(graph: DiagramGraph, start: TableKey, depth: number, wholeHub = false): Set<TableKey> {
  const found = new Set<TableKey>();
  if (!graph.tables.has(start)) return found;
  found.add(start);
  const startIsHub = graph.hubs.has(start);
  let edge: TableKey[] = [start];
  const leaves = new Set<TableKey>();
  for (let step = 0; step < depth; step += 1) {
    const next: TableKey[] = [];
    for (const table of edge) {
      for (const key of graph.keysOf.get(table) ?? []) {
        const incoming = key.to === table;
        const other = incoming ? key.from : key.to;
        if (found.has(other) || graph.hubs.has(other)) continue;
        if (table === start && startIsHub && incoming && !wholeHub) continue;
        found.add(other);
        if (table === start && startIsHub && incoming) leaves.add(other);
        next.push(other);
      }
    }
    edge = next.filter((table) => !leaves.has(table));
  }
  return found;
}

/** How many other tables refer to a table. */
export function referrersOf(graph: DiagramGraph, table: TableKey): number {
  return new Set(
    (graph.keysOf.get(table) ?? []).filter((key) => key.to === table && key.from !== table).map((key) => key.from),
  ).size;
}

/** The keys that are drawn as lines among these tables: both ends are there and the referenced one is no hub. */
export function linesAmong(graph: DiagramGraph, shown: ReadonlySet<TableKey>): DiagramKey[] {
  return graph.keys.filter(
    (key) => shown.has(key.from) && shown.has(key.to) && (!graph.hubs.has(key.to) || key.from === key.to),
  );
}

/** Groups tables that lines connect, directly or over others. Larger groups come first. */
export function componentsOf(
  tables: readonly TableKey[],
  lines: readonly Pick<DiagramKey, 'from' | 'to'>[],
): TableKey[][] {
  const parent = new Map<TableKey, TableKey>(tables.map((table) => [table, table]));
  function rootOf(table: TableKey): TableKey {
    let root = table;
    for (let up = parent.get(root); up !== undefined && up !== root; up = parent.get(root)) {
      parent.set(root, parent.get(up) ?? up);
      root = up;
    }
    return root;
  }
  for (const { from, to } of lines) {
    if (parent.has(from) && parent.has(to)) parent.set(rootOf(from), rootOf(to));
  }
  const groups = Map.groupBy(tables, rootOf);
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

/**
 * Which keys lead against the direction in which the picture reads (from the referenced table to what refers to it), so
 * that the others have no cycle. Tables are visited in order, so the answer is always the same.
 */
export function reversedKeys(tables: readonly TableKey[], lines: readonly DiagramKey[]): Set<string> {
  const outgoing = Map.groupBy(lines, (line) => line.to);
  const state = new Map<TableKey, 'open' | 'done'>();
  const reversed = new Set<string>();
  const incoming = new Map<TableKey, number>();
  for (const line of lines) incoming.set(line.from, (incoming.get(line.from) ?? 0) + 1);
  // Tables that refer to nothing stand on the left: begin with them.
  const order = [...tables].sort((a, b) => (incoming.get(a) ?? 0) - (incoming.get(b) ?? 0));
  for (const root of order) {
    if (state.has(root)) continue;
    const stack: { readonly table: TableKey; at: number }[] = [{ table: root, at: 0 }];
    state.set(root, 'open');
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const line = (outgoing.get(top.table) ?? [])[top.at];
      top.at += 1;
      if (line === undefined) {
        state.set(top.table, 'done');
        stack.pop();
      } else if (line.from === line.to) {
        continue;
      } else if (state.get(line.from) === 'open') {
        reversed.add(line.id);
      } else if (!state.has(line.from)) {
        state.set(line.from, 'open');
        stack.push({ table: line.from, at: 0 });
      }
    }
  }
  return reversed;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
