import type { PlanIndex } from './reader/plan-index.ts';

/** Lines of a node and everything below it, 1-based and both included. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** Above so many nodes those without children do not fold: each fold costs the editor time. */
const mostFine = 3000;

/** What can be folded in the plan's text: each node with the nodes below it, and runs of alike siblings as one. */
export function foldingRanges({ plan: { nodes }, lastDescendants, runs }: PlanIndex): LineRange[] {
  const runEnds = new Map(runs.map((run) => [run.firstId, run.endId]));
  return nodes.flatMap((node) => {
    const last = runEnds.get(node.id) ?? lastDescendants[node.id] ?? node.id;
    const end = nodes[last]?.endLine ?? node.endLine;
    if (last === node.id && nodes.length > mostFine) return [];
    return end > node.line ? [{ start: node.line, end }] : [];
  });
}
