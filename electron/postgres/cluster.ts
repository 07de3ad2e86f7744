import { spawn } from 'node:child_process';
import { chown, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The user that a server runs as. PostgreSQL refuses to run as root. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** A data directory and the programs that serve it. */
export interface Cluster {
  /** Folder with `initdb`, `pg_ctl` and `postgres`. */
  readonly binDirectory: string;
  readonly dataDirectory: string;
  /** Owner of the data directory; undefined: whoever runs this process. */
  readonly serverUser?: ServerUser | undefined;
}

export class ClusterError extends Error {
  override readonly name = 'ClusterError';
  /** What the program printed. */
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

/** Finds a user to run a server as when this process is root: `postgres`, else `nobody`. Undefined when not root. */
export async function serverUserFor(
  names: readonly string[] = ['postgres', 'nobody'],
): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = await readFile('/etc/passwd', 'utf8');
  for (const name of names) {
    const fields = passwd
      .split('\n')
      .map((line) => line.split(':'))
      .find((entry) => entry[0] === name);
    if (fields) return { name, uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new ClusterError(
    `PostgreSQL does not run as root, and none of the users ${names.join(', ')} exists here to run it as.`,
    '',
  );
}

/**
 * Creates a cluster with one superuser and scram passwords for everybody.
 * The password goes through a file that is gone when this returns.
 */
export async function initCluster(
  cluster: Cluster,
  options: { superuser: string; password: string; signal?: AbortSignal },
): Promise<void> {
  await makeOwnedDirectory(cluster.dataDirectory, cluster.serverUser);
  const passwordFile = path.join(
    cluster.dataDirectory,
    '..',
    `.pw-${process.pid}-${path.basename(cluster.dataDirectory)}`,
  );
  await writeFile(passwordFile, options.password, { mode: 0o600 });
  try {
    if (cluster.serverUser) await chown(passwordFile, cluster.serverUser.uid, cluster.serverUser.gid);
    await runTool(
      cluster,
      'initdb',
      [
        '--pgdata',
        cluster.dataDirectory,
        '--username',
        options.superuser,
        '--pwfile',
        passwordFile,
        '--auth',
        'scram-sha-256',
        '--encoding',
        'UTF8',
        '--no-locale',
        '--no-sync',
      ],
      options.signal,
    );
  } finally {
    const { rm } = await import('node:fs/promises');
    await rm(passwordFile, { force: true });
  }
}

/**
 * Starts the server and waits until it accepts connections. The server is its own process and outlives this one;
 * `stopCluster` or `pg_ctl` ends it.
 */
export async function startCluster(
  cluster: Cluster,
  options: {
    settings: Readonly<Record<string, string>>;
    logFile: string;
    timeoutSeconds?: number;
    signal?: AbortSignal;
  },
): Promise<void> {
  const log = await open(options.logFile, 'a', 0o600);
  await log.close();
  if (cluster.serverUser) await chown(options.logFile, cluster.serverUser.uid, cluster.serverUser.gid);
  const flags = Object.entries(options.settings)
    .map(([name, value]) => `-c ${name}=${shellQuote(value)}`)
    .join(' ');
  try {
    await runTool(
      cluster,
      'pg_ctl',
      [
        'start',
        '--wait',
        '--silent',
        '--timeout',
        String(options.timeoutSeconds ?? 30),
        '--pgdata',
        cluster.dataDirectory,
        '--log',
        options.logFile,
        '--options',
        flags,
      ],
      options.signal,
    );
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    const tail = (await readFile(options.logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-8).join('\n');
    throw new ClusterError(error.message, `${error.output}\n${tail}`.trim());
  }
}

/** Stops the server. `fast` rolls back what is open; `immediate` is a crash. A server that is not running is fine. */
export async function stopCluster(cluster: Cluster, mode: 'fast' | 'immediate' = 'fast'): Promise<void> {
  if (!(await postmasterPid(cluster.dataDirectory))) return;
  await runTool(cluster, 'pg_ctl', ['stop', '--wait', '--silent', '--mode', mode, '--pgdata', cluster.dataDirectory]);
}

/** The process id of the postmaster that serves this directory; undefined when none is alive. */
export async function postmasterPid(dataDirectory: string): Promise<number | undefined> {
  const text = await readFile(path.join(dataDirectory, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const pid = Number(text?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined;
  }
}

/** Makes a directory with mode 0700 that belongs to the server's user. */
export async function makeOwnedDirectory(directory: string, owner: ServerUser | undefined): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if (owner) await chown(directory, owner.uid, owner.gid);
}

async function runTool(cluster: Cluster, tool: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  const child = spawn(path.join(cluster.binDirectory, tool), args, {
    // pg_ctl leaves the server behind with these descriptors: a pipe would keep this process waiting for it.
    stdio: tool === 'pg_ctl' && args[0] === 'start' ? 'ignore' : ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '', LANG: 'C', LC_ALL: 'C', TZ: 'UTC' },
    ...(signal ? { signal } : {}),
    ...(cluster.serverUser ? { uid: cluster.serverUser.uid, gid: cluster.serverUser.gid } : {}),
  });
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new ClusterError(`${tool} failed with exit code ${code}`, output.trim());
}

function shellQuote(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
