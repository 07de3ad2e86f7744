import type { FleetGrowth } from '#contract/fleet.ts';

/** The size of a database at an instant. */
export interface SizeSample {
  /** ISO 8601. */
  readonly at: string;
  readonly bytes: number;
}

const dayMs = 86_400_000;
/** Less than a day says how busy the hour is, not how the database grows. */
const leastSpanMs = dayMs;
/** A sparkline needs no more points. */
const keptSamples = 31;

/**
 * Growth in bytes a day: from the oldest sample of the last 7 and 30 days to the newest one. Null where those two are
 * less than 24 hours apart; `perDay30` also where it would say no more than `perDay7`.
 */
export function growthOf(samples: readonly SizeSample[]): FleetGrowth {
  const ordered = samples.toSorted((left, right) => Date.parse(left.at) - Date.parse(right.at));
  const newest = ordered.at(-1);
  const shown = ordered.slice(-keptSamples).map(({ at, bytes }) => ({ at, bytes }));
  if (!newest) return { perDay7: null, perDay30: null, samples: shown };
  const since = (days: number) => {
    const from = Date.parse(newest.at) - (days + 0.5) * dayMs;
    return ordered.find(({ at }) => Date.parse(at) >= from) ?? newest;
  };
  const slope = (oldest: SizeSample): number | null => {
    const spanMs = Date.parse(newest.at) - Date.parse(oldest.at);
    return spanMs < leastSpanMs ? null : ((newest.bytes - oldest.bytes) / spanMs) * dayMs;
  };
  const [week, month] = [since(7), since(30)];
  return { perDay7: slope(week), perDay30: month.at === week.at ? null : slope(month), samples: shown };
}

/** The day of a sample, UTC: one a day is kept, the first. */
export function sampleDay(at: string): string {
  return new Date(at).toISOString().slice(0, 10);
}
