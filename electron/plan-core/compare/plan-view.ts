import type { Plan, PlanNode } from '#contract/plan-model.ts';
import { nodeKind } from '../print/node-label.ts';
import { stringOf } from '../raw-plan.ts';

/** A plan with what the comparison asks of it again and again. Arrays are indexed by node id. */
export type PlanView = {
  readonly plan: Plan;
  readonly nodes: readonly PlanNode[];
  readonly children: readonly (readonly number[])[];
  /** Inputs only: no InitPlans, SubPlans and CTEs. */
  readonly inputs: readonly (readonly number[])[];
  /** What could do the same work: `join`, `scan`, `sort`, … */
  readonly families: readonly string[];
  /** What a scan reads; null for what reads no relation by name. */
  readonly relations: readonly (string | null)[];
  /** The name of the InitPlan, SubPlan or CTE that a node belongs to; '' for the main plan. */
  readonly contexts: readonly string[];
  /** The first relations below a node, in print order, by alias. */
  readonly below: readonly (readonly string[])[];
  readonly verbose: boolean;
  /** `$0` and the like where they are results of InitPlans, up to 16. */
  readonly initParameters: ReadonlySet<string>;
};

/** So many relations are named; the rest is counted. */
export const MOST_NAMED = 4;

const FAMILIES: Record<string, string> = {
  'Nested Loop': 'join',
  'Hash Join': 'join',
  'Merge Join': 'join',
  Sort: 'sort',
  'Incremental Sort': 'sort',
  Append: 'append',
  'Merge Append': 'append',
  Gather: 'gather',
  'Gather Merge': 'gather',
  Materialize: 'keep',
  Memoize: 'keep',
  'Result Cache': 'keep',
  BitmapAnd: 'bitmap combination',
  BitmapOr: 'bitmap combination',
  Group: 'group',
  Unique: 'group',
};

/** Prepares a plan for the comparison, in one pass down and one up. */
export function viewPlan(plan: Plan): PlanView {
  const { nodes } = plan;
  const children: number[][] = nodes.map(() => []);
  const inputs: number[][] = nodes.map(() => []);
  const contexts: string[] = [];
  const relations: (string | null)[] = [];
  const families: string[] = [];
  for (const node of nodes) {
    const parent = node.parentId;
    if (parent !== null) {
      children[parent]?.push(node.id);
      if (!isSubplan(node)) inputs[parent]?.push(node.id);
    }
    const own = node.subplanName === undefined ? null : subplanLabel(node.subplanName);
    contexts.push(own ?? (parent === null ? '' : (contexts[parent] ?? '')));
    relations.push(relationOf(node));
    families.push(familyOf(node, relations[node.id] ?? null));
  }
  const below: string[][] = nodes.map(() => []);
  for (let id = nodes.length - 1; id >= 0; id -= 1) {
    const node = nodes[id];
    const names = below[id];
    if (!node || !names) continue;
    const own = families[id] === 'scan' ? (node.alias ?? relations[id]) : null;
    if (own !== null && own !== undefined) names.unshift(own);
    for (const input of inputs[id] ?? []) {
      if (names.length > MOST_NAMED) break;
      names.push(...(below[input] ?? []).slice(0, MOST_NAMED + 1 - names.length));
    }
  }
  return {
    plan,
    nodes,
    children,
    inputs,
    families,
    relations,
    contexts,
    below,
    verbose: nodes.some(({ properties }) => properties['Output'] !== undefined),
    initParameters: new Set(nodes.flatMap(({ subplanName }) => subplanName?.match(/\$\d+/g) ?? [])),
  };
}

/** Is a node evaluated apart from its parent's inputs? */
export function isSubplan(node: PlanNode): boolean {
  return node.relationship === 'InitPlan' || node.relationship === 'SubPlan';
}

/** `InitPlan 1 (returns $0)`, as it is up to 16, is the `InitPlan 1` of 17. */
export function subplanLabel(name: string): string {
  const returns = name.indexOf(' (returns ');
  return returns === -1 ? name : name.slice(0, returns);
}

function relationOf(node: PlanNode): string | null {
  const { properties } = node;
  const name =
    node.relation ??
    node.cteName ??
    node.functionName ??
    stringOf(properties['Table Function Name']) ??
    stringOf(properties['Tuplestore Name']) ??
    stringOf(properties['Relations']);
  if (name !== undefined) return name;
  return node.alias === undefined ? null : `(${node.alias})`;
}

function familyOf(node: PlanNode, relation: string | null): string {
  const { nodeType } = node;
  if (nodeType === 'ModifyTable') return `modify ${stringOf(node.properties['Operation']) ?? ''}`;
  if (nodeType === 'Aggregate') return node.properties['Partial Mode'] === 'Partial' ? 'partial group' : 'group';
  if (relation !== null) return 'scan';
  if (nodeType === 'Custom Scan') return `Custom Scan ${stringOf(node.properties['Custom Plan Provider']) ?? ''}`;
  return Object.hasOwn(FAMILIES, nodeType) ? (FAMILIES[nodeType] ?? nodeType) : nodeType;
}

/** How the node does its work, with its direction: `Parallel Index Scan Backward`. */
export function methodOf(node: PlanNode): string {
  return `${nodeKind(node.properties)}${node.properties['Scan Direction'] === 'Backward' ? ' Backward' : ''}`;
}

/** Keys whose value says what the node computes. */
export const CONDITION_KEYS = [
  'Filter',
  'One-Time Filter',
  'Index Cond',
  'Recheck Cond',
  'TID Cond',
  'Order By',
  'Join Filter',
  'Hash Cond',
  'Merge Cond',
  'Sort Key',
  'Presorted Key',
  'Group Key',
  'Cache Key',
  'Run Condition',
  'Conflict Filter',
  'Function Call',
  'Remote SQL',
] as const;

const JOIN_CONDITIONS: ReadonlySet<string> = new Set(['Join Filter', 'Hash Cond', 'Merge Cond']);

/** A condition as text, or null. */
export function conditionOf(node: PlanNode, key: string): string | null {
  const value = node.properties[key];
  if (typeof value === 'string') return value;
  return Array.isArray(value)
    ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(', ')
    : null;
}

/**
 * A condition without what only its printing decides: white space, the sides of an equality of a join, the names of
 * an InitPlan's result in different versions, and the qualifiers that VERBOSE adds.
 */
export function comparableCondition(view: PlanView, key: string, condition: string, unqualified: boolean): string {
  let text = condition.replaceAll(/\s+/g, ' ');
  if (text.includes('InitPlan ')) text = text.replaceAll(/\(InitPlan [^()]+\)\.col\d+/g, '$$');
  if (view.initParameters.size > 0 && text.includes('$'))
    text = text.replaceAll(/(?<![\w$])\$\d+/g, (parameter) => (view.initParameters.has(parameter) ? '$' : parameter));
  if (unqualified && key !== 'Remote SQL')
    text = text.replaceAll(/(?:\b[A-Za-z_]\w*|"(?:[^"]|"")*")\.(?=[A-Za-z_"])/g, '');
  if (JOIN_CONDITIONS.has(key))
    text = text.replaceAll(/\(([^()=<>]+) = ([^()=<>]+)\)/g, (_, left: string, right: string) =>
      left <= right ? `(${left} = ${right})` : `(${right} = ${left})`,
    );
  return text;
}

/** All conditions of a node as one text, to tell nodes apart. */
export function conditionsText(view: PlanView, node: PlanNode): string {
  let text = '';
  for (const key of CONDITION_KEYS) {
    const condition = node.properties[key] === undefined ? null : conditionOf(node, key);
    if (condition !== null) text += `${key}\u0001${comparableCondition(view, key, condition, false)}\u0001`;
  }
  return text;
}
