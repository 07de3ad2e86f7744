import type { PlanInsight } from '#contract/plan-model.ts';
import type { Claims, Finding, PlanContext } from './plan-context.ts';
import { severityOf } from './plan-context.ts';

/**
 * Who is believed first where two findings want the same milliseconds: one exact fix of one node, then memory, then
 * what changes the plan or the statement as a whole, and circumstances last.
 */
const PRECEDENCE: Readonly<Record<string, number>> = {
  'seq-scan-filter': 0,
  'inefficient-index': 0,
  'order-by-limit-index': 0,
  'top-n-sort': 0,
  'join-without-index': 0,
  'index-recheck': 0,
  'heap-fetches': 0,
  'lossy-bitmap': 0,
  'cartesian-product': 0,
  'hashed-subplan-missing': 0,
  triggers: 0,
  jit: 0,
  'disk-sort': 1,
  'hash-batches': 1,
  'temp-blocks': 1,
  'memoize-thrash': 1,
  'workers-not-launched': 4,
  'worker-imbalance': 4,
  'parallel-unused': 4,
  'io-heavy': 5,
  'cold-cache': 5,
  'select-dirtied': 5,
};
/** Of which less is left, that is the same matter told twice. */
const LEAST_LEFT = 0.25;
const USUAL = 2;
const CIRCUMSTANCE = 4;

const SEVERITIES = { critical: 0, warning: 1, info: 2 } as const;

/**
 * Ranks what the rules found so that no millisecond is promised twice: what an earlier finding would save is taken off
 * the later ones, and one of which too little is left is dropped. Circumstances of a node (a cold cache, uneven
 * workers) are not told beside what is wrong with it.
 */
export function settleFindings(context: PlanContext, findings: readonly Finding[]): PlanInsight[] {
  // Nodes that nothing was claimed of yet have all of their own time left.
  const left = new Map<number, number>();
  const explained = new Set<number>();
  const settled: PlanInsight[] = [];
  let budgetMs = context.executionMs;
  const told = new Set(
    findings.filter(({ rule, claims }) => rule === 'row-misestimate' && claims).map(({ nodeId }) => nodeId),
  );
  const own = findings.filter(({ causes }) => causes?.some((id) => told.has(id)) !== true);
  for (const finding of own.toSorted(
    (a, b) => rankOf(a) - rankOf(b) || (b.savedMs ?? 0) - (a.savedMs ?? 0) || a.nodeId - b.nodeId,
  )) {
    if (isRemark(finding) && explained.has(finding.nodeId)) continue;
    const kept = settle(context, finding, left, budgetMs);
    if (!kept) continue;
    settled.push(context.isRemote(kept.nodeId) ? elsewhere(kept) : kept);
    if (kept.rule !== 'planning-time') budgetMs -= kept.savedMs ?? 0;
    if (rankOf(finding) >= CIRCUMSTANCE) explained.add(finding.nodeId);
    if (finding.claims || finding.savedMs !== undefined) for (const id of claimsOf(finding).keys()) explained.add(id);
    else if (!context.timed && rankOf(finding) <= USUAL) explained.add(finding.nodeId);
  }
  return withoutNeedlessMeasures(context, settled).toSorted(
    (a, b) =>
      (b.savedMs ?? 0) - (a.savedMs ?? 0) ||
      SEVERITIES[a.severity] - SEVERITIES[b.severity] ||
      weightOf(context, b) - weightOf(context, a) ||
      a.nodeId - b.nodeId,
  );
}

/** A part of the plan that another server made is not mended on this one. */
function elsewhere(found: PlanInsight): PlanInsight {
  const { sql: _, ...insight } = found;
  return { ...insight, message: `${insight.message} This part ran on another server: it is to be mended there.` };
}

/** What was not measured is not missed where the cause of most of the time is known. */
function withoutNeedlessMeasures(context: PlanContext, insights: readonly PlanInsight[]): readonly PlanInsight[] {
  const knownMs = insights.reduce((sum, { savedMs }) => sum + (savedMs ?? 0), 0);
  return knownMs * 2 < context.executionMs ? insights : insights.filter(({ rule }) => rule !== 'missing-measures');
}

function rankOf({ rule }: Finding): number {
  return PRECEDENCE[rule] ?? USUAL;
}

/** A circumstance, or a wrong count that nothing came of. */
function isRemark(finding: Finding): boolean {
  return (
    rankOf(finding) >= CIRCUMSTANCE ||
    (finding.rule === 'row-misestimate' && finding.severity === 'info' && !finding.claims)
  );
}

function claimsOf(finding: Finding): Claims {
  return finding.claims ?? new Map([[finding.nodeId, finding.savedMs ?? 0]]);
}

/** Takes what the finding claims off the nodes, or answers null when others have taken most of it. */
function settle(
  context: PlanContext,
  finding: Finding,
  left: Map<number, number>,
  budgetMs: number,
): PlanInsight | null {
  const { claims, causes: _, ...insight } = finding;
  if (insight.savedMs === undefined) return insight;
  // Time outside of the nodes (planning, triggers, JIT) is claimed by one rule each.
  if (!claims && OUTSIDE.has(insight.rule)) return insight;
  const wanted = claimsOf(finding);
  let savedMs = 0;
  let asked = 0;
  for (const [id, ms] of wanted) {
    asked += ms;
    savedMs += Math.min(ms, leftOf(context, left, id));
  }
  // Where processes ran side by side, or a time is rounded over many loops, nodes come to more than the statement took.
  savedMs = Math.min(savedMs, insight.savedMs, budgetMs);
  if (!context.isWorth(savedMs) || savedMs < asked * LEAST_LEFT) return null;
  const isShort = savedMs < Math.min(asked, insight.savedMs) * 0.999;
  for (const [id, ms] of wanted) left.set(id, Math.max(0, leftOf(context, left, id) - ms));
  if (!isShort) return insight;
  const severity = severityOf(context, savedMs);
  const isLess = SEVERITIES[severity] > SEVERITIES[insight.severity];
  return { ...insight, savedMs, severity: isLess ? severity : insight.severity };
}

function leftOf(context: PlanContext, left: ReadonlyMap<number, number>, id: number): number {
  const node = context.nodes[id];
  return left.get(id) ?? (node ? context.ownMs(node) : 0);
}

const OUTSIDE = new Set(['planning-time', 'triggers', 'jit', 'serialization', 'outside-nodes']);

/** Without times the blocks of a node tell what is worth more. */
function weightOf(context: PlanContext, insight: PlanInsight): number {
  const buffers = context.timed ? undefined : context.nodes[insight.nodeId]?.selfBuffers;
  return buffers ? buffers.sharedHit + buffers.sharedRead + buffers.tempRead + buffers.tempWritten : 0;
}
