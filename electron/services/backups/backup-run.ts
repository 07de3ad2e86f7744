import { readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { BackupFormat } from '#contract/backups.ts';

import { builtInDump } from '../../postgres/built-in-dump/index.ts';
import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { runClientProcess } from '../../postgres/client-process.ts';
import type { ClientTools } from '../../postgres/client-tools.ts';
import type { ConnectParameters } from '../../postgres/connect-parameters.ts';
import type { Database } from '../../postgres/database.ts';
import type { JobHandle } from '../jobs/index.ts';
import { pause } from '../live-value.ts';
import { DumpProgress, type PlannedTable } from './dump-progress.ts';
import { formatBytes } from './format-bytes.ts';
import type { Manifest } from './manifest.ts';
import { checksumFiles, requirePlainEnd } from './verify-readable.ts';

/** How long pg_dump waits for the lock on a table before it gives up, rather than queueing for ever behind somebody. */
const lockWaitMs = 60_000;

export interface BackupRun {
  readonly database: Database;
  readonly reader: CatalogReader;
  readonly parameters: ConnectParameters;
  readonly tools: ClientTools | undefined;
  readonly format: BackupFormat;
  readonly schemaOnly: boolean;
  /** Where the backup goes when it is whole; until then it is `<target>.partial`. */
  readonly target: string;
  readonly about: Omit<Manifest, 'writtenMs' | 'durationMs' | 'sizeBytes' | 'level' | 'files' | 'tables'>;
}

/** Writes, reads back and describes one backup. Whatever fails, and on cancel, nothing of it is left on disk or server. */
export async function runBackup(run: BackupRun, job: JobHandle): Promise<Manifest> {
  const started = performance.now();
  const partial = `${run.target}.partial`;
  const tables = run.schemaOnly ? [] : await plannedTables(run.reader, job.signal);
  const progress = new DumpProgress(tables);
  try {
    if (run.tools) await dumpWithTools(run, run.tools, partial, progress, job);
    else await dumpBuiltIn(run, partial, progress, job);
    // Both tools have synced what they wrote to the disk.
    const writtenMs = performance.now() - started;
    const sizeBytes = await sizeOf(partial);
    job.log(`Written: ${formatBytes(sizeBytes)} in ${(writtenMs / 1000).toFixed(1)} s`);
    const files = await verify(run, partial, sizeBytes, job);
    job.signal.throwIfAborted();
    await rename(partial, run.target);
    const manifest: Manifest = {
      ...run.about,
      writtenMs,
      durationMs: performance.now() - started,
      sizeBytes,
      level: 'readable',
      files: files.map((file) => ({ ...file, name: file.name.replace('.partial', '') })),
      tables: tables.map(({ name, estimatedRows }) => ({ name, estimatedRows })),
    };
    await writeFile(manifestPath(run.target), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
    return manifest;
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => {});
    await rm(run.target, { recursive: true, force: true }).catch(() => {});
    await rm(manifestPath(run.target), { force: true }).catch(() => {});
    throw error;
  }
}

export function manifestPath(target: string): string {
  return `${target}.manifest.json`;
}

async function dumpWithTools(
  run: BackupRun,
  tools: ClientTools,
  partial: string,
  progress: DumpProgress,
  job: JobHandle,
): Promise<void> {
  const applicationName = `steward backup ${job.id.slice(0, 8)}`;
  const args = [
    `--format=${run.format}`,
    `--file=${partial}`,
    '--no-password',
    '--verbose',
    `--lock-wait-timeout=${lockWaitMs}`,
    ...(run.schemaOnly ? ['--schema-only'] : []),
    ...(run.format === 'directory' ? ['--jobs=2'] : []),
  ];
  const polling = new AbortController();
  const poll = followCopies(run.reader, applicationName, progress, job, polling.signal);
  try {
    await runClientProcess(path.join(tools.directory, 'pg_dump'), args, {
      parameters: run.parameters,
      applicationName,
      signal: job.signal,
      onLine: (line) => {
        const table = /dumping contents of table "(.+)"$/.exec(line)?.[1];
        if (table) {
          progress.begin(table.replaceAll('"', ''));
          report(progress, job, table);
        }
        job.log(line.replace(/^pg_dump: /, ''));
      },
    });
  } catch (error) {
    // A killed leader leaves its workers' sessions behind.
    await run.reader
      .rows(
        'select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where application_name = $1',
        { values: [applicationName] },
      )
      .catch(() => []);
    throw error;
  } finally {
    polling.abort();
    await poll;
  }
}

/** pg_stat_progress_copy exists since 14. What cannot be seen leaves the progress at whole tables. */
async function followCopies(
  reader: CatalogReader,
  applicationName: string,
  progress: DumpProgress,
  job: JobHandle,
  signal: AbortSignal,
): Promise<void> {
  if (reader.server.versionNum < 140_000) return;
  for (;;) {
    await pause(500, signal);
    if (signal.aborted) return;
    try {
      const rows = await reader.rows<{ oid: number; rows: string }>(
        `select copies.relid as oid, copies.tuples_processed::text as rows
         from pg_catalog.pg_stat_progress_copy as copies
         join pg_catalog.pg_stat_activity as sessions using (pid)
         where sessions.application_name = $1`,
        { values: [applicationName], timeoutMs: 5000 },
      );
      if (rows.length > 0) progress.rows(rows.map((row) => ({ oid: row.oid, rows: Number(row.rows) })));
      if (!signal.aborted) report(progress, job);
    } catch {
      // The dump itself tells what went wrong.
      return;
    }
  }
}

function report(progress: DumpProgress, job: JobHandle, table?: string): void {
  const { started, total } = progress.counts;
  job.progress(
    table ? `Dumping ${table} (table ${started} of ${total})` : `Dumping table ${started} of ${total}`,
    progress.fraction,
  );
}

async function dumpBuiltIn(run: BackupRun, partial: string, progress: DumpProgress, job: JobHandle): Promise<void> {
  const client = await run.database.connect({ applicationName: `steward backup ${job.id.slice(0, 8)}` });
  await builtInDump(client, run.database.server.version, {
    schemaOnly: run.schemaOnly,
    file: partial,
    signal: job.signal,
    onTable: (table) => {
      progress.begin(table.replaceAll('"', ''));
      report(progress, job, table);
      job.log(`dumping contents of table ${table}`);
    },
  });
}

/** Checksums, and a read to the very end: a listing alone is fine with a file that is cut short. */
async function verify(run: BackupRun, partial: string, sizeBytes: number, job: JobHandle): Promise<Manifest['files']> {
  job.progress('Reading it back', null);
  const files = await checksumFiles(partial, job.signal, (bytes) =>
    job.progress('Computing its checksum', sizeBytes > 0 ? bytes / sizeBytes : null),
  );
  if (run.format === 'plain') await requirePlainEnd(partial);
  else if (run.tools) {
    job.progress('Reading it back', null);
    await runClientProcess(
      path.join(run.tools.directory, 'pg_restore'),
      ['--file', process.platform === 'win32' ? 'NUL' : '/dev/null', partial],
      {
        parameters: run.parameters,
        applicationName: 'steward verify',
        signal: job.signal,
      },
    );
  }
  return files;
}

/**
 * Tables whose rows will be dumped, with what they weigh. By the catalog's page counts: pg_table_size would wait for
 * a table that somebody has locked.
 */
async function plannedTables(reader: CatalogReader, signal: AbortSignal): Promise<PlannedTable[]> {
  const rows = await reader.rows<{ oid: number; name: string; size_bytes: string; estimated_rows: number }>(
    `
    select relations.oid,
           namespaces.nspname || '.' || relations.relname as name,
           (relations.relpages::bigint * current_setting('block_size')::int)::text as size_bytes,
           greatest(relations.reltuples, 0)::float8 as estimated_rows
    from pg_catalog.pg_class as relations
    join pg_catalog.pg_namespace as namespaces on namespaces.oid = relations.relnamespace
    where relations.relkind = 'r'
      and namespaces.nspname !~ '^pg_'
      and namespaces.nspname <> 'information_schema'
    order by name`,
    { signal },
  );
  return rows.map((row) => ({
    oid: row.oid,
    name: row.name,
    sizeBytes: Number(row.size_bytes),
    estimatedRows: row.estimated_rows,
  }));
}

async function sizeOf(target: string): Promise<number> {
  const found = await stat(target);
  if (!found.isDirectory()) return found.size;
  const sizes = await Promise.all(
    (await readdir(target)).map(async (name) => (await stat(path.join(target, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
