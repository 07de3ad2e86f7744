import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import type { TestServer } from './postgres-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Runs a statement with a letter of Latin-1 in a database that takes any bytes: UTF-8 has no such text. */
export async function runStatementInLatin1(server: TestServer): Promise<void> {
  await server.run(`create database bytes encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C' template template0`);
  const folder = await temporaryFolder();
  const script = path.join(folder, 'bytes.sql');
  await writeFile(script, Buffer.from('select 1 as x /* caf\u00e9 */;\n', 'latin1'));
  await promisify(execFile)(path.join(server.binDirectory, 'psql'), ['-f', script, server.url('bytes')], {
    env: { ...process.env, PGCLIENTENCODING: 'SQL_ASCII' },
  });
  await rm(folder, { recursive: true, force: true });
}
