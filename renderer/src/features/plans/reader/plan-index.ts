import type { Plan, PlanNode } from '#contract/plan-model.ts';

import { type Measures, type PlanMeasure, measuresOf } from './plan-measures.ts';
import { type NodeName, nodeNameOf } from './plan-names.ts';
import { type PlanSheet, type SheetNode, packNode } from './plan-sheet.ts';
import { type SiblingRun, siblingRuns } from './sibling-runs.ts';

/** What the weight of a node is measured in. */
export type PlanMetric = 'time' | 'cost';

/** A plan with what every view of it looks up. Arrays are by node id. */
export interface PlanIndex {
  readonly plan: PlanSheet;
  /** `cost` where the statement was not run, or was run without timing. */
  readonly metric: PlanMetric;
  readonly names: readonly NodeName[];
  /** The id of a node's last descendant in print order, itself where it has none. */
  readonly lastDescendants: Int32Array;
  /** Milliseconds, or planner cost, without the children. */
  readonly own: Float64Array;
  /** The own part of `total`, 0 to 1. */
  readonly shares: Float64Array;
  /** The execution's milliseconds, or the cost of the root. */
  readonly total: number;
  readonly measures: Measures;
  /** Runs of alike siblings, in print order. */
  readonly runs: readonly SiblingRun[];
}

/** Prepares a plan for being shown. Linear in its nodes. */
export function indexPlan(plan: Plan): PlanIndex {
  const { nodes } = plan;
  const lines = plan.text.split('\n');
  const lastDescendants = lastDescendantsOf(nodes);
  const children = (id: number) => childrenIn(lastDescendants, id);
  const metric: PlanMetric = nodes.some((node) => node.selfMs !== undefined) ? 'time' : 'cost';
  const own = Float64Array.from(nodes, (node) =>
    metric === 'time' ? (node.selfMs ?? 0) : ownCost(node, children(node.id), nodes),
  );
  const total = metric === 'time' ? Math.max(plan.executionMs ?? 0, nodes[0]?.totalMs ?? 0) : sum(own);
  return {
    plan: { ...plan, nodes: nodes.map(packNode) },
    metric,
    names: nodes.map((node) => nodeNameOf(node, lines)),
    lastDescendants,
    own,
    shares: own.map((value) => (total > 0 ? Math.min(1, Math.max(0, value / total)) : 0)),
    total,
    measures: measuresOf(nodes, children),
    runs: siblingRuns({ nodes, own, lastDescendants, childrenOf: children }),
  };
}

/** The children of a node, in print order. */
export function childrenOf(index: PlanIndex, id: number): number[] {
  return childrenIn(index.lastDescendants, id);
}

/** In print order a node's descendants follow it at once: its first child stands behind it, each next behind the last's end. */
function childrenIn(lastDescendants: Int32Array, id: number): number[] {
  const end = lastDescendants[id] ?? id;
  const children: number[] = [];
  for (let child = id + 1; child <= end; child = (lastDescendants[child] ?? child) + 1) children.push(child);
  return children;
}

function lastDescendantsOf(nodes: readonly PlanNode[]): Int32Array {
  const last = Int32Array.from(nodes, ({ id }) => id);
  for (let id = nodes.length - 1; id > 0; id -= 1) {
    const parent = nodes[id]?.parentId ?? null;
    if (parent !== null) last[parent] = Math.max(last[parent] ?? 0, last[id] ?? id);
  }
  return last;
}

/**
 * Cost without the inputs. A parent may take less than all of an input (Limit), or take it many times (Nested Loop);
 * in the first case nothing is left, in the second the repetition counts as the parent's own.
 */
function ownCost(node: PlanNode, children: readonly number[], nodes: readonly PlanNode[]): number {
  const inputs = children.reduce((total, id) => total + (nodes[id]?.totalCost ?? 0), 0);
  return Math.max(0, (node.totalCost ?? 0) - inputs);
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A measure by node; null where the plan does not tell it. */
export function measureOf(index: PlanIndex, measure: PlanMeasure): Float64Array | null {
  return measure === 'own' ? index.own : index.measures[measure];
}

/** The node that a 1-based line of the text belongs to; null below the last node's own lines. */
export function nodeAtLine(nodes: readonly SheetNode[], line: number): SheetNode | null {
  let low = 0;
  let high = nodes.length - 1;
  let found: SheetNode | null = null;
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
export function actualRowsOf(node: SheetNode): number | null {
  if (node.actualRows === undefined || node.neverExecuted) return null;
  return Math.round(node.actualRows * node.loops);
}

/** Rows that the planner expected over all loops that ran. */
export function expectedRowsOf(node: SheetNode): number | null {
  if (node.planRows === undefined) return null;
  return node.planRows * Math.max(1, node.loops);
}

/** 8 kB blocks that the node itself touched, and how many of them had to be read; null where they were not counted. */
export function ownBlocksOf(node: SheetNode): { readonly hit: number; readonly read: number } | null {
  const buffers = node.selfBuffers;
  if (buffers === undefined) return null;
  return { hit: buffers.sharedHit + buffers.localHit, read: buffers.sharedRead + buffers.localRead };
}

/**
 * PostgreSQL rounds the time of each loop. Over many loops what is lost may be more than the time itself: then the time
 * is only known to be at most so much.
 */
export function isLoose(index: PlanIndex, id: number): boolean {
  const roundingMs = index.plan.nodes[id]?.roundingMs ?? 0;
  return index.metric === 'time' && roundingMs > Math.max(index.own[id] ?? 0, 0.1);
}

/** The relation that a node reads or writes; a bitmap of an index belongs to the scan above it. Null where there is none. */
export function relationOf(
  { plan: { nodes } }: PlanIndex,
  id: number,
): { readonly schema: string | null; readonly name: string } | null {
  for (let node = nodes[id]; node !== undefined; node = nodes[node.parentId ?? -1]) {
    if (node.relation !== undefined) return { schema: node.schema ?? null, name: node.relation };
    if (!node.nodeType.startsWith('Bitmap')) return null;
  }
  return null;
}
