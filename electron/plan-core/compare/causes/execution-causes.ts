import type { PlanCause } from '#contract/plan-comparison.ts';
import type { PlanNode } from '#contract/plan-model.ts';
import { formatCount, formatKilobytes, formatMs, formatShare } from '../../insights/plan-context.ts';
import { nodeLabel } from '../../print/node-label.ts';
import { numberOf } from '../../raw-plan.ts';
import { executionOf, spillOf } from '../node-changes.ts';
import type { PlanView } from '../plan-view.ts';
import { jitMs } from '../totals.ts';
import type { CauseContext } from './cause-context.ts';
import { ofStatement } from './cause-context.ts';

const LEAST_BLOCKS = 100;
/** Blocks in all within this share are the same. */
const SAME_BLOCKS = 0.1;
/** So many more of the blocks were read from outside the cache. */
const COLDER = 0.2;
const LEAST_JIT_SHARE = 0.05;
const MOST_REPORTED = 3;

/** An index that is used in one plan and not in the other. */
export function findIndexes({ comparison: { before, after } }: CauseContext): PlanCause[] {
  const [one, other] = [indexesOf(before), indexesOf(after)];
  const of = (
    rule: 'index-appeared' | 'index-disappeared',
    indexes: ReadonlyMap<string, PlanNode>,
    missingIn: ReadonlyMap<string, PlanNode>,
    place: (node: PlanNode) => Pick<PlanCause, 'beforeId' | 'afterId'>,
    words: (name: string) => string,
  ): PlanCause[] =>
    [...indexes]
      .filter(([name]) => !missingIn.has(name))
      .slice(0, MOST_REPORTED)
      .map(([name, node]) => ({
        rule,
        ...place(node),
        title: words(name),
        message: `${nodeLabel(node.properties)} has no counterpart with this index. Whether the index existed for the other plan, or was not chosen, the plans do not tell.`,
      }));
  return [
    ...of(
      'index-appeared',
      other,
      one,
      ({ id }) => ({ beforeId: null, afterId: id }),
      (name) => `Only the plan after uses the index ${name}`,
    ),
    ...of(
      'index-disappeared',
      one,
      other,
      ({ id }) => ({ beforeId: id, afterId: null }),
      (name) => `Only the plan before uses the index ${name}`,
    ),
  ];
}

/** Indexes by name, without those of partitions: they come and go with their partitions. */
function indexesOf(view: PlanView): Map<string, PlanNode> {
  const found = new Map<string, PlanNode>();
  for (const node of view.nodes) {
    const isMember = node.parentId !== null && view.families[node.parentId] === 'append';
    if (node.index !== undefined && !isMember && !found.has(node.index)) found.set(node.index, node);
  }
  return found;
}

/** Workers that were planned and did not come, in one of the plans; or planned in one only. */
export function findWorkers({ comparison: { before, after } }: CauseContext): PlanCause[] {
  const [one, other] = [workersOf(before), workersOf(after)];
  if (one === null && other === null) return [];
  if (one?.planned === other?.planned && one?.launched === other?.launched) return [];
  const short = [one, other].some(
    (workers) => workers !== null && workers.launched !== null && workers.launched < workers.planned,
  );
  return [
    ofStatement(
      'workers',
      'Other numbers of parallel workers',
      `Before: ${inWords(one)}; after: ${inWords(other)}.${short ? ' Workers that were planned and not launched were busy elsewhere, or the statement was sent so that it cannot run in parallel: that passes, or not, with the load.' : ''}`,
    ),
  ];
}

type Workers = { readonly planned: number; readonly launched: number | null };

/** Summed over the Gathers that were executed. */
function workersOf({ nodes }: PlanView): Workers | null {
  const gathers = nodes.filter((node) => node.properties['Workers Planned'] !== undefined && !node.neverExecuted);
  if (gathers.length === 0) return null;
  const sum = (key: string): number =>
    gathers.reduce((total, node) => total + (numberOf(node.properties[key]) ?? 0), 0);
  const isLaunched = gathers.some((node) => node.properties['Workers Launched'] !== undefined);
  return { planned: sum('Workers Planned'), launched: isLaunched ? sum('Workers Launched') : null };
}

function inWords(workers: Workers | null): string {
  if (workers === null) return 'no parallel plan';
  return workers.launched === null
    ? `${workers.planned} planned`
    : `${workers.launched} of ${workers.planned} planned workers launched`;
}

/** The same blocks, found in the cache by one execution and not by the other. */
export function findCache({ comparison: { before, after } }: CauseContext): PlanCause[] {
  const [one, other] = [blocksOf(before), blocksOf(after)];
  if (one === null || other === null) return [];
  const most = Math.max(one.all, other.all);
  if (most < LEAST_BLOCKS || Math.abs(one.all - other.all) > SAME_BLOCKS * most) return [];
  const [share, shareNow] = [one.read / Math.max(1, one.all), other.read / Math.max(1, other.all)];
  if (Math.abs(share - shareNow) < COLDER) return [];
  return [
    ofStatement(
      'cache',
      share > shareNow ? 'The cache was cold before and warm after' : 'The cache was warm before and cold after',
      `Both asked for about the same blocks (${formatCount(one.all)} and ${formatCount(other.all)}), of which ${formatCount(one.read)} (${formatShare(share)}) were read from outside shared buffers before and ${formatCount(other.read)} (${formatShare(shareNow)}) after. Run both twice to compare them warm.`,
    ),
  ];
}

function blocksOf({ plan, nodes }: PlanView): { all: number; read: number } | null {
  const root = plan.analyzed ? nodes[0]?.totalBuffers : undefined;
  return root ? { all: root.sharedHit + root.sharedRead, read: root.sharedRead } : null;
}

/** JIT in one only, or of another weight. */
export function findJitDifference({ comparison: { before, after } }: CauseContext): PlanCause[] {
  const [one, other] = [jitMs(before.plan), jitMs(after.plan)];
  if (one === undefined || other === undefined) return [];
  const longest = Math.max(executionOf(before), executionOf(after));
  if (Math.abs(one - other) < Math.max(1, LEAST_JIT_SHARE * longest)) return [];
  return [
    ofStatement(
      'jit',
      other > one ? 'JIT costs more than before' : 'JIT costs less than before',
      `JIT took ${formatMs(one)} before and ${formatMs(other)} after. It starts above jit_above_cost, so an estimate that crosses it turns JIT on or off.`,
    ),
  ];
}

/** Memory was enough in one and not in the other. */
export function findSpill({ matched, bothAnalyzed }: CauseContext): PlanCause[] {
  if (!bothAnalyzed) return [];
  return matched
    .map(({ before, after }) => ({ before, after, one: spillOf(before), other: spillOf(after) }))
    .filter(({ one, other }) => (one === 0) !== (other === 0))
    .toSorted((a, b) => Math.max(b.one, b.other) - Math.max(a.one, a.other) || a.after.id - b.after.id)
    .slice(0, MOST_REPORTED)
    .map(({ before, after, one, other }) => ({
      rule: 'spill' as const,
      beforeId: before.id,
      afterId: after.id,
      title:
        other > 0
          ? `${nodeLabel(after.properties)} spills to disk now`
          : `${nodeLabel(after.properties)} fits in memory now`,
      message: `${formatKilobytes(one)} → ${formatKilobytes(other)} on disk. work_mem, or the rows that came, decide it.`,
    }));
}

/** A branch that only one execution entered. Its nodes below are not told again. */
export function findBranches({ matched, bothAnalyzed, comparison }: CauseContext): PlanCause[] {
  if (!bothAnalyzed) return [];
  return matched
    .filter(
      ({ before, after }) =>
        before.neverExecuted !== after.neverExecuted &&
        !isNever(comparison.before, before.parentId) &&
        !isNever(comparison.after, after.parentId),
    )
    .slice(0, MOST_REPORTED)
    .map(({ before, after }) => ({
      rule: 'branch-executed' as const,
      beforeId: before.id,
      afterId: after.id,
      title: `${nodeLabel(after.properties)} was ${after.neverExecuted ? 'not executed this time' : 'executed this time'}`,
      message: after.neverExecuted
        ? 'It was executed before and not after: what comes before it gave it no row to work on, or it was pruned.'
        : 'It was executed after and not before: before, it was given no row to work on, or was pruned.',
    }));
}

function isNever(view: PlanView, id: number | null): boolean {
  return id !== null && view.nodes[id]?.neverExecuted === true;
}
