import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ActivitySample } from '#contract/activity.ts';

import type { Series } from '../../../../../renderer/src/features/activity/charts/chart-definitions.ts';
import {
  scaleFor,
  tickLabel,
  timeTicks,
  valueLabel,
} from '../../../../../renderer/src/features/activity/charts/chart-scale.ts';
import { traces } from '../../../../../renderer/src/features/activity/charts/draw-chart.ts';
import type { Moment } from '../../../../../renderer/src/features/activity/sample-memory.ts';

describe('axes', () => {
  it.each([
    ['count', 0, [0, 0.5, 1]],
    ['count', 0.2, [0, 0.5, 1]],
    ['count', 1.1, [0, 1, 2]],
    ['count', 437, [0, 300, 600]],
    ['count', 1_040_000, [0, 1e6, 2e6]],
    ['whole', 1, [0, 1, 2]],
    ['whole', 97, [0, 50, 100]],
    ['bytes', 0, [0, 512, 1024]],
    ['bytes', 5_000_000, [0, 4_194_304, 8_388_608]],
    ['ms', 3.5, [0, 2, 4]],
  ] as const)('%s up to %d has the ticks %j', (unit, greatest, ticks) => {
    expect(scaleFor(unit, 0, greatest).ticks).toEqual(ticks);
  });

  it('a share that stays high begins where it can be read', () => {
    expect(scaleFor('share', 0.97, 1).ticks).toEqual([0.9, 0.95, 1]);
    expect(scaleFor('share', 0.6, 1).bottom).toBe(0.5);
    expect(scaleFor('share', 0.1, 1).bottom).toBe(0);
  });

  it('always holds the greatest value', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('count', 'whole', 'bytes', 'ms'),
        fc.double({ min: 0, max: 1e15, noNaN: true }),
        (unit, greatest) => {
          const { top } = scaleFor(unit, 0, greatest);
          expect(top).toBeGreaterThanOrEqual(greatest * (1 - 1e-9));
          expect(top).toBeLessThanOrEqual(Math.max(1024, greatest * 2.0001));
        },
      ),
    );
  });

  it('labels are short and exact', () => {
    expect([0, 0.5, 300, 1000, 1_000_000].map((value) => tickLabel('count', value))).toEqual([
      '0',
      '0.5',
      '300',
      '1 k',
      '1 M',
    ]);
    expect([0, 512, 4_194_304].map((value) => tickLabel('bytes', value))).toEqual(['0', '512 B', '4 MB']);
    expect([0.9, 0.95, 1].map((value) => tickLabel('share', value))).toEqual(['90 %', '95 %', '100 %']);
  });

  it('values keep what matters', () => {
    expect([0, 0.4, 1204.4, 481_233].map((value) => valueLabel('count', value))).toEqual([
      '0',
      '0.4',
      '1\u202f204',
      '481 k',
    ]);
    expect([1, 0.99996, 0.9712, 0.5].map((value) => valueLabel('share', value))).toEqual([
      '100 %',
      '99.99 %',
      '97.1 %',
      '50.0 %',
    ]);
    expect(valueLabel('bytes', null)).toBe('–');
  });

  it('the time axis has at most six lines, at full instants', () => {
    const to = Date.parse('2026-11-29T18:04:37Z');
    for (const [range, stepMs] of [
      [120_000, 30_000],
      [300_000, 60_000],
      [600_000, 120_000],
    ] as const) {
      const ticks = timeTicks(to - range, to);
      expect(ticks.length).toBeLessThanOrEqual(6);
      for (const at of ticks) expect(at % stepMs).toBe(0);
    }
  });
});

describe('lines', () => {
  const commits: Series = {
    id: 'commits',
    label: 'commits',
    color: '--accent',
    stroke: 'solid',
    value: ({ commits: value }) => value,
  };

  function moments(values: readonly (number | null)[], gaps: readonly number[] = []): Moment[] {
    return values.map((value, index) => ({
      atMs: index * 1000,
      sample: { commits: value } as unknown as ActivitySample,
      afterGap: index === 0 || gaps.includes(index),
    }));
  }

  it('end where nothing is known, and are never zero there', () => {
    expect(traces(moments([1, 2, null, 4, 5, 6], [5]), commits, 0)).toEqual([
      { times: [0, 1000], values: [1, 2] },
      { times: [3000, 4000], values: [4, 5] },
      { times: [5000], values: [6] },
    ]);
    expect(traces(moments([null, null]), commits, 0)).toEqual([]);
  });

  it('keep the smallest and the greatest of what shares a pixel, in their order', () => {
    const [line] = traces(moments([5, 9, 1, 5, 5, 2, 2, 8, 3, 3]), commits, 5000);
    expect(line).toEqual({ times: [1000, 2000, 5000, 7000], values: [9, 1, 2, 8] });
  });

  it('never lose a peak, and never draw across a gap', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: 0, max: 1000 }), { freq: 8 }), { minLength: 1, maxLength: 120 }),
        fc.array(fc.integer({ min: 1, max: 119 }), { maxLength: 5 }),
        fc.integer({ min: 0, max: 9000 }),
        (values, gaps, bucketMs) => {
          const found = traces(moments(values, gaps), commits, bucketMs);
          const known = values.filter((value) => value !== null);
          const drawn = found.flatMap((trace) => trace.values);
          expect(Math.max(...drawn)).toBe(Math.max(...known));
          expect(Math.min(...drawn)).toBe(Math.min(...known));
          for (const { times, values: own } of found) {
            expect(times).toHaveLength(own.length);
            expect(times).toEqual(times.toSorted((a, b) => a - b));
            for (const gap of gaps)
              expect(
                times.some((at) => at < gap * 1000) && times.some((at) => at >= gap * 1000 && gap < values.length),
              ).toBe(false);
          }
        },
      ),
    );
  });
});
