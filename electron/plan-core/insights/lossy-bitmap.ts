import type { PlanNode } from '#contract/plan-model.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { formatCount, formatShare, numberIn, severityOf, subjectOf, workMemFor } from './plan-context.ts';

const LEAST_SHARE = 0.1;
/** A page of a bitmap takes about this much in exact form. */
const KB_PER_PAGE = 0.064;

/** A bitmap that remembered pages instead of rows, for lack of memory. */
export function findLossyBitmap(context: PlanContext): Finding[] {
  return context.costly.flatMap((node): Finding[] => {
    const lossy = numberIn(node, 'Lossy Heap Blocks');
    // A BRIN index knows ranges of pages only: memory makes it no more exact.
    if (isPagesOnly(node)) return [];
    const pages = lossy + numberIn(node, 'Exact Heap Blocks');
    const removed = node.rowsRemovedByIndexRecheck ?? 0;
    if (lossy === 0 || lossy / pages < LEAST_SHARE || removed === 0) return [];
    const savedMs = context.ownMs(node) * (lossy / pages) * 0.5;
    const sql = workMemFor(pages * KB_PER_PAGE * 4);
    return [
      {
        rule: 'lossy-bitmap',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `The bitmap of ${subjectOf(node)} is lossy for ${formatShare(lossy / pages)} of its pages`,
        message: `For ${formatCount(lossy)} of ${formatCount(pages)} pages the bitmap remembered only the page, not the rows, because it outgrew work_mem: ${formatCount(removed)} rows were read and checked again for nothing.`,
        ...(sql === null ? {} : { sql }),
        verify: 'Run it again in the same transaction: Heap Blocks shows exact only.',
        ignoreWhen:
          'A more selective, composite index would make the bitmap small. Before version 18 a parallel plan tells the leader’s pages only.',
      },
    ];
  });
}

/** No page at all is known by its rows, as with BRIN; a bitmap that outgrew its memory keeps some pages exact. */
export function isPagesOnly(node: PlanNode): boolean {
  return numberIn(node, 'Lossy Heap Blocks') > 0 && numberIn(node, 'Exact Heap Blocks') === 0;
}
