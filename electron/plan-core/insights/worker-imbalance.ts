import type { PlanNode } from '#contract/plan-model.ts';
import { isJsonObject, numberOf } from '../raw-plan.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { formatCount, formatMs, formatShare, rowsOut, severityOf, titleLabel } from './plan-context.ts';

const LEAST_ROWS = 10_000;
/** One process did this share of the work of all. */
const LEAST_SHARE = 0.8;

type Imbalance = {
  readonly share: number;
  readonly processes: number;
  readonly who: string;
  readonly busiestMs: number;
};

/** One process of a parallel plan did nearly all of the work, told at the lowest node where VERBOSE shows it. */
export function findWorkerImbalance(context: PlanContext): Finding[] {
  const found = new Map<number, Imbalance>();
  for (const node of context.nodes) {
    const imbalance = imbalanceOf(node);
    if (imbalance) found.set(node.id, imbalance);
  }
  if (found.size === 0) return [];
  return context.nodes.flatMap((node): Finding[] => {
    const imbalance = found.get(node.id);
    if (!imbalance || context.inputs(node).some(({ id }) => found.has(id)) || !context.isCostly(node)) return [];
    const savedMs = Math.max(0, imbalance.busiestMs - context.totalMs(node));
    return [
      {
        rule: 'worker-imbalance',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${titleLabel(node)}: ${imbalance.who} did ${formatShare(imbalance.share)} of the work`,
        message: `${imbalance.processes} processes shared this node, and ${imbalance.who} gave ${formatShare(imbalance.share)} of its ${formatCount(rowsOut(node))} rows${imbalance.busiestMs > 0 ? `, in ${formatMs(imbalance.busiestMs)}` : ''}. The others had next to nothing to do, so the Gather above waited for one.`,
        verify: 'Run it with EXPLAIN (ANALYZE, VERBOSE): the rows of the workers should be near each other.',
        ignoreWhen:
          'The relation is small, or the rows that match lie close together in it: pages are handed out in blocks, and no setting changes that.',
      },
    ];
  });
}

/** What the workers leave of the rows and loops was the leader's. */
function imbalanceOf(node: PlanNode): Imbalance | null {
  const workers = node.properties['Workers'];
  if (!Array.isArray(workers)) return null;
  const rows = rowsOut(node);
  if (rows < LEAST_ROWS) return null;
  const parts = workers.filter(isJsonObject).flatMap((worker) => {
    const loops = numberOf(worker['Actual Loops']);
    return loops === undefined
      ? []
      : [
          {
            who: `worker ${numberOf(worker['Worker Number']) ?? 0}`,
            loops,
            rows: (numberOf(worker['Actual Rows']) ?? 0) * loops,
            ms: (numberOf(worker['Actual Total Time']) ?? 0) * loops,
          },
        ];
  });
  if (parts.length === 0) return null;
  const sum = (value: (part: (typeof parts)[number]) => number): number =>
    parts.reduce((total, part) => total + value(part), 0);
  const leaderLoops = node.loops - sum(({ loops }) => loops);
  if (leaderLoops > 0)
    parts.push({
      who: 'the leader',
      loops: leaderLoops,
      rows: rows - sum((part) => part.rows),
      ms: Math.max(0, (node.cpuMs ?? 0) - sum(({ ms }) => ms)),
    });
  if (parts.length < 2) return null;
  const [busiest] = parts.toSorted((a, b) => b.rows - a.rows);
  if (!busiest || busiest.rows < LEAST_SHARE * rows) return null;
  return { share: busiest.rows / rows, processes: parts.length, who: busiest.who, busiestMs: busiest.ms };
}
