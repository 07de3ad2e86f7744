import type { JsonObject } from '../raw-plan.ts';
import { setKey } from '../raw-plan.ts';
import { readIdentifier, readQualifiedName } from './quote-scan.ts';

const COST = /\(cost=\s*(-?[\d.]+?)\.\.(-?[\d.]+)\s*rows=\s*(-?\d+(?:\.\d+)?)\s*width=\s*(-?\d+)\s*\)\s*$/;
const ACTUAL =
  /\((?:actual\s*(?:time=\s*(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)\s*)?rows=\s*(-?\d+(?:\.\d+)?)\s*loops=\s*(\d+)\s*|never\s*executed)\)\s*$/;

/** The numbers at the end of a node's line. */
export type NodeSuffix = { name: string; properties: JsonObject; neverExecuted: boolean; fractionalRows: boolean };

/**
 * Takes `(cost=…)` and `(actual …)` off the end of a node's line.
 * From the end, so that an identifier may contain the same words.
 * @returns null when the line ends with neither.
 */
export function readNodeSuffix(line: string): NodeSuffix | null {
  let rest = line.trimEnd();
  if (!rest.endsWith(')')) return null;
  const properties: JsonObject = {};
  const actualAt = Math.max(rest.lastIndexOf('(actual'), rest.lastIndexOf('(never'));
  const actual = actualAt === -1 ? null : ACTUAL.exec(rest.slice(actualAt));
  if (actual && actual.index === 0) rest = rest.slice(0, actualAt).trimEnd();
  const costAt = rest.endsWith(')') ? rest.lastIndexOf('(cost=') : -1;
  const cost = costAt === -1 ? null : COST.exec(rest.slice(costAt));
  if (cost && cost.index === 0) {
    rest = rest.slice(0, costAt).trimEnd();
    properties['Startup Cost'] = Number(cost[1]);
    properties['Total Cost'] = Number(cost[2]);
    properties['Plan Rows'] = Number(cost[3]);
    properties['Plan Width'] = Number(cost[4]);
  }
  if (!actual && !cost) return null;
  const neverExecuted = actual !== null && actual[4] === undefined;
  if (actual && !neverExecuted) {
    if (actual[1] !== undefined) {
      properties['Actual Startup Time'] = Number(actual[1]);
      properties['Actual Total Time'] = Number(actual[2]);
    }
    properties['Actual Rows'] = Number(actual[3]);
    properties['Actual Loops'] = Number(actual[4]);
  }
  return { name: rest, properties, neverExecuted, fractionalRows: actual?.[3]?.includes('.') ?? false };
}

/** Does the rest of a node's line begin here, after a wrap? */
export function continuesNodeLine(text: string): boolean {
  return /^\s*\((?:cost=|actual\b|never\s*executed)/.test(text);
}

const JOIN = /^(Nested Loop|Merge|Hash)(?: (Left|Right|Full|Semi|Anti|Right Semi|Right Anti))?(?: (Join))?$/;
const AGGREGATES: Record<string, string> = {
  Aggregate: 'Plain',
  GroupAggregate: 'Sorted',
  HashAggregate: 'Hashed',
  MixedAggregate: 'Mixed',
};
const OPERATIONS = /^(Insert|Update|Delete|Merge)(?= on |$)/;
const FOREIGN_OPERATION = /^Foreign (Insert|Update|Delete)(?= on |$)/;
const SET_OPERATION = /^(Hash)?SetOp(?: (Except All|Except|Intersect All|Intersect))?$/;
const SCANS: Record<string, string | null> = {
  'Seq Scan': 'Relation Name',
  'Sample Scan': 'Relation Name',
  'Index Scan': 'Relation Name',
  'Index Only Scan': 'Relation Name',
  'Bitmap Index Scan': 'Index Name',
  'Bitmap Heap Scan': 'Relation Name',
  'Tid Scan': 'Relation Name',
  'Tid Range Scan': 'Relation Name',
  'Subquery Scan': null,
  'Function Scan': 'Function Name',
  'Table Function Scan': 'Table Function Name',
  'Values Scan': null,
  'CTE Scan': 'CTE Name',
  'Named Tuplestore Scan': 'Tuplestore Name',
  'WorkTable Scan': 'CTE Name',
  'Foreign Scan': 'Relation Name',
  'Custom Scan': 'Relation Name',
};
const PLAIN_NODES = new Set([
  'Result',
  'ProjectSet',
  'Append',
  'Merge Append',
  'Recursive Union',
  'BitmapAnd',
  'BitmapOr',
  'Gather',
  'Gather Merge',
  'Materialize',
  'Memoize',
  'Result Cache',
  'Sort',
  'Incremental Sort',
  'Group',
  'WindowAgg',
  'Unique',
  'LockRows',
  'Limit',
  'Hash',
]);

/**
 * Reads a node's label, `Parallel Index Only Scan using i on s.t a`, into the keys of FORMAT JSON.
 * @returns known = false for a node that PostgreSQL itself does not print; its label is then its Node Type.
 */
export function readNodeName(label: string): { properties: JsonObject; known: boolean } {
  const properties: JsonObject = {};
  let name = label.trim();
  let parallel = false;
  let asynchronous = false;
  for (;;) {
    if (name.startsWith('Parallel ')) parallel = true;
    else if (name.startsWith('Async ')) asynchronous = true;
    else break;
    name = name.slice(name.indexOf(' ') + 1);
  }
  const known = readKind(name, properties);
  if (!known) readUnknown(name, properties);
  properties['Parallel Aware'] = parallel;
  properties['Async Capable'] = asynchronous;
  return { properties, known };
}

function readKind(name: string, properties: JsonObject): boolean {
  if (PLAIN_NODES.has(name)) {
    properties['Node Type'] = name;
    return true;
  }
  return (
    readJoin(name, properties) ||
    readAggregate(name, properties) ||
    readModification(name, properties) ||
    readScan(name, properties)
  );
}

function readJoin(name: string, properties: JsonObject): boolean {
  const join = JOIN.exec(name);
  if (!join) return false;
  const isNestedLoop = join[1] === 'Nested Loop';
  if (!join[3] && (!isNestedLoop || join[2])) return false;
  properties['Node Type'] = isNestedLoop ? 'Nested Loop' : `${join[1] ?? ''} Join`;
  properties['Join Type'] = join[2] ?? 'Inner';
  return true;
}

function readAggregate(name: string, properties: JsonObject): boolean {
  const partial = /^(Partial|Finalize) /.exec(name);
  const bare = partial ? name.slice(partial[0].length) : name;
  const strategy = Object.hasOwn(AGGREGATES, bare) ? AGGREGATES[bare] : undefined;
  if (strategy !== undefined) {
    properties['Node Type'] = 'Aggregate';
    properties['Strategy'] = strategy;
    properties['Partial Mode'] = partial?.[1] ?? 'Simple';
    return true;
  }
  const setOperation = SET_OPERATION.exec(name);
  if (!setOperation) return false;
  properties['Node Type'] = 'SetOp';
  properties['Strategy'] = setOperation[1] ? 'Hashed' : 'Sorted';
  if (setOperation[2]) properties['Command'] = setOperation[2];
  return true;
}

function readModification(name: string, properties: JsonObject): boolean {
  const operation = OPERATIONS.exec(name);
  if (operation) {
    properties['Node Type'] = 'ModifyTable';
    properties['Operation'] = operation[1] ?? '';
    readTarget(name.slice(operation[0].length + 4), 'Relation Name', properties);
    return true;
  }
  const foreign = FOREIGN_OPERATION.exec(name);
  if (!foreign) return false;
  properties['Node Type'] = 'Foreign Scan';
  properties['Operation'] = foreign[1] ?? '';
  readTarget(name.slice(foreign[0].length + 4), 'Relation Name', properties);
  return true;
}

function readScan(name: string, properties: JsonObject): boolean {
  const custom = /^Custom Scan \((.*?)\)(?= on |$)/.exec(name);
  const type = custom
    ? 'Custom Scan'
    : Object.keys(SCANS).find((scan) => name.startsWith(scan) && /^(?: |$)/.test(name.slice(scan.length)));
  if (type === undefined) return false;
  properties['Node Type'] = type;
  if (custom) setKey(properties, 'Custom Plan Provider', custom[1] ?? '');
  if (type === 'Foreign Scan') properties['Operation'] = 'Select';
  let rest = name.slice(custom ? custom[0].length : type.length);
  if (type === 'Index Scan' || type === 'Index Only Scan') {
    const backward = rest.startsWith(' Backward');
    properties['Scan Direction'] = backward ? 'Backward' : 'Forward';
    if (backward) rest = rest.slice(9);
    if (rest.startsWith(' using ')) {
      const index = readIdentifier(rest, 7);
      const indexEnd = index && (rest[7] === '"' ? index.end : endOfBareIndex(rest, 7));
      if (index && indexEnd) {
        properties['Index Name'] = rest[7] === '"' ? index.name : rest.slice(7, indexEnd);
        rest = rest.slice(indexEnd);
      }
    }
  }
  if (rest === '') return true;
  if (!rest.startsWith(' on ')) return false;
  readTarget(rest.slice(4), SCANS[type] ?? null, properties);
  return true;
}

/** HypoPG prints `<13543>btree_t_a`, and an index is never qualified, so a dot belongs to the name. */
function endOfBareIndex(text: string, start: number): number {
  const space = text.indexOf(' ', start);
  return space === -1 ? text.length : space;
}

function readTarget(text: string, key: string | null, properties: JsonObject): void {
  if (text.trim() === '') return;
  if (key === 'Index Name') {
    properties[key] = text.startsWith('"') ? (readIdentifier(text, 0)?.name ?? text) : text.trim();
    return;
  }
  const target = readQualifiedName(text);
  if (!target) return;
  if (key === null) {
    properties['Alias'] = target.alias ?? target.name;
    return;
  }
  properties[key] = target.name;
  if (target.schema !== undefined) properties['Schema'] = target.schema;
  properties['Alias'] = target.alias ?? target.name;
}

/** Forks and extensions print labels of their own; the relation is worth having all the same. */
function readUnknown(name: string, properties: JsonObject): void {
  const subplan = /^Distributed Subplan (\S+)$/.exec(name);
  if (subplan?.[1] !== undefined) {
    properties['Node Type'] = 'Distributed Subplan';
    properties['Distributed Subplan'] = subplan[1];
    return;
  }
  const on = /^([A-Z][\w ()/:;=-]*?) on ([^\s].*)$/.exec(name);
  properties['Node Type'] = on?.[1] ?? name;
  if (on?.[2] !== undefined) readTarget(on[2], 'Relation Name', properties);
}

/** A line of a ModifyTable with several targets: `Update on public.part_1 t`. */
export function readTargetTable(line: string): JsonObject | null {
  const target = /^\s*(?:Foreign )?(?:Insert|Update|Delete|Merge) on (\S.*)$/.exec(line);
  if (target?.[1] === undefined) return null;
  const properties: JsonObject = {};
  readTarget(target[1], 'Relation Name', properties);
  return properties;
}
