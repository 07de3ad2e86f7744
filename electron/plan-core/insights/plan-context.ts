import type { Plan, PlanBuffers, PlanInsight, PlanNode } from '#contract/plan-model.ts';
import { blocksTouched } from '../numbers/buffers.ts';
import { nodeLabel } from '../print/node-label.ts';
import { numberOf } from '../raw-plan.ts';

/** What a rule may ask of a plan. */
export type PlanContext = {
  readonly plan: Plan;
  readonly nodes: readonly PlanNode[];
  /** The nodes of one type, in print order. Rules begin with few nodes, for most of a large plan cost nothing. */
  readonly ofType: (type: string) => readonly PlanNode[];
  readonly types: readonly string[];
  /** The nodes that are {@link isCostly} by themselves, in print order. */
  readonly costly: readonly PlanNode[];
  readonly subplans: readonly PlanNode[];
  /** Inputs of a node, without InitPlans and SubPlans. */
  readonly inputs: (node: PlanNode) => readonly PlanNode[];
  readonly parent: (node: PlanNode) => PlanNode | null;
  /** Time of the node alone by its own clock, ms; 0 with TIMING OFF. */
  readonly ownMs: (node: PlanNode) => number;
  readonly totalMs: (node: PlanNode) => number;
  /** Execution time of the statement, or the root's where it was not printed, ms. */
  readonly executionMs: number;
  readonly timed: boolean;
  /** Blocks that the whole statement asked for; 0 where unknown. */
  readonly allBlocks: number;
  /**
   * The common gate, which keeps advice quiet: is it worth a word? Time is ≥ 1 ms and ≥ 5 % of the execution; where
   * nothing was timed, blocks are ≥ 1 % of all.
   */
  readonly isWorth: (ms: number, blocks?: number) => boolean;
  /** {@link isWorth} of the own time and blocks of the nodes given. */
  readonly isCostly: (...nodes: readonly (PlanNode | null | undefined)[]) => boolean;
  /** The node, its inputs and its subplans, all the way down; in print order. */
  readonly subtree: (node: PlanNode) => readonly PlanNode[];
  /** Is the first the second, or below it? */
  readonly isWithin: (node: PlanNode, above: PlanNode) => boolean;
  /** Is the node of a plan that another server made? */
  readonly isRemote: (id: number) => boolean;
};

/** Milliseconds of single nodes that a fix would take away, by node id. */
export type Claims = ReadonlyMap<number, number>;

/** An insight as a rule gives it. Without claims its `savedMs` is taken from its own node. */
export type Finding = PlanInsight & {
  readonly claims?: Claims;
  /** Nodes where the row count went wrong that led to it: what is told there need not be told here. */
  readonly causes?: readonly number[];
};

/** One rule: what it sees in a plan, not ranked. */
export type InsightRule = (context: PlanContext) => Finding[];

const LEAST_MS = 1;
const LEAST_SHARE = 0.05;
const LEAST_BLOCK_SHARE = 0.01;
/** A few milliseconds of one run are a note, whatever their share. */
const LEAST_WARNING_MS = 5;
const MOST_TOLD = 10;
const NO_NODES: readonly PlanNode[] = [];

/** Prepares a plan for the rules. `ownMs` is by node id. */
export function createPlanContext(plan: Plan, ownMs: readonly number[]): PlanContext {
  const { nodes } = plan;
  const { inputs, byType, subplans, lastIds, remote } = sortOut(nodes);
  const rootMs = nodes[0]?.totalMs;
  const executionMs = Math.max(plan.executionMs ?? 0, rootMs ?? 0);
  const timed = rootMs !== undefined;
  const allBlocks = nodes[0]?.totalBuffers ? blocksTouched(nodes[0].totalBuffers) : 0;
  // TIMING OFF: blocks stand for time, and without them there is nothing to weigh by.
  const isWorth = (ms: number, blocks = 0): boolean =>
    timed
      ? ms >= Math.max(LEAST_MS, LEAST_SHARE * executionMs)
      : allBlocks === 0 || blocks >= LEAST_BLOCK_SHARE * allBlocks;
  const isCostly = (...given: readonly (PlanNode | null | undefined)[]): boolean => {
    let ms = 0;
    let blocks = 0;
    for (const node of given) {
      if (!node) continue;
      ms += ownMs[node.id] ?? 0;
      blocks += blocksOf(node.selfBuffers);
    }
    return isWorth(ms, blocks);
  };
  const subtree = (node: PlanNode): readonly PlanNode[] => nodes.slice(node.id, (lastIds[node.id] ?? node.id) + 1);
  const isWithin = (node: PlanNode, above: PlanNode): boolean =>
    node.id >= above.id && node.id <= (lastIds[above.id] ?? above.id);
  return {
    plan,
    nodes,
    executionMs,
    timed,
    allBlocks,
    isWorth,
    isCostly,
    subtree,
    isWithin,
    ofType: (type) => byType.get(type) ?? NO_NODES,
    types: [...byType.keys()],
    costly: nodes.filter((node) => isCostly(node)),
    subplans,
    isRemote: (id) => remote[id] === 1,
    inputs: (node) => inputs[node.id] ?? NO_NODES,
    parent: (node) => (node.parentId === null ? null : (nodes[node.parentId] ?? null)),
    ownMs: (node) => ownMs[node.id] ?? 0,
    totalMs: (node) => node.totalMs ?? 0,
  };
}

/** Everything that rules ask of the tree, in one pass. */
function sortOut(nodes: readonly PlanNode[]): {
  inputs: readonly (readonly PlanNode[] | undefined)[];
  byType: ReadonlyMap<string, readonly PlanNode[]>;
  subplans: readonly PlanNode[];
  /** Nodes stand in print order, so what is below a node follows it up to here. */
  lastIds: Int32Array;
  remote: Uint8Array;
} {
  const inputs: (PlanNode[] | undefined)[] = nodes.map(() => undefined);
  const byType = new Map<string, PlanNode[]>();
  const subplans: PlanNode[] = [];
  const lastIds = new Int32Array(nodes.length);
  const remote = new Uint8Array(nodes.length);
  for (const node of nodes) {
    const { id, parentId, relationship, nodeType } = node;
    lastIds[id] = id;
    const alike = byType.get(nodeType);
    if (alike) alike.push(node);
    else byType.set(nodeType, [node]);
    if (relationship === 'SubPlan') subplans.push(node);
    if (relationship === 'Remote' || (parentId !== null && remote[parentId] === 1)) remote[id] = 1;
    if (parentId === null || relationship === 'InitPlan' || relationship === 'SubPlan') continue;
    const list = inputs[parentId];
    if (list) list.push(node);
    else inputs[parentId] = [node];
  }
  for (let id = nodes.length - 1; id > 0; id -= 1) {
    const parent = nodes[id]?.parentId ?? null;
    if (parent !== null) lastIds[parent] = Math.max(lastIds[parent] ?? 0, lastIds[id] ?? 0);
  }
  return { inputs, byType, subplans, lastIds, remote };
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

/** The relation of a node for a title, by its bare name; a kind of node where it has none. */
export function subjectOf(node: PlanNode): string {
  const name = node.relation ?? node.cteName ?? node.functionName;
  return name === undefined ? labelOf(node) : shorten(name);
}

/** A label that leaves room for the rest of a title: names are shortened, relations are named without their alias. */
export function titleLabel(node: PlanNode): string {
  const kind = labelOf(node).replace(/ (?:using|on) .*$/s, '');
  const name = node.relation ?? node.cteName ?? node.functionName;
  return name === undefined ? shorten(labelOf(node), 40) : `${kind} on ${shorten(name, 26)}`;
}

/** Cuts a long name in the middle, where the least is lost: names of relations differ at both ends. */
export function shorten(name: string, most = 30): string {
  const letters = [...name];
  if (letters.length <= most) return name;
  const head = Math.ceil((most - 1) / 2);
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (most - 1 - head)).join('')}`;
}

/** A condition for a message: whole as long as it can be read at a glance. */
export function quoteCondition(condition: unknown): string {
  return shorten(String(condition), 200);
}

/** Grave when much would be saved: half of a slow statement, a tenth of it, less. */
export function severityOf(context: Pick<PlanContext, 'executionMs'>, savedMs: number): PlanInsight['severity'] {
  const share = context.executionMs === 0 ? 0 : savedMs / context.executionMs;
  if (share >= 0.5 && savedMs >= 100) return 'critical';
  return share >= 0.1 && savedMs >= LEAST_WARNING_MS ? 'warning' : 'info';
}

/** A share of the own time of each node, as claims. */
export function claimOf(context: PlanContext, nodes: readonly PlanNode[], share = 1): Claims {
  return new Map(nodes.map((node) => [node.id, context.ownMs(node) * share]));
}

/** Those that took the most time: what a plan could be told beyond them nobody would read. */
export function dearest(context: PlanContext, nodes: readonly PlanNode[]): readonly PlanNode[] {
  return nodes.length <= MOST_TOLD
    ? nodes
    : nodes.toSorted((a, b) => context.totalMs(b) - context.totalMs(a) || a.id - b.id).slice(0, MOST_TOLD);
}

/** What claims come to, ms. */
export function sumOf(claims: Claims): number {
  return claims.values().reduce((sum, ms) => sum + ms, 0);
}

/** `1.2 s`, `34 ms`, `0.5 ms`. */
export function formatMs(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(0)} s`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 10 ? `${ms.toFixed(0)} ms` : `${ms.toFixed(1)} ms`;
}

/** ` (1.2 s)` for the end of a sentence; nothing where the plan was not timed. */
export function spentOf(context: PlanContext, ms: number): string {
  return context.timed ? ` (${formatMs(ms)})` : '';
}

/** `1,234,567`. */
export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 row`, `1,234 rows`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${Math.round(count) === 1 ? '' : 's'}`;
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
