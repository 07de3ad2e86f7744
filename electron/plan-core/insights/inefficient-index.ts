import type { PlanNode } from '#contract/plan-model.ts';
import { adviseIndex } from './index-advice/index-statement.ts';
import type { ScanGroup } from './index-advice/partitions.ts';
import { groupScans } from './index-advice/partitions.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import {
  claimOf,
  formatCount,
  formatShare,
  quoteCondition,
  rowsOut,
  severityOf,
  shorten,
  spentOf,
  subjectOf,
  sumOf,
} from './plan-context.ts';

/** As for a sequential scan. */
const LEAST_DISCARD = 0.9;
const LEAST_REMOVED = 10_000;
/** One row found and thrown away is what a lookup by key does: then too many lookups are the matter, not the index. */
const LEAST_REMOVED_PER_LOOP = 10;
const INDEX_SCANS = new Set(['Index Scan', 'Index Only Scan', 'Bitmap Heap Scan']);

/** Is it an index scan whose filter throws rows away? */
export function hasRemovals(node: PlanNode): boolean {
  const removed = node.rowsRemovedByFilter ?? 0;
  return removed > 0 && removed / node.loops >= LEAST_REMOVED_PER_LOOP && INDEX_SCANS.has(node.nodeType);
}

/** Rows that the filters of a group removed and kept, where they removed nearly all and it costs time; else null. */
export function discardsMost(context: PlanContext, { nodes }: ScanGroup): { removed: number; kept: number } | null {
  const removed = nodes.reduce((sum, node) => sum + (node.rowsRemovedByFilter ?? 0), 0);
  const kept = nodes.reduce((sum, node) => sum + rowsOut(node), 0);
  if (removed < LEAST_REMOVED || removed / (removed + kept) < LEAST_DISCARD) return null;
  return context.isCostly(...nodes, ...nodes.flatMap(context.inputs)) ? { removed, kept } : null;
}

/** Is it read in the order of its index until a LIMIT is content, with no condition on the index? */
export function isOrderedWalk(context: PlanContext, node: PlanNode): boolean {
  if (node.nodeType === 'Bitmap Heap Scan' || node.properties['Index Cond'] !== undefined) return false;
  for (let above = context.parent(node); above; above = context.parent(above)) {
    if (above.nodeType === 'Limit') return true;
    if (above.nodeType === 'Sort' || above.nodeType === 'Hash' || above.nodeType === 'Aggregate') return false;
  }
  return false;
}

/** An index that finds far more rows than the query wants. */
export function findInefficientIndex(context: PlanContext): Finding[] {
  const scans = context.nodes.filter((node) => hasRemovals(node) && !isOrderedWalk(context, node));
  return groupScans(context, scans).flatMap((group): Finding[] => {
    const rows = discardsMost(context, group);
    return rows ? [describe(context, group, rows)] : [];
  });
}

function describe(context: PlanContext, group: ScanGroup, rows: { removed: number; kept: number }): Finding {
  const { lead, nodes } = group;
  const { removed, kept } = rows;
  const discard = removed / (removed + kept);
  const touched = [...nodes, ...nodes.flatMap(context.inputs)];
  const claims = claimOf(context, touched, discard);
  const savedMs = Math.min(sumOf(claims), context.executionMs);
  const advice = adviseIndex(context, group, ['Index Cond', 'Recheck Cond', 'Filter']);
  const index = lead.index ?? context.inputs(lead)[0]?.index;
  const isOnlyIndex = lead.nodeType === 'Index Only Scan';
  return {
    rule: 'inefficient-index',
    nodeId: lead.id,
    severity: severityOf(context, savedMs),
    ...(context.timed ? { savedMs, claims } : {}),
    title: `${formatShare(discard)} of what ${index === undefined ? `the index of ${subjectOf(lead)}` : `index ${shorten(index)}`} finds is thrown away`,
    message:
      `${index === undefined ? 'The index' : `Index ${index}`} found ${formatCount(removed + kept)} rows, and the filter ${quoteCondition(lead.properties['Filter'])} removed ${formatCount(removed)} of them` +
      `${isOnlyIndex ? ', for its columns are in the index but not where they could narrow the search' : ' after each had been read from the table'}` +
      `${spentOf(
        context,
        touched.reduce((sum, node) => sum + context.ownMs(node), 0),
      )}.` +
      `${(advice?.notes ?? []).map((note) => ` ${note}`).join('')}`,
    ...(advice === undefined ? {} : { sql: advice.sql }),
    verify:
      'Run EXPLAIN (ANALYZE, BUFFERS) again: the filter’s columns appear in Index Cond, and Rows Removed by Filter is small.',
    ignoreWhen: 'The filter is on something no index can hold, or another index already covers these columns.',
  };
}
