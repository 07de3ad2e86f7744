import { describe, expect, test } from 'vitest';

import {
  columnEdges,
  contentTopAfterScroll,
  contentTopOf,
  scrollScale,
  scrollTopOf,
  tallestScroll,
  visibleRange,
} from '../../../../renderer/src/grid/grid-geometry.ts';

describe('scrolling', () => {
  test('a million rows of 24 px need no scaling', () => {
    const scale = scrollScale(24_000_000, 800);
    expect([scale.scrollHeight, contentTopOf(12_345, scale), scrollTopOf(12_345, scale)]).toEqual([
      24_000_000, 12_345, 12_345,
    ]);
  });

  const tall = scrollScale(240_000_000, 800);

  test('ten million rows are squeezed into what a browser can scroll, and both ends are reached', () => {
    expect(tall.scrollHeight).toBe(tallestScroll);
    expect([contentTopOf(0, tall), contentTopOf(tall.scrollRange, tall)]).toEqual([0, 240_000_000 - 800]);
    expect(contentTopOf(scrollTopOf(123_456_789, tall), tall)).toBeCloseTo(123_456_789, 3);
  });

  test('a wheel step moves by its pixels even where scrolling is scaled', () => {
    expect(contentTopAfterScroll({ scrollTop: 1000, contentTop: 8000 }, 1100, 800, tall)).toBe(8100);
  });

  test('a drag of the thumb moves in proportion', () => {
    expect(contentTopAfterScroll({ scrollTop: 1000, contentTop: 8000 }, 15_000_000, 800, tall)).toBe(
      contentTopOf(15_000_000, tall),
    );
  });

  test('the edges are always reached', () => {
    expect(contentTopAfterScroll({ scrollTop: 50, contentTop: 9000 }, 0, 800, tall)).toBe(0);
    expect(
      contentTopAfterScroll({ scrollTop: tall.scrollRange - 50, contentTop: 9000 }, tall.scrollRange, 800, tall),
    ).toBe(tall.contentRange);
  });

  test('fewer rows than fit do not scroll', () => expect(contentTopOf(10, scrollScale(100, 800))).toBe(0));
});

describe('columns in sight', () => {
  const edges = columnEdges([100, 50, 200, 80]);
  test('edges add up', () => expect(edges).toEqual([0, 100, 150, 350, 430]));
  test.each([
    [0, 90, { first: 0, end: 1 }],
    [100, 149, { first: 1, end: 2 }],
    [120, 400, { first: 1, end: 4 }],
    [500, 900, { first: 4, end: 4 }],
  ])('from %d to %d', (from, to, range) => expect(visibleRange(edges, from, to)).toEqual(range));
  test('no columns, no range', () => expect(visibleRange([0], 0, 500)).toEqual({ first: 0, end: 0 }));
});
