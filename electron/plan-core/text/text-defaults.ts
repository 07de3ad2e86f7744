import { BUFFER_KEYS } from '../json-keys.ts';
import { isHolder } from '../numbers/plan-tree.ts';
import type { JsonObject, JsonValue, RawNode, RawPlan } from '../raw-plan.ts';
import { isJsonObject, setKey } from '../raw-plan.ts';
import { REMOTE_HOLDERS } from '../structured/remote-plans.ts';
import { splitList } from './quote-scan.ts';
import { fillBufferCounters } from './set-known-key.ts';
import { completeTriggers } from './triggers.ts';
import { GROUPING_LINES } from './reading-keys.ts';

/** Groups of the statement that have counters of blocks, as nodes have. */
const COUNTED_GROUPS = ['Planning', 'Serialization'] as const;

/**
 * FORMAT TEXT leaves out what is zero, false, or the same as its neighbour, where FORMAT JSON prints it.
 * This puts it back, as far as the text allows to be certain.
 * @param fractional rows have decimals: the plan is of 18 or later
 */
export function completeText(plan: RawPlan, fractional: boolean): void {
  const traits = traitsOf(plan, fractional);
  const children: number[] = [];
  for (const node of plan.nodes) {
    nameRelationship(node, plan.nodes, children);
    completeGrouping(node);
    completeNode(node.properties, traits);
    if (node.properties['Workers'] !== undefined)
      for (const worker of workersOf(node.properties)) fillCounters(worker, traits);
  }
  completeTriggers(plan);
  for (const key of COUNTED_GROUPS) {
    const group = plan.statement[key];
    if (isJsonObject(group)) fillBuffers(group, traits);
  }
  if (plan.statement['Execution Time'] !== undefined) plan.statement['Triggers'] ??= [];
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

function traitsOf(plan: RawPlan, fractional: boolean): Traits {
  const has = (key: string): boolean => plan.nodes.some((node) => node.properties[key] !== undefined);
  const groups = COUNTED_GROUPS.map((key) => plan.statement[key]).filter(isJsonObject);
  const ioKeys = new Set<string>();
  const numberedParameters = plan.nodes.some(({ properties }) => {
    const name = properties['Subplan Name'];
    return (name !== undefined && String(name).includes('(returns $')) || properties['Params Evaluated'] !== undefined;
  });
  // Every key of I/O comes out of a text with a stroke: most plans have none, and need not be searched.
  const mayHaveIo = plan.text?.includes('/O') ?? true;
  for (const node of mayHaveIo ? plan.nodes : []) {
    for (const holder of [node.properties, ...workersOf(node.properties)]) {
      if (numberedParameters) mergeIoScopes(holder);
      for (const key of Object.keys(holder)) if (key.includes('I/O ')) ioKeys.add(key);
    }
  }
  for (const group of groups) {
    if (numberedParameters) mergeIoScopes(group);
    for (const key of Object.keys(group)) if (key.includes('I/O ')) ioKeys.add(key);
  }
  return {
    analyzed: has('Actual Loops'),
    timed: has('Actual Total Time'),
    buffers: BUFFER_KEYS.some((key) => has(key) || groups.some((group) => group[key] !== undefined)),
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

function nameRelationship(node: RawNode, nodes: readonly RawNode[], children: number[]): void {
  if (node.parent === -1 || node.properties['Parent Relationship'] !== undefined) return;
  const position = children[node.parent] ?? 0;
  children[node.parent] = position + 1;
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

/** Puts the lines of an Aggregate's keys where they stood, as the one key of FORMAT JSON that they are. */
function completeGrouping({ properties }: RawNode): void {
  const found = properties[GROUPING_LINES];
  if (!Array.isArray(found)) return;
  const lines = found.map((entry): { key: string; value: string } =>
    Array.isArray(entry) ? { key: String(entry[0]), value: String(entry[1]) } : { key: '', value: '' },
  );
  const entries = Object.entries(properties);
  for (const [key] of entries) delete properties[key];
  for (const [key, value] of entries) {
    if (key !== GROUPING_LINES) setKey(properties, key, value);
    else Object.assign(properties, groupingOf(lines));
  }
}

/** `Group Key` is one list; several lines, or `()`, or keys that are hashed, are grouping sets. */
function groupingOf(lines: readonly { key: string; value: string }[]): JsonObject {
  const [first] = lines;
  if (lines.length === 1 && first?.key === 'Group Key' && first.value !== '()')
    return { 'Group Key': splitList(first.value) };
  const sets: JsonObject[] = [];
  for (const { key, value } of lines) {
    const keys: JsonValue = value === '()' ? [] : splitList(value);
    const last = sets.at(-1);
    if (key === 'Sort Key') sets.push({ 'Sort Key': keys });
    else {
      const listKey = `${key}s`;
      const present = last?.[listKey];
      if (last && key === 'Group Key' && Array.isArray(present)) present.push(keys);
      else if (last && key === 'Group Key' && last['Sort Key'] !== undefined) last[listKey] = [keys];
      else sets.push({ [listKey]: [keys] });
    }
  }
  return { 'Grouping Sets': sets };
}

const JOINS = new Set(['Nested Loop', 'Hash Join', 'Merge Join']);

function completeNode(properties: JsonObject, traits: Traits): void {
  if (isHolder(properties)) return;
  const type = String(properties['Node Type']);
  if (properties['Actual Loops'] === 0 && traits.timed) {
    properties['Actual Startup Time'] ??= 0;
    properties['Actual Total Time'] ??= 0;
  }
  // VERBOSE names the schema of a function: without one, it is the alias of `rows from (…)`.
  if (type === 'Function Scan' && traits.verbose && properties['Schema'] === undefined)
    delete properties['Function Name'];
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

function fillBuffers(properties: JsonObject, traits: Traits): void {
  if (traits.buffers) fillBufferCounters(properties);
  for (const key of traits.ioKeys) properties[key] ??= 0;
}

function fillCounters(properties: JsonObject, traits: Traits): void {
  fillBuffers(properties, traits);
  if (!traits.wal) return;
  properties['WAL Records'] ??= 0;
  properties['WAL FPI'] ??= 0;
  properties['WAL Bytes'] ??= 0;
  if (traits.fractional) properties['WAL Buffers Full'] ??= 0;
}
