import type { JsonObject, RawNode } from '../raw-plan.ts';
import { REMOTE_HOLDERS } from '../structured/remote-plans.ts';
import { numberOf, stringOf } from '../raw-plan.ts';

/** A raw plan with what every calculation asks of it. Arrays are indexed by node id; the raw values are never changed. */
export type PlanTree = {
  readonly nodes: readonly RawNode[];
  /** Children of a node in print order: the first one, and from each the next one; -1 at the end. Not a list a node: those are the larger part of a tree. */
  readonly firstChild: Int32Array;
  readonly nextSibling: Int32Array;
  /** `plain` is an input; `init` an InitPlan or a CTE, charged to whoever first asks for it; `sub` a SubPlan, charged to its owner. */
  readonly roles: readonly ('plain' | 'init' | 'sub')[];
  readonly types: readonly string[];
  readonly loops: readonly number[];
  /** The nodes below a node, itself included, are id … ends[id] − 1. */
  readonly ends: readonly number[];
  /** Holds the plan of another server and has no numbers of its own. */
  readonly isHolder: readonly boolean[];
  /** The second input of a node, the inner side of a join; -1 where there is none. */
  readonly inner: Int32Array;
};

/** Makes the tree. Loops are 1 where the plan was not analyzed. */
export function plantTree(nodes: readonly RawNode[]): PlanTree {
  const count = nodes.length;
  const firstChild = new Int32Array(count).fill(-1);
  const nextSibling = new Int32Array(count).fill(-1);
  const ends: number[] = nodes.map((_, id) => id + 1);
  for (let id = count - 1; id > 0; id -= 1) {
    const parent = nodes[id]?.parent ?? -1;
    if (parent === -1) continue;
    nextSibling[id] = firstChild[parent] ?? -1;
    firstChild[parent] = id;
    ends[parent] = Math.max(ends[parent] ?? 0, ends[id] ?? 0);
  }
  const roles = nodes.map(({ parent, properties }): PlanTree['roles'][number] => {
    const relationship = properties['Parent Relationship'];
    if (parent === -1) return 'plain';
    return relationship === 'InitPlan' ? 'init' : relationship === 'SubPlan' ? 'sub' : 'plain';
  });
  const inner = new Int32Array(count).fill(-1);
  const plainChildren = new Uint8Array(count);
  for (let id = 1; id < count; id += 1) {
    const parent = nodes[id]?.parent ?? -1;
    if (parent === -1 || roles[id] !== 'plain') continue;
    if (plainChildren[parent] === 1) inner[parent] = id;
    if ((plainChildren[parent] ?? 0) < 2) plainChildren[parent] = (plainChildren[parent] ?? 0) + 1;
  }
  return {
    nodes,
    firstChild,
    nextSibling,
    roles,
    inner,
    isHolder: nodes.map(({ properties }) => isHolder(properties)),
    types: nodes.map(({ properties }) => stringOf(properties['Node Type']) ?? ''),
    loops: nodes.map(({ properties }) => numberOf(properties['Actual Loops']) ?? 1),
    ends,
  };
}

/** Is a node the other one, or below it? */
export function isWithin(tree: PlanTree, id: number, ancestor: number): boolean {
  return id >= ancestor && id < (tree.ends[ancestor] ?? 0);
}

/** Is it a node that PostgreSQL has no numbers for, because it only holds the plan of another server? */
export function isHolder(properties: JsonObject): boolean {
  return REMOTE_HOLDERS.has(stringOf(properties['Node Type']) ?? '') && properties['Actual Loops'] === undefined;
}
