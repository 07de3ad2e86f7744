import { expect, it } from 'vitest';

import { KnownSecrets, redact, redactFailure } from '../../../electron/services/secrets/index.ts';

const secret = String.raw`p@ss'w\rd: 100%/"x y"!`;

it.each([
  ['as it is', secret],
  ['in a URL', encodeURIComponent(secret)],
  ['in a URL, in small letters', encodeURIComponent(secret).replaceAll(/%../g, (escape) => escape.toLowerCase())],
  ['in a URL, with every sign escaped', encodeURIComponent(secret).replaceAll("'", '%27').replaceAll('!', '%21')],
  ['in a form', encodeURIComponent(secret).replaceAll('%20', '+')],
  ['in a connection string', secret.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)],
  ['in a SQL literal', secret.replaceAll("'", "''")],
  ['in a literal with escapes', secret.replaceAll('\\', '\\\\').replaceAll("'", "''")],
  ['in a password file', secret.replaceAll('\\', '\\\\').replaceAll(':', String.raw`\:`)],
  ['in JSON', JSON.stringify(secret).slice(1, -1)],
])('a secret is taken out %s', (_, written) => {
  expect(redact(`before ${written} between ${written} after`, [secret])).toBe('before ******** between ******** after');
});

it('takes the longest of several first, so that no end of one is left', () => {
  expect(redact('hunter2hunter2 hunter2', ['hunter2', 'hunter2hunter2'])).toBe('******** ********');
});

it('leaves short values and ordinary words, which would take more than the secret', () => {
  const text = 'role "postgres" has no password on localhost, port 5432';
  expect(redact(text, ['', 'a', 'ro', '543', 'postgres', 'password', 'localhost'])).toBe(text);
  expect(redact('a.b+c and axbbc', ['a.b+c'])).toBe('******** and axbbc');
});

it('is undone by nothing but the last one that forgets', () => {
  const known = new KnownSecrets();
  const forget = known.add('same words');
  known.add('same words');
  forget();
  expect(known.redact('the same words')).toBe('the ********');
  const again = known.add('other words');
  again();
  expect(known.redact('other words')).toBe('other words');
});

it('does not grow without end', () => {
  const known = new KnownSecrets();
  for (let index = 0; index < 1500; index += 1) known.add(`token-${index}-end`);
  expect(known.redact('token-0-end token-1499-end')).toBe('token-0-end ********');
});

it('goes through every text of a failure, and leaves its codes', () => {
  const redactText = (text: string) => redact(text, ['28P01', 'secret words']);
  expect(
    redactFailure(
      {
        code: 'postgres',
        message: 'secret words',
        hint: 'secret words',
        retryable: false,
        postgres: { sqlstate: '28P01', detail: 'secret words', hint: 'secret words', where: 'secret words' },
      },
      redactText,
    ),
  ).toEqual({
    code: 'postgres',
    message: '********',
    hint: '********',
    retryable: false,
    postgres: { sqlstate: '28P01', detail: '********', hint: '********', where: '********' },
  });
});
