import { expect, it } from 'vitest';

import {
  hasPlan,
  hitShare,
  percentWords,
  plainNumber,
  shortNumber,
  splitRate,
} from '../../../../../renderer/src/features/statements/statement-words.ts';

it('a rate is in the unit that gives a number above one', () => {
  const words = (calls: number, spanMs: number | null) => {
    const rate = splitRate(calls, spanMs);
    return rate && `${rate.value}${rate.unit}`;
  };
  expect([
    words(5000, 10_000),
    words(25, 10_000),
    words(1, 10_000),
    words(3, 3_600_000),
    words(9_000_000, 1000),
    words(7, null),
  ]).toEqual(['500/s', '2.5/s', '6.0/min', '3.0/h', '9.0M/s', null]);
});

it('small numbers keep their digits, large ones are short', () => {
  expect([0, 0.25, 1, 12.34, 20_000].map((value) => shortNumber(value).value)).toEqual([
    '0',
    '0.25',
    '1.00',
    '12.3',
    '20.0',
  ]);
  expect([1234.5, 2.7134, 0].map(plainNumber)).toEqual(['1\u202f235', '2.71', '0']);
});

it('a share is never said to be nothing where it is something', () => {
  expect([0, 0.0001, 0.014, 0.83, 1].map(percentWords)).toEqual(['0.0 %', '< 0.1 %', '1.4 %', '83 %', '100 %']);
  expect(hitShare({ blocksHit: 3, blocksRead: 1 })).toBe(0.75);
  expect(hitShare({ blocksHit: 0, blocksRead: 0 })).toBeNull();
});

it('what EXPLAIN takes is told from what it does not', () => {
  for (const sql of [
    'select 1',
    ' -- why\n SELECT 1',
    '/* a */ with x as (select 1) table x',
    '(select 1)',
    'merge into t',
  ])
    expect(hasPlan(sql), sql).toBe(true);
  for (const sql of ['begin', 'vacuum t', 'set work_mem = $1', 'selection', 'do $$ begin end $$'])
    expect(hasPlan(sql), sql).toBe(false);
});
