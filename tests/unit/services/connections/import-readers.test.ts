import { expect, it } from 'vitest';

import { readDbeaverFile } from '../../../../electron/services/connections/import/dbeaver.ts';
import { parseVariables, readEnvironment } from '../../../../electron/services/connections/import/environment.ts';
import type { FoundConnections } from '../../../../electron/services/connections/import/found-connections.ts';
import { guessEnvironment } from '../../../../electron/services/connections/import/guess-environment.ts';
import { nearestColor } from '../../../../electron/services/connections/import/nearest-color.ts';
import {
  findPassword,
  parsePassfile,
  readPassfile,
} from '../../../../electron/services/connections/import/passfile.ts';
import { readPgAdminFile } from '../../../../electron/services/connections/import/pgadmin.ts';
import { parseServiceFile, readServiceFile } from '../../../../electron/services/connections/import/service-file.ts';
import { readUrls } from '../../../../electron/services/connections/import/urls.ts';

/** What a person sees in the list of candidates. */
function lines({ candidates }: FoundConnections): string[] {
  return candidates.map(
    ({ draft, origin }) =>
      `${draft.folder === '' ? '' : `${draft.folder}/`}${draft.name}: ${draft.user}@${draft.host}:${draft.port}/${draft.database} ${draft.environment} (${origin})`,
  );
}

const passfile = [
  '# work',
  'db.example:5432:orders:ada:s3cr\\:et\\\\1',
  'prod-db.example:*:*:ada:pässword:not the password\r',
  String.raw`\*:5432:d:u:p`,
  '[::1]:5432:x:y:z',
  String.raw`fe80\:\:1:5432:d:u:p`,
  '*:*:*:postgres:anywhere',
  'db.example:5432:orders:*:anybody',
  'db.example:5432:replication:ada:x',
  '/var/run/postgresql:5433:app:me:socket',
  'localhost:5432:app:me:local',
  'broken',
  '',
].join('\n');

it('reads a password file as libpq does', () => {
  const entries = parsePassfile(`\uFEFF${passfile}`);
  expect(entries.map(({ line, host, password }) => [line, host, password])).toEqual([
    [2, 'db.example', String.raw`s3cr:et\1`],
    [3, 'prod-db.example', 'pässword'],
    [4, '*', 'p'],
    [5, '[', 'x'],
    [6, 'fe80::1', 'p'],
    [7, undefined, 'anywhere'],
    [8, 'db.example', 'anybody'],
    [9, 'db.example', 'x'],
    [10, '/var/run/postgresql', 'socket'],
    [11, 'localhost', 'local'],
  ]);
});

it.each([
  [{ host: 'db.example', port: 5432, database: 'orders', user: 'ada' }, String.raw`s3cr:et\1`],
  [{ host: 'db.example', port: 5432, database: 'orders', user: 'bob' }, 'anybody'],
  [{ host: 'prod-db.example', port: 1, database: 'any', user: 'ada' }, 'pässword'],
  [{ host: 'db.example', port: 5433, database: 'orders', user: 'ada' }, undefined],
  [{ host: 'elsewhere', port: 1, database: 'd', user: 'postgres' }, 'anywhere'],
  // A connection through the default socket finds what is there for localhost, and not what names its folder.
  [{ host: '/var/run/postgresql', port: 5432, database: 'app', user: 'me' }, 'local'],
  [{ host: '', port: 5432, database: 'app', user: 'me' }, 'local'],
  [{ host: '/var/run/postgresql', port: 5433, database: 'app', user: 'me' }, undefined],
])('finds the password for %j', (sought, password) => {
  expect(findPassword(parsePassfile(passfile), sought)).toBe(password);
});

it('lists what a password file knows, and never a password', () => {
  const found = readPassfile(passfile, '~/.pgpass');
  expect(lines(found)).toEqual([
    'orders on db: ada@db.example:5432/orders development (~/.pgpass, line 2)',
    'postgres on prod-db: ada@prod-db.example:5432/postgres production (~/.pgpass, line 3)',
    'd on *: u@*:5432/d development (~/.pgpass, line 4)',
    'd on fe80::1: u@fe80::1:5432/d development (~/.pgpass, line 6)',
    'app on /var/run/postgresql: me@/var/run/postgresql:5433/app local (~/.pgpass, line 10)',
    'app on localhost: me@localhost:5432/app local (~/.pgpass, line 11)',
  ]);
  expect(found.candidates[1]).toMatchObject({
    draft: { authentication: { kind: 'passfile' }, readOnly: true, color: 'red' },
    warnings: ['Good for any database; postgres is taken.'],
  });
  expect(found.warnings).toEqual([
    'Line 12 of ~/.pgpass is not host:port:database:user:password',
    expect.stringContaining('~/.pgpass, line 5 is left out: port'),
    '~/.pgpass, line 7 is for any host, so it is no connection by itself. Its password is found all the same.',
    '~/.pgpass, line 8 is for any user, so it is no connection by itself. Its password is found all the same.',
    '~/.pgpass, line 9 is for replication, which Steward does not speak.',
    'The passwords stay in ~/.pgpass; Steward reads them from there.',
  ]);
  expect(JSON.stringify(found)).not.toMatch(/s3cr|pässword|anywhere|anybody|socket"/);
});

const serviceFile = `\uFEFF# services\r
[orders]\r
host=db1.example,db2.example\r
port=5432,5433\r
dbname=orders\r
user=ada\r
password=s3cret\r
sslmode=verify-full\r
sslrootcert=/etc/ca.pem\r
sslcert=/home/ada/ada.crt\r
sslkey=/home/ada/ada.key\r
options=-c search_path=sales\r
target_session_attrs=read-write\r
passfile=/home/ada/orders.pass\r
connect_timeout=5\r
host=second.example\r
[orders]\r
host=never.example\r
[uat] anything
hostaddr=10.1.2.3
  user=bob
# a comment
hostt=typo
service=orders
nonsense
[bad]
host=h
port=none
[__proto__]
host=proto.example
`;

it('reads a service file as libpq does', () => {
  const found = readServiceFile(serviceFile, '~/.pg_service.conf', 'me');
  expect(lines(found)).toEqual([
    'orders: ada@db1.example:5432/orders development (~/.pg_service.conf, [orders])',
    'uat: bob@10.1.2.3:5432/bob staging (~/.pg_service.conf, [uat])',
    '__proto__: me@proto.example:5432/me development (~/.pg_service.conf, [__proto__])',
  ]);
  expect(found.candidates[0]).toMatchObject({
    draft: {
      otherHosts: [{ host: 'db2.example', port: 5433 }],
      sslMode: 'verify-full',
      sslRootCert: '/etc/ca.pem',
      sslCert: '/home/ada/ada.crt',
      sslKey: '/home/ada/ada.key',
      options: '-c search_path=sales',
      targetSessionAttrs: 'read-write',
      authentication: { kind: 'passfile', file: '/home/ada/orders.pass' },
    },
    warnings: [
      'connect_timeout is not kept with a connection. It is one of Steward’s settings.',
      'Its password stays in the file. Steward asks for it when it opens.',
    ],
  });
  expect(found.candidates[1]?.warnings).toEqual([
    'Line 23: libpq does not know “hostt” and refuses this service.',
    'Line 24: a service within a service. libpq refuses it.',
    'Line 25 has no =. libpq refuses this service because of it.',
  ]);
  expect(found.warnings).toEqual(['~/.pg_service.conf, [bad] is left out: The port is not a number from 1 to 65535']);
  expect(JSON.stringify(found)).not.toContain('s3cret');
});

it('says which line is no service file', () => {
  expect(() => readServiceFile('\n\nhost=h', 'x', 'me')).toThrow('Line 3 does not belong to a service file');
  expect(readServiceFile('# nothing yet\n', 'x', 'me')).toEqual({ candidates: [], warnings: [] });
});

it('reads URLs and libpq’s variables from the environment', () => {
  const services = parseServiceFile('[s]\nhost=service.example\nuser=sam\n');
  const found = readEnvironment(
    {
      ANALYTICS_URL: 'postgres://bob@analytics.staging.example/events',
      DATABASE_URL: ' postgresql://ada:s3cret@db.example/orders ',
      BROKEN_URL: 'postgresql://h:x/d',
      STEWARD_STORE_URL: 'postgresql://own/store',
      OTHER: 'https://example.com',
      PGSERVICE: 's',
      PGHOST: 'ignored.example',
      PGDATABASE: 'app',
      PGPASSWORD: 's3cret',
      PGSSLMODE: 'require',
    },
    services,
    'me',
  );
  expect(lines(found)).toEqual([
    'orders on db: ada@db.example:5432/orders development (DATABASE_URL)',
    'events on analytics: bob@analytics.staging.example:5432/events staging (ANALYTICS_URL)',
    'app on service: sam@service.example:5432/app development (PGSERVICE, PGHOST, PGDATABASE, PGSSLMODE)',
  ]);
  expect(found.warnings).toEqual(['BROKEN_URL is left out: The port is not a number from 1 to 65535']);
  expect(JSON.stringify(found)).not.toContain('s3cret');
  expect(readEnvironment({ PGSSLMODE: 'require', PGAPPNAME: 'x' }, [], 'me').candidates).toEqual([]);
});

it('reads the lines of a .env file', () => {
  expect(parseVariables('# x\nexport DATABASE_URL="postgres://h/d"\r\nPGUSER=ada\n__proto__=x\nbroken')).toEqual(
    Object.fromEntries([
      ['DATABASE_URL', 'postgres://h/d'],
      ['PGUSER', 'ada'],
      ['__proto__', 'x'],
    ]),
  );
});

it('reads URLs line by line', () => {
  const found = readUrls('# mine\npostgres://a:s3cret@h1/d\n\nhost=h2 dbname=e user=b\nhttp://x\n', 'me');
  expect(lines(found)).toEqual([
    'd on h1: a@h1:5432/d development (line 2)',
    'e on h2: b@h2:5432/e development (line 4)',
  ]);
  expect(found.candidates[0]?.warnings).toEqual(['The password is not taken. Steward asks for it when it opens.']);
  expect(found.warnings).toEqual(['Line 5: This is not a PostgreSQL connection string']);
  expect(() => readUrls('x\ny', 'me')).toThrow('Line 1: This is not a PostgreSQL connection string');
});

const pgAdmin = JSON.stringify({
  Servers: {
    1: {
      Name: 'Orders',
      Group: 'Acme',
      Host: 'orders.prod.example',
      Port: 5432,
      MaintenanceDB: 'postgres',
      Username: 'ada',
      Role: 'read only',
      BGColor: '#ff9900',
      UseSSHTunnel: 1,
      TunnelHost: 'bastion.example',
      TunnelPort: '2222',
      TunnelUsername: 'jump',
      TunnelAuthentication: 1,
      TunnelIdentityFile: '/home/ada/.ssh/id_ed25519.pub',
      TunnelKeepAlive: 0,
      PasswordExecCommand: 'vault read -field=password orders',
      PasswordExecExpiration: 900,
      KerberosAuthentication: false,
      ConnectionParameters: {
        sslmode: 'verify-full',
        connect_timeout: 10,
        sslrootcert: '/etc/ca.pem',
        sslcert: '<STORAGE_DIR>/.postgresql/postgresql.crt',
      },
      Tags: [{ text: 'Live', color: '#EC0BB4' }],
    },
    2: {
      Name: 'Old',
      Group: 'Servers',
      Host: 'localhost',
      Port: '5433',
      SSLMode: 'allow',
      PassFile: '/p',
      Username: 'u',
    },
    3: {
      Name: 'By service',
      Group: 'Servers',
      Service: 'orders',
      Port: 5432,
      MaintenanceDB: 'postgres',
      Username: 'u',
    },
    4: 'nothing',
    5: { Name: 'Bad', Host: 'h', Port: 99_999, Username: 'u' },
    6: { Host: 'h', Password: 's3cret', SharedUsername: 'shared', KerberosAuthentication: true },
  },
});

it('reads what pgAdmin exports', () => {
  const found = readPgAdminFile(pgAdmin, 'me');
  expect(lines(found)).toEqual([
    'Acme/Orders: ada@orders.prod.example:5432/postgres production (“Orders” in pgAdmin)',
    'Old: u@localhost:5433/postgres local (“Old” in pgAdmin)',
    'postgres on h: shared@h:5432/postgres development (“6” in pgAdmin)',
  ]);
  expect(found.candidates[0]).toMatchObject({
    draft: {
      color: 'amber',
      readOnly: true,
      sslMode: 'verify-full',
      sslRootCert: '/etc/ca.pem',
      options: String.raw`-c role=read\ only`,
      authentication: { kind: 'command', command: 'vault read -field=password orders', expirySeconds: 900 },
      ssh: {
        host: 'bastion.example',
        port: 2222,
        user: 'jump',
        method: 'key',
        keyFile: '/home/ada/.ssh/id_ed25519',
        jumpHosts: [],
      },
    },
    warnings: [
      'The file of sslcert lies in pgAdmin’s own folder. Name it again under Security.',
      'Its SSH key file ends in .pub; the private key beside it is taken.',
      'Its password comes from a command, which is not taken over. Enter it yourself if you trust it: vault read -field=password orders',
    ],
  });
  expect(found.candidates[0]?.draft).not.toHaveProperty('sslCert');
  expect(found.candidates[1]).toMatchObject({
    draft: { sslMode: 'allow', authentication: { kind: 'passfile', file: '/p' }, folder: '' },
    warnings: [],
  });
  expect(found.warnings).toEqual([
    '“By service” in pgAdmin only names the service orders. Import that from the service file.',
    'Server 4 is left out: it is not an object',
    '“Bad” in pgAdmin is left out: The port is not a number from 1 to 65535',
  ]);
  expect(JSON.stringify(found)).not.toContain('s3cret');
});

const dbeaver = JSON.stringify({
  folders: { Prod: {}, EU: { parent: 'Prod' } },
  'connection-types': { custom1: { name: 'Staging area', color: '1,2,3' } },
  connections: {
    'postgres-jdbc-1': {
      provider: 'postgresql',
      driver: 'postgres-jdbc',
      name: 'billing',
      folder: 'EU',
      'save-password': true,
      configuration: {
        host: 'db.example.com',
        port: '5433',
        database: 'billing',
        url: 'jdbc:postgresql://db.example.com:5433/billing',
        configurationType: 'MANUAL',
        type: 'prod',
        color: '255,0,0',
        'auth-model': 'postgres_pgpass',
        properties: { currentSchema: 'sales, public', targetServerType: 'preferSecondary' },
        handlers: {
          postgre_ssl: {
            type: 'CONFIG',
            enabled: true,
            properties: {
              sslMode: 'verify-ca',
              'ssl.ca.cert': '/ca.pem',
              'ssl.client.cert': '/c',
              'ssl.client.key': '/k',
            },
          },
          ssh_tunnel: {
            type: 'TUNNEL',
            enabled: true,
            properties: {
              host: 'bastion',
              port: 22,
              authType: 'PUBLIC_KEY',
              keyPath: '/home/ada/.ssh/id',
              'jumpServer0.enabled': true,
              'jumpServer0.host': 'hop',
              'jumpServer0.port': 2222,
            },
          },
        },
      },
    },
    'postgres-jdbc-2': {
      provider: 'postgresql',
      driver: 'postgres-jdbc',
      name: 'cluster',
      'read-only': true,
      configuration: {
        url: 'jdbc:postgresql://n1:5432,n2:5433/app?sslmode=require&user=ada&password=s3cret',
        configurationType: 'URL',
        type: 'custom1',
        handlers: { ssh_tunnel: { enabled: false, properties: { host: 'x' } } },
      },
    },
    'redshift-1': {
      provider: 'postgresql',
      driver: 'postgres-redshift-jdbc',
      name: 'warehouse',
      configuration: { host: 'r', port: '5439', database: 'dwh', url: 'jdbc:redshift://r:5439/dwh', type: 'dev' },
    },
    'mysql-1': { provider: 'mysql', name: 'shop', configuration: { url: 'jdbc:mysql://h/d' } },
    'broken-1': 7,
  },
});

it('reads DBeaver’s data sources', () => {
  const found = readDbeaverFile(dbeaver);
  expect(lines(found)).toEqual([
    'Prod/EU/billing: postgres@db.example.com:5433/billing production (“billing” in DBeaver)',
    'cluster: ada@n1:5432/app staging (“cluster” in DBeaver)',
    'warehouse: postgres@r:5439/dwh development (“warehouse” in DBeaver)',
  ]);
  expect(found.candidates[0]).toMatchObject({
    draft: {
      color: 'red',
      readOnly: true,
      options: '-c search_path=sales,public',
      targetSessionAttrs: 'prefer-standby',
      sslMode: 'verify-ca',
      sslRootCert: '/ca.pem',
      sslCert: '/c',
      sslKey: '/k',
      authentication: { kind: 'passfile' },
      ssh: { host: 'bastion', port: 22, method: 'key', keyFile: '/home/ada/.ssh/id', jumpHosts: ['hop:2222'] },
    },
    warnings: [
      'Its user is not in the file; postgres is assumed.',
      'The user of its SSH tunnel is not in the file. Fill it in under SSH.',
    ],
  });
  expect(found.candidates[1]).toMatchObject({
    draft: { otherHosts: [{ host: 'n2', port: 5433 }], sslMode: 'require', readOnly: true },
    warnings: [],
  });
  expect(found.candidates[1]?.draft).not.toHaveProperty('ssh');
  expect(found.candidates[2]?.warnings[0]).toContain('only resembles PostgreSQL');
  expect(found.warnings).toEqual([
    '2 for other databases than PostgreSQL are left out',
    'User names and passwords lie encrypted in DBeaver’s credentials-config.json and are not read.',
  ]);
  expect(JSON.stringify(found)).not.toContain('s3cret');
});

it.each([
  ['orders-prod', 'h', 'production'],
  ['product', 'h', 'development'],
  ['pre-prod live', 'h', 'staging'],
  ['qa', 'localhost', 'development'],
  ['x', '127.0.0.1', 'local'],
  ['x', '/tmp', 'local'],
])('guesses the environment of %s on %s as %s', (words, host, environment) => {
  expect(guessEnvironment(words, host)).toBe(environment);
});

it.each([
  ['#ff9900', 'amber'],
  ['255,0,0', 'red'],
  ['#00aa55', 'green'],
  ['#3366ff', 'blue'],
  ['#cc33ff', 'purple'],
  ['#808080', 'grey'],
  ['#ffffff', undefined],
  ['#000000', undefined],
  ['orange', undefined],
])('takes %s for %s', (text, color) => {
  expect(nearestColor(text)).toBe(color);
});
