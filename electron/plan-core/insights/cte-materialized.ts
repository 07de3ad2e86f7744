import type { PlanNode } from '#contract/plan-model.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { claimOf, formatCount, formatShare, rowsOut, severityOf, shorten, spentOf, sumOf } from './plan-context.ts';

const LEAST_ROWS = 100_000;
const LEAST_DISCARD = 0.9;
const LEAST_REMOVED = 10_000;

/** A CTE that is computed and kept as a whole, though it is used once. */
export function findCteMaterialized(context: PlanContext): Finding[] {
  const scans = Map.groupBy(context.ofType('CTE Scan'), (node) => node.cteName ?? '');
  if (scans.size === 0) return [];
  return context.nodes.flatMap((node): Finding[] => {
    if (
      node.relationship !== 'InitPlan' ||
      !node.subplanName?.startsWith('CTE ') ||
      node.nodeType === 'Recursive Union' ||
      node.nodeType === 'ModifyTable'
    )
      return [];
    const name = node.subplanName.slice(4);
    const users = scans.get(name) ?? [];
    const [scan] = users;
    if (!scan || users.length > 1) return [];
    return describe(context, node, scan, name);
  });
}

function describe(context: PlanContext, cte: PlanNode, scan: PlanNode, name: string): Finding[] {
  const removed = scan.rowsRemovedByFilter ?? 0;
  const discard = removed / Math.max(1, removed + rowsOut(scan));
  const discardsMost = removed >= LEAST_REMOVED && discard >= LEAST_DISCARD;
  if (rowsOut(cte) < LEAST_ROWS && !discardsMost) return [];
  const totalMs = context.totalMs(cte);
  const claims = new Map([
    ...(discardsMost ? claimOf(context, context.subtree(cte), discard) : []),
    [scan.id, context.ownMs(scan)] as const,
  ]);
  const savedMs = Math.min(sumOf(claims), context.executionMs);
  if (context.timed && !context.isWorth(savedMs)) return [];
  return [
    {
      rule: 'cte-materialized',
      nodeId: cte.id,
      severity: severityOf(context, savedMs),
      ...(context.timed ? { savedMs, claims } : {}),
      title: `CTE ${shorten(name)} is computed as a whole: ${formatCount(rowsOut(cte))} rows`,
      message: `The CTE was materialised, ${formatCount(rowsOut(cte))} rows${spentOf(context, totalMs)}, and scanned once${discardsMost ? `, and its filter then removed ${formatShare(discard)} of them` : ''}. A condition outside cannot reach into it, and no index serves the scan.`,
      verify: `Write “${name} AS NOT MATERIALIZED (…)” (12 and later; before, a subquery) and compare.`,
      ignoreWhen: 'It is a fence on purpose: a volatile function, or an expensive one that must run once.',
    },
  ];
}
