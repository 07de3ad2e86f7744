import type { PlanBuffers } from '#contract/plan-model.ts';
import { BUFFER_KEYS } from '../json-keys.ts';
import type { JsonObject } from '../raw-plan.ts';
import { numberOf } from '../raw-plan.ts';

/** Ten counters in the order of {@link BUFFER_KEYS}. */
export type Counters = number[];

/** The counters of a node as printed, its children's included; null where it has none. */
export function countersOf(properties: JsonObject): Counters | null {
  let counters: Counters | null = null;
  for (let kind = 0; kind < BUFFER_KEYS.length; kind += 1) {
    const count = numberOf(properties[BUFFER_KEYS[kind] ?? '']);
    if (count === undefined) continue;
    counters ??= BUFFER_KEYS.map(() => 0);
    counters[kind] = count;
  }
  return counters;
}

/** Counters under the names of the contract. None is below zero. */
export function toPlanBuffers(counters: Counters): PlanBuffers {
  const count = (kind: number): number => Math.max(0, counters[kind] ?? 0);
  return {
    sharedHit: count(0),
    sharedRead: count(1),
    sharedDirtied: count(2),
    sharedWritten: count(3),
    localHit: count(4),
    localRead: count(5),
    localDirtied: count(6),
    localWritten: count(7),
    tempRead: count(8),
    tempWritten: count(9),
  };
}

/** Blocks of shared and local buffers that were asked for. */
export function blocksTouched(buffers: PlanBuffers): number {
  return buffers.sharedHit + buffers.sharedRead + buffers.localHit + buffers.localRead;
}
