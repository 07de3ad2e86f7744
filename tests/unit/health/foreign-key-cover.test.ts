import { describe, expect, it } from 'vitest';

import { coversForeignKey } from '../../../electron/services/health/checks/indexes/idx07-foreign-key-without-index.ts';

function covers(columns: readonly (string | null)[], key: readonly string[], predicate: string | null = null): boolean {
  return coversForeignKey({ columns, predicate }, key);
}

describe('an index covers a foreign key', () => {
  it('whose columns lead it, in any order', () => {
    expect([covers(['a'], ['a']), covers(['b', 'a'], ['a', 'b']), covers(['a', 'c'], ['a'])]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('unless another column or an expression stands between', () => {
    expect([covers(['a', 'c', 'b'], ['a', 'b']), covers([null, 'a'], ['a']), covers(['b', 'a'], ['a'])]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('with a predicate only if it says no more than that the columns are not null', () => {
    expect([
      covers(['a'], ['a'], '(a IS NOT NULL)'),
      covers(['a', 'B'], ['a', 'B'], '((a IS NOT NULL) AND ("B" IS NOT NULL))'),
      covers(['a'], ['a'], '(a > 0)'),
      covers(['a'], ['a'], '(a IS NULL)'),
      covers(['a'], ['a'], '((a IS NOT NULL) AND (deleted IS NULL))'),
    ]).toEqual([true, true, false, false, false]);
  });

  it('whatever quotes the names, and whichever way it says so', () => {
    expect([
      covers(['a'], ['a'], '("a" IS NOT NULL)'),
      covers(['a'], ['a'], '(NOT (a IS NULL))'),
      covers(['a'], ['a'], '(NOT ("a" IS NULL))'),
      covers(['a', 'b'], ['a', 'b'], '((NOT (a IS NULL)) AND ("b" IS NOT NULL))'),
      covers(['x"y'], ['x"y'], '("x""y" IS NOT NULL)'),
      covers(['a'], ['a'], '(NOT (a IS NOT NULL))'),
      covers(['a', 'b'], ['a', 'b'], '(NOT ((a IS NULL) AND (b IS NULL)))'),
      covers(['a'], ['a'], '("A" IS NOT NULL)'),
      covers(['a'], ['a'], '(lower(a) IS NOT NULL)'),
    ]).toEqual([true, true, true, true, true, false, false, false, false]);
  });
});
