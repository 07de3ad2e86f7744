import { expect, it } from 'vitest';

import { startupOptions } from '../../../electron/postgres/connect-parameters.ts';
import { sslAttempts } from '../../../electron/postgres/tls-options.ts';

it('settings travel whole in the startup packet', () => {
  expect(startupOptions({ search_path: '"a b", public', x: String.raw`\ ` })).toBe(
    String.raw`-c search_path="a\ b",\ public -c x=\\\  -c steward.session=on`,
  );
});

it.each([
  ['disable', ['plain']],
  ['allow', ['plain', 'unverified']],
  ['prefer', ['unverified', 'plain']],
  ['require', ['unverified']],
] as const)('%s tries what libpq tries, in its order', (sslMode, expected) => {
  const attempts = sslAttempts({ host: 'db', sslMode });
  expect(
    attempts.map((attempt) => (attempt === false ? 'plain' : attempt.rejectUnauthorized ? 'verified' : 'unverified')),
  ).toEqual(expected);
});

it('a unix socket is never encrypted, and verification needs its root certificate', () => {
  expect(sslAttempts({ host: '/run/postgresql', sslMode: 'verify-full' })).toEqual([false]);
  expect(() => sslAttempts({ host: 'db', sslMode: 'verify-full', sslRootCert: '/nowhere.crt' })).toThrow(
    '/nowhere.crt',
  );
});
