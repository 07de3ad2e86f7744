import { childrenOf } from './reader/plan-index.ts';
import type { PlanIndex } from './reader/plan-index.ts';

/** A rectangle of the icicle; positions are fractions of the width, levels count from the top. */
export interface IcicleRect {
  /** The node; null for a rectangle that stands for several that are too small. */
  readonly id: number | null;
  /** How many nodes it stands for, with what is below them. */
  readonly nodes: number;
  readonly level: number;
  readonly left: number;
  readonly width: number;
}

/** Never more than this many rectangles. */
export const mostRects = 300;

/**
 * Lays out the nodes below `rootId`: each as wide as what it and everything below it have of a measure (`own`, by node),
 * its children beneath it. What is narrower than `leastWidth` is drawn as one rectangle with its neighbours of the same
 * parent.
 */
export function icicleLayout(index: PlanIndex, own: Float64Array, rootId: number, leastWidth: number): IcicleRect[] {
  const { plan, lastDescendants } = index;
  const weights = sumsBelow(index, own);
  const whole = weights[rootId] ?? 0;
  const rects: IcicleRect[] = [];
  const sizeOf = (id: number) => (lastDescendants[id] ?? id) - id + 1;
  const rootLevel = plan.nodes[rootId]?.depth ?? 0;
  let queue: { readonly id: number; readonly left: number; readonly width: number }[] = [
    { id: rootId, left: 0, width: 1 },
  ];
  // Level by level, so that what is left out when there are too many is what lies deepest.
  while (queue.length > 0 && rects.length < mostRects) {
    const next: typeof queue = [];
    for (const { id, left, width } of queue) {
      const level = (plan.nodes[id]?.depth ?? rootLevel) - rootLevel;
      rects.push({ id, nodes: sizeOf(id), level, left, width });
      let at = left;
      let rest = { nodes: 0, width: 0, left: at };
      const below = childrenOf(index, id);
      const even = whole === 0 && below.length > 0 ? width / below.length : 0;
      const flush = () => {
        if (rest.nodes > 0 && rest.width > 0)
          rects.push({ id: null, nodes: rest.nodes, level: level + 1, left: rest.left, width: rest.width });
        rest = { nodes: 0, width: 0, left: at };
      };
      for (const child of below) {
        const childWidth = whole === 0 ? even : (weights[child] ?? 0) / whole;
        if (childWidth >= leastWidth) {
          flush();
          next.push({ id: child, left: at, width: childWidth });
          at += childWidth;
          rest.left = at;
        } else {
          rest.nodes += sizeOf(child);
          rest.width += childWidth;
          at += childWidth;
        }
      }
      flush();
    }
    queue = next;
  }
  return rects.slice(0, mostRects);
}

/** By node, a measure of it and everything below it. */
export function sumsBelow({ plan: { nodes } }: PlanIndex, own: Float64Array): Float64Array {
  const sums = own.map((value) => Math.max(0, value));
  for (let id = nodes.length - 1; id > 0; id -= 1) {
    const parent = nodes[id]?.parentId ?? null;
    if (parent !== null) sums[parent] = (sums[parent] ?? 0) + (sums[id] ?? 0);
  }
  return sums;
}
