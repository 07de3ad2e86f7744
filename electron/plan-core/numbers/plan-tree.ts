import type { JsonObject, RawNode } from '../raw-plan.ts';
import { REMOTE_HOLDERS } from '../structured/remote-plans.ts';
import { numberOf, stringOf } from '../raw-plan.ts';

/** A raw plan with what every calculation asks of it. Arrays are indexed by node id; the raw values are never changed. */
export type PlanTree = {
  readonly nodes: readonly RawNode[];
  readonly children: readonly (readonly number[])[];
  /** `plain` is an input; `init` an InitPlan or a CTE, charged to whoever first asks for it; `sub` a SubPlan, charged to its owner. */
  readonly roles: readonly ('plain' | 'init' | 'sub')[];
  readonly types: readonly string[];
  readonly loops: readonly number[];
  /** The nodes below a node, itself included, are id … ends[id] − 1. */
  readonly ends: readonly number[];
  /** Holds the plan of another server and has no numbers of its own. */
  readonly isHolder: readonly boolean[];
  /** The second input of a node, the inner side of a join; -1 where there is none. */
  readonly inner: readonly number[];
};

/** Makes the tree. Loops are 1 where the plan was not analyzed. */
export function plantTree(nodes: readonly RawNode[]): PlanTree {
  const children: number[][] = nodes.map(() => []);
  const ends: number[] = nodes.map((_, id) => id + 1);
  nodes.forEach((node, id) => children[node.parent]?.push(id));
  for (let id = nodes.length - 1; id > 0; id -= 1) {
    const parent = nodes[id]?.parent ?? -1;
    ends[parent] = Math.max(ends[parent] ?? 0, ends[id] ?? 0);
  }
  const roles = nodes.map(({ parent, properties }) => {
    const relationship = properties['Parent Relationship'];
    if (parent === -1) return 'plain';
    return relationship === 'InitPlan' ? 'init' : relationship === 'SubPlan' ? 'sub' : 'plain';
  });
  return {
    nodes,
    children,
    roles,
    inner: children.map((own) => own.filter((id) => roles[id] === 'plain')[1] ?? -1),
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
