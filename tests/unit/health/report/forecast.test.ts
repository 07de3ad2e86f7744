import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { forecasts, type MeasuresAt } from '../../../../electron/services/health/report/forecast.ts';

const day = 86_400_000;
const start = Date.parse('2026-11-01T00:00:00Z');

/** Reports with one measure; `days` since the start and its value. */
function series(
  points: readonly (readonly [days: number, value: number])[],
  limit: number | null = 1000,
): MeasuresAt[] {
  return points.map(([days, value]) => ({
    takenAt: new Date(start + days * day),
    measures: [{ key: 'xid.age', label: 'Oldest transaction id', unit: 'xids', value, limit }],
  }));
}

describe('a forecast', () => {
  it('reaches the limit at the rate of the reports', () => {
    const [forecast] = forecasts(
      series([
        [0, 100],
        [1, 110],
        [2, 120],
        [8, 180],
        [10, 200],
      ]),
    );
    expect(forecast).toMatchObject({ perDay: 10, value: 200, confidence: 'high' });
    expect(forecast?.reachedAt).toBe(new Date(start + 90 * day).toISOString());
  });

  it('needs two reports that are at least an hour apart', () => {
    expect(forecasts(series([[0, 100]]))).toEqual([]);
    expect(
      forecasts(
        series([
          [0, 100],
          [0.02, 200],
        ]),
      ),
    ).toEqual([]);
    expect(
      forecasts(
        series([
          [0, 100],
          [0.05, 200],
        ]),
      ),
    ).toHaveLength(1);
    expect(forecasts([])).toEqual([]);
  });

  it('says no date where nothing grows, where it shrinks, without a limit, and beyond ten years', () => {
    const dates = [
      series([
        [0, 100],
        [5, 100],
      ]),
      series([
        [0, 100],
        [5, 95],
      ]),
      series(
        [
          [0, 100],
          [5, 200],
        ],
        null,
      ),
      series([
        [0, 100],
        [5, 100.001],
      ]),
    ].map((reports) => forecasts(reports)[0]?.reachedAt);
    expect(dates).toEqual([null, null, null, null]);
  });

  it('one odd report does not move it', () => {
    const steady = Array.from({ length: 11 }, (_, place) => [place, 100 + place * 10] as const);
    const odd = steady.map(([days, value]) => [days, days === 5 ? 190 : value] as const);
    expect(forecasts(series(odd))[0]?.perDay).toBeCloseTo(10, 0);
  });

  it('a burst of reports counts as one', () => {
    const burst = [0, 0.002, 0.004, 0.006, 0.008].map((days) => [days, 100] as const);
    const [forecast] = forecasts(series([...burst, [10, 900]]));
    expect(forecast?.perDay).toBeCloseTo(80, 0);
    expect(forecast).toMatchObject({ confidence: 'medium', confidenceReason: 'Only 2 reports over 10 days.' });
    expect(forecast?.reachedAt?.slice(0, 10)).toBe('2026-11-12');
    expect(forecast?.points).toHaveLength(6);
  });

  it('counts what it rests on', () => {
    const reasonOf = (...days: readonly number[]) =>
      forecasts(series(days.map((one) => [one, 100 + one] as const)))[0]?.confidenceReason;
    expect(reasonOf(0, 0.05)).toBe('2 reports over 1 hour, and it looks more than ten times as far ahead.');
    expect(reasonOf(0, 0.01, 0.1)).toBe('2 reports over 2 hours, and it looks more than ten times as far ahead.');
  });

  it('begins anew after a vacuum or a reset', () => {
    const [forecast] = forecasts(
      series([
        [0, 700],
        [1, 800],
        [2, 50],
        [3, 60],
        [4, 70],
      ]),
    );
    expect(forecast).toMatchObject({ perDay: 10 });
    expect(forecast?.points).toHaveLength(5);
  });

  it('what is over its limit has reached it', () => {
    const [forecast] = forecasts(
      series([
        [0, 900],
        [1, 1100],
      ]),
    );
    expect(forecast?.reachedAt).toBe(new Date(start + day).toISOString());
  });

  it.each([
    [
      'low',
      [
        [0, 100],
        [1, 110],
        [2, 120],
      ],
    ],
    [
      'medium',
      [
        [0, 100],
        [9, 300],
      ],
    ],
    [
      'low',
      [
        [0, 100],
        [9, 101],
      ],
    ],
  ] as const)('is of %s confidence for %o', (confidence, points) => {
    expect(forecasts(series(points))[0]?.confidence).toBe(confidence);
  });

  it('does not depend on the order of the reports, and is exact for a straight line', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 300 }), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 1, max: 1000 }),
        (days, perDay) => {
          const reports = series(days.map((one) => [one, 5 + one * perDay] as const));
          const [forecast] = forecasts(reports);
          expect(forecast?.perDay).toBeCloseTo(perDay, 3);
        },
      ),
    );
  });
});
