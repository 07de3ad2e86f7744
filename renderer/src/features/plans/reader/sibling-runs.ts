import type { PlanNode } from '#contract/plan-model.ts';

/** Siblings that are alike and stand one after the other, such as the scans of a table's partitions. */
export interface SiblingRun {
  readonly parentId: number;
  readonly depth: number;
  readonly firstId: number;
  /** The last node of the run: the last descendant of its last sibling. */
  readonly endId: number;
  readonly count: number;
  /** How many of them were never executed. */
  readonly neverExecuted: number;
  /** `Seq Scan`, of all of them. */
  readonly kind: string;
  /** Own milliseconds (or cost) of a sibling with everything below it. */
  readonly own: Spread;
  readonly rows: Spread | null;
  readonly blocks: Spread | null;
}

/** How a number is spread over the siblings. */
export interface Spread {
  readonly sum: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Shorter runs are not worth folding. */
export const leastAlike = 8;

export interface RunInput {
  readonly nodes: readonly PlanNode[];
  readonly own: Float64Array;
  readonly lastDescendants: Int32Array;
  readonly childrenOf: (id: number) => readonly number[];
}

/** The runs of alike siblings, in print order. Linear in the nodes. */
export function siblingRuns(input: RunInput): SiblingRun[] {
  const { nodes, childrenOf, lastDescendants } = input;
  const shapes = shapesOf(input);
  const runs: SiblingRun[] = [];
  for (const { id } of nodes) {
    if ((lastDescendants[id] ?? id) - id < leastAlike) continue;
    const children = childrenOf(id);
    let start = 0;
    for (let at = 1; at <= children.length; at += 1) {
      const first = children[start];
      const next = children[at];
      if (first !== undefined && next !== undefined && shapes[next] === shapes[first]) continue;
      if (at - start >= leastAlike) runs.push(runOf(input, children.slice(start, at)));
      start = at;
    }
  }
  return runs;
}

/** A number for each node that is the same for nodes that do the same to different relations, with the same below them. */
function shapesOf({ nodes, childrenOf }: RunInput): Int32Array {
  const shapes = new Int32Array(nodes.length);
  const known = new Map<string, number>();
  for (let id = nodes.length - 1; id >= 0; id -= 1) {
    const node = nodes[id];
    if (node === undefined) continue;
    const below = childrenOf(id).map((child) => shapes[child]);
    const text = `${node.nodeType}|${node.joinType ?? ''}|${String(node.parallelAware)}|${node.relationship ?? ''}|${below.join(',')}`;
    let shape = known.get(text);
    if (shape === undefined) {
      shape = known.size;
      known.set(text, shape);
    }
    shapes[id] = shape;
  }
  return shapes;
}

function runOf(input: RunInput, siblings: readonly number[]): SiblingRun {
  const { nodes, own, lastDescendants } = input;
  const [firstId = 0] = siblings;
  const lastId = siblings.at(-1) ?? firstId;
  const first = nodes[firstId];
  const executed = siblings.filter((id) => nodes[id]?.neverExecuted !== true);
  const below = (id: number, valueOf: (node: number) => number) => {
    let sum = 0;
    for (let node = id; node <= (lastDescendants[id] ?? id); node += 1) sum += valueOf(node);
    return sum;
  };
  const blocksOf = (id: number) => {
    const buffers = nodes[id]?.selfBuffers;
    return buffers === undefined ? 0 : buffers.sharedHit + buffers.sharedRead + buffers.localHit + buffers.localRead;
  };
  return {
    parentId: first?.parentId ?? 0,
    depth: first?.depth ?? 0,
    firstId,
    endId: lastDescendants[lastId] ?? lastId,
    count: siblings.length,
    neverExecuted: siblings.length - executed.length,
    kind: `${first?.parallelAware === true ? 'Parallel ' : ''}${first?.nodeType ?? ''}`,
    own: spreadOf(siblings.map((id) => below(id, (node) => own[node] ?? 0))),
    rows:
      first?.actualRows === undefined
        ? null
        : spreadOf(executed.map((id) => Math.round((nodes[id]?.actualRows ?? 0) * (nodes[id]?.loops ?? 0)))),
    blocks: first?.selfBuffers === undefined ? null : spreadOf(siblings.map((id) => below(id, blocksOf))),
  };
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    sum: values.reduce((total, value) => total + value, 0),
    min: sorted[0] ?? 0,
    median: sorted[sorted.length >> 1] ?? 0,
    max: sorted.at(-1) ?? 0,
  };
}
