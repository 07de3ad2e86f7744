import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import pg from 'pg';

import {
  type Cluster,
  makeOwnedDirectory,
  serverUserFor,
  startCluster,
  stopCluster,
} from '../../electron/postgres/cluster.ts';
import { freePort, type TestServer } from './postgres-server.ts';
import { until } from './until.ts';

const execute = promisify(execFile);

/** A streaming standby of a test server, in a folder of its own, gone after `stop`. */
export interface TestStandby extends AsyncDisposable {
  readonly port: number;
  /** Runs SQL (several statements are fine) and answers the rows of the last one. */
  run(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  url(database?: string): string;
  /** Waits until it has replayed what the primary has written by now. */
  catchUp(): Promise<void>;
  stop(): Promise<void>;
}

/** Settings that a standby must not have lower than its primary. */
const boundSettings = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
];

/**
 * Copies a running server by its own backup functions, which every major has, and starts the copy as a standby that
 * streams. `slot` names a physical slot to make and use.
 */
export async function startStandby(
  primary: TestServer,
  options: { name?: string; slot?: string; settings?: Readonly<Record<string, string>> } = {},
): Promise<TestStandby> {
  const serverUser = await serverUserFor();
  const root = await mkdtemp('/tmp/steward-standby-');
  await chmod(root, 0o711);
  const dataDirectory = path.join(root, 'data');
  const socketDirectory = path.join(root, 'socket');
  await makeOwnedDirectory(socketDirectory, serverUser);
  await copyData(primary, dataDirectory, serverUser);
  if (options.slot !== undefined) {
    await primary.run(`select pg_create_physical_replication_slot('${options.slot}', true)`);
  }
  const bound = await primary.run(
    `select name, setting from pg_settings where name in (${boundSettings.map((name) => `'${name}'`).join(', ')})`,
  );
  const port = await freePort();
  const name = options.name ?? 'standby';
  const conninfo = `host=127.0.0.1 port=${String(primary.port)} user=${primary.user} password=${primary.password} application_name=${name}`;
  const cluster: Cluster = { binDirectory: primary.binDirectory, dataDirectory, serverUser };
  await startCluster(cluster, {
    logFile: path.join(root, 'server.log'),
    settings: {
      ...Object.fromEntries(bound.map((row) => [String(row['name']), String(row['setting'])])),
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: socketDirectory,
      fsync: 'off',
      shared_buffers: '32MB',
      hot_standby: 'on',
      primary_conninfo: conninfo,
      ...(options.slot === undefined ? {} : { primary_slot_name: options.slot }),
      ...options.settings,
    },
  });
  const run = async (sql: string, database = primary.adminDatabase) => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: primary.user,
      password: primary.password,
      database,
    });
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
    port,
    run,
    url: (database = primary.adminDatabase) =>
      `postgresql://${primary.user}:${encodeURIComponent(primary.password)}@127.0.0.1:${String(port)}/${encodeURIComponent(database)}`,
    catchUp: async () => {
      const [row] = await primary.run('select pg_current_wal_lsn()::text as lsn');
      const target = String(row?.['lsn']);
      await until(async () => {
        const [answer] = await run(`select pg_last_wal_replay_lsn() >= '${target}'::pg_lsn as done`);
        return answer?.['done'] === true;
      }, `the standby has replayed ${target}`);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function copyData(
  primary: TestServer,
  dataDirectory: string,
  owner: Awaited<ReturnType<typeof serverUserFor>>,
): Promise<void> {
  const client = new pg.Client({ connectionString: primary.url() });
  client.on('error', () => {});
  await client.connect();
  try {
    const isNew = primary.major >= 15;
    const [source] = (await client.query<{ folder: string }>(`select current_setting('data_directory') as folder`))
      .rows;
    if (source === undefined) throw new Error('no data directory');
    await client.query(
      isNew ? `select pg_backup_start('standby', true)` : `select pg_start_backup('standby', true, false)`,
    );
    await execute('cp', ['-a', source.folder, dataDirectory]);
    const stopped = await client.query<{ labelfile: string }>(
      isNew ? `select labelfile from pg_backup_stop(false)` : `select labelfile from pg_stop_backup(false, false)`,
    );
    const write = async (name: string, text: string) => {
      const file = path.join(dataDirectory, name);
      await writeFile(file, text, { mode: 0o600 });
      if (owner) await chown(file, owner.uid, owner.gid);
    };
    await write('backup_label', stopped.rows[0]?.labelfile ?? '');
    await write('standby.signal', '');
  } finally {
    await client.end();
  }
  for (const leftover of ['postmaster.pid', 'postmaster.opts', 'pg_wal', 'pg_replslot']) {
    await rm(path.join(dataDirectory, leftover), { recursive: true, force: true });
  }
  for (const folder of ['pg_wal', 'pg_wal/archive_status', 'pg_replslot']) {
    await makeOwnedDirectory(path.join(dataDirectory, folder), owner);
  }
}
