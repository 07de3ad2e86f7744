import type { PlanNode } from '#contract/plan-model.ts';
import { readSortKey } from './index-advice/condition-parts.ts';
import type { PlanContext } from './plan-context.ts';

const PASSED = new Set(['Gather Merge', 'Gather', 'Append']);

/**
 * The order in which a LIMIT wants the rows of a scan, where a sort right above it gives them so: an index with the
 * equality columns first and these after them reads no more rows than are returned.
 * @returns keys as CREATE INDEX takes them; none where they are not columns of this relation
 */
export function orderWanted(context: PlanContext, scan: PlanNode): readonly string[] {
  let above = context.parent(scan);
  while (above && PASSED.has(above.nodeType)) above = context.parent(above);
  return above && isTopN(context, above) ? sortKeysOf(above, scan) : [];
}

/** Is it a sort of which only the first rows are wanted? In a parallel plan each worker keeps its own first rows. */
export function isTopN(context: PlanContext, sort: PlanNode): boolean {
  if (sort.nodeType !== 'Sort') return false;
  if (sort.properties['Sort Method'] === 'top-N heapsort') return true;
  let above = context.parent(sort);
  while (above?.nodeType === 'Gather Merge') above = context.parent(above);
  return above?.nodeType === 'Limit';
}

/** The sort keys as CREATE INDEX takes them; none where one of them is no column of the relation, or they are many. */
export function sortKeysOf(sort: PlanNode, scan: PlanNode): readonly string[] {
  const keys = sort.properties['Sort Key'];
  if (!Array.isArray(keys) || keys.length > 4) return [];
  const columns = keys.map((key) => (typeof key === 'string' ? readSortKey(key, scan.alias ?? scan.relation) : null));
  return columns.every((column) => column !== null) ? columns : [];
}
