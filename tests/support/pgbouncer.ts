import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { serverUserFor } from '../../electron/postgres/cluster.ts';
import { type TestServer, freePort } from './postgres-server.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { until } from './until.ts';

export interface PgBouncer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
}

/** A real PgBouncer in front of a server. */
export async function startPgBouncer(
  server: TestServer,
  options: {
    mode: 'session' | 'transaction' | 'statement';
    users: Readonly<Record<string, string>>;
    /** Drops the startup options without a word, instead of refusing them. */
    ignoreOptions?: boolean;
    poolSize?: number;
  },
): Promise<PgBouncer> {
  const folder = await temporaryFolder();
  const user = await serverUserFor();
  const port = await freePort();
  const file = (name: string, text: string) => {
    const at = path.join(folder, name);
    writeFileSync(at, text);
    chmodSync(at, 0o600);
    if (user) chownSync(at, user.uid, user.gid);
    return at;
  };
  const users = file(
    'users.txt',
    Object.entries(options.users)
      .map(([name, password]) => `"${name}" "${password}"`)
      .join('\n'),
  );
  const ignored = ['extra_float_digits', ...(options.ignoreOptions ? ['options'] : [])].join(',');
  const configuration = file(
    'pgbouncer.ini',
    [
      '[databases]',
      `* = host=${server.host} port=${server.port}`,
      '[pgbouncer]',
      `listen_addr = 127.0.0.1`,
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = scram-sha-256',
      `auth_file = ${users}`,
      `pool_mode = ${options.mode}`,
      `default_pool_size = ${options.poolSize ?? 12}`,
      `ignore_startup_parameters = ${ignored}`,
      'server_tls_sslmode = disable',
      'query_wait_timeout = 60',
    ].join('\n'),
  );
  const child: ChildProcess = spawn('/usr/sbin/pgbouncer', [configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(user ? { uid: user.uid, gid: user.gid } : {}),
  });
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await until(() => {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended: ${output}`);
    return output.includes('process up');
  }, 'pgbouncer is up');
  return {
    host: '127.0.0.1',
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGINT');
      const hard = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(hard);
    },
  };
}
