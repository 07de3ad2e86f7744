import { expect, test } from 'vitest';

import { isLongValue, messageRuns, quantityOf } from '../../../../../renderer/src/features/health/finding-text.ts';

function names(message: string, object: string, labels: readonly string[] = []): string[] {
  const evidence = labels.map((label) => ({ label, value: '' }));
  return messageRuns({ message, object, evidence }).flatMap((run) => (run.name ? [run.text] : []));
}

test('a message is cut at the object, at qualified names and at settings, and loses nothing', () => {
  const message =
    'Foreign key fk (portfolio_id) of public.transactions has no index: each delete in public.portfolios reads it.';
  expect(names(message, 'public.transactions')).toEqual(['public.transactions', 'public.portfolios']);
  expect(
    messageRuns({ message, object: 'public.transactions', evidence: [] })
      .map(({ text }) => text)
      .join(''),
  ).toBe(message);
  expect(names('work_mem is 4MB, the default.', 'x', ['work_mem'])).toEqual(['work_mem']);
});

test('names that need quotes are names, words with spaces are not', () => {
  expect(names('Table public."weird <b>" has no key.', 'public."weird <b>"')).toEqual(['public."weird <b>"']);
  expect(names('Every role may CONNECT to database shop.', 'database shop')).toEqual([]);
});

test('a name is not found inside another word, nor a number taken for one', () => {
  expect(names('The users_email index of users.', 'users')).toEqual(['users']);
  expect(names('It takes 1.2 MB.', 'none')).toEqual([]);
});

test.each([
  ['6.6 MB', { value: '6.6', unit: 'MB' }],
  ['85 %', { value: '85', unit: '%' }],
  ['1,997,074,999', { value: '1,997,074,999', unit: '' }],
  ['4GB', { value: '4', unit: 'GB' }],
  ['-1', { value: '-1', unit: '' }],
  ['public.users', null],
  ['4GB (default)', null],
  ['2026-11-23', null],
])('%s is split into %o', (value, parts) => expect(quantityOf(value)).toEqual(parts));

test('definitions are long, numbers are not', () => {
  expect([
    isLongValue('CREATE INDEX idx_users_email ON public.users USING btree (email)'),
    isLongValue('75,000'),
  ]).toEqual([true, false]);
});
