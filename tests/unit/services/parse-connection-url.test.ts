import { expect, it } from 'vitest';

import { parseConnectionUrl } from '../../../electron/services/connections/index.ts';

it.each([
  ['postgresql://alice@db.example/app', { user: 'alice', host: 'db.example', port: 5432, database: 'app' }],
  [
    'postgres://alice:p%40ss@db:6000/app?sslmode=verify-full&sslrootcert=/ca.pem',
    {
      user: 'alice',
      password: 'p@ss',
      host: 'db',
      port: 6000,
      database: 'app',
      sslMode: 'verify-full',
      sslRootCert: '/ca.pem',
    },
  ],
  ['postgresql://[::1]:5433/app', { host: '::1', port: 5433, database: 'app' }],
  ['postgresql:///app?host=/var/run/postgresql', { host: '/var/run/postgresql', port: 5432, database: 'app' }],
  ['postgresql://%2Fvar%2Frun/app', { host: '/var/run', port: 5432, database: 'app' }],
  ['postgresql://alice@', { user: 'alice', host: 'localhost', port: 5432, database: 'alice' }],
  ['  postgresql://h/%C3%9Cn%C3%AF  ', { host: 'h', port: 5432, database: 'Ünï' }],
  ['postgresql://h/d?user=bob&password=x', { host: 'h', port: 5432, database: 'd', user: 'bob', password: 'x' }],
])('%s', (url, fields) => {
  expect(parseConnectionUrl(url).fields).toEqual(fields);
});

it.each([
  '',
  'http://x',
  'postgresql',
  'postgresql://h:notaport/d',
  'postgresql://h:70000/d',
  'postgresql://h/d?sslmode=maybe',
  'postgresql://%zz/d',
])('refuses %s with what a URL looks like', (url) => {
  expect(() => parseConnectionUrl(url)).toThrow();
});
