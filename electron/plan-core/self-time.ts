import { numberOf } from './raw-plan.ts';
import type { Counters } from './numbers/buffers.ts';
import { countersOf } from './numbers/buffers.ts';
import type { Charge } from './numbers/charges.ts';
import { chargeInitPlans } from './numbers/charges.ts';
import type { PlanTree } from './numbers/plan-tree.ts';
import { countProcesses } from './numbers/processes.ts';

/** Times in ms, by node id. Undefined without ANALYZE, and times with TIMING OFF. */
export type NodeNumbers = {
  readonly processes: readonly number[];
  readonly totalMs: readonly (number | undefined)[];
  /** Adds up to the root's total. */
  readonly selfMs: readonly (number | undefined)[];
  /** What the node alone took by its own clock: more than selfMs where processes ran side by side, or after the root. */
  readonly ownMs: readonly number[];
  readonly roundingMs: readonly (number | undefined)[];
  readonly totalBuffers: readonly (Counters | null)[];
  readonly selfBuffers: readonly (Counters | null)[];
  readonly residualMs: number | undefined;
};

/** PostgreSQL prints three decimals of a time that it divided by the loops. */
const HALF_A_DIGIT_MS = 0.0005;
const NO_CHARGES: readonly Charge[] = [];

/**
 * Self times and self buffers of every node.
 *
 * Wall time of a node is time per loop × loops ÷ processes. Its self time is that minus its inputs, its SubPlans, and
 * the InitPlans and CTEs that were evaluated while it ran. Where its inputs took longer than the node itself, having run
 * side by side in several processes, their time is scaled into the node's. So no self time is negative and all of them
 * add up to the root's total.
 */
export function computeNumbers(tree: PlanTree): NodeNumbers {
  const processes = countProcesses(tree);
  const timed = numberOf(tree.nodes[0]?.properties['Actual Total Time']) !== undefined;
  const roundingMs = tree.nodes.map((_, id) => (HALF_A_DIGIT_MS * (tree.loops[id] ?? 0)) / (processes[id] ?? 1));
  const totalMs = tree.nodes.map(({ properties }, id) => {
    const perLoop = numberOf(properties['Actual Total Time']);
    return perLoop === undefined ? undefined : Math.max(0, (perLoop * (tree.loops[id] ?? 0)) / (processes[id] ?? 1));
  });
  if (timed) fillHolders(tree, totalMs);
  const wallMs = liftToInputs(tree, totalMs, roundingMs);
  const totalBuffers = tree.nodes.map(({ properties }) => countersOf(properties));
  const ownMs = wallMs.map((wall, id) => Math.max(0, wall - sumOfInputs(tree, id, wallMs)));
  const isShared = !tree.roles.includes('init');
  const ownBuffers = totalBuffers.map(
    (counters, id) => counters && takeOutInputs(tree, id, counters, totalBuffers, isShared),
  );
  const charges = chargeInitPlans(tree, { wallMs, roundingMs, buffers: totalBuffers, ownMs, ownBuffers });
  const selfMs = timed ? shareOut(tree, wallMs, charges) : [];
  const rootMs = totalMs[0];
  return {
    processes,
    totalMs,
    selfMs: tree.nodes.map((_, id) => (totalMs[id] === undefined ? undefined : (selfMs[id] ?? 0))),
    ownMs,
    roundingMs: tree.nodes.map((_, id) => (totalMs[id] === undefined ? undefined : roundingMs[id])),
    totalBuffers,
    selfBuffers: ownBuffers,
    residualMs: rootMs === undefined || !timed ? undefined : rootMs - selfMs.reduce((sum, self) => sum + self, 0),
  };
}

function sumOfInputs(tree: PlanTree, id: number, values: readonly number[]): number {
  let sum = 0;
  for (let child = tree.firstChild[id] ?? -1; child !== -1; child = tree.nextSibling[child] ?? -1)
    if (tree.roles[child] !== 'init') sum += values[child] ?? 0;
  return sum;
}

/** What holds the plan of another server took what that plan took. */
function fillHolders(tree: PlanTree, totalMs: (number | undefined)[]): void {
  if (!tree.isHolder.includes(true)) return;
  for (let id = totalMs.length - 1; id > 0; id -= 1) {
    if (tree.isHolder[id] !== true) continue;
    let sum = 0;
    for (let child = tree.firstChild[id] ?? -1; child !== -1; child = tree.nextSibling[child] ?? -1)
      sum += totalMs[child] ?? 0;
    totalMs[id] = sum;
  }
}

/** A time of 0.000 ms over a million loops may be anything below 500 ms: it is at least what its inputs took. */
function liftToInputs(
  tree: PlanTree,
  totalMs: readonly (number | undefined)[],
  roundingMs: readonly number[],
): number[] {
  const wallMs = totalMs.map((total) => total ?? 0);
  for (let id = wallMs.length - 1; id > 0; id -= 1) {
    const wall = wallMs[id] ?? 0;
    const inputs = sumOfInputs(tree, id, wallMs);
    // One loop a process is printed as it was measured: inputs that exceed it ran side by side.
    if (inputs > wall && (roundingMs[id] ?? 0) > HALF_A_DIGIT_MS)
      wallMs[id] = Math.min(inputs, wall + (roundingMs[id] ?? 0));
  }
  return wallMs;
}

function takeOutInputs(
  tree: PlanTree,
  id: number,
  counters: Counters,
  all: readonly (Counters | null)[],
  isShared: boolean,
): Counters {
  // Charges are taken out of what is its own: only where there are none may a leaf have both in one.
  if (tree.firstChild[id] === -1 && isShared) return counters;
  const own = counters.slice();
  for (let child = tree.firstChild[id] ?? -1; child !== -1; child = tree.nextSibling[child] ?? -1) {
    const inner = tree.roles[child] === 'init' ? null : all[child];
    if (inner)
      for (let kind = 0; kind < own.length; kind += 1) own[kind] = Math.max(0, (own[kind] ?? 0) - (inner[kind] ?? 0));
  }
  return own;
}

/**
 * Shares the root's time out from the top down. Every node gets a factor, how much of its wall time fits into the
 * node that contains it; an InitPlan gets one from every node that it was charged to.
 */
function shareOut(tree: PlanTree, wallMs: readonly number[], charges: readonly Charge[]): number[] {
  const chargesAt = new Map<number, Charge[]>();
  const awaited = new Map<number, number>();
  for (const charge of charges) {
    const list = chargesAt.get(charge.node);
    if (list) list.push(charge);
    else chargesAt.set(charge.node, [charge]);
    awaited.set(charge.initPlan, (awaited.get(charge.initPlan) ?? 0) + 1);
  }
  const factors: number[] = wallMs.map(() => 0);
  const selfMs: number[] = wallMs.map(() => 0);
  factors[0] = 1;
  const ready = [0];
  // Payers that themselves hang on nothing never come: who waits for one of them goes without it.
  const nextWaiting = (): number | undefined => {
    for (const initPlan of awaited.keys()) {
      if ((factors[initPlan] ?? 0) === 0) continue;
      awaited.delete(initPlan);
      return initPlan;
    }
    return undefined;
  };
  for (let id = ready.pop() ?? nextWaiting(); id !== undefined; id = ready.pop() ?? nextWaiting()) {
    const factor = factors[id] ?? 0;
    const wall = wallMs[id] ?? 0;
    const charged = chargesAt.get(id)?.filter(({ initPlan }) => awaited.has(initPlan)) ?? NO_CHARGES;
    const contained = sumOfInputs(tree, id, wallMs) + charged.reduce((sum, { timeMs }) => sum + timeMs, 0);
    const inner = contained > wall && contained > 0 ? (factor * wall) / contained : factor;
    selfMs[id] = Math.max(0, factor * wall - inner * contained);
    for (let child = tree.firstChild[id] ?? -1; child !== -1; child = tree.nextSibling[child] ?? -1) {
      if (tree.roles[child] === 'init') continue;
      factors[child] = inner;
      ready.push(child);
    }
    for (const { initPlan, timeMs } of charged) {
      const whole = wallMs[initPlan] ?? 0;
      factors[initPlan] = (factors[initPlan] ?? 0) + (whole > 0 ? (inner * timeMs) / whole : 0);
      const left = (awaited.get(initPlan) ?? 1) - 1;
      if (left > 0) awaited.set(initPlan, left);
      else {
        awaited.delete(initPlan);
        ready.push(initPlan);
      }
    }
  }
  return selfMs;
}
