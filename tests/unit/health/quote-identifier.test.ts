import { describe, expect, it } from 'vitest';

import { quoteIdentifier, quoteQualified } from '../../../electron/postgres/quote-identifier.ts';

describe('quoteIdentifier', () => {
  it('leaves plain names alone and quotes everything else', () => {
    expect(
      ['orders', '_x$1', 'Orders', 'two words', 'user', 'ten"ant', '1st', '', 'größe', 'name'].map(quoteIdentifier),
    ).toEqual([
      'orders',
      '"_x$1"',
      '"Orders"',
      '"two words"',
      '"user"',
      '"ten""ant"',
      '"1st"',
      '""',
      '"größe"',
      'name',
    ]);
  });

  it('quotes each part of a qualified name by itself', () => {
    expect(quoteQualified('app', 'Order.Line')).toBe('app."Order.Line"');
  });
});
