import { describe, expect, it } from 'vitest';

import {
  awayWords,
  oneLine,
  rangeStart,
  shortSubject,
} from '../../../../../renderer/src/features/audit/audit-words.ts';

describe('a statement on one line', () => {
  it.each([
    ['update a\n   set b = 1', 'update a set b = 1'],
    ['-- why\n/* and * how */ delete from a', 'delete from a'],
    ['-- nothing else', '-- nothing else'],
    ['', ''],
    [`${' '.repeat(10)}x`, 'x'],
  ])('%j is %j', (sql, expected) => {
    expect(oneLine(sql)).toBe(expected);
  });

  it('is short, and quick to make of anything', () => {
    expect(oneLine('x'.repeat(1_000_000))).toHaveLength(400);
    expect(oneLine('/*'.repeat(50_000)).length).toBeLessThanOrEqual(400);
  });
});

it('a range begins at a whole minute, so that the same question is not asked twice a second', () => {
  const now = Date.parse('2026-11-23T10:00:42.123Z');
  expect(rangeStart('any', now)).toBeUndefined();
  expect(rangeStart('hour', now)).toBe('2026-11-23T09:00:00.000Z');
  expect(rangeStart('week', now)).toBe('2026-11-16T10:00:00.000Z');
});

it('a backup is known by its file, on every system', () => {
  expect(['/a/b.dump', String.raw`C:\a\b.dump`, '001_x'].map(shortSubject)).toEqual(['b.dump', 'b.dump', '001_x']);
});

it('says how many entries wait for the store', () => {
  expect([awayWords(0), awayWords(1)]).toEqual([
    'What is listed is from this machine’s journal.',
    'What is listed is from this machine’s journal; 1 entry will be merged when it is back.',
  ]);
});
