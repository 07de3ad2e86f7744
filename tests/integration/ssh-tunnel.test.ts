import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type Socket, connect, createServer } from 'node:net';
import path from 'node:path';

import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { SshSettings } from '../../electron/contract/connections.ts';
import type { Failure } from '../../electron/contract/failure.ts';
import { StewardError, toFailure } from '../../electron/postgres/failure.ts';
import { KnownHosts } from '../../electron/postgres/ssh/known-hosts-file.ts';
import type { LocalUser } from '../../electron/postgres/ssh/local-user.ts';
import { SshTunnel, type SshTunnelOptions } from '../../electron/postgres/ssh/ssh-tunnel.ts';
import { type TestServer, freePort, startTestServer } from '../support/postgres-server.ts';
import { startPasswordServer } from '../support/ssh-password-server.ts';
import {
  type TestSshKey,
  type TestSshServer,
  makeSshKey,
  startSshAgent,
  startSshServer,
} from '../support/ssh-server.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

let postgres: TestServer;
let folder: string;
let key: TestSshKey;
let encrypted: TestSshKey;
let gateway: TestSshServer;

beforeAll(async () => {
  postgres = await startTestServer();
  folder = await mkdtemp('/tmp/steward-ssh-');
  await mkdir(path.join(folder, 'keys'));
  key = await makeSshKey(path.join(folder, 'keys', 'plain'));
  encrypted = await makeSshKey(path.join(folder, 'keys', 'locked'), { passphrase: 'open sesame' });
  gateway = await startSshServer({ folder, authorizedKeys: [key, encrypted] });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

let opened: AsyncDisposable[] = [];
let local: LocalUser;
let knownHosts: KnownHosts;
beforeEach(async () => {
  const home = await mkdtemp(path.join(folder, 'home-'));
  await mkdir(path.join(home, '.ssh'));
  local = {
    name: gateway.user,
    home,
    uid: process.getuid?.(),
    sshDirectory: path.join(home, '.ssh'),
    systemSshDirectory: path.join(home, 'etc'),
    environment: {},
    platform: process.platform,
  };
  knownHosts = new KnownHosts(path.join(home, 'data'), local);
  await trust(gateway);
});
afterEach(async () => {
  for (const resource of opened.toReversed()) await resource[Symbol.asyncDispose]();
  opened = [];
});

function use<Resource extends AsyncDisposable>(resource: Resource): Resource {
  opened.push(resource);
  return resource;
}

async function trust(server: TestSshServer, at: { host: string; port: number } = server): Promise<void> {
  await knownHosts.trustHostKey({ host: at.host, port: at.port, ...(await server.hostKey()) });
}

function settingsFor(server: { host: string; port: number; user?: string }, more: Partial<SshSettings> = {}) {
  return {
    host: server.host,
    port: server.port,
    user: server.user ?? 'ada',
    method: 'auto',
    jumpHosts: [],
    ...more,
  } satisfies SshSettings;
}

function tunnelTo(settings: SshSettings, more: Partial<SshTunnelOptions> = {}): SshTunnel {
  return use(
    new SshTunnel({
      settings,
      knownHosts,
      local,
      secrets: () => Promise.resolve(undefined),
      keepAliveMs: 500,
      ...more,
    }),
  );
}

function withKey(more: Partial<SshSettings> = {}): SshSettings {
  return settingsFor(gateway, { method: 'key', keyFile: key.file, ...more });
}

/** A session through the tunnel; fails with what the tunnel has to say, if it is to blame. */
async function session(tunnel: SshTunnel, port = postgres.port): Promise<pg.Client> {
  const near = await tunnel.forward('127.0.0.1', port);
  const { user, password } = postgres;
  const client = new pg.Client({ host: near.host, port: near.port, user, password, database: 'postgres' });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw tunnel.lastFailure ?? error;
  }
  use({ [Symbol.asyncDispose]: () => client.end().catch(() => {}) });
  return client;
}

async function one(tunnel: SshTunnel): Promise<unknown> {
  const client = await session(tunnel);
  const { rows } = await client.query<{ one: number }>('select 1 as one');
  await client.end();
  return rows[0]?.one;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  return work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => toFailure(error),
  );
}

describe('logging in', () => {
  it('goes through one server with a key', async () => {
    const tunnel = tunnelTo(withKey());
    await tunnel.open();
    expect(await one(tunnel)).toBe(1);
    expect(tunnel.lastFailure).toBeUndefined();
  });

  it.each(['rsa', 'ecdsa', 'ed25519'] as const)('takes a default key of type %s', async (type) => {
    const own = await makeSshKey(path.join(local.sshDirectory, `id_${type}`), { type });
    await gateway.authorize(own);
    expect(await one(tunnelTo(settingsFor(gateway)))).toBe(1);
  });

  it('asks for the passphrase of an encrypted key, says when it is wrong, and works with the right one', async () => {
    const settings = withKey({ keyFile: encrypted.file });
    const question = { kind: 'secret', purpose: 'ssh-key-passphrase', subject: encrypted.file };
    const asked: string[] = [];
    const secrets = (answer?: string) => (purpose: string, subject: string) => {
      asked.push(`${purpose} ${subject}`);
      return Promise.resolve(answer);
    };
    expect(await failureOf(tunnelTo(settings, { secrets: secrets() }).open())).toEqual({
      code: 'needs_answer',
      message: `The key file ${encrypted.file} is encrypted and needs its passphrase.`,
      retryable: false,
      question,
    });
    expect(await failureOf(tunnelTo(settings, { secrets: secrets('sesame') }).open())).toEqual({
      code: 'needs_answer',
      message: `The passphrase for ${encrypted.file} is wrong.`,
      retryable: false,
      question,
    });
    expect(await one(tunnelTo(settings, { secrets: secrets('open sesame') }))).toBe(1);
    expect(new Set(asked)).toEqual(new Set([`ssh-key-passphrase ${encrypted.file}`]));
  });

  it('asks for the passphrase of an old key, whose public part is encrypted too', async () => {
    const old = await makeSshKey(path.join(local.home, 'old'), { type: 'rsa', pem: true, passphrase: 'long ago' });
    await rm(`${old.file}.pub`);
    await gateway.authorize(old);
    const settings = withKey({ keyFile: old.file });
    expect(await failureOf(tunnelTo(settings).open())).toMatchObject({
      code: 'needs_answer',
      question: { subject: old.file },
    });
    expect(await one(tunnelTo(settings, { secrets: () => Promise.resolve('long ago') }))).toBe(1);
  });

  it('does not ask for the passphrase of a key that the server does not take', async () => {
    await makeSshKey(path.join(local.sshDirectory, 'id_rsa'), { type: 'rsa', passphrase: 'never needed' });
    const failure = await failureOf(tunnelTo(settingsFor(gateway)).open());
    expect(failure).toMatchObject({ code: 'auth_failed' });
    expect(failure.message).toBe(
      `${gateway.name} did not accept the login. Tried: ${path.join(local.sshDirectory, 'id_rsa')}. The server offers: publickey.`,
    );
  });

  it('uses the keys of an agent', async () => {
    const agent = use(await startSshAgent(folder, [key]));
    const withAgent = { local: { ...local, environment: { SSH_AUTH_SOCK: agent.socket } } };
    expect(await one(tunnelTo(settingsFor(gateway, { method: 'agent' }), withAgent))).toBe(1);
    expect(await one(tunnelTo(settingsFor(gateway), withAgent))).toBe(1);
    expect(await failureOf(tunnelTo(settingsFor(gateway, { method: 'agent' })).open())).toMatchObject({
      code: 'auth_failed',
      message: `There is no SSH agent to log in at ${gateway.name}: SSH_AUTH_SOCK is not set.`,
    });
  });

  it('offers the chosen key alone where the agent is full and the server takes one try', async () => {
    const strict = use(await startSshServer({ folder, authorizedKeys: [encrypted], config: { MaxAuthTries: '1' } }));
    await trust(strict);
    const others = await Promise.all([1, 2, 3, 4].map((n) => makeSshKey(path.join(local.home, `other${n}`))));
    const unlocked = path.join(local.home, 'unlocked');
    const mine = await makeSshKey(unlocked, { comment: 'mine' });
    await strict.authorize(mine);
    const agent = use(await startSshAgent(folder, [...others, mine]));
    const withAgent = { local: { ...local, environment: { SSH_AUTH_SOCK: agent.socket } } };

    // Everything in the agent: sshd hangs up before the right key comes.
    const failure = await failureOf(tunnelTo(settingsFor(strict), withAgent).open());
    expect(failure).toMatchObject({ code: 'auth_failed', hint: expect.stringContaining('IdentitiesOnly') as string });
    expect(failure.message).toContain('Too many authentication failures');

    // Chosen in the settings: the private half may even be gone.
    await rm(unlocked);
    await writeFile(unlocked, mine.publicKey);
    expect(await one(tunnelTo(settingsFor(strict, { keyFile: unlocked }), withAgent))).toBe(1);

    // Chosen in the configuration.
    await writeFile(
      path.join(local.sshDirectory, 'config'),
      `Host strict\n  HostName 127.0.0.1\n  Port ${strict.port}\n  User ${strict.user}\n  IdentitiesOnly yes\n  IdentityFile ~/unlocked\n`,
    );
    expect(await one(tunnelTo({ host: 'strict', method: 'auto', jumpHosts: [] }, withAgent))).toBe(1);
    // One refused key, of the first attempt; the others offered nothing but the right one.
    expect((await strict.log()).match(/Too many authentication failures/g)).toHaveLength(1);
    expect(await strict.logins()).toBe(2);
  });

  it('uses a password, and the same answer in keyboard-interactive', async () => {
    for (const methods of [['password'], ['keyboard-interactive']] as const) {
      const server = use(await startPasswordServer({ password: 'hunter2', methods }));
      const settings = settingsFor(server, { method: 'password' });
      await accept(tunnelTo(settings));
      const name = `ada@127.0.0.1:${server.port}`;
      expect(await failureOf(tunnelTo(settings).open())).toMatchObject({
        code: 'needs_answer',
        question: { kind: 'secret', purpose: 'ssh-password', subject: name },
      });
      expect(await failureOf(tunnelTo(settings, { secrets: () => Promise.resolve('') }).open())).toMatchObject({
        code: 'needs_answer',
      });
      // No empty one was sent.
      expect(server.attempts.flatMap(({ secrets }) => secrets)).toEqual([]);
      expect(await failureOf(tunnelTo(settings, { secrets: () => Promise.resolve('wrong') }).open())).toMatchObject({
        code: 'needs_answer',
        message: `${name} did not accept the password. Tried: ${methods[0]}. The server offers: ${methods[0]}.`,
        question: { kind: 'secret', purpose: 'ssh-password', subject: name },
      });
      expect(await one(tunnelTo(settings, { secrets: () => Promise.resolve('hunter2') }))).toBe(1);
    }
  });

  it('does not send a refused password again and again', async () => {
    const server = use(await startPasswordServer({ password: 'hunter2' }));
    let answer = 'wrong';
    const tunnel = tunnelTo(settingsFor(server, { method: 'password' }), { secrets: () => Promise.resolve(answer) });
    await accept(tunnel);
    for (let i = 0; i < 3; i += 1) {
      expect(await failureOf(session(tunnel))).toMatchObject({ code: 'needs_answer' });
    }
    expect(await failureOf(tunnel.open())).toMatchObject({ code: 'needs_answer' });
    expect(server.attempts.flatMap(({ secrets }) => secrets)).toEqual(['wrong']);
    answer = 'hunter2';
    expect(await one(tunnel)).toBe(1);
  });

  it('gives up where the server wants a one-time code, and says so', async () => {
    const server = use(
      await startPasswordServer({
        password: 'hunter2',
        methods: ['keyboard-interactive'],
        nextPrompt: () => 'Verification code: ',
      }),
    );
    const tunnel = tunnelTo(settingsFor(server, { method: 'password' }), { secrets: () => Promise.resolve('hunter2') });
    await accept(tunnel);
    const { message } = await failureOf(tunnel.open());
    expect(message).toContain('It asks for more than the password: “Verification code:”.');
    expect(server.attempts.flatMap(({ secrets }) => secrets)).toEqual(['hunter2']);
  });

  it('does not use a key file that others can read', async () => {
    const readable = await makeSshKey(path.join(local.home, 'readable'));
    await gateway.authorize(readable);
    await chmod(readable.file, 0o644);
    expect(await failureOf(tunnelTo(withKey({ keyFile: readable.file })).open())).toEqual({
      code: 'refused',
      message: `The permissions 0644 of ${readable.file} let others read this private key.`,
      hint: `It is not used, as ssh would not use it either: chmod 600 '${readable.file}'`,
      retryable: false,
    });
  });

  it.each([
    ['PuTTY-User-Key-File-3: ssh-ed25519\n', 'of PuTTY’s formats only version 2 with RSA is read.'],
    ['-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n-----END PRIVATE KEY-----\n', 'PKCS#8 is not read.'],
    ['hello', 'Unsupported key format.'],
  ])('says what is wrong with a key file: %s', async (content, message) => {
    const file = path.join(local.home, 'strange');
    await writeFile(file, content, { mode: 0o600 });
    expect(await failureOf(tunnelTo(withKey({ keyFile: file })).open())).toMatchObject({
      code: 'bad_input',
      message: `${file} cannot be used: ${message}`,
    });
  });

  it('says that a key file is missing', async () => {
    expect(await failureOf(tunnelTo(withKey({ keyFile: '~/nowhere' })).open())).toMatchObject({
      code: 'bad_input',
      message: `The key file ${path.join(local.home, 'nowhere')} does not exist.`,
    });
  });
});

/** Accepts the host key that the tunnel asks about. */
async function accept(tunnel: SshTunnel): Promise<void> {
  const { question } = await failureOf(tunnel.open());
  if (question?.kind !== 'host-key') throw new Error(`asked ${question?.kind}`);
  await knownHosts.trustHostKey(question);
}

describe('the way', () => {
  it('goes through a jump host, each with its own key and its own log-in', async () => {
    const inner = use(await startSshServer({ folder, authorizedKeys: [encrypted] }));
    await trust(inner);
    const secrets = (purpose: string) => Promise.resolve(purpose === 'ssh-key-passphrase' ? 'open sesame' : undefined);
    await writeFile(
      path.join(local.sshDirectory, 'config'),
      `Host door\n  HostName 127.0.0.1\n  Port ${gateway.port}\n  User ${gateway.user}\n  IdentityFile ${key.file}\n`,
    );
    const tunnel = tunnelTo(settingsFor(inner, { method: 'key', keyFile: encrypted.file, jumpHosts: ['door'] }), {
      secrets,
    });
    const before = await gateway.logins();
    expect(await one(tunnel)).toBe(1);
    expect(await one(tunnel)).toBe(1);
    expect([(await gateway.logins()) - before, await inner.logins()]).toEqual([1, 1]);

    // The inner server dies: the next query rebuilds the way.
    await inner.kill();
    await until(() => tunnel.lastFailure !== undefined);
    expect(tunnel.lastFailure?.message).toBe(`The SSH connection to ${inner.name} was lost: the server closed it.`);
    expect(await failureOf(tunnel.open())).toMatchObject({
      code: 'unreachable',
      message: `The SSH server ${inner.name} cannot be reached: the jump host ${gateway.name} says: Connection refused`,
    });
    await inner.start();
    expect(await one(tunnel)).toBe(1);
  });

  it('takes an alias with a ProxyJump from the configuration', async () => {
    const inner = use(await startSshServer({ folder, authorizedKeys: [key] }));
    await trust(inner);
    await writeFile(
      path.join(local.sshDirectory, 'work.conf'),
      `Host db\n  HostName 127.0.0.1\n  Port ${inner.port}\n`,
    );
    await writeFile(
      path.join(local.sshDirectory, 'config'),
      [
        'Include *.conf',
        'Host door',
        `  HostName 127.0.0.1`,
        `  Port ${gateway.port}`,
        'Host *',
        `  User ${gateway.user}`,
        `  IdentityFile ${key.file}`,
        '  ProxyJump door',
      ].join('\n'),
    );
    const before = await gateway.logins();
    expect(await one(tunnelTo({ host: 'db', method: 'auto', jumpHosts: [] }))).toBe(1);
    expect(await gateway.logins()).toBe(before + 1);
  });

  it('names the hop that cannot be reached', async () => {
    const nobody = await freePort();
    expect(await failureOf(tunnelTo(withKey({ port: nobody })).open())).toMatchObject({
      code: 'unreachable',
      message: `The SSH server ${gateway.user}@127.0.0.1:${nobody} cannot be reached: connect ECONNREFUSED 127.0.0.1:${nobody}`,
    });
  });

  it('names what the last server could not reach, in its words', async () => {
    const nobody = await freePort();
    const tunnel = tunnelTo(withKey());
    expect(await failureOf(session(tunnel, nobody))).toMatchObject({
      code: 'unreachable',
      message: `The SSH server ${gateway.name} could not reach 127.0.0.1:${nobody}: Connection refused`,
      retryable: true,
    });
    // The way itself is fine.
    expect(await one(tunnel)).toBe(1);
  });

  it('says that a server does not forward', async () => {
    const closed = use(await startSshServer({ folder, authorizedKeys: [key], config: { AllowTcpForwarding: 'no' } }));
    await trust(closed);
    const failure = await failureOf(session(tunnelTo(settingsFor(closed, { method: 'key', keyFile: key.file }))));
    expect(failure).toMatchObject({ code: 'unreachable', retryable: false });
    expect(failure.message).toBe(
      `The SSH server ${closed.name} could not reach 127.0.0.1:${postgres.port}: administratively prohibited: open failed`,
    );
    expect(failure.hint).toContain('AllowTcpForwarding');
  });
});

describe('host keys', () => {
  it('asks about an unknown one, and works once it is trusted', async () => {
    const server = use(await startSshServer({ folder, authorizedKeys: [key] }));
    const settings = settingsFor(server, { method: 'key', keyFile: key.file });
    const tunnel = tunnelTo(settings);
    const failure = await failureOf(tunnel.open());
    const { keyType, key: shown } = await server.hostKey();
    expect(failure).toMatchObject({
      code: 'needs_answer',
      question: { kind: 'host-key', host: '127.0.0.1', port: server.port, keyType, key: shown, known: [] },
    });
    expect(await server.logins()).toBe(0);
    await knownHosts.trustHostKey({ host: server.host, port: server.port, keyType, key: shown });
    expect(await one(tunnel)).toBe(1);
  });

  it('takes one from the user’s own file, and leaves that file as it is', async () => {
    const server = use(await startSshServer({ folder, authorizedKeys: [key] }));
    const { keyType, key: shown } = await server.hostKey();
    const text = `[127.0.0.1]:${server.port} ${keyType} ${shown}\n`;
    const file = path.join(local.sshDirectory, 'known_hosts');
    await writeFile(file, text);
    expect(await one(tunnelTo(settingsFor(server, { method: 'key', keyFile: key.file })))).toBe(1);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('asks the server for the type that is on file', async () => {
    const server = use(
      await startSshServer({ folder, authorizedKeys: [key], hostKeyTypes: ['ed25519', 'rsa', 'ecdsa'] }),
    );
    for (const type of ['rsa', 'ecdsa'] as const) {
      await rm(knownHosts.file, { force: true });
      await knownHosts.trustHostKey({ host: server.host, port: server.port, ...(await server.hostKey(type)) });
      expect(await one(tunnelTo(settingsFor(server, { method: 'key', keyFile: key.file })))).toBe(1);
    }
  });

  it('warns of one that has changed, and takes it once it is trusted', async () => {
    const server = use(await startSshServer({ folder, authorizedKeys: [key] }));
    await trust(server);
    const tunnel = tunnelTo(settingsFor(server, { method: 'key', keyFile: key.file }));
    expect(await one(tunnel)).toBe(1);
    await server.kill();
    await server.replaceHostKey();
    await server.start();
    const failure = await failureOf(session(tunnel));
    expect(failure.code).toBe('needs_answer');
    expect(failure.message).toMatch(
      /^The key of the SSH server 127\.0\.0\.1:\d+ has changed\. Somebody may be in between/,
    );
    expect(failure.question).toMatchObject({ kind: 'host-key', known: [expect.stringMatching(/^SHA256:/) as string] });
    expect(await server.logins()).toBe(1);
    await trust(server);
    expect(await one(tunnel)).toBe(1);
  });
});

describe('what goes through it', () => {
  it('carries much both ways, through several key exchanges, and ends properly', async () => {
    const server = use(await startSshServer({ folder, authorizedKeys: [key], config: { RekeyLimit: '4M' } }));
    await trust(server);
    const tunnel = tunnelTo(settingsFor(server, { method: 'key', keyFile: key.file }));
    const client = await session(tunnel);
    const { rows } = await client.query<{ n: number }>({
      text: 'select length($1) as n, repeat($2, 30000000) as back',
      values: ['x'.repeat(20_000_000), 'y'],
    });
    expect(rows[0]?.n).toBe(20_000_000);
    const sessions = await Promise.all(Array.from({ length: 8 }, () => session(tunnel)));
    const lengths = await Promise.all(
      sessions.map(
        async (each) => (await each.query<{ r: string }>("select repeat('z', 3000000) as r")).rows[0]?.r.length,
      ),
    );
    expect(lengths).toEqual(Array.from({ length: 8 }, () => 3_000_000));
  });

  it('reads no faster than the client does', async () => {
    const proxy = use(await startTcpProxy({ target: { port: gateway.port } }));
    await trust(gateway, proxy);
    const source = use(await endlessServer());
    const tunnel = tunnelTo(withKey({ port: proxy.port }));
    const near = await tunnel.forward('127.0.0.1', source.port);
    const socket = connect(near.port, near.host);
    socket.pause();
    await until(() => proxy.bytes.down > 1_000_000);
    const steady = await settled(() => Math.round(proxy.bytes.down / 100_000));
    // What the sockets on the way hold, and the window of the channel. The source would send without an end.
    expect(steady * 100_000).toBeLessThan(30_000_000);
    socket.destroy();
    await until(() => source.open === 0, 'the far connection is closed');
  });

  it('lets one side end and still hears the other', async () => {
    const echo = use(await lateEchoServer());
    const tunnel = tunnelTo(withKey());
    const near = await tunnel.forward('127.0.0.1', echo.port);
    const socket = connect({ port: near.port, host: near.host, allowHalfOpen: true });
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    const ended = new Promise((resolve) => {
      socket.once('end', resolve);
    });
    socket.end('all of it');
    await ended;
    expect(heard).toBe('all of it, said after the end');
  });

  it('closes the far session when the client goes', async () => {
    const tunnel = tunnelTo(withKey());
    const client = await session(tunnel);
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const pid = rows[0]?.pid;
    (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await until(async () => (await postgres.run(`select 1 from pg_stat_activity where pid = ${pid}`)).length === 0);
  });
});

describe('a connection that is lost', () => {
  it('is built again for the next query after sshd was killed', async () => {
    const lost: StewardError[] = [];
    const server = use(await startSshServer({ folder, authorizedKeys: [key] }));
    await trust(server);
    const tunnel = tunnelTo(settingsFor(server, { method: 'key', keyFile: key.file }), {
      onLost: (failure) => lost.push(failure),
    });
    const before = await tunnel.forward('127.0.0.1', postgres.port);
    const client = await session(tunnel);
    const running = failureOf(client.query('select pg_sleep(60)'));
    await until(
      async () => (await postgres.run("select 1 from pg_stat_activity where query = 'select pg_sleep(60)'")).length > 0,
    );
    await server.kill();
    // The query that ran is cut, and the tunnel knows why.
    expect((await running).code).toBe('connection_lost');
    expect(tunnel.lastFailure?.failure).toMatchObject({
      code: 'connection_lost',
      message: expect.stringContaining(`The SSH connection to ${server.name} was lost: `) as string,
    });
    expect(lost).toHaveLength(1);
    expect(before.lastFailure).toBe(lost[0]);
    // While it is down, every try says so.
    expect(await failureOf(session(tunnel))).toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining(
        `The SSH server ${server.name} cannot be reached: connect ECONNREFUSED`,
      ) as string,
    });
    await server.start();
    const together = await Promise.all(Array.from({ length: 5 }, () => one(tunnel)));
    expect(together).toEqual([1, 1, 1, 1, 1]);
    // All five waited for one log-in, and the port is the one that it was.
    expect(await server.logins()).toBe(2);
    expect((await tunnel.forward('127.0.0.1', postgres.port)).port).toBe(before.port);
    expect(tunnel.lastFailure).toBeUndefined();
  });

  it('is noticed when the network is a black hole, and built again when it is back', async () => {
    const proxy = use(await startTcpProxy({ target: { port: gateway.port } }));
    await trust(gateway, proxy);
    const lost: StewardError[] = [];
    const tunnel = tunnelTo(withKey({ port: proxy.port }), {
      keepAliveMs: 200,
      connectTimeoutMs: 1000,
      onLost: (failure) => lost.push(failure),
    });
    const client = await session(tunnel);
    await proxy.setMode('stall');
    const running = failureOf(client.query('select 1'));
    expect((await running).code).toBe('connection_lost');
    const name = `${gateway.user}@127.0.0.1:${proxy.port}`;
    expect(lost.map(({ message }) => message)).toEqual([
      `The SSH connection to ${name} was lost: no answer for 0.6 s.`,
    ]);
    // A new connection is taken, and nothing comes.
    expect(await failureOf(session(tunnel))).toMatchObject({
      code: 'unreachable',
      message: `The SSH server ${name} cannot be reached: no answer within 1 s before the SSH handshake.`,
    });
    await proxy.setMode('pass');
    expect(await one(tunnel)).toBe(1);
  });

  it('is not taken for lost while much is under way', async () => {
    const proxy = use(await startTcpProxy({ target: { port: gateway.port } }));
    await trust(gateway, proxy);
    const lost: StewardError[] = [];
    const tunnel = tunnelTo(withKey({ port: proxy.port }), {
      keepAliveMs: 50,
      onLost: (failure) => lost.push(failure),
    });
    const client = await session(tunnel);
    for (let i = 0; i < 5; i += 1) await client.query("select repeat('z', 10000000)");
    await client.query('select pg_sleep(1)');
    expect(lost).toEqual([]);
  });

  it('that was cut in the middle of a query fails that query only', async () => {
    const proxy = use(await startTcpProxy({ target: { port: gateway.port } }));
    await trust(gateway, proxy);
    const tunnel = tunnelTo(withKey({ port: proxy.port }));
    const client = await session(tunnel);
    const running = failureOf(client.query('select pg_sleep(60)'));
    await until(
      async () => (await postgres.run("select 1 from pg_stat_activity where query = 'select pg_sleep(60)'")).length > 0,
    );
    proxy.cut();
    expect((await running).code).toBe('connection_lost');
    expect(await one(tunnel)).toBe(1);
  });
});

describe('its end', () => {
  it('can be told to stop while it connects', async () => {
    const proxy = use(await startTcpProxy({ target: { port: gateway.port }, mode: 'stall' }));
    const tunnel = tunnelTo(withKey({ port: proxy.port }), { connectTimeoutMs: 60_000 });
    const cancel = new AbortController();
    const opening = failureOf(tunnel.open(cancel.signal));
    await until(() => proxy.accepted > 0);
    cancel.abort();
    expect((await opening).code).toBe('cancelled');
    // The next one begins anew.
    await trust(gateway, proxy);
    await proxy.setMode('pass');
    expect(await one(tunnel)).toBe(1);
  });

  it('leaves no port, connection or timer behind', async () => {
    const inner = use(await startSshServer({ folder, authorizedKeys: [key] }));
    await trust(inner);
    const started = resources();
    const tunnel = new SshTunnel({
      settings: settingsFor(inner, { method: 'key', keyFile: key.file, jumpHosts: [gateway.name] }),
      knownHosts,
      local,
      secrets: () => Promise.resolve(undefined),
    });
    const client = await session(tunnel);
    const near = await tunnel.forward('127.0.0.1', postgres.port);
    const ended = new Promise((resolve) => {
      client.once('end', resolve);
    });
    await tunnel[Symbol.asyncDispose]();
    await ended;
    await until(() => resources().length <= started.length, `${resources().join()} is ${started.join()}`, 5000);
    const refused = await new Promise<NodeJS.ErrnoException>((resolve) => {
      connect(near.port, near.host).once('error', resolve);
    });
    expect(refused.code).toBe('ECONNREFUSED');
    await until(async () => /Disconnected from user|Connection (closed|reset) by/.test(await inner.log()));
    expect(await failureOf(tunnel.open())).toMatchObject({ code: 'cancelled' });
    await tunnel[Symbol.asyncDispose]();
  });
});

function resources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => /TCP|Timeout|Worker|Pipe/.test(name))
    .sort();
}

/** Sends to whoever connects, as fast as it is taken. */
async function endlessServer(): Promise<{ port: number; readonly open: number } & AsyncDisposable> {
  const chunk = Buffer.alloc(65_536, 'x');
  return listening((socket) => {
    const write = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', write);
    write();
  });
}

/** Answers only once the other side has ended. */
async function lateEchoServer(): Promise<{ port: number; readonly open: number } & AsyncDisposable> {
  return listening((socket) => {
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    socket.on('end', () => socket.end(`${heard}, said after the end`));
  });
}

async function listening(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    get open() {
      return sockets.size;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A number that has stopped growing. */
async function settled(read: () => number): Promise<number> {
  let last = -1;
  let same = 0;
  await until(() => {
    same = read() === last ? same + 1 : 0;
    last = read();
    return same >= 10;
  }, 'it stops growing');
  return last;
}
