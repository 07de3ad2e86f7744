import { actualRowsOf, ownBlocksOf } from './reader/plan-index.ts';
import type { PlanIndex } from './reader/plan-index.ts';

/** All nodes of one kind, or all reads of one table, taken together. */
export interface StatisticsRow {
  readonly name: string;
  readonly nodes: number;
  readonly neverExecuted: number;
  /** Own milliseconds, or own cost, of all of them. */
  readonly own: number;
  readonly share: number;
  readonly rows: number;
  /** 8 kB blocks; null where they were not counted. */
  readonly blocks: number | null;
  readonly blocksRead: number | null;
  /** The largest factor by which an estimate was off. */
  readonly worstFactor: number | null;
}

/** The plan by kind of node, heaviest first. */
export function statisticsByKind(index: PlanIndex): StatisticsRow[] {
  return gather(index, (id) => index.names[id]?.kind ?? null);
}

/** The plan by table, heaviest first: every scan of it and what is written to it. */
export function statisticsByTable(index: PlanIndex): StatisticsRow[] {
  return gather(index, (id) => {
    const node = index.plan.nodes[id];
    if (node?.relation === undefined) return null;
    return node.schema === undefined ? node.relation : `${node.schema}.${node.relation}`;
  });
}

/** The plan by index, heaviest first. */
export function statisticsByIndex(index: PlanIndex): StatisticsRow[] {
  return gather(index, (id) => index.plan.nodes[id]?.index ?? null);
}

/** The plan by function that rows are read from, heaviest first. */
export function statisticsByFunction(index: PlanIndex): StatisticsRow[] {
  return gather(index, (id) => index.plan.nodes[id]?.functionName ?? null);
}

function gather(index: PlanIndex, nameOf: (id: number) => string | null): StatisticsRow[] {
  const rows = new Map<string, StatisticsRow>();
  for (const node of index.plan.nodes) {
    const name = nameOf(node.id);
    if (name === null) continue;
    const before = rows.get(name);
    const blocks = ownBlocksOf(node);
    const own = (before?.own ?? 0) + (index.own[node.id] ?? 0);
    rows.set(name, {
      name,
      nodes: (before?.nodes ?? 0) + 1,
      neverExecuted: (before?.neverExecuted ?? 0) + (node.neverExecuted ? 1 : 0),
      own,
      share: index.total > 0 ? own / index.total : 0,
      rows: (before?.rows ?? 0) + (actualRowsOf(node) ?? (index.plan.analyzed ? 0 : (node.planRows ?? 0))),
      blocks: add(before?.blocks ?? null, blocks === null ? null : blocks.hit + blocks.read),
      blocksRead: add(before?.blocksRead ?? null, blocks?.read ?? null),
      worstFactor: largest(before?.worstFactor ?? null, node.estimateFactor ?? null),
    });
  }
  return [...rows.values()].sort((a, b) => b.own - a.own || (a.name < b.name ? -1 : 1));
}

function add(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : a + b;
}

function largest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
