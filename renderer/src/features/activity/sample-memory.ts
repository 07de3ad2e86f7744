import type { ActivitySample } from '#contract/activity.ts';

/** Ten minutes at one look a second. */
export const rememberedMoments = 600;

/** A look at the server with its place on the time axis. */
export interface Moment {
  /** The server's clock, ms since the epoch. */
  readonly atMs: number;
  readonly sample: ActivitySample;
  /** Nothing is known of the time just before: lines begin anew here. */
  readonly afterGap: boolean;
}

/** The last ten minutes, oldest first. */
export class SampleMemory {
  readonly #moments: Moment[] = [];

  get moments(): readonly Moment[] {
    return this.#moments;
  }

  get newest(): Moment | undefined {
    return this.#moments.at(-1);
  }

  /** Forgets everything, and remembers these instead. */
  replace(samples: readonly ActivitySample[]): void {
    this.#moments.length = 0;
    for (const sample of samples.slice(-rememberedMoments)) this.add(sample);
  }

  /** Adds a look. A clock that was set back wins over what it had told before. */
  add(sample: ActivitySample): void {
    const atMs = Date.parse(sample.at);
    if (Number.isNaN(atMs)) return;
    while ((this.#moments.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= atMs) this.#moments.pop();
    const before = this.#moments.at(-1);
    this.#moments.push({ atMs, sample, afterGap: isAfterGap(before, atMs, sample.spanMs) });
    if (this.#moments.length > rememberedMoments) this.#moments.splice(0, this.#moments.length - rememberedMoments);
  }
}

/** Rates cover the time since the look before. Where that look is not here, or is older, something is missing. */
function isAfterGap(before: Moment | undefined, atMs: number, spanMs: number | null): boolean {
  return before === undefined || spanMs === null || atMs - before.atMs > spanMs * 1.5 + 500;
}

/**
 * Where the look nearest to an instant stands; -1 where the server was not looked at then.
 * Moments are in order of time.
 */
export function nearestMoment(moments: readonly Moment[], atMs: number): number {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.atMs ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  const after = moments[low];
  const before = moments[low - 1];
  const toAfter = after === undefined ? Number.POSITIVE_INFINITY : after.atMs - atMs;
  const toBefore = before === undefined ? Number.POSITIVE_INFINITY : atMs - before.atMs;
  // Inside of a span that was measured, however long it took, both ends are good; outside, a beat and a half.
  const isMeasured = after !== undefined && before !== undefined && !after.afterGap;
  const reachMs = isMeasured ? Number.POSITIVE_INFINITY : 1500;
  if (Math.min(toAfter, toBefore) > reachMs || moments.length === 0) return -1;
  return toAfter < toBefore ? low : low - 1;
}
