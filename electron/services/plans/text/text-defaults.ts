import { BUFFER_KEYS } from '../json-keys.ts';
import { isHolder } from '../numbers/plan-tree.ts';
import type { JsonObject, JsonValue, RawNode, RawPlan } from '../raw-plan.ts';
import { isJsonObject } from '../raw-plan.ts';
import { REMOTE_HOLDERS } from '../structured/remote-plans.ts';
import { splitList } from './quote-scan.ts';
import { FRACTIONAL_ROWS, GROUPING_LINES } from './reading-keys.ts';

/**
 * FORMAT TEXT leaves out what is zero, false, or the same as its neighbour, where FORMAT JSON prints it.
 * This puts it back, as far as the text allows to be certain.
 */
export function completeText(plan: RawPlan): void {
  const traits = traitsOf(plan);
  const children = new Map<number, number>();
  for (const node of plan.nodes) {
    nameRelationship(node, plan.nodes, children);
    completeGrouping(node);
    completeNode(node.properties, traits);
    for (const worker of workersOf(node.properties)) fillCounters(worker, traits);
  }
  nameTriggerRelations(plan);
  const planning = plan.statement['Planning'];
  if (isJsonObject(planning) && traits.buffers) for (const key of BUFFER_KEYS) planning[key] ??= 0;
  if (plan.statement['Execution Time'] !== undefined) plan.statement['Triggers'] ??= [];
}

/** FORMAT TEXT names the relation of a trigger only where there are several. */
function nameTriggerRelations(plan: RawPlan): void {
  const triggers = plan.statement['Triggers'];
  if (!Array.isArray(triggers)) return;
  const relations = new Set(
    plan.nodes
      .filter(({ properties }) => properties['Node Type'] === 'ModifyTable')
      .map(({ properties }) => properties['Relation Name']),
  );
  const [relation] = relations;
  if (relations.size !== 1 || typeof relation !== 'string') return;
  for (const trigger of triggers) if (isJsonObject(trigger)) trigger['Relation'] ??= relation;
}

type Traits = {
  analyzed: boolean;
  timed: boolean;
  buffers: boolean;
  wal: boolean;
  verbose: boolean;
  /** Not 9.3 or earlier, which print `Total runtime`: counts of removed rows are told. */
  countsRemoved: boolean;
  /** Prints rows with decimals: 18 or later. */
  fractional: boolean;
  /** InitPlans are told by their parameters: 16 or earlier. */
  numberedParameters: boolean;
  ioKeys: string[];
};

function traitsOf(plan: RawPlan): Traits {
  const has = (key: string): boolean => plan.nodes.some((node) => node.properties[key] !== undefined);
  const ioKeys = new Set<string>();
  let fractional = false;
  const numberedParameters = plan.nodes.some(
    ({ properties }) =>
      String(properties['Subplan Name'] ?? '').includes('(returns $') || properties['Params Evaluated'] !== undefined,
  );
  for (const node of plan.nodes) {
    for (const holder of [node.properties, ...workersOf(node.properties)]) {
      if (numberedParameters) mergeIoScopes(holder);
      for (const key of Object.keys(holder)) if (key.includes('I/O ')) ioKeys.add(key);
    }
    if (node.properties[FRACTIONAL_ROWS] === true) fractional = true;
    delete node.properties[FRACTIONAL_ROWS];
  }
  return {
    analyzed: has('Actual Loops'),
    timed: has('Actual Total Time'),
    buffers: BUFFER_KEYS.some(has),
    wal: has('WAL Records') || has('WAL Bytes'),
    verbose: has('Output'),
    countsRemoved: plan.statement['Total Runtime'] === undefined,
    fractional,
    numberedParameters,
    ioKeys: completeIoKeys(ioKeys),
  };
}

/** 15 and 16 print `shared read=` for what FORMAT JSON of the same version calls `I/O Read Time`. */
function mergeIoScopes(properties: JsonObject): void {
  for (const verb of ['Read', 'Write']) {
    let sum: number | null = null;
    for (const scope of ['Shared', 'Local']) {
      const value = properties[`${scope} I/O ${verb} Time`];
      if (typeof value !== 'number') continue;
      sum = (sum ?? 0) + value;
      delete properties[`${scope} I/O ${verb} Time`];
    }
    if (sum !== null) properties[`I/O ${verb} Time`] = sum;
  }
}

function completeIoKeys(seen: ReadonlySet<string>): string[] {
  const scopes = new Set<string>();
  for (const key of seen) scopes.add(key.slice(0, key.indexOf('I/O')));
  if (scopes.has('Shared ') || scopes.has('Local '))
    for (const scope of ['Shared ', 'Local ', 'Temp ']) scopes.add(scope);
  return [...scopes].flatMap((scope) => [`${scope}I/O Read Time`, `${scope}I/O Write Time`]);
}

function workersOf(properties: JsonObject): JsonObject[] {
  const workers = properties['Workers'];
  return Array.isArray(workers) ? workers.filter(isJsonObject) : [];
}

const PAIRS = new Set(['Nested Loop', 'Hash Join', 'Merge Join', 'Recursive Union', 'SetOp']);
const MEMBERS = new Set(['Append', 'Merge Append', 'BitmapAnd', 'BitmapOr']);

function nameRelationship(node: RawNode, nodes: readonly RawNode[], children: Map<number, number>): void {
  if (node.parent === -1 || node.properties['Parent Relationship'] !== undefined) return;
  const position = children.get(node.parent) ?? 0;
  children.set(node.parent, position + 1);
  const parentType = String(nodes[node.parent]?.properties['Node Type']);
  node.properties['Parent Relationship'] = isHolder(node.properties)
    ? String(node.properties['Node Type'])
    : REMOTE_HOLDERS.has(parentType)
      ? 'Remote'
      : relationship(parentType, position);
  if (position === 1 && parentType === 'ModifyTable') {
    for (const sibling of nodes)
      if (sibling.parent === node.parent && sibling.properties['Parent Relationship'] === 'Outer')
        sibling.properties['Parent Relationship'] = 'Member';
  }
}

function relationship(parentType: string, position: number): string {
  if (MEMBERS.has(parentType)) return 'Member';
  if (parentType === 'Subquery Scan') return 'Subquery';
  if (parentType === 'ModifyTable') return position === 0 ? 'Outer' : 'Member';
  if (parentType === 'Custom Scan') return position === 0 ? 'child' : 'children';
  return position > 0 && PAIRS.has(parentType) ? 'Inner' : 'Outer';
}

/** `Group Key` is one list; several lines, or `()`, or keys that are hashed, are grouping sets. */
function completeGrouping(node: RawNode): void {
  const found = node.properties[GROUPING_LINES];
  if (!Array.isArray(found)) return;
  delete node.properties[GROUPING_LINES];
  const lines = found.map((entry): { key: string; value: string } =>
    Array.isArray(entry) ? { key: String(entry[0]), value: String(entry[1]) } : { key: '', value: '' },
  );
  const [first] = lines;
  if (lines.length === 1 && first?.key === 'Group Key' && first.value !== '()') {
    node.properties['Group Key'] = splitList(first.value);
    return;
  }
  const sets: JsonObject[] = [];
  for (const { key, value } of lines) {
    const keys: JsonValue = value === '()' ? [] : splitList(value);
    const last = sets.at(-1);
    if (key === 'Sort Key') sets.push({ 'Sort Key': keys });
    else {
      const listKey = `${key}s`;
      const present = last?.[listKey];
      if (last && key === 'Group Key' && (Array.isArray(present) || last['Sort Key'] !== undefined))
        last[listKey] = [...(Array.isArray(present) ? present : []), keys];
      else sets.push({ [listKey]: [keys] });
    }
  }
  node.properties['Grouping Sets'] = sets;
}

const JOINS = new Set(['Nested Loop', 'Hash Join', 'Merge Join']);

function completeNode(properties: JsonObject, traits: Traits): void {
  if (isHolder(properties)) return;
  const type = String(properties['Node Type']);
  if (properties['Actual Loops'] === 0 && traits.timed) {
    properties['Actual Startup Time'] ??= 0;
    properties['Actual Total Time'] ??= 0;
  }
  if (type === 'Gather') properties['Single Copy'] ??= false;
  if (JOINS.has(type) && traits.verbose) properties['Inner Unique'] ??= false;
  if (traits.fractional) properties['Disabled'] ??= false;
  if (traits.countsRemoved && (type === 'Append' || type === 'Merge Append')) properties['Subplans Removed'] ??= 0;
  if (properties['HashAgg Batches'] !== undefined && properties['Total Cost'] !== undefined)
    properties['Planned Partitions'] ??= 0;
  if (traits.analyzed) completeActual(type, properties, traits);
  fillCounters(properties, traits);
}

function completeActual(type: string, properties: JsonObject, traits: Traits): void {
  if (traits.countsRemoved) {
    if (properties['Filter'] !== undefined) properties['Rows Removed by Filter'] ??= 0;
    if (properties['Join Filter'] !== undefined) properties['Rows Removed by Join Filter'] ??= 0;
    if (
      properties['Recheck Cond'] !== undefined ||
      (type !== 'Bitmap Index Scan' && type.startsWith('Index') && properties['Index Cond'] !== undefined)
    ) {
      properties['Rows Removed by Index Recheck'] ??= 0;
    }
    if (properties['Conflict Filter'] !== undefined) properties['Rows Removed by Conflict Filter'] ??= 0;
    if (type === 'Bitmap Heap Scan') {
      properties['Exact Heap Blocks'] ??= 0;
      properties['Lossy Heap Blocks'] ??= 0;
    }
  }
  if (type === 'ModifyTable' && properties['Operation'] === 'Merge') {
    for (const action of ['Inserted', 'Updated', 'Deleted', 'Skipped']) properties[`Tuples ${action}`] ??= 0;
  }
}

function fillCounters(properties: JsonObject, traits: Traits): void {
  if (traits.buffers) for (const key of BUFFER_KEYS) properties[key] ??= 0;
  for (const key of traits.ioKeys) properties[key] ??= 0;
  if (!traits.wal) return;
  for (const key of ['WAL Records', 'WAL FPI', 'WAL Bytes']) properties[key] ??= 0;
  if (traits.fractional) properties['WAL Buffers Full'] ??= 0;
}
