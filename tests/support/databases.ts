import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import type { TestServer } from './postgres-server.ts';
import { sharedFolder } from './shared-folder.ts';

const execute = promisify(execFile);

/** A database of `../shared/databases`, loaded into a new database of that name. */
export async function loadShared(
  server: TestServer,
  name: 'pagila' | 'northwind' | 'chinook' | 'combined',
): Promise<void> {
  const shared = sharedFolder();
  if (shared === null) throw new Error('../shared is not there');
  const file = {
    pagila: 'pagila/pagila.sql',
    northwind: 'northwind/northwind.sql',
    chinook: 'chinook/chinook.sql',
    combined: 'combined/combined-schema.sql',
  }[name];
  // chinook's script makes its database itself and connects to it.
  if (name !== 'chinook') await server.createDatabase(name);
  await execute(
    'psql',
    ['--quiet', '--no-psqlrc', '--set=ON_ERROR_STOP=1', '--file', path.join(shared, 'databases', file)],
    {
      maxBuffer: 64 * 1024 * 1024,
      env: {
        PATH: process.env['PATH'],
        PGHOST: server.host,
        PGPORT: String(server.port),
        PGUSER: server.user,
        PGPASSWORD: server.password,
        PGDATABASE: name === 'chinook' ? server.adminDatabase : name,
      },
    },
  );
}
