import type { Plan, PlanNode } from '#contract/plan-model.ts';
import { toPlanBuffers } from './numbers/buffers.ts';
import type { Estimate } from './numbers/estimates.ts';
import { estimateRows } from './numbers/estimates.ts';
import { isHolder, plantTree } from './numbers/plan-tree.ts';
import type { JsonValue, RawNode, RawPlan } from './raw-plan.ts';
import { isJsonObject, numberOf, stringOf } from './raw-plan.ts';
import { computeNumbers } from './self-time.ts';
import type { NodeNumbers } from './self-time.ts';

/** A plan of the contract, without insights, and the numbers that only the insights need. */
export function buildPlan(raw: RawPlan, text: string): { plan: Plan; ownMs: readonly number[] } {
  const tree = plantTree(raw.nodes);
  const numbers = computeNumbers(tree);
  const analyzed = raw.nodes.some(({ properties }) => numberOf(properties['Actual Loops']) !== undefined);
  const estimates = analyzed ? estimateRows(tree) : [];
  const { statement } = raw;
  const queryText = stringOf(statement['Query Text']);
  const planningMs = numberOf(statement['Planning Time']);
  const executionMs =
    numberOf(statement['Execution Time']) ?? numberOf(statement['Total Runtime']) ?? numberOf(statement['Duration']);
  const settings = readSettings(statement['Settings']);
  const plan: Plan = {
    format: raw.format,
    text,
    ...(queryText === undefined ? {} : { queryText }),
    analyzed,
    hasBuffers: numbers.totalBuffers.some((counters) => counters !== null),
    ...(planningMs === undefined ? {} : { planningMs }),
    ...(executionMs === undefined ? {} : { executionMs }),
    triggers: readTriggers(statement['Triggers']),
    ...(isJsonObject(statement['JIT']) ? { jit: statement['JIT'] } : {}),
    ...(settings === null ? {} : { settings }),
    ...(numbers.residualMs === undefined ? {} : { residualMs: numbers.residualMs }),
    properties: statement,
    ...(raw.incomplete === undefined ? {} : { incomplete: raw.incomplete }),
    nodes: raw.nodes.map((node, id) => buildNode(node, id, analyzed, numbers, estimates[id])),
    insights: [],
  };
  return { plan, ownMs: numbers.ownMs };
}

const TEXT_FIELDS = {
  schema: 'Schema',
  relation: 'Relation Name',
  alias: 'Alias',
  index: 'Index Name',
  cteName: 'CTE Name',
  functionName: 'Function Name',
  subplanName: 'Subplan Name',
  relationship: 'Parent Relationship',
  joinType: 'Join Type',
} as const;
const NUMBER_FIELDS = {
  startupCost: 'Startup Cost',
  totalCost: 'Total Cost',
  planRows: 'Plan Rows',
  planWidth: 'Plan Width',
  actualRows: 'Actual Rows',
} as const;
const REMOVED_FIELDS = {
  rowsRemovedByFilter: 'Rows Removed by Filter',
  rowsRemovedByJoinFilter: 'Rows Removed by Join Filter',
  rowsRemovedByIndexRecheck: 'Rows Removed by Index Recheck',
} as const;

const TEXT_ENTRIES = entriesOf(TEXT_FIELDS);
const NUMBER_ENTRIES = entriesOf(NUMBER_FIELDS);
const REMOVED_ENTRIES = entriesOf(REMOVED_FIELDS);

function buildNode(
  raw: RawNode,
  id: number,
  analyzed: boolean,
  numbers: NodeNumbers,
  estimate: Estimate | undefined,
): PlanNode {
  const { properties } = raw;
  const loops = analyzed ? (numberOf(properties['Actual Loops']) ?? (isHolder(properties) ? 1 : 0)) : 1;
  const node: PlanNode = {
    id,
    parentId: raw.parent === -1 ? null : raw.parent,
    depth: raw.depth,
    nodeType: stringOf(properties['Node Type']) ?? '',
    loops,
    neverExecuted: analyzed && loops === 0,
    properties,
    line: raw.line,
    endLine: raw.endLine,
  };
  for (const [field, key] of TEXT_ENTRIES) {
    const value = stringOf(properties[key]);
    if (value !== undefined) node[field] = value;
  }
  for (const [field, key] of NUMBER_ENTRIES) {
    const value = numberOf(properties[key]);
    if (value !== undefined) node[field] = value;
  }
  for (const [field, key] of REMOVED_ENTRIES) {
    const perLoop = numberOf(properties[key]);
    if (perLoop !== undefined) node[field] = perLoop * loops;
  }
  if (typeof properties['Parallel Aware'] === 'boolean') node.parallelAware = properties['Parallel Aware'];
  if (analyzed) addNumbers(node, numbers, estimate ?? null);
  else addBuffers(node, numbers);
  return node;
}

function addNumbers(node: PlanNode, numbers: NodeNumbers, estimate: Estimate): void {
  const { id } = node;
  const totalMs = numbers.totalMs[id];
  const selfMs = numbers.selfMs[id];
  const roundingMs = numbers.roundingMs[id];
  const processes = numbers.processes[id] ?? 1;
  if (totalMs !== undefined) node.totalMs = totalMs;
  if (selfMs !== undefined) node.selfMs = selfMs;
  if (roundingMs !== undefined) node.roundingMs = roundingMs;
  if (totalMs !== undefined && processes > 1) node.cpuMs = totalMs * processes;
  node.processes = processes;
  node.estimateFactor = estimate?.factor ?? null;
  if (estimate) node.estimateDirection = estimate.direction;
  addBuffers(node, numbers);
}

function addBuffers(node: PlanNode, numbers: NodeNumbers): void {
  const total = numbers.totalBuffers[node.id];
  const self = numbers.selfBuffers[node.id];
  if (total) node.totalBuffers = toPlanBuffers(total);
  if (self) node.selfBuffers = toPlanBuffers(self);
}

function entriesOf<Fields extends Record<string, string>>(fields: Fields): [keyof Fields, string][] {
  return Object.entries(fields);
}

function readTriggers(value: JsonValue | undefined): Plan['triggers'] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((trigger) => {
    const constraint = stringOf(trigger['Constraint Name']);
    const relation = stringOf(trigger['Relation']);
    const timeMs = numberOf(trigger['Time']);
    return {
      name: stringOf(trigger['Trigger Name']) ?? constraint ?? '',
      ...(constraint === undefined ? {} : { constraint }),
      ...(relation === undefined ? {} : { relation }),
      ...(timeMs === undefined ? {} : { timeMs }),
      calls: numberOf(trigger['Calls']) ?? 0,
    };
  });
}

function readSettings(value: JsonValue | undefined): Record<string, string> | null {
  if (!isJsonObject(value)) return null;
  const entries = Object.entries(value);
  return entries.length === 0 ? null : Object.fromEntries(entries.map(([name, setting]) => [name, String(setting)]));
}
