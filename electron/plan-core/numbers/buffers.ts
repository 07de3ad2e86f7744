import type { PlanBuffers } from '#contract/plan-model.ts';
import type { JsonObject } from '../raw-plan.ts';
import { numberOf } from '../raw-plan.ts';

/** Ten counters in the order of `BUFFER_KEYS`. */
export type Counters = number[];

/** The counters of a node as printed, its children's included; null where it has none. */
export function countersOf(properties: JsonObject): Counters | null {
  const sharedHit = numberOf(properties['Shared Hit Blocks']);
  const sharedRead = numberOf(properties['Shared Read Blocks']);
  const sharedDirtied = numberOf(properties['Shared Dirtied Blocks']);
  const sharedWritten = numberOf(properties['Shared Written Blocks']);
  const localHit = numberOf(properties['Local Hit Blocks']);
  const localRead = numberOf(properties['Local Read Blocks']);
  const localDirtied = numberOf(properties['Local Dirtied Blocks']);
  const localWritten = numberOf(properties['Local Written Blocks']);
  const tempRead = numberOf(properties['Temp Read Blocks']);
  const tempWritten = numberOf(properties['Temp Written Blocks']);
  const found =
    sharedHit ??
    sharedRead ??
    sharedDirtied ??
    sharedWritten ??
    localHit ??
    localRead ??
    localDirtied ??
    localWritten ??
    tempRead ??
    tempWritten;
  if (found === undefined) return null;
  return [
    sharedHit ?? 0,
    sharedRead ?? 0,
    sharedDirtied ?? 0,
    sharedWritten ?? 0,
    localHit ?? 0,
    localRead ?? 0,
    localDirtied ?? 0,
    localWritten ?? 0,
    tempRead ?? 0,
    tempWritten ?? 0,
  ];
}

/** Counters under the names of the contract. None is below zero. */
export function toPlanBuffers(counters: Counters): PlanBuffers {
  return {
    sharedHit: Math.max(0, counters[0] ?? 0),
    sharedRead: Math.max(0, counters[1] ?? 0),
    sharedDirtied: Math.max(0, counters[2] ?? 0),
    sharedWritten: Math.max(0, counters[3] ?? 0),
    localHit: Math.max(0, counters[4] ?? 0),
    localRead: Math.max(0, counters[5] ?? 0),
    localDirtied: Math.max(0, counters[6] ?? 0),
    localWritten: Math.max(0, counters[7] ?? 0),
    tempRead: Math.max(0, counters[8] ?? 0),
    tempWritten: Math.max(0, counters[9] ?? 0),
  };
}

/** Blocks of shared and local buffers that were asked for. */
export function blocksTouched(buffers: PlanBuffers): number {
  return buffers.sharedHit + buffers.sharedRead + buffers.localHit + buffers.localRead;
}
