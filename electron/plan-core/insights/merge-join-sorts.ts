import type { Finding, PlanContext } from './plan-context.ts';
import { claimOf, formatCount, quoteCondition, rowsOut, severityOf, spentOf, sumOf } from './plan-context.ts';

const LEAST_ROWS = 10_000;

/** A merge join that had to sort both sides. */
export function findMergeJoinSorts(context: PlanContext): Finding[] {
  return context.ofType('Merge Join').flatMap((node): Finding[] => {
    const sorts = context
      .inputs(node)
      .map((input) => (input.nodeType === 'Materialize' ? (context.inputs(input)[0] ?? input) : input));
    if (
      sorts.length < 2 ||
      !sorts.every(
        (sort) =>
          sort.nodeType === 'Sort' &&
          (context.inputs(sort)[0] ? rowsOut(context.inputs(sort)[0] ?? sort) : 0) >= LEAST_ROWS,
      )
    )
      return [];
    if (!context.isCostly(...sorts)) return [];
    // A hash join instead is not free either.
    const claims = claimOf(context, sorts, 0.5);
    const savedMs = sumOf(claims);
    return [
      {
        rule: 'merge-join-sorts',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs, claims } : {}),
        title: `Both sides of a merge join are sorted: ${sorts.map((sort) => formatCount(rowsOut(sort))).join(' and ')} rows`,
        message: `The join sorted ${sorts.map((sort) => formatCount(rowsOut(sort))).join(' and ')} rows on ${quoteCondition(node.properties['Merge Cond'])} first${spentOf(context, savedMs * 2)}. An index on the join columns gives the order for nothing; a hash join needs none.`,
        verify: 'Compare with: begin; set local enable_mergejoin = off; explain (analyze, buffers) …; rollback.',
        ignoreWhen: 'The order is needed above the join anyway.',
      },
    ];
  });
}
