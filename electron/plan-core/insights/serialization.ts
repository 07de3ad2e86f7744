import { isJsonObject, numberOf } from '../raw-plan.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { formatKilobytes, formatMs, formatShare, severityOf } from './plan-context.ts';

const LEAST_MS = 10;
const LEAST_SHARE = 0.2;

/** Time to turn the rows into what is sent, since 17 with SERIALIZE; it is in no node. */
export function serializationMs(context: PlanContext): number {
  const serialization = context.plan.properties?.['Serialization'];
  return isJsonObject(serialization) ? (numberOf(serialization['Time']) ?? 0) : 0;
}

/** A result that took long to be turned into text. */
export function findSerialization(context: PlanContext): Finding[] {
  const savedMs = serializationMs(context);
  if (savedMs < LEAST_MS || savedMs < context.executionMs * LEAST_SHARE) return [];
  const serialization = context.plan.properties?.['Serialization'];
  const volume = isJsonObject(serialization) ? (numberOf(serialization['Output Volume']) ?? 0) : 0;
  return [
    {
      rule: 'serialization',
      nodeId: 0,
      severity: severityOf(context, savedMs),
      savedMs,
      title: `Writing out the result took ${formatMs(savedMs)}`,
      message: `Turning the rows into ${formatKilobytes(volume)} of output took ${formatMs(savedMs)}, ${formatShare(savedMs / context.executionMs)} of the execution, outside of every node: large values are fetched from TOAST and decompressed only here.`,
      verify: 'Name the columns that are needed instead of *, and leave wide ones out; then compare.',
      ignoreWhen: 'The client needs all of it.',
    },
  ];
}
