import { describe, expect, it } from 'vitest';

import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
  plural,
} from '../../../electron/services/health/format-values.ts';

describe('values in messages', () => {
  it('writes sizes in binary units with two or three digits', () => {
    expect([0, 512, 8192, 1_288_490_189, '5368709120', 1024 ** 5 * 3].map(formatBytes)).toEqual([
      '0 B',
      '512 B',
      '8 kB',
      '1.2 GB',
      '5 GB',
      '3 PB',
    ]);
  });

  it('writes durations in the unit that gives two or three digits', () => {
    expect([1.25, 812, 3400, 95_000, 600_000, 7_200_000, 41 * 86_400_000].map(formatDuration)).toEqual([
      '1.3 ms',
      '812 ms',
      '3.4 s',
      '95 s',
      '10 min',
      '2 hours',
      '41 days',
    ]);
  });

  it('keeps counts beyond 2^53 exact', () => {
    expect(formatCount('9223372036854775807')).toBe('9,223,372,036,854,775,807');
  });

  it('never rounds a share up to the whole', () => {
    expect([0.5, 0.9999, 1, 1.5].map(formatPercent)).toEqual(['50 %', '99.9 %', '100 %', '150 %']);
  });

  it('knows one from many', () => {
    expect([plural(1, 'index', 'indexes'), plural('2', 'index', 'indexes'), plural(0, 'row')]).toEqual([
      '1 index',
      '2 indexes',
      '0 rows',
    ]);
  });
});
