import type { HealthMeasure } from '#contract/health-model.ts';
import type { HealthForecast } from '#contract/health.ts';
import { plural } from '../format-values.ts';

/** The measures of one report. */
export interface MeasuresAt {
  readonly takenAt: Date;
  readonly measures: readonly HealthMeasure[];
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
/** Enough points for a rate; the pairs of many would be many. */
const mostPoints = 60;
/** A forecast further away than this is no news: ten years. */
const horizonMs = 3650 * dayMs;

/**
 * When each measure of the newest report reaches its limit at the rate of the reports before. Pure.
 * The rate is the median of the slopes between all pairs of reports (Theil and Sen), which one odd report does not
 * move. Reports that are near each other say little about a day, and a burst of them would outvote the others: of
 * those one counts. Where a value went down by more than a tenth (a VACUUM FREEZE, a sequence that was set back, rows that were
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
    const counting = spreadOut(points.slice(lastFall(points)));
    const [first] = counting;
    const last = counting.at(-1);
    if (first === undefined || last === undefined || first === last) return [];
    const spanMs = Date.parse(last.at) - Date.parse(first.at);
    const perDay = medianSlope(counting);
    const leftMs = measure.limit === null || perDay <= 0 ? null : ((measure.limit - measure.value) / perDay) * dayMs;
    return [
      {
        ...measure,
        perDay,
        reachedAt:
          leftMs === null || leftMs > horizonMs
            ? null
            : new Date(Date.parse(last.at) + Math.max(0, leftMs)).toISOString(),
        ...trust(counting.length, spanMs, leftMs),
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

/** The newest point, and going back from it each that is far enough from the one after it. */
function spreadOut(points: readonly Point[]): Point[] {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined) return [];
  const apartMs = Math.max(hourMs, (Date.parse(last.at) - Date.parse(first.at)) / mostPoints);
  const chosen = [last];
  let nextMs = Date.parse(last.at);
  for (const point of points.toReversed()) {
    const atMs = Date.parse(point.at);
    if (nextMs - atMs < apartMs) continue;
    chosen.push(point);
    nextMs = atMs;
  }
  return chosen.toReversed();
}

function medianSlope(points: readonly Point[]): number {
  const slopes: number[] = [];
  for (const [place, left] of points.entries()) {
    for (const right of points.slice(place + 1)) {
      const days = (Date.parse(right.at) - Date.parse(left.at)) / dayMs;
      slopes.push((right.value - left.value) / days);
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
  const span = days >= 2 ? plural(Math.round(days), 'day') : plural(Math.round(days * 24), 'hour');
  const basis = `${plural(count, 'report')} over ${span}`;
  if (leftMs !== null && leftMs > spanMs * 10)
    return { confidence: 'low', confidenceReason: `${basis}, and it looks more than ten times as far ahead.` };
  if (days < 7) return { confidence: 'low', confidenceReason: `${basis}: less than a week.` };
  return count >= 5
    ? { confidence: 'high', confidenceReason: `${basis}.` }
    : { confidence: 'medium', confidenceReason: `Only ${basis}.` };
}
