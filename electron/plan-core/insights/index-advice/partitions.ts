import type { PlanNode } from '#contract/plan-model.ts';
import type { PlanContext } from '../plan-context.ts';

/** Scans that are one scan for the reader: a table, or all partitions of one under the same Append. */
export type ScanGroup = {
  /** Never empty; the dearest first. */
  readonly nodes: readonly PlanNode[];
  readonly lead: PlanNode;
  /** The partitioned table, where the plan betrays its name. */
  readonly parent?: string;
  readonly isPartition: boolean;
};

/** Puts scans of the partitions of one table together; the others stand alone. */
export function groupScans(context: PlanContext, scans: readonly PlanNode[]): ScanGroup[] {
  const groups = Map.groupBy(scans, (node) => {
    const base = partitionBase(context, node);
    return base === null ? `node ${node.id}` : `${node.parentId} ${node.nodeType} ${base}`;
  });
  return [...groups.values()].map((members) => {
    const nodes = members.toSorted((a, b) => context.ownMs(b) - context.ownMs(a) || a.id - b.id);
    const [lead] = nodes;
    if (!lead) throw new Error('an empty group');
    return groupOf(context, nodes, lead);
  });
}

/** The group of one scan alone, as a partition if it is one. */
export function groupOfOne(context: PlanContext, node: PlanNode): ScanGroup {
  return groupOf(context, [node], node);
}

function groupOf(context: PlanContext, nodes: readonly PlanNode[], lead: PlanNode): ScanGroup {
  const base = partitionBase(context, lead) ?? lonePartitionBase(lead);
  if (base === null) return { nodes, lead, isPartition: false };
  const isNamed = nodes.every((node) => isNamedAfter(node, base));
  return { nodes, lead, isPartition: true, ...(isNamed ? { parent: base } : {}) };
}

/**
 * Under an Append the members of a partitioned table have its alias and a number (since 13):
 * `Seq Scan on orders_2024 orders_1`. Members of a UNION ALL keep their own names.
 */
function partitionBase(context: PlanContext, node: PlanNode): string | null {
  const parent = context.parent(node);
  if (parent?.nodeType !== 'Append' && parent?.nodeType !== 'Merge Append') return null;
  if (node.alias === undefined || node.alias === node.relation) return null;
  return /^(.+)_\d+$/.exec(node.alias)?.[1] ?? null;
}

/** The only partition that was left after pruning has the alias of its table: `Seq Scan on orders_2024 orders`. */
function lonePartitionBase(node: PlanNode): string | null {
  return node.alias !== undefined && node.alias !== node.relation && isNamedAfter(node, node.alias) ? node.alias : null;
}

function isNamedAfter(node: PlanNode, base: string): boolean {
  return base.length > 2 && node.relation?.startsWith(`${base}_`) === true;
}
