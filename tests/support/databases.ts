import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import type { TestServer } from './postgres-server.ts';
import { sharedFolder } from './shared-folder.ts';

const execute = promisify(execFile);

interface Script {
  readonly files: readonly string[];
  /** Its script makes its database itself and connects to it. */
  readonly createsItself?: boolean;
  /** Lines that are known to fail: data that is not there, operators that are gone. */
  readonly hasErrors?: boolean;
  readonly rewrite?: (sql: string) => string;
}

const inSchema = (sql: string): string => sql.replaceAll('@cdmDatabaseSchema', 'public');

const scripts = {
  adventureworks: { files: ['install-lorint.sql'], hasErrors: true },
  chado: { files: ['default_schema.sql'], hasErrors: true },
  chinook: { files: ['chinook.sql'], createsItself: true },
  combined: { files: ['combined-schema.sql'] },
  danbooru: { files: ['structure.sql'] },
  dhis2: { files: ['prelude.sql', 'dhis2_base_schema.sql'] },
  job: { files: ['schema.sql', 'fkindexes.sql'] },
  northwind: { files: ['northwind.sql'] },
  omop: {
    files: ['ddl.sql', 'primary_keys.sql', 'constraints.sql', 'indices.sql'],
    rewrite: inSchema,
  },
  pagila: { files: ['pagila.sql'] },
  pgworld: { files: ['world.sql', 'french-towns.sql'] },
} as const satisfies Record<string, Script>;

export type SharedDatabase = keyof typeof scripts;
export const sharedDatabases = Object.keys(scripts) as readonly SharedDatabase[];

/** A database of `../shared/databases`, loaded into a new database of that name. */
export async function loadShared(server: TestServer, name: SharedDatabase): Promise<void> {
  const shared = sharedFolder();
  if (shared === null) throw new Error('../shared is not there');
  const script: Script = scripts[name];
  if (script.createsItself !== true) await server.createDatabase(name);
  for (const file of script.files) {
    const source = path.join(shared, 'databases', name, file);
    const run = execute(
      'psql',
      [
        '--quiet',
        '--no-psqlrc',
        ...(script.hasErrors === true ? [] : ['--set=ON_ERROR_STOP=1']),
        '--file',
        script.rewrite === undefined ? source : '-',
      ],
      {
        maxBuffer: 64 * 1024 * 1024,
        env: {
          PATH: process.env['PATH'],
          PGHOST: server.host,
          PGPORT: String(server.port),
          PGUSER: server.user,
          PGPASSWORD: server.password,
          PGDATABASE: script.createsItself === true ? server.adminDatabase : name,
          PGOPTIONS: '-c client_min_messages=error',
        },
      },
    );
    if (script.rewrite !== undefined) run.child.stdin?.end(script.rewrite(await readFile(source, 'utf8')));
    await run;
  }
}
