import type { HealthMeasure } from '#contract/health-model.ts';
import type { HealthForecast } from '#contract/health.ts';

/** The measures of one report. */
export interface MeasuresAt {
  readonly takenAt: Date;
  readonly measures: readonly HealthMeasure[];
}

const dayMs = 86_400_000;
/** Two reports that are nearer say nothing about a day. */
const minSpanMs = dayMs / 24;
/** A forecast further away than this is no news: ten years. */
const horizonMs = 3650 * dayMs;

/**
 * When each measure of the newest report reaches its limit at the rate of the reports before. Pure.
 * The rate is the median of the slopes between all pairs of reports (Theil and Sen), which one odd report does not
 * move. Where a value went down by more than a tenth (a VACUUM FREEZE, a sequence that was set back, rows that were
 * deleted), what was before says nothing about the way from there, so the rate begins after it.
 */
export function forecasts(reports: readonly MeasuresAt[]): HealthForecast[] {
  const inOrder = reports.toSorted((left, right) => left.takenAt.getTime() - right.takenAt.getTime());
  const newest = inOrder.at(-1);
  if (newest === undefined) return [];
  return newest.measures.flatMap((measure): HealthForecast[] => {
    const points = inOrder.flatMap(({ takenAt, measures }) => {
      const value = measures.find(({ key }) => key === measure.key)?.value;
      return value === undefined ? [] : [{ at: takenAt.toISOString(), value }];
    });
    const since = points.slice(lastFall(points));
    const [first] = since;
    const last = since.at(-1);
    if (first === undefined || last === undefined) return [];
    const spanMs = Date.parse(last.at) - Date.parse(first.at);
    if (since.length < 2 || spanMs < minSpanMs) return [];
    const perDay = medianSlope(since);
    const leftMs = measure.limit === null || perDay <= 0 ? null : ((measure.limit - measure.value) / perDay) * dayMs;
    return [
      {
        ...measure,
        perDay,
        reachedAt:
          leftMs === null || leftMs > horizonMs
            ? null
            : new Date(Date.parse(last.at) + Math.max(0, leftMs)).toISOString(),
        ...trust(since.length, spanMs, leftMs),
        points,
      },
    ];
  });
}

interface Point {
  readonly at: string;
  readonly value: number;
}

function lastFall(points: readonly Point[]): number {
  for (let place = points.length - 1; place > 0; place -= 1) {
    const [before, after] = [points[place - 1]?.value ?? 0, points[place]?.value ?? 0];
    if (after < before * 0.9) return place;
  }
  return 0;
}

function medianSlope(points: readonly Point[]): number {
  // Enough for the eye and for the rate; all pairs of many reports would be many.
  const chosen = points.slice(-60);
  const slopes: number[] = [];
  for (const [place, left] of chosen.entries()) {
    for (const right of chosen.slice(place + 1)) {
      const days = (Date.parse(right.at) - Date.parse(left.at)) / dayMs;
      if (days > 0) slopes.push((right.value - left.value) / days);
    }
  }
  slopes.sort((left, right) => left - right);
  const middle = slopes.length / 2;
  const low = slopes[Math.ceil(middle) - 1] ?? 0;
  const high = slopes[Math.floor(middle)] ?? low;
  return (low + high) / 2;
}

function trust(
  count: number,
  spanMs: number,
  leftMs: number | null,
): Pick<HealthForecast, 'confidence' | 'confidenceReason'> {
  const days = spanMs / dayMs;
  const span = days >= 2 ? `${Math.round(days)} days` : `${Math.max(1, Math.round(days * 24))} hours`;
  const basis = `${count} reports over ${span}`;
  if (leftMs !== null && leftMs > spanMs * 10)
    return { confidence: 'low', confidenceReason: `${basis}, and it looks more than ten times as far ahead.` };
  if (days < 7) return { confidence: 'low', confidenceReason: `${basis}: less than a week.` };
  return count >= 5
    ? { confidence: 'high', confidenceReason: `${basis}.` }
    : { confidence: 'medium', confidenceReason: `Only ${basis}.` };
}
