import type { Plan, PlanBuffers, PlanInsight, PlanNode } from '#contract/plan-model.ts';
import { blocksTouched } from '../numbers/buffers.ts';
import { nodeLabel } from '../print/node-label.ts';
import { numberOf } from '../raw-plan.ts';

/** What a rule may ask of a plan. */
export type PlanContext = {
  readonly plan: Plan;
  readonly nodes: readonly PlanNode[];
  /** Inputs of a node, without InitPlans and SubPlans. */
  readonly inputs: (node: PlanNode) => readonly PlanNode[];
  readonly parent: (node: PlanNode) => PlanNode | null;
  /** Time of the node alone by its own clock, ms; 0 with TIMING OFF. */
  readonly ownMs: (node: PlanNode) => number;
  readonly totalMs: (node: PlanNode) => number;
  /** Execution time of the statement, or the root's where it was not printed, ms. */
  readonly executionMs: number;
  readonly timed: boolean;
  /** The common gate: is the node worth a word? Its own time, or that of the nodes given, is ≥ 1 ms and ≥ 5 % of the execution. */
  readonly isCostly: (...nodes: readonly (PlanNode | null | undefined)[]) => boolean;
};

/** One rule: what it sees in a plan, not ranked. */
export type InsightRule = (context: PlanContext) => PlanInsight[];

const LEAST_MS = 1;
const LEAST_SHARE = 0.05;
const NO_NODES: readonly PlanNode[] = [];

/** Prepares a plan for the rules. `ownMs` is by node id. */
export function createPlanContext(plan: Plan, ownMs: readonly number[]): PlanContext {
  const { nodes } = plan;
  const inputs = new Map<number, PlanNode[]>();
  for (const node of nodes) {
    if (node.parentId === null || node.relationship === 'InitPlan' || node.relationship === 'SubPlan') continue;
    const list = inputs.get(node.parentId);
    if (list) list.push(node);
    else inputs.set(node.parentId, [node]);
  }
  const rootMs = nodes[0]?.totalMs;
  const executionMs = Math.max(plan.executionMs ?? 0, rootMs ?? 0);
  const timed = rootMs !== undefined;
  const allBlocks = nodes[0]?.totalBuffers ? blocksTouched(nodes[0].totalBuffers) : 0;
  const isCostly = (...given: readonly (PlanNode | null | undefined)[]): boolean => {
    const present = given.filter((node) => node !== null && node !== undefined);
    if (timed)
      return (
        present.reduce((sum, node) => sum + (ownMs[node.id] ?? 0), 0) >= Math.max(LEAST_MS, LEAST_SHARE * executionMs)
      );
    // TIMING OFF: blocks stand for time, and without them there is nothing to weigh by.
    return (
      allBlocks === 0 || present.reduce((sum, node) => sum + blocksOf(node.selfBuffers), 0) >= LEAST_SHARE * allBlocks
    );
  };
  return {
    plan,
    nodes,
    executionMs,
    timed,
    isCostly,
    inputs: (node) => inputs.get(node.id) ?? NO_NODES,
    parent: (node) => (node.parentId === null ? null : (nodes[node.parentId] ?? null)),
    ownMs: (node) => ownMs[node.id] ?? 0,
    totalMs: (node) => node.totalMs ?? 0,
  };
}

/** Blocks asked for, 0 where unknown. */
export function blocksOf(buffers: PlanBuffers | undefined): number {
  return buffers ? blocksTouched(buffers) : 0;
}

/** Rows that left the node, over all loops; its rounding is that of PostgreSQL. */
export function rowsOut(node: PlanNode): number {
  return (node.actualRows ?? 0) * node.loops;
}

/** A number of the node under its JSON name; 0 where absent. */
export function numberIn(node: PlanNode, key: string): number {
  return numberOf(node.properties[key]) ?? 0;
}

/** The node as FORMAT TEXT labels it. */
export function labelOf(node: PlanNode): string {
  return nodeLabel(node.properties);
}

/** Grave when much would be saved: half of a slow statement, a tenth of it, less. */
export function severityOf(context: PlanContext, savedMs: number): PlanInsight['severity'] {
  const share = context.executionMs === 0 ? 0 : savedMs / context.executionMs;
  if (share >= 0.5 && savedMs >= 100) return 'critical';
  return share >= 0.1 ? 'warning' : 'info';
}

/** `1.2 s`, `34 ms`, `0.5 ms`. */
export function formatMs(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 10 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(1)} ms`;
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `12.3 MB` out of kB. */
export function formatKilobytes(kilobytes: number): string {
  if (kilobytes >= 1024 * 1024) return `${(kilobytes / 1024 / 1024).toFixed(1)} GB`;
  return kilobytes >= 1024 ? `${(kilobytes / 1024).toFixed(1)} MB` : `${Math.round(kilobytes)} kB`;
}

/** `83 %`, never more than all. */
export function formatShare(part: number): string {
  const share = Math.min(1, part);
  return share > 0 && share < 0.01 ? '<1 %' : `${share >= 0.995 && share < 1 ? '>99' : Math.round(share * 100)} %`;
}

/** A `work_mem` that would hold so much, in a round number; null beyond what is sane for one session. */
export function workMemFor(kilobytes: number): string | null {
  const megabytes = Math.max(8, Math.ceil(kilobytes / 1024));
  if (megabytes > 2048) return null;
  const step = megabytes <= 64 ? 8 : 64;
  return `set local work_mem = '${Math.ceil(megabytes / step) * step}MB';`;
}
