import type { PlanTotal } from '#contract/plan-comparison.ts';
import type { Plan } from '#contract/plan-model.ts';
import { isJsonObject, numberOf } from '../raw-plan.ts';

type Measure = {
  readonly name: PlanTotal['name'];
  readonly unit: PlanTotal['unit'];
  readonly of: (plan: Plan) => number | undefined;
};

const MEASURES: readonly Measure[] = [
  { name: 'execution-time', unit: 'ms', of: executionMs },
  { name: 'planning-time', unit: 'ms', of: ({ planningMs }) => planningMs },
  { name: 'jit-time', unit: 'ms', of: jitMs },
  { name: 'trigger-time', unit: 'ms', of: triggerMs },
  { name: 'total-cost', unit: 'cost', of: ({ nodes }) => nodes[0]?.totalCost },
  { name: 'rows', unit: 'rows', of: ({ nodes, analyzed }) => (analyzed ? nodes[0]?.actualRows : undefined) },
  {
    name: 'blocks-hit',
    unit: 'blocks',
    of: ({ nodes }) => sum(nodes[0]?.totalBuffers?.sharedHit, nodes[0]?.totalBuffers?.localHit),
  },
  {
    name: 'blocks-read',
    unit: 'blocks',
    of: ({ nodes }) => sum(nodes[0]?.totalBuffers?.sharedRead, nodes[0]?.totalBuffers?.localRead),
  },
  {
    name: 'blocks-dirtied',
    unit: 'blocks',
    of: ({ nodes }) => sum(nodes[0]?.totalBuffers?.sharedDirtied, nodes[0]?.totalBuffers?.localDirtied),
  },
  {
    name: 'blocks-written',
    unit: 'blocks',
    of: ({ nodes }) => sum(nodes[0]?.totalBuffers?.sharedWritten, nodes[0]?.totalBuffers?.localWritten),
  },
  { name: 'temp-blocks-read', unit: 'blocks', of: ({ nodes }) => nodes[0]?.totalBuffers?.tempRead },
  { name: 'temp-blocks-written', unit: 'blocks', of: ({ nodes }) => nodes[0]?.totalBuffers?.tempWritten },
  { name: 'wal-records', unit: 'records', of: ofRoot('WAL Records') },
  { name: 'wal-full-page-images', unit: 'records', of: ofRoot('WAL FPI') },
  { name: 'wal-bytes', unit: 'bytes', of: ofRoot('WAL Bytes') },
];

/** Figures of the two statements as wholes; those that neither plan tells are left out. */
export function compareTotals(before: Plan, after: Plan): PlanTotal[] {
  return MEASURES.map(({ name, unit, of }) => ({
    name,
    unit,
    before: of(before) ?? null,
    after: of(after) ?? null,
  })).filter((total) => total.before !== null || total.after !== null);
}

function executionMs(plan: Plan): number | undefined {
  return plan.analyzed ? (plan.executionMs ?? plan.nodes[0]?.totalMs) : undefined;
}

/** Time that JIT took in all; 0 where an executed plan had none, ms. */
export function jitMs(plan: Plan): number | undefined {
  if (!plan.analyzed) return undefined;
  const timing = plan.jit?.['Timing'];
  const total = isJsonObject(timing) ? timing['Total'] : undefined;
  return numberOf(isJsonObject(total) ? total['Total'] : total) ?? (plan.jit === undefined ? 0 : undefined);
}

/** Time in triggers, ms; 0 where none fired. */
export function triggerMs(plan: Plan): number | undefined {
  return plan.analyzed ? plan.triggers.reduce((total, { timeMs }) => total + (timeMs ?? 0), 0) : undefined;
}

function ofRoot(key: string): Measure['of'] {
  return ({ nodes }) => numberOf(nodes[0]?.properties[key]);
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}
