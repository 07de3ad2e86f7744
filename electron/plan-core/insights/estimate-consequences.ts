import type { PlanNode } from '#contract/plan-model.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, labelOf, rowsOut, spentOf } from './plan-context.ts';

export type Consequences = {
  /** Empty where nothing was decided by the wrong count. */
  readonly claims: ReadonlyMap<number, number>;
  /** What it led to, in sentences. */
  readonly text: string;
};

/** An inner side that ran so often would rather have been hashed. */
const LEAST_LOOPS = 100;
/** So few rows are looked up one by one faster than a whole table is read for them. */
const FEW_ROWS = 1000;
const FAR_MORE = 100;
/** An error reaches far, but what stands beyond the second join depends on more than this count. */
const MOST_JOINS = 2;

/**
 * What the planner chose for a wrong row count and would have chosen otherwise: a nested loop for too few rows expected,
 * a whole table read, or a sort, for too many. Memory that ran out has rules of its own. Milliseconds are what these
 * choices cost at most.
 */
export function consequencesOf(context: PlanContext, origin: PlanNode): Consequences {
  const claims = new Map<number, number>();
  const told: { readonly ms: number; readonly text: string }[] = [];
  const claim = (nodes: readonly PlanNode[], share: number): number => {
    let sum = 0;
    for (const node of nodes) {
      if (claims.has(node.id)) continue;
      const ms = context.ownMs(node) * share;
      claims.set(node.id, ms);
      sum += ms;
    }
    return sum;
  };
  const tell = (ms: number, text: string): void => {
    told.push({ ms, text: `${text}${spentOf(context, ms)}.` });
  };
  const sorted = sortForTooManyGroups(context, origin);
  if (sorted)
    tell(
      claim([sorted], 0.8),
      `${labelOf(sorted)} was put before it because so many groups were expected; a few would be hashed`,
    );
  let joins = 0;
  for (
    let below = origin, node = context.parent(origin);
    node && joins < MOST_JOINS;
    below = node, node = context.parent(node)
  ) {
    if (below.relationship === 'SubPlan' || below.relationship === 'InitPlan') {
      // A CTE goes on where it is scanned.
      const scan = scanOfCte(context, below);
      if (!scan) break;
      below = scan;
      node = context.parent(scan) ?? node;
    }
    if (node.joinType !== undefined) {
      joins += 1;
      addJoin(context, { origin, below, join: node }, claim, tell);
    }
    // A count is made anew by grouping; what is above a Gather shares its fate.
    if (node.nodeType === 'Aggregate' && node.properties['Strategy'] !== 'Sorted') break;
  }
  const dearestFirst = told.toSorted((a, b) => b.ms - a.ms);
  const worth = dearestFirst.filter(({ ms }, place) => place === 0 || !context.timed || context.isWorth(ms));
  return { claims, text: worth.map(({ text }) => text).join(' ') };
}

/** Grouping sorts where a hash table of the groups expected would be too large. */
function sortForTooManyGroups(context: PlanContext, origin: PlanNode): PlanNode | undefined {
  if (origin.nodeType !== 'Aggregate' || origin.estimateDirection !== 'over') return undefined;
  return context.inputs(origin).find(({ nodeType }) => nodeType === 'Sort');
}

type Place = { readonly origin: PlanNode; readonly below: PlanNode; readonly join: PlanNode };
type Claim = (nodes: readonly PlanNode[], share: number) => number;
type Tell = (ms: number, text: string) => void;

function addJoin(context: PlanContext, { origin, below, join }: Place, claim: Claim, tell: Tell): void {
  const [outer, inner] = context.inputs(join);
  if (!outer || !inner) return;
  const isUnder = origin.estimateDirection === 'under';
  if (join.nodeType === 'Nested Loop') {
    if (isUnder && below === outer && inner.loops >= LEAST_LOOPS && isUnderEstimated(outer))
      tell(
        claim([join, ...context.subtree(inner)], 1),
        `A nested loop was chosen for a few outer rows, and ${labelOf(inner)} ran ${formatCount(inner.loops)} times`,
      );
    return;
  }
  if (isUnder) return;
  const other = below === outer ? inner : outer;
  const source = scanBelow(context, other);
  // Only a table that was read as a whole could have been asked row by row.
  if (!source || rowsOut(below) > FEW_ROWS || rowsOut(source) < FAR_MORE * Math.max(1, rowsOut(below))) return;
  tell(
    claim([join, ...context.subtree(other)], 0.9),
    `For the many rows expected ${labelOf(source)} was read as a whole, ${formatCount(rowsOut(source))} rows; an index would have been asked for ${formatCount(rowsOut(below))}`,
  );
}

function isUnderEstimated(node: PlanNode): boolean {
  return (node.actualRows ?? 0) >= 10 * Math.max(1, node.planRows ?? 1);
}

function scanOfCte(context: PlanContext, node: PlanNode): PlanNode | undefined {
  const name = node.subplanName?.startsWith('CTE ') ? node.subplanName.slice(4) : undefined;
  return name === undefined
    ? undefined
    : context.nodes.find(({ nodeType, cteName }) => nodeType === 'CTE Scan' && cteName === name);
}

function scanBelow(context: PlanContext, node: PlanNode): PlanNode | null {
  const passing = new Set(['Hash', 'Sort', 'Materialize', 'Gather', 'Gather Merge']);
  let below: PlanNode | undefined = node;
  while (below && passing.has(below.nodeType)) below = context.inputs(below)[0];
  return below?.nodeType === 'Seq Scan' ? below : null;
}
