import { expect, it } from 'vitest';

import { RefusedPasswords } from '../../../electron/postgres/ssh/refused-passwords.ts';

it('holds a refused password back for a minute, at its server alone', () => {
  let now = 0;
  const refused = new RefusedPasswords(() => now);
  refused.add('ada@a:22', 'wrong');
  const held = () => [
    refused.has('ada@a:22', 'wrong'),
    refused.has('ada@a:22', 'another'),
    refused.has('ada@b:22', 'wrong'),
  ];
  expect(held()).toEqual([true, false, false]);
  now = 60_000;
  expect(held()).toEqual([false, false, false]);
});
