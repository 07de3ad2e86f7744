import type { Plan, PlanNode } from '#contract/plan-model.ts';

import { nodeNameOf } from './plan-names.ts';
import type { NodeName } from './plan-names.ts';

/** What the weight of a node is measured in. */
export type PlanMetric = 'time' | 'cost';

/** A plan with what every view of it looks up: names, children, and each node's own part of the whole. */
export interface PlanIndex {
  readonly plan: Plan;
  /** `cost` where the statement was not run, or was run without timing. */
  readonly metric: PlanMetric;
  readonly names: readonly NodeName[];
  readonly children: readonly (readonly number[])[];
  /** By node: the id of its last descendant in print order, itself where it has none. */
  readonly lastDescendants: readonly number[];
  /** By node: milliseconds, or planner cost, without its children. */
  readonly own: readonly number[];
  /** By node: its own part of `total`, 0 to 1. */
  readonly shares: readonly number[];
  /** The execution's milliseconds, or the cost of the root. */
  readonly total: number;
}

/** Prepares a plan for being shown. Linear in its nodes. */
export function indexPlan(plan: Plan): PlanIndex {
  const { nodes } = plan;
  const lines = plan.text.split('\n');
  const children: number[][] = nodes.map(() => []);
  for (const node of nodes) if (node.parentId !== null) children[node.parentId]?.push(node.id);
  const lastDescendants = nodes.map((node) => node.id);
  for (let id = nodes.length - 1; id >= 0; id -= 1) {
    const last = children[id]?.at(-1);
    if (last !== undefined) lastDescendants[id] = lastDescendants[last] ?? last;
  }
  const metric: PlanMetric = nodes.some((node) => node.selfMs !== undefined) ? 'time' : 'cost';
  const own = nodes.map((node) =>
    metric === 'time' ? (node.selfMs ?? 0) : ownCost(node, children[node.id] ?? [], nodes),
  );
  const total = metric === 'time' ? Math.max(plan.executionMs ?? 0, nodes[0]?.totalMs ?? 0) : sum(own);
  const shares = own.map((value) => (total > 0 ? Math.min(1, Math.max(0, value / total)) : 0));
  return {
    plan,
    metric,
    names: nodes.map((node) => nodeNameOf(node, lines)),
    children,
    lastDescendants,
    own,
    shares,
    total,
  };
}

/**
 * Cost without the inputs. A parent may take less than all of an input (Limit), or take it many times (Nested Loop);
 * in the first case nothing is left, in the second the repetition counts as the parent's own.
 */
function ownCost(node: PlanNode, children: readonly number[], nodes: readonly PlanNode[]): number {
  const inputs = children.reduce((total, id) => total + (nodes[id]?.totalCost ?? 0), 0);
  return Math.max(0, (node.totalCost ?? 0) - inputs);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The node that a 1-based line of the text belongs to; null below the last node's own lines. */
export function nodeAtLine(nodes: readonly PlanNode[], line: number): PlanNode | null {
  let low = 0;
  let high = nodes.length - 1;
  let found: PlanNode | null = null;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const node = nodes[middle];
    if (node === undefined) break;
    if (node.line <= line) {
      found = node;
      low = middle + 1;
    } else high = middle - 1;
  }
  return found !== null && line <= found.endLine ? found : null;
}

/** The node with the largest own part, which is the one to look at first; the root of an empty measure. */
export function heaviestNode(index: PlanIndex): number {
  let heaviest = 0;
  index.own.forEach((value, id) => {
    if (value > (index.own[heaviest] ?? 0)) heaviest = id;
  });
  return heaviest;
}

/** Rows over all loops, as they were counted; null where the node was not run or rows were not counted. */
export function actualRowsOf(node: PlanNode): number | null {
  if (node.actualRows === undefined || node.neverExecuted) return null;
  return Math.round(node.actualRows * node.loops);
}

/** Rows that the planner expected over all loops that ran. */
export function expectedRowsOf(node: PlanNode): number | null {
  if (node.planRows === undefined) return null;
  return node.planRows * Math.max(1, node.loops);
}

/** 8 kB blocks that the node itself touched, and how many of them had to be read; null where they were not counted. */
export function ownBlocksOf(node: PlanNode): { readonly hit: number; readonly read: number } | null {
  const buffers = node.selfBuffers;
  if (buffers === undefined) return null;
  return { hit: buffers.sharedHit + buffers.localHit, read: buffers.sharedRead + buffers.localRead };
}
