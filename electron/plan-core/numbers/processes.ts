import type { JsonValue } from '../raw-plan.ts';
import { isJsonObject, numberOf } from '../raw-plan.ts';
import type { PlanTree } from './plan-tree.ts';

/**
 * How many processes ran each node.
 * Below a Gather the loops of a node are summed over the leader and the workers, so its wall time is
 * time × loops ÷ processes. A node that only one process ran (the bitmap of a parallel scan, a child of a
 * Parallel Append) is not divided.
 */
export function countProcesses(tree: PlanTree): number[] {
  const processes: number[] = [];
  const gathers: number[] = [];
  tree.nodes.forEach((node, id) => {
    const { parent } = node;
    const parentType = tree.types[parent] ?? '';
    // An InitPlan of a Gather is run by the leader before there are workers.
    const underGather = (parentType === 'Gather' || parentType === 'Gather Merge') && tree.roles[id] === 'plain';
    const gather = parent === -1 ? -1 : underGather ? parent : (gathers[parent] ?? -1);
    gathers[id] = gather;
    // What one process ran, it ran with everything below: a child of a Parallel Append that is not parallel itself.
    const most = parent === gather ? Number.POSITIVE_INFINITY : (processes[parent] ?? 1);
    processes[id] = gather === -1 ? 1 : Math.min(most, processesUnder(tree, id, gather));
  });
  return processes;
}

function processesUnder(tree: PlanTree, id: number, gather: number): number {
  const loops = tree.loops[id] ?? 1;
  if (loops <= 1) return 1;
  const reported = fromWorkers(tree.nodes[id]?.properties['Workers'], loops);
  if (reported !== null) return reported;
  const properties = tree.nodes[gather]?.properties ?? {};
  const launched = numberOf(properties['Workers Launched']) ?? numberOf(properties['Workers Planned']);
  const perGather = loops / Math.max(1, tree.loops[gather] ?? 1);
  const most = launched === undefined ? perGather : launched + 1;
  return Math.max(1, Math.min(perGather, most));
}

/** VERBOSE tells what each worker did; what they leave of the loops was the leader's. */
function fromWorkers(workers: JsonValue | undefined, loops: number): number | null {
  if (!Array.isArray(workers)) return null;
  let active = 0;
  let theirs = 0;
  for (const worker of workers) {
    const own = isJsonObject(worker) ? numberOf(worker['Actual Loops']) : undefined;
    if (own === undefined || own <= 0) continue;
    active += 1;
    theirs += own;
  }
  if (active === 0) return null;
  return Math.max(1, active + (loops > theirs ? 1 : 0));
}
