import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Backup, BackupFormat, BackupTool } from '#contract/backups.ts';
import type { Job } from '#contract/jobs.ts';

import { builtInDumpLimitBytes, builtInDumpVersion } from '../../postgres/built-in-dump/index.ts';
import { type ClientTools, chooseClientTools, findClientTools } from '../../postgres/client-tools.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import { type AuditDraft, outcomeOf } from '../audit/index.ts';
import type { ConnectionsService } from '../connections/index.ts';
import type { HistoryService } from '../history/index.ts';
import type { JobsService } from '../jobs/index.ts';
import type { SettingsService } from '../settings/index.ts';
import { manifestPath, runBackup } from './backup-run.ts';
import { formatBytes } from './format-bytes.ts';
import { type Manifest, backupName, endingOf, manifestSchema } from './manifest.ts';
import { runRestore } from './restore-run.ts';

export interface BackupInput {
  readonly connectionId: string;
  readonly format: BackupFormat;
  readonly directory?: string | undefined;
  readonly schemaOnly: boolean;
  readonly tool: 'auto' | 'native' | 'built-in';
}

export interface BackupsOptions {
  readonly dataDirectory: string;
  readonly version: string;
  readonly connections: ConnectionsService;
  readonly jobs: JobsService;
  readonly history: HistoryService;
  /** Keeps what was restored. Must not throw. */
  readonly audit: (entry: AuditDraft) => void;
  readonly settings: SettingsService;
  /** Shows a file in the system's file manager; absent where the host has none. */
  readonly reveal?: ((file: string) => Promise<void>) | undefined;
}

export class BackupsService {
  readonly #options: BackupsOptions;
  /** What was backed up by this process, so that the list is right while the store is away. */
  readonly #recent = new Map<string, Backup>();

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  get directory(): string {
    return this.#options.settings.current.backupDirectory ?? path.join(this.#options.dataDirectory, 'backups');
  }

  /** What a backup would use and where it would go. */
  async plan(connectionId: string): Promise<{ tool: BackupTool; databaseSizeBytes: number; directory: string }> {
    const { tool, databaseSizeBytes } = await this.#chooseTool(connectionId, 'auto', false);
    return { tool, databaseSizeBytes, directory: this.directory };
  }

  /** Starts a backup as a job. `done` resolves with the ended job; `backup` with the backup when it succeeded. */
  start(input: BackupInput): { job: Job; done: Promise<Job>; backup: Promise<Backup | undefined> } {
    const connection = this.#options.connections.get(input.connectionId);
    let made: Backup | undefined;
    const { job, done } = this.#options.jobs.start(
      { kind: 'backup', title: `Back up ${connection.name}`, connectionId: connection.id },
      async (handle) => {
        handle.progress('Choosing the tool');
        const { tool, tools } = await this.#chooseTool(input.connectionId, input.tool, input.schemaOnly);
        if (tool.kind === 'none') throw StewardError.of('tool_missing', tool.why, { hint: tool.install });
        const format: BackupFormat = tool.kind === 'built-in' ? 'plain' : input.format;
        handle.log(
          tool.kind === 'native'
            ? `pg_dump ${tool.version} from ${tool.path}`
            : `Built-in pg_dump ${tool.version}: ${tool.why}`,
        );
        const directory = path.resolve(input.directory ?? this.directory);
        const target = await freeTarget(directory, connection.database, format);
        const database = await this.#options.connections.database(connection.id);
        const startedAt = new Date().toISOString();
        const manifest = await runBackup(
          {
            database,
            reader: await this.#options.connections.reader(connection.id),
            parameters: await this.#options.connections.parameters(connection.id),
            tools,
            format,
            schemaOnly: input.schemaOnly,
            target,
            about: {
              steward: this.#options.version,
              id: randomUUID(),
              connectionId: connection.id,
              connectionName: connection.name,
              database: connection.database,
              serverVersion: database.server.version,
              tool: tool.kind,
              toolVersion: tool.version,
              format,
              schemaOnly: input.schemaOnly,
              startedAt,
            },
          },
          handle,
        );
        made = { ...backupOf(manifest, target), present: true };
        this.#recent.set(made.id, made);
        await this.#options.history.saveBackup(made);
        return `${path.basename(target)}: ${formatBytes(manifest.sizeBytes)}, written and read back in ${(manifest.durationMs / 1000).toFixed(1)} s`;
      },
    );
    return { job, done, backup: done.then(() => made) };
  }

  /** Known backups, newest first: from the store, and those whose manifests lie in the backup folder. */
  /** The newest backup of a connection that is still where it was written. */
  async last(connectionId: string): Promise<{ startedAt: string; verified: boolean } | undefined> {
    const present = (await this.list(connectionId)).filter((backup) => backup.present);
    const newest = present.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0];
    return newest && { startedAt: newest.startedAt, verified: newest.level === 'restored' };
  }

  async list(connectionId?: string): Promise<Backup[]> {
    const stored = await this.#options.history.backups().catch(() => []);
    const all = new Map<string, Backup>();
    for (const backup of [...(await this.#onDisk()), ...stored, ...this.#recent.values()]) all.set(backup.id, backup);
    const chosen = [...all.values()].filter(
      (backup) => connectionId === undefined || backup.connectionId === connectionId,
    );
    const checked = await Promise.all(
      chosen.map(async (backup) => ({ ...backup, present: await exists(backup.file) })),
    );
    return checked.toSorted((left, right) => (left.startedAt < right.startedAt ? 1 : -1));
  }

  async reveal(id: string): Promise<{ path: string; shown: boolean }> {
    const backup = await this.#find(id);
    await this.#options.reveal?.(backup.file);
    return { path: backup.file, shown: this.#options.reveal !== undefined };
  }

  /** Restores into a new database of the connection's server. */
  async restore(input: {
    id: string;
    connectionId: string;
    database: string;
  }): Promise<{ job: Job; done: Promise<Job> }> {
    const backup = await this.#find(input.id);
    if (!(await exists(backup.file)))
      throw StewardError.of('not_found', `The file ${backup.file} is not there any more`, {
        hint: 'Put it back where it was, or choose another backup.',
      });
    if (Buffer.byteLength(input.database) > 63)
      throw StewardError.of('bad_input', 'The name is longer than 63 bytes', { hint: 'PostgreSQL would cut it.' });
    const connection = this.#options.connections.writable(input.connectionId, 'Restoring a backup');
    const parameters = await this.#options.connections.parameters(input.connectionId);
    return this.#options.jobs.start(
      {
        kind: 'restore',
        title: `Restore ${path.basename(backup.file)} into ${input.database}`,
        connectionId: connection.id,
      },
      async (handle) => {
        handle.progress('Creating the database');
        const started = performance.now();
        const startedAt = new Date().toISOString();
        const audited = this.#options.connections.entry(connection.id);
        const audit = (outcome: AuditDraft['outcome'], error: string | null) =>
          this.#options.audit({
            connection: audited,
            action: 'restore',
            database: input.database,
            subject: backup.file,
            sql: `create database ${quoteIdentifier(input.database)} template template0`,
            outcome,
            error,
            startedAt,
            durationMs: performance.now() - started,
            jobId: handle.id,
          });
        try {
          const outcome = await runRestore(
            { backup, parameters, database: input.database, tools: await this.#restoreTools(backup) },
            handle,
          );
          audit('done', null);
          return outcome;
        } catch (error) {
          audit(outcomeOf(error, handle.signal), toFailure(error).message);
          throw error;
        }
      },
    );
  }

  async #chooseTool(
    connectionId: string,
    wanted: BackupInput['tool'],
    schemaOnly: boolean,
  ): Promise<{ tool: BackupTool; tools: ClientTools | undefined; databaseSizeBytes: number }> {
    const reader = await this.#options.connections.reader(connectionId);
    const [size] = await reader.rows<{ bytes: string }>(
      'select pg_catalog.pg_database_size(pg_catalog.current_database())::text as bytes',
    );
    const databaseSizeBytes = Number(size?.bytes ?? 0);
    const serverMajor = Math.floor(reader.server.versionNum / 10_000);
    const found = wanted === 'built-in' ? [] : await findClientTools();
    const tools = chooseClientTools(found, serverMajor);
    if (tools)
      return {
        tool: { kind: 'native', path: tools.directory, version: tools.version, major: tools.major },
        tools,
        databaseSizeBytes,
      };
    const newest = found[0];
    const missing = newest
      ? `The server is PostgreSQL ${serverMajor}; the newest pg_dump here is ${newest.major}, which refuses newer servers`
      : wanted === 'built-in'
        ? 'It was chosen by hand'
        : 'There is no pg_dump on this machine';
    const install = `Install the PostgreSQL ${serverMajor} client tools (Debian: postgresql-client-${serverMajor}; macOS: brew install libpq; Windows: the PostgreSQL installer).`;
    const none = (why: string) => ({
      tool: { kind: 'none' as const, why, install },
      tools: undefined,
      databaseSizeBytes,
    });
    if (wanted === 'native') return none(missing);
    if (serverMajor > 18) return none(`${missing}, and the built-in one reads servers up to 18`);
    if (databaseSizeBytes > builtInDumpLimitBytes && !schemaOnly) {
      return none(
        `${missing}, and the database is ${formatBytes(databaseSizeBytes)}: the built-in pg_dump takes up to ${formatBytes(builtInDumpLimitBytes)}, because it holds the dump in memory`,
      );
    }
    return {
      tool: { kind: 'built-in', version: builtInDumpVersion, limitBytes: builtInDumpLimitBytes, why: missing },
      tools: undefined,
      databaseSizeBytes,
    };
  }

  /** pg_restore must be at least as new as the pg_dump that wrote the archive. */
  async #restoreTools(backup: Backup): Promise<ClientTools | undefined> {
    if (backup.format === 'plain') return undefined;
    const manifest = await readManifest(backup.manifest);
    const major = Number.parseInt(manifest?.toolVersion ?? backup.serverVersion, 10);
    return chooseClientTools(await findClientTools(), major);
  }

  async #onDisk(): Promise<Backup[]> {
    const names = await readdir(this.directory).catch(() => []);
    const manifests = names.filter((name) => name.endsWith('.manifest.json'));
    const backups = await Promise.all(
      manifests.map(async (name) => {
        const file = path.join(this.directory, name.replace(/\.manifest\.json$/, ''));
        const manifest = await readManifest(manifestPath(file));
        return manifest ? { ...backupOf(manifest, file), present: true } : undefined;
      }),
    );
    return backups.filter((backup) => backup !== undefined);
  }

  async #find(id: string): Promise<Backup> {
    const backup = (await this.list()).find((one) => one.id === id);
    if (!backup) throw StewardError.of('not_found', 'This backup is not known any more');
    return backup;
  }
}

function backupOf(manifest: Manifest, file: string): Omit<Backup, 'present'> {
  return {
    id: manifest.id,
    connectionId: manifest.connectionId,
    connectionName: manifest.connectionName,
    database: manifest.database,
    serverVersion: manifest.serverVersion,
    file,
    manifest: manifestPath(file),
    format: manifest.format,
    tool: manifest.tool,
    level: manifest.level,
    sizeBytes: manifest.sizeBytes,
    startedAt: manifest.startedAt,
    durationMs: manifest.durationMs,
    sha256: manifest.files.length === 1 ? (manifest.files[0]?.sha256 ?? null) : null,
  };
}

async function readManifest(file: string): Promise<Manifest | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    // Somebody else's file, or one that is damaged: it is no backup that could be vouched for.
    return undefined;
  }
}

/** A path that nothing has yet, in a folder that can be written: found out now rather than when the dump is done. */
async function freeTarget(directory: string, database: string, format: BackupFormat): Promise<string> {
  try {
    await makeFolder(directory);
    await access(directory, constants.W_OK);
    // Access is not all: a read-only or full file system shows only when something is written.
    const probe = path.join(directory, `.steward-${randomUUID()}`);
    await writeFile(probe, '');
    await rm(probe);
  } catch (error) {
    throw StewardError.of(
      'input_output',
      `The backup folder ${directory} cannot be written: ${toFailure(error).message}`,
      { hint: 'Choose another folder, or change its permissions.', cause: error },
    );
  }
  const base = backupName(database, new Date());
  for (let number = 1; ; number += 1) {
    const target = path.join(directory, `${base}${number === 1 ? '' : `-${number}`}${endingOf[format]}`);
    if (!(await exists(target)) && !(await exists(`${target}.partial`))) return target;
  }
}

/** Like mkdir -p. Node's own recursive mkdir never returns below a folder such as /proc, where nothing can be made. */
async function makeFolder(directory: string): Promise<void> {
  if (await exists(directory)) return;
  const parent = path.dirname(directory);
  if (parent !== directory) await makeFolder(parent);
  await mkdir(directory, { mode: 0o700 });
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
