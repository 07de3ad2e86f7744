import type { Plan, PlanNode } from '#contract/plan-model.ts';

/**
 * A node as the window keeps it. Its properties, most of a plan's weight, stay packed until somebody looks at the node:
 * a plan can have a hundred thousand.
 */
export type SheetNode = Omit<PlanNode, 'properties'> & {
  /** The properties as JSON. */
  readonly packed: string;
};

/** A plan as the window keeps it. */
export type PlanSheet = Omit<Plan, 'nodes'> & { readonly nodes: readonly SheetNode[] };

type Properties = PlanNode['properties'];

const unpacked = new WeakMap<SheetNode, Properties>();

/** Everything that the plan says about a node, under the names of FORMAT JSON. */
export function propertiesOf(node: SheetNode): Properties {
  const known = unpacked.get(node);
  if (known !== undefined) return known;
  // It was packed by packNode(), from properties that the reader had made.
  const properties = JSON.parse(node.packed) as Properties;
  unpacked.set(node, properties);
  return properties;
}

/** Packs a node. */
export function packNode({ properties, ...node }: PlanNode): SheetNode {
  return { ...node, packed: JSON.stringify(properties) };
}
