import fc from 'fast-check';
import { expect, it } from 'vitest';

import { StewardError } from '../../../../electron/postgres/failure.ts';
import { parseConnectionUrl } from '../../../../electron/services/connections/parse-connection-url.ts';

it.each([
  [
    'postgresql://a:1,b,[::1]:3/d?target_session_attrs=read-write',
    {
      host: 'a',
      port: 1,
      otherHosts: [
        { host: 'b', port: 5432 },
        { host: '::1', port: 3 },
      ],
      database: 'd',
      targetSessionAttrs: 'read-write',
    },
  ],
  [
    'postgresql:///d?host=a,b&port=6432',
    { host: 'a', port: 6432, otherHosts: [{ host: 'b', port: 6432 }], database: 'd' },
  ],
  [
    'postgresql://%2Fvar%2Frun%2Fpostgresql:5433/d?user=ada&passfile=%2Fsecrets%2Fpgpass',
    {
      host: '/var/run/postgresql',
      port: 5433,
      database: 'd',
      user: 'ada',
      authentication: { kind: 'passfile', file: '/secrets/pgpass' },
    },
  ],
  [
    'postgresql://h/d?sslmode=verify-full&sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem&sslcrl=/crl.pem&options=-c%20search_path%3Dsales',
    {
      host: 'h',
      port: 5432,
      database: 'd',
      sslMode: 'verify-full',
      sslRootCert: '/ca.pem',
      sslCert: '/c.pem',
      sslKey: '/k.pem',
      sslCrl: '/crl.pem',
      options: '-c search_path=sales',
    },
  ],
  ['postgresql://h/d?ssl=true', { host: 'h', port: 5432, database: 'd', sslMode: 'require' }],
  ['postgresql://ada@?hostaddr=10.0.0.1', { host: '10.0.0.1', port: 5432, database: 'ada', user: 'ada' }],
  ['postgres://ada:p@ss:word@h/d', { host: 'h', port: 5432, database: 'd', user: 'ada', password: 'p@ss:word' }],
  ['postgres://h/a+b', { host: 'h', port: 5432, database: 'a+b' }],
  [
    String.raw`host=h port = 6000 dbname='my \'db\'' user=a\ b password='x\\y' options='-c a=b'`,
    { host: 'h', port: 6000, database: "my 'db'", user: 'a b', password: String.raw`x\y`, options: '-c a=b' },
  ],
  ['dbname=d', { host: 'localhost', port: 5432, database: 'd' }],
  [
    'host=a,,c port=1,2,3',
    {
      host: 'a',
      port: 1,
      otherHosts: [
        { host: 'localhost', port: 2 },
        { host: 'c', port: 3 },
      ],
    },
  ],
  ["password='' user=ada", { host: 'localhost', port: 5432, user: 'ada', database: 'ada' }],
])('%s', (text, fields) => {
  expect(parseConnectionUrl(text).fields).toEqual(fields);
});

it.each([
  ['host=h hostaddr=1.2.3.4', ['hostaddr is not used: the host name is looked up instead.']],
  [
    'postgres://h/d?connect_timeout=3',
    ['connect_timeout is not kept with a connection. It is one of Steward’s settings.'],
  ],
  ['postgres://h/d?gssencmode=disable&application_name=x', ['The parameter gssencmode is not used.']],
  ['postgres://h/d?pgbouncer=true', ['libpq does not know the parameter pgbouncer. It is not used.']],
  ['service=orders', ['The service orders is not looked up here. Import it from the service file instead.']],
  [
    'postgres://h/d?sslpassword=hunter2',
    ['The passphrase of the client’s key is not taken. Steward asks for it when it is needed.'],
  ],
])('%s warns', (text, warnings) => {
  expect(parseConnectionUrl(text).warnings).toEqual(warnings);
});

it.each([
  ['host=a,b port=1,2,3', 'There are 2 hosts and 3 ports'],
  ['host=h sslmode=maybe', 'sslmode “maybe” does not exist'],
  ["host='h", 'The value of host has no quote at its end'],
  ['host=h user', 'A keyword in the connection string has no = behind it'],
  ['postgres://ada:s3cret/x@h:1/d', 'The port is not a number from 1 to 65535'],
])('%s is refused: %s', (text, message) => {
  expect(() => parseConnectionUrl(text)).toThrow(message);
  expect(() => parseConnectionUrl(text)).not.toThrow('s3cret');
});

it('throws nothing but a StewardError, whatever it is given', () => {
  const strings = fc.oneof(
    fc.string(),
    fc.string().map((rest) => `postgresql://${rest}`),
    fc.string().map((rest) => `host=${rest}`),
    fc.webUrl({ withQueryParameters: true }).map((url) => url.replace(/^https?/, 'postgres')),
  );
  fc.assert(
    fc.property(strings, (text) => {
      try {
        parseConnectionUrl(text);
      } catch (error) {
        expect(error).toBeInstanceOf(StewardError);
      }
    }),
    { numRuns: 2000 },
  );
});

it('reads back every password and name that a URL can carry', () => {
  const words = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(words, words, words, (user, password, database) => {
      const url = `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@h/${encodeURIComponent(database)}`;
      expect(parseConnectionUrl(url).fields).toMatchObject({ user, password, database });
    }),
  );
});
