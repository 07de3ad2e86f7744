import { describe, expect, test } from 'vitest';

import { formatBytes } from '../../../../renderer/src/lib/format-bytes.ts';
import { countOf, formatCount, formatCountShort } from '../../../../renderer/src/lib/format-count.ts';
import { formatDuration, formatElapsed } from '../../../../renderer/src/lib/format-duration.ts';
import { formatDay, formatRelative } from '../../../../renderer/src/lib/relative-time.ts';

describe('sizes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1024, '1.0 kB'],
    [418 * 1024 ** 2, '418 MB'],
    [1.2 * 1024 ** 3, '1.2 GB'],
    [99.96 * 1024 ** 2, '100 MB'],
    [1023.9 * 1024, '1.0 MB'],
    [5 * 1024 ** 6, '5120 PB'],
    [-2048, '-2.0 kB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [0.0041, '4.1 µs'],
    [0.785, '785 µs'],
    [1, '1.0 ms'],
    [87.46, '87.5 ms'],
    [99.97, '100 ms'],
    [999.6, '1.0 s'],
    [3400, '3.4 s'],
    [90_000, '90.0 s'],
    [600_000, '10.0 min'],
    [36_000_000, '10.0 h'],
    [864_000_000, '10.0 d'],
  ])('%d ms are %s', (ms, text) => expect(formatDuration(ms)).toBe(text));

  test.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [64_000, '1:04'],
    [3_727_000, '1:02:07'],
  ])('a clock at %d ms shows %s', (ms, text) => expect(formatElapsed(ms)).toBe(text));
});

describe('counts', () => {
  test('thousands are parted by a narrow space, and decimals left alone', () => {
    expect([formatCount(999), formatCount(18204), formatCount(-1234567), formatCount(1234.5)]).toEqual([
      '999',
      '18\u202f204',
      '-1\u202f234\u202f567',
      '1\u202f234.5',
    ]);
  });

  test('large numbers shorten to two or three digits', () => {
    expect([12, 999, 1000, 60_000, 142_000_000, 999_960, 1_340_000_000].map(formatCountShort)).toEqual([
      '12',
      '999',
      '1.0 k',
      '60.0 k',
      '142 M',
      '1.0 M',
      '1.3 B',
    ]);
  });

  test('one is singular', () =>
    expect([countOf(1, 'row'), countOf(0, 'row'), countOf(2, 'index', 'indexes')]).toEqual([
      '1 row',
      '0 rows',
      '2 indexes',
    ]));
});

describe('times', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  test.each([
    [now - 10_000, 'just now'],
    [now - 12 * 60_000, '12 min ago'],
    [now - 2 * 3_600_000, '2 h ago'],
    [now - 3 * 86_400_000, '3 d ago'],
    [now + 5 * 60_000, 'in 5 min'],
    [now - 90 * 86_400_000, '3 months ago'],
  ])('%d is %s', (at, words) => expect(formatRelative(at, now)).toBe(words));

  test('what is no time has no words', () => expect(formatRelative('never', now)).toBe(''));

  test('days are named while they are near', () => {
    expect([formatDay(now, now), formatDay(now - 86_400_000, now), formatDay(now - 5 * 86_400_000, now)]).toEqual([
      'Today',
      'Yesterday',
      '2026-11-18',
    ]);
  });
});
