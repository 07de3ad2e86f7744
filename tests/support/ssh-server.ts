import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, readdirSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { freePort } from './postgres-server.ts';
import { until } from './until.ts';

const run = promisify(execFile);

export type SshKeyType = 'ed25519' | 'ecdsa' | 'rsa';

/** A key pair on disk. */
export interface TestSshKey {
  readonly file: string;
  /** One line, as it stands in authorized_keys. */
  readonly publicKey: string;
}

/** Makes a key pair with ssh-keygen; `pem` is the old format, whose public part is encrypted too. */
export async function makeSshKey(
  file: string,
  options: { type?: SshKeyType; passphrase?: string; pem?: boolean; comment?: string } = {},
): Promise<TestSshKey> {
  const type = options.type ?? 'ed25519';
  const format = options.pem ? ['-m', 'PEM'] : [];
  const comment = options.comment ?? path.basename(file);
  await run('ssh-keygen', ['-q', '-t', type, ...format, '-N', options.passphrase ?? '', '-C', comment, '-f', file]);
  return { file, publicKey: (await readFile(`${file}.pub`, 'utf8')).trim() };
}

/** A real sshd on a loopback port of its own, for the user that runs the tests. */
export interface TestSshServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** `user@host:port`, as failures name it. */
  readonly name: string;
  /** Public host key of a type, as in a `.pub` file. */
  hostKey(type?: SshKeyType): Promise<{ keyType: string; key: string }>;
  /** Another host key, from the next start on. */
  replaceHostKey(type?: SshKeyType): Promise<void>;
  authorize(...keys: TestSshKey[]): Promise<void>;
  /** What sshd has written so far. */
  log(): Promise<string>;
  /** How many sessions have been let in. */
  logins(): Promise<number>;
  /** sshd and all its sessions die at once, as in a crash. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface TestSshServerOptions {
  /** A folder of the test, in which the server gets one of its own. */
  readonly folder: string;
  readonly hostKeyTypes?: readonly SshKeyType[];
  readonly authorizedKeys?: readonly TestSshKey[];
  /** Lines of sshd_config, which go before the defaults: the first one counts. */
  readonly config?: Readonly<Record<string, string>>;
}

const sshd = '/usr/sbin/sshd';

/** Starts an OpenSSH server that takes keys only. Passwords: tests/support/ssh-password-server.ts. */
export async function startSshServer(options: TestSshServerOptions): Promise<TestSshServer> {
  if (!existsSync(sshd)) throw new Error('no sshd on this machine (Debian: apt-get install openssh-server)');
  const host = '127.0.0.1';
  const port = await freePort();
  const user = os.userInfo().username;
  const folder = path.join(options.folder, `sshd-${port}`);
  await mkdir(folder, { recursive: true });
  // Where sshd of root's puts its unprivileged half; Debian makes it when the service starts.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const types = options.hostKeyTypes ?? ['ed25519'];
  const hostKeyFile = (type: SshKeyType) => path.join(folder, `host_${type}`);
  for (const type of types) await makeSshKey(hostKeyFile(type), { type });
  const authorizedKeysFile = path.join(folder, 'authorized_keys');
  await writeFile(authorizedKeysFile, '');
  const logFile = path.join(folder, 'log');
  await writeFile(logFile, '');
  await writeFile(
    path.join(folder, 'sshd_config'),
    [
      ...Object.entries(options.config ?? {}).map(([name, value]) => `${name} ${value}`),
      `ListenAddress ${host}:${port}`,
      ...types.map((type) => `HostKey ${hostKeyFile(type)}`),
      `AuthorizedKeysFile ${authorizedKeysFile}`,
      `PidFile ${path.join(folder, 'pid')}`,
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'StrictModes no',
      'UseDNS no',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  );
  let running: ChildProcess | undefined;
  const start = async () => {
    const child = spawn(sshd, ['-D', '-e', '-f', path.join(folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    running = child;
    child.stderr.pipe(createWriteStream(logFile, { flags: 'a' }));
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`sshd ended: ${await readFile(logFile, 'utf8')}`);
        return answers(host, port);
      },
      'sshd listens',
      20_000,
    );
  };
  const kill = async () => {
    const child = running;
    running = undefined;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    // Each session is a process of its own, which lives on when the listener dies.
    const sessions = descendants(child.pid);
    for (const pid of [child.pid, ...sessions]) killOne(pid);
    await ended;
  };
  const authorize = async (...keys: TestSshKey[]) => {
    await appendFile(authorizedKeysFile, keys.map(({ publicKey }) => `${publicKey}\n`).join(''));
  };
  await authorize(...(options.authorizedKeys ?? []));
  await start();
  return {
    host,
    port,
    user,
    name: `${user}@${host}:${port}`,
    authorize,
    kill,
    start,
    log: () => readFile(logFile, 'utf8'),
    logins: async () => (await readFile(logFile, 'utf8')).match(/^Accepted \w+ for /gm)?.length ?? 0,
    hostKey: async (type = types[0] ?? 'ed25519') => {
      const [keyType = '', key = ''] = (await readFile(`${hostKeyFile(type)}.pub`, 'utf8')).split(' ');
      return { keyType, key };
    },
    replaceHostKey: async (type = types[0] ?? 'ed25519') => {
      const file = hostKeyFile(type);
      await Promise.all([rm(file), rm(`${file}.pub`)]);
      await makeSshKey(file, { type });
    },
    [Symbol.asyncDispose]: kill,
  };
}

/** A real ssh-agent with keys, on a socket in the folder. */
export interface TestSshAgent extends AsyncDisposable {
  readonly socket: string;
}

/** Starts an agent and adds keys without a passphrase to it, in this order. */
export async function startSshAgent(folder: string, keys: readonly TestSshKey[]): Promise<TestSshAgent> {
  const socket = path.join(folder, `agent-${process.hrtime.bigint()}`);
  const child = spawn('/usr/bin/ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  await until(() => existsSync(socket), 'the agent listens', 20_000);
  for (const { file } of keys) {
    await run('ssh-add', ['-q', file], { env: { PATH: process.env['PATH'], SSH_AUTH_SOCK: socket } });
  }
  return {
    socket,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await ended;
    },
  };
}

async function answers(host: string, port: number): Promise<boolean> {
  const socket = new Socket();
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once('data', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.connect(port, host);
    });
  } finally {
    socket.destroy();
  }
}

/** Children and their children, of a process that this one has started. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const status = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const below = (parent: number): number[] =>
    [...parents].flatMap(([child, of]) => (of === parent ? [child, ...below(child)] : []));
  return below(pid);
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
