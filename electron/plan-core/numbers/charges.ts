import type { Counters } from './buffers.ts';
import { cteNameOf, findConsumers } from './consumers.ts';
import type { PlanTree } from './plan-tree.ts';
import { isWithin } from './plan-tree.ts';

/** By node id: what it took with its inputs, and what of it is not yet explained by its inputs. */
export type Measures = {
  readonly wallMs: readonly number[];
  readonly roundingMs: readonly number[];
  readonly buffers: readonly (Counters | null)[];
  /** Shrinks while charges are found. */
  readonly ownMs: number[];
  /** Shrinks while charges are found. */
  readonly ownBuffers: readonly (Counters | null)[];
};

/** A part of the time of an InitPlan or CTE, contained in the node that was running when it was evaluated. */
export type Charge = { readonly initPlan: number; readonly node: number; readonly timeMs: number };

/**
 * Finds which node's time contains that of every InitPlan and CTE.
 *
 * It is the node that happened to be running when the result was first asked for, and all above it up to the owner.
 * The consumer's expression tells where to look. Blocks are exact, so a node can only have paid when it has as many
 * of every kind; then time is asked. Evaluated in a rescan, which is not measured, the charge is on a node above the
 * consumer: so the search climbs, up to the owner. What nobody can have paid ran after the root had ended
 * (a data-modifying CTE that is not read to its end) and is charged to nobody.
 */
export function chargeInitPlans(tree: PlanTree, measures: Measures): Charge[] {
  if (!tree.roles.includes('init')) return [];
  const consumers = findConsumers(tree);
  const charges: Charge[] = [];
  const executed = tree.nodes.keys().filter((id) => tree.roles[id] === 'init' && (tree.loops[id] ?? 0) > 0);
  const [ctes, initPlans] = partition([...executed], (id) => cteNameOf(tree, id) !== null);
  const inside = (id: number, found: readonly number[]): number[] => {
    const owner = tree.nodes[id]?.parent ?? 0;
    return found.filter(
      (candidate) =>
        isWithin(tree, candidate, owner) && !isWithin(tree, candidate, id) && (tree.loops[candidate] ?? 0) > 0,
    );
  };
  // An InitPlan is evaluated at once, in one place; a CTE bit by bit, so it can make do with what is left.
  for (const id of initPlans) charges.push(chargeInitPlan(tree, id, inside(id, consumers.ofInitPlan(id)), measures));
  for (const id of ctes) charges.push(...chargeScans(id, inside(id, consumers.ofCte(id)), measures));
  return charges;
}

function partition(ids: readonly number[], isFirst: (id: number) => boolean): [number[], number[]] {
  return [ids.filter(isFirst), ids.filter((id) => !isFirst(id))];
}

function chargeInitPlan(tree: PlanTree, id: number, consumers: readonly number[], measures: Measures): Charge {
  const timeMs = measures.wallMs[id] ?? 0;
  const owner = tree.nodes[id]?.parent ?? 0;
  let richest = owner;
  for (const candidate of searchOrder(tree, owner, consumers)) {
    if (!hasBlocksFor(candidate, id, measures)) continue;
    if (hasTimeFor(candidate, id, timeMs, measures)) return pay(id, candidate, timeMs, measures);
    if ((measures.ownMs[candidate] ?? 0) > (measures.ownMs[richest] ?? 0)) richest = candidate;
  }
  return pay(id, richest, timeMs, measures);
}

/** The Gather that hands the result to its workers, the consumers, then what is above them up to the owner. */
function searchOrder(tree: PlanTree, owner: number, consumers: readonly number[]): Iterable<number> {
  const order = new Set<number>();
  const above: number[] = [];
  for (const consumer of consumers) {
    let gather: number | null = null;
    for (let id = consumer; id !== -1; id = tree.nodes[id]?.parent ?? -1) {
      if (tree.types[id] === 'Gather' || tree.types[id] === 'Gather Merge') gather = id;
      if (id !== consumer) above.push(id);
      if (id === owner) break;
    }
    if (gather !== null) order.add(gather);
  }
  for (const id of [...consumers, ...above, owner]) order.add(id);
  return order;
}

function hasTimeFor(payer: number, id: number, timeMs: number, measures: Measures): boolean {
  const slack = (measures.roundingMs[payer] ?? 0) + (measures.roundingMs[id] ?? 0) + 0.001;
  return (measures.ownMs[payer] ?? 0) + slack >= timeMs;
}

function hasBlocksFor(payer: number, id: number, measures: Measures): boolean {
  const own = measures.ownBuffers[payer];
  const bill = measures.buffers[id];
  return !own || !bill || bill.every((count, kind) => (own[kind] ?? 0) >= count);
}

function pay(id: number, payer: number, wantedMs: number, measures: Measures): Charge {
  const ownMs = measures.ownMs[payer] ?? 0;
  const timeMs = Math.min(wantedMs, ownMs);
  measures.ownMs[payer] = ownMs - timeMs;
  takeBlocks(payer, [...(measures.buffers[id] ?? [])], measures);
  return { initPlan: id, node: payer, timeMs };
}

/** Takes from the payer what it has of a bill, and off the bill what was taken. Returns the number of blocks. */
function takeBlocks(payer: number, bill: Counters, measures: Measures): number {
  const own = measures.ownBuffers[payer];
  if (!own) return 0;
  let blocks = 0;
  bill.forEach((count, kind) => {
    const taken = Math.min(count, own[kind] ?? 0);
    own[kind] = (own[kind] ?? 0) - taken;
    bill[kind] = count - taken;
    blocks += taken;
  });
  return blocks;
}

/**
 * A CTE is computed as far as its scans ask: each pays for what it was first to read.
 * The blocks in each scan tell the shares, for a scan of a CTE reads no table itself; without blocks, the scans' times do.
 */
function chargeScans(id: number, scans: readonly number[], measures: Measures): Charge[] {
  const bill = [...(measures.buffers[id] ?? [])];
  const blocks = scans.map((scan) => takeBlocks(scan, bill, measures));
  const weights = blocks.some((count) => count > 0) ? blocks : scans.map((scan) => measures.wallMs[scan] ?? 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = measures.wallMs[id] ?? 0;
  const wanted = left;
  const paid = scans.map((scan, index) => {
    const share = total === 0 ? 0 : (wanted * (weights[index] ?? 0)) / total;
    const timeMs = Math.min(share, left, measures.ownMs[scan] ?? 0);
    measures.ownMs[scan] = (measures.ownMs[scan] ?? 0) - timeMs;
    left -= timeMs;
    return timeMs;
  });
  return scans.map((scan, index) => {
    const more = Math.min(left, measures.ownMs[scan] ?? 0);
    measures.ownMs[scan] = (measures.ownMs[scan] ?? 0) - more;
    left -= more;
    return { initPlan: id, node: scan, timeMs: (paid[index] ?? 0) + more };
  });
}
