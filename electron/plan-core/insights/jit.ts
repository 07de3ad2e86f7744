import type { JsonValue } from '../raw-plan.ts';
import { isJsonObject, numberOf } from '../raw-plan.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { formatMs, formatShare, severityOf } from './plan-context.ts';

const LEAST_SHARE = 0.2;
const LEAST_MS = 50;

/** Compilation that took a good part of the execution. */
export function findJit(context: PlanContext): Finding[] {
  const timing = context.plan.jit?.['Timing'];
  if (!isJsonObject(timing)) return [];
  const phases = ['Generation', 'Inlining', 'Optimization', 'Emission'].map((phase) => timeOf(timing[phase]));
  const processes = Math.max(1, ...context.nodes.map((node) => node.processes ?? 1));
  const jitMs = phases.reduce((sum, ms) => sum + ms, 0) / processes;
  // Every process compiles for itself, side by side, and the times are summed.
  if (jitMs < LEAST_MS || jitMs < context.executionMs * LEAST_SHARE) return [];
  const savedMs = Math.min(jitMs, context.executionMs);
  const functions = context.plan.jit?.['Functions'];
  return [
    {
      rule: 'jit',
      nodeId: 0,
      severity: severityOf(context, savedMs),
      savedMs,
      title: `JIT compilation took ${formatMs(jitMs)}`,
      message: `Compiling ${typeof functions === 'number' ? `${functions} functions` : 'expressions'} took ${formatMs(jitMs)} of ${formatMs(context.executionMs)} (${formatShare(savedMs / context.executionMs)}): more than it can have saved here. The planner turned it on because the estimated cost is above jit_above_cost.`,
      sql: 'set local jit = off;',
      verify:
        'Run it again in the same transaction and compare the execution time. If that helps, raise jit_above_cost, or correct the estimates that make the cost too high.',
      ignoreWhen: 'The same statement usually processes far more rows.',
    },
  ];
}

function timeOf(value: JsonValue | undefined): number {
  return numberOf(isJsonObject(value) ? value['Total'] : value) ?? 0;
}
