import type { PlanBuffers } from '#contract/plan-model.ts';
import { BUFFER_KEYS } from '../json-keys.ts';
import type { JsonObject } from '../raw-plan.ts';
import { numberOf } from '../raw-plan.ts';

/** Ten counters in the order of {@link BUFFER_KEYS}. */
export type Counters = number[];

/** The counters of a node as printed, its children's included; null where it has none. */
export function countersOf(properties: JsonObject): Counters | null {
  let found = false;
  const counters = BUFFER_KEYS.map((key) => {
    const count = numberOf(properties[key]);
    if (count !== undefined) found = true;
    return count ?? 0;
  });
  return found ? counters : null;
}

/** Counters under the names of the contract. None is below zero. */
export function toPlanBuffers(counters: Counters): PlanBuffers {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0] = counters.map((count) =>
    Math.max(0, count),
  );
  return {
    sharedHit: a,
    sharedRead: b,
    sharedDirtied: c,
    sharedWritten: d,
    localHit: e,
    localRead: f,
    localDirtied: g,
    localWritten: h,
    tempRead: i,
    tempWritten: j,
  };
}

/** Blocks of shared and local buffers that were asked for. */
export function blocksTouched(buffers: PlanBuffers): number {
  return buffers.sharedHit + buffers.sharedRead + buffers.localHit + buffers.localRead;
}
