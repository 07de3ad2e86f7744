import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import type { Backup } from '#contract/backups.ts';

import { runClientProcess } from '../../postgres/client-process.ts';
import type { ClientTools } from '../../postgres/client-tools.ts';
import type { ConnectParameters } from '../../postgres/connect-parameters.ts';
import { StewardError } from '../../postgres/failure.ts';
import { connectClient } from '../../postgres/pg-session.ts';
import { restorePlain } from '../../postgres/plain-restore/index.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import type { JobHandle } from '../jobs/index.ts';

const execute = promisify(execFile);

export interface RestoreRun {
  readonly backup: Backup;
  /** Where the server is; its database is the one to connect to for CREATE DATABASE. */
  readonly parameters: ConnectParameters;
  readonly database: string;
  readonly tools: ClientTools | undefined;
}

/** Restores a backup into a new database. When it fails or is cancelled the new database is dropped again. */
export async function runRestore(run: RestoreRun, job: JobHandle): Promise<string> {
  const target: ConnectParameters = { ...run.parameters, database: run.database, settings: {} };
  await createDatabase(run);
  try {
    if (run.backup.format === 'plain') await restoreSql(run, target, job);
    else await restoreArchive(run, target, job);
    job.progress('Collecting statistics', null);
    await analyze(target, job.signal);
  } catch (error) {
    job.log(`Dropping ${run.database} again`);
    await dropDatabase(run).catch((dropError: unknown) => job.log(`It could not be dropped: ${String(dropError)}`));
    throw error;
  }
  return `Restored into the new database ${run.database}`;
}

async function createDatabase({ parameters, database }: RestoreRun): Promise<void> {
  const { client } = await connectClient(parameters);
  try {
    // template0 is empty whatever has been put into template1.
    await client.query(`create database ${quoteIdentifier(database)} template template0`);
  } catch (error) {
    if ((error as { code?: string }).code === '42P04') {
      throw StewardError.of('conflict', `A database named ${database} exists already`, {
        hint: 'Choose another name: a restore never goes over an existing database.',
      });
    }
    throw error;
  } finally {
    await client.end();
  }
}

async function dropDatabase({ parameters, database }: RestoreRun): Promise<void> {
  const { client } = await connectClient(parameters);
  try {
    await client.query(`drop database if exists ${quoteIdentifier(database)} with (force)`);
  } finally {
    await client.end();
  }
}

async function restoreArchive(run: RestoreRun, target: ConnectParameters, job: JobHandle): Promise<void> {
  if (!run.tools) {
    throw StewardError.of('tool_missing', 'There is no pg_restore on this machine that reads this backup', {
      hint: 'Install the PostgreSQL client tools of the version that wrote it, or a newer one.',
    });
  }
  let seen = 0;
  const total = await countEntries(run, run.tools, job);
  await runClientProcess(
    path.join(run.tools.directory, 'pg_restore'),
    [
      '--exit-on-error',
      '--no-password',
      '--no-owner',
      '--no-privileges',
      '--verbose',
      ...(run.backup.format === 'tar' ? [] : ['--jobs=2']),
      `--dbname=${dbnameArgument(run.database)}`,
      run.backup.file,
    ],
    {
      parameters: target,
      applicationName: `steward restore ${job.id.slice(0, 8)}`,
      signal: job.signal,
      onLine: (line) => {
        const text = line.replace(/^pg_restore: /, '');
        job.log(text);
        const finished = /^(?:finished item \d+|creating|processing data for) (.*)$/.exec(text)?.[1];
        if (finished) job.progress(`Restored ${finished.toLowerCase()}`, total > 0 ? (seen += 1) / total : null);
      },
    },
  );
}

/** --dbname takes a connection string where it has an equals sign: then the name goes inside one, quoted. */
function dbnameArgument(database: string): string {
  return `dbname='${database.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

/** Entries of the archive's table of contents, so that progress has a whole. */
async function countEntries(run: RestoreRun, tools: ClientTools, job: JobHandle): Promise<number> {
  let entries = 0;
  const { stdout } = await execute(path.join(tools.directory, 'pg_restore'), ['--list', run.backup.file], {
    signal: job.signal,
    maxBuffer: 256 * 1024 * 1024,
    env: { LC_ALL: 'C', PATH: process.env['PATH'] },
  });
  for (const line of stdout.split('\n')) if (line !== '' && !line.startsWith(';')) entries += 1;
  return entries;
}

async function restoreSql(run: RestoreRun, target: ConnectParameters, job: JobHandle): Promise<void> {
  const { size } = await stat(run.backup.file);
  const { client } = await connectClient(target, { signal: job.signal });
  const abort = () => void client.end().catch(() => {});
  job.signal.addEventListener('abort', abort, { once: true });
  try {
    const { statements } = await restorePlain(client, run.backup.file, {
      signal: job.signal,
      onBytes: (bytes) => job.progress('Running the dump', size > 0 ? bytes / size : null),
    });
    job.log(`${statements} statements run`);
  } finally {
    job.signal.removeEventListener('abort', abort);
    await client.end().catch(() => {});
  }
}

async function analyze(target: ConnectParameters, signal: AbortSignal): Promise<void> {
  const { client } = await connectClient(target, { signal });
  try {
    await client.query('analyze');
  } finally {
    await client.end();
  }
}
