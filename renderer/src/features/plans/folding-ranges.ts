import type { PlanIndex } from './plan-index.ts';

/** Lines of a node and everything below it, 1-based and both included. */
export interface LineRange {
  readonly start: number;
  readonly end: number;
}

/** What can be folded in the plan's text: each node with the nodes below it. */
export function foldingRanges({ plan: { nodes }, lastDescendants }: PlanIndex): LineRange[] {
  return nodes.flatMap((node) => {
    const end = nodes[lastDescendants[node.id] ?? node.id]?.endLine ?? node.endLine;
    return end > node.line ? [{ start: node.line, end }] : [];
  });
}
