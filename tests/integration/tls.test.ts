// Every sslmode against servers with good and bad certificates: whatever psql (libpq) answers, Steward answers too.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { ConnectParameters } from '../../electron/postgres/connect-parameters.ts';
import { connectClient } from '../../electron/postgres/pg-session.ts';
import { type SslMode, sslAttempts } from '../../electron/postgres/tls-options.ts';
import { CertificateMaker, type KeyPair } from '../support/certificates.ts';
import { type TestServer, startTestServer } from '../support/postgres-server.ts';
import { until } from '../support/until.ts';

const modes: readonly SslMode[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];
const everyHost = [
  '127.0.0.1',
  'localhost',
  'db.example.test',
  'a.b.example.test',
  'DB.EXAMPLE.TEST',
  'elsewhere.example',
];
let maker: CertificateMaker;
let authority: KeyPair;
let otherAuthority: KeyPair;
let serverFiles: KeyPair;
let client: KeyPair;
let lockedClient: KeyPair;
let revokedClientCrl: string;
let server: TestServer;
let plain: TestServer;
const certificates = new Map<string, KeyPair>();

beforeAll(async () => {
  maker = await CertificateMaker.create();
  authority = maker.make('authority', { commonName: 'Test authority', authority: true });
  otherAuthority = maker.make('other-authority', { commonName: 'Other authority', authority: true });
  const names = 'DNS:localhost,IP:127.0.0.1';
  const signed = (name: string, options: { commonName?: string; names?: string; expired?: boolean }) =>
    certificates.set(name, maker.make(name, { commonName: 'server', issuer: authority, ...options }));
  signed('good', { names });
  signed('expired', { names, expired: true });
  signed('of another host', { names: 'DNS:elsewhere.example' });
  signed('with a wildcard', { names: 'DNS:*.example.test' });
  signed('with a common name alone', { commonName: 'db.example.test' });
  signed('with an address as its common name', { commonName: '127.0.0.1' });
  certificates.set('self-signed', maker.make('self-signed', { commonName: 'localhost', names }));
  certificates.set(
    'of another authority',
    maker.make('foreign', { commonName: 'server', names, issuer: otherAuthority }),
  );
  client = maker.make('client', { commonName: 'cert_user', issuer: authority });
  lockedClient = maker.make('locked-client', { commonName: 'cert_user', issuer: authority, passphrase: 'open it' });
  revokedClientCrl = maker.revoke('revoked', authority, certificates.get('good') as KeyPair);
  serverFiles = await maker.forServer('server-in-use', certificates.get('good') as KeyPair);
  const hba = path.join(maker.folder, 'pg_hba.conf');
  writeFileSync(
    hba,
    [
      'hostssl all cert_user all cert',
      'hostssl all only_tls all scram-sha-256',
      'hostnossl all only_plain all scram-sha-256',
      'host all only_tls all reject',
      'host all only_plain all reject',
      'host all all all scram-sha-256',
    ].join('\n'),
  );
  chmodSync(hba, 0o644);
  server = await startTestServer({
    settings: {
      ssl: 'on',
      ssl_cert_file: serverFiles.cert,
      ssl_key_file: serverFiles.key,
      ssl_ca_file: authority.cert,
      hba_file: hba,
    },
  });
  plain = await startTestServer();
  await server.run(
    `create role cert_user login; create role only_tls login password 'x'; create role only_plain login password 'x'`,
  );
});
afterAll(async () => {
  await server.stop();
  await plain.stop();
});

/** The server shows another certificate from now on. */
async function present(name: string): Promise<void> {
  const pair = certificates.get(name) as KeyPair;
  writeFileSync(serverFiles.cert, '');
  copyFileSync(pair.cert, serverFiles.cert);
  const key = await maker.forServer('next', pair);
  copyFileSync(key.key, serverFiles.key);
  await server.run('select pg_reload_conf()');
  // New sessions take the certificate when the postmaster has read it.
  const serial = spawnSync('openssl', ['x509', '-in', pair.cert, '-noout', '-serial'], { encoding: 'utf8' }).stdout;
  await until(() => {
    const shown =
      'openssl s_client -starttls postgres -connect "$0" </dev/null 2>/dev/null | openssl x509 -noout -serial';
    const seen = spawnSync('sh', ['-c', shown, `127.0.0.1:${server.port}`], { encoding: 'utf8' });
    return seen.stdout === serial;
  });
}

interface Try {
  readonly at?: TestServer;
  readonly host?: string;
  readonly user?: string;
  readonly password?: string;
  readonly sslMode: SslMode;
  readonly sslRootCert?: string;
  readonly sslCert?: string;
  readonly sslKey?: string;
  readonly sslCrl?: string;
}

type Answer = 'encrypted' | 'not encrypted' | 'refused';

/** What psql does with it. */
function psql(attempt: Try): Answer {
  const at = attempt.at ?? server;
  const conninfo = {
    host: attempt.host ?? '127.0.0.1',
    hostaddr: '127.0.0.1',
    port: at.port,
    dbname: 'postgres',
    user: attempt.user ?? at.user,
    sslmode: attempt.sslMode,
    ...(attempt.sslRootCert ? { sslrootcert: attempt.sslRootCert } : {}),
    ...(attempt.sslCert ? { sslcert: attempt.sslCert, sslkey: attempt.sslKey } : {}),
    ...(attempt.sslCrl ? { sslcrl: attempt.sslCrl } : {}),
  };
  const text = Object.entries(conninfo).map(([name, value]) => `${name}='${value}'`);
  const answer = spawnSync(
    'psql',
    ['-XAtw', '-d', text.join(' '), '-c', 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'],
    { encoding: 'utf8', env: { ...process.env, PGPASSWORD: attempt.password ?? at.password } },
  );
  return answer.status !== 0 ? 'refused' : answer.stdout.trim() === 't' ? 'encrypted' : 'not encrypted';
}

async function steward(attempt: Try): Promise<{ answer: Answer; error: Error | undefined }> {
  const at = attempt.at ?? server;
  const { at: _, ...fields } = attempt;
  const parameters: ConnectParameters = {
    port: at.port,
    database: 'postgres',
    user: at.user,
    password: at.password,
    settings: {},
    connectTimeoutMs: 10_000,
    ...fields,
    host: attempt.host ?? '127.0.0.1',
    address: { host: '127.0.0.1', port: at.port },
  };
  try {
    const session = await connectClient(parameters);
    await session.client.end();
    return { answer: session.ssl === false ? 'not encrypted' : 'encrypted', error: undefined };
  } catch (error) {
    return { answer: 'refused', error: error as Error };
  }
}

describe.each([
  'good',
  'expired',
  'of another host',
  'self-signed',
  'of another authority',
  'with a wildcard',
  'with a common name alone',
  'with an address as its common name',
])('a certificate %s', (name) => {
  beforeAll(() => present(name), 30_000);

  it.each(modes)('sslmode %s is what psql takes it for, with and without a root certificate', async (sslMode) => {
    for (const host of sslMode === 'verify-full' ? everyHost : ['127.0.0.1', 'elsewhere.example']) {
      for (const sslRootCert of [undefined, authority.cert]) {
        const attempt: Try = { host, sslMode, ...(sslRootCert ? { sslRootCert } : {}) };
        const { answer, error } = await steward(attempt);
        expect({ host, sslRootCert, answer, error: undefined }, String(error)).toEqual({
          host,
          sslRootCert,
          answer: psql(attempt),
          error: undefined,
        });
      }
    }
  });
});

describe('pg_hba.conf decides', () => {
  beforeAll(() => present('good'), 30_000);

  it.each(modes)('sslmode %s falls back as psql does', async (sslMode) => {
    for (const user of ['only_tls', 'only_plain']) {
      const attempt = { user, password: 'x', sslMode, sslRootCert: authority.cert };
      expect({ user, answer: (await steward(attempt)).answer }).toEqual({ user, answer: psql(attempt) });
    }
  });

  it.each(modes)('sslmode %s of a server without TLS', async (sslMode) => {
    const attempt = { at: plain, sslMode, sslRootCert: authority.cert };
    expect((await steward(attempt)).answer).toBe(psql(attempt));
  });
});

describe('a client certificate', () => {
  beforeAll(() => present('good'), 30_000);
  const tried = () => ({
    user: 'cert_user',
    password: '',
    sslMode: 'verify-full' as const,
    sslRootCert: authority.cert,
  });

  it('lets its user in', async () => {
    const attempt = { ...tried(), sslCert: client.cert, sslKey: client.key };
    expect((await steward(attempt)).answer).toBe('encrypted');
    expect(psql(attempt)).toBe('encrypted');
  });

  it('is missing: the server says so', async () => {
    const { answer, error } = await steward(tried());
    expect(answer).toBe('refused');
    expect(error?.message).toContain('certificate');
  });

  it('with a key that others can read is refused, as by psql', async () => {
    const open = path.join(maker.folder, 'open.key');
    copyFileSync(client.key, open);
    chmodSync(open, 0o644);
    const attempt = { ...tried(), sslCert: client.cert, sslKey: open };
    expect(psql(attempt)).toBe('refused');
    expect((await steward(attempt)).error).toMatchObject({ failure: { hint: `chmod 600 ${open}` } });
  });

  it('with an encrypted key asks for its passphrase, and takes it', async () => {
    const attempt = { ...tried(), sslCert: lockedClient.cert, sslKey: lockedClient.key };
    const question = { kind: 'secret', purpose: 'key-passphrase', subject: lockedClient.key };
    expect((await steward(attempt)).error).toMatchObject({ failure: { code: 'needs_answer', question } });
    const wrong = await steward({ ...attempt, sslKeyPassphrase: 'not this' } as Try);
    expect(wrong.error).toMatchObject({ failure: { code: 'needs_answer', question } });
    expect(JSON.stringify(wrong.error)).not.toContain('not this');
    expect((await steward({ ...attempt, sslKeyPassphrase: 'open it' } as Try)).answer).toBe('encrypted');
  });
});

it('a revoked server certificate is refused, as by psql', async () => {
  await present('good');
  const attempt = { sslMode: 'verify-full' as const, sslRootCert: authority.cert, sslCrl: revokedClientCrl };
  expect(psql(attempt)).toBe('refused');
  expect((await steward(attempt)).answer).toBe('refused');
}, 30_000);

it('the system’s authorities are only good with verify-full', () => {
  expect(() => sslAttempts({ host: 'db', sslMode: 'require', sslRootCert: 'system' })).toThrow('weak sslmode');
  expect(sslAttempts({ host: 'db', sslMode: 'verify-full', sslRootCert: 'system' })).toHaveLength(1);
});
