import path from 'node:path';

import type { AuditOutcome } from '#contract/audit.ts';
import type { Job } from '#contract/jobs.ts';
import type { MigrationEntry, MigrationSql } from '#contract/migrations.ts';
import { z } from '#contract/zod.ts';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import { StewardError, isConnectionLoss, toFailure } from '../../postgres/failure.ts';
import { type AuditDraft, outcomeOf } from '../audit/index.ts';
import type { ConnectionsService } from '../connections/index.ts';
import type { HistoryService } from '../history/index.ts';
import type { JobHandle, JobsService } from '../jobs/index.ts';
import { redactSecrets } from '../query/index.ts';
import { JsonFile, type SettingsService } from '../settings/index.ts';
import { type MigrationFile, listMigrationFiles, resolveFolder } from './migrations-folder.ts';
import { runInWorker } from './run-in-worker.ts';
import { defaultTrackingTable, lockKeySql, readTrackingTable } from './tracking-table.ts';

const foldersSchema = z.object({
  trusted: z.array(z.string()),
  /** Folders that were opened on each connection, newest first. */
  opened: z.record(z.string(), z.array(z.string())),
});

/** How long a migration waits for a lock before it gives up: everybody else queues behind it meanwhile. */
const lockTimeoutMs = '5000';

export interface MigrationsOptions {
  readonly dataDirectory: string;
  readonly connections: ConnectionsService;
  readonly jobs: JobsService;
  readonly history: HistoryService;
  /** Keeps what was applied and rolled back, and takes secrets out. Must not throw. */
  readonly audit: (entry: AuditDraft) => void;
  readonly settings: SettingsService;
  /** Folders that came with Steward: its sample's. */
  readonly ownFolders: readonly string[];
}

export class MigrationsService {
  readonly #options: MigrationsOptions;
  readonly #file: JsonFile<typeof foldersSchema>;
  #folders: z.output<typeof foldersSchema> = { trusted: [], opened: {} };

  constructor(options: MigrationsOptions) {
    this.#options = options;
    this.#file = new JsonFile(path.join(options.dataDirectory, 'migration-folders.json'), foldersSchema, () => ({
      trusted: [],
      opened: {},
    }));
  }

  async load(): Promise<void> {
    this.#folders = await this.#file.read(this.#options.settings.onUnreadable);
  }

  folders(connectionId: string): { folder: string; trusted: boolean }[] {
    return (this.#folders.opened[connectionId] ?? []).map((folder) => ({ folder, trusted: this.#isTrusted(folder) }));
  }

  async trust(folder: string, trusted: boolean): Promise<{ folder: string }> {
    const resolved = await resolveFolder(folder);
    const others = this.#folders.trusted.filter((one) => one !== resolved);
    await this.#save({ ...this.#folders, trusted: trusted ? [...others, resolved] : others });
    return { folder: resolved };
  }

  /** What is applied and what is not. Reads file names and the tracking table; loads no code, changes nothing. */
  async status(input: { connectionId: string; folder: string; table?: string | undefined }) {
    const folder = await resolveFolder(input.folder);
    const table = input.table ?? defaultTrackingTable;
    const [files, applied, known] = await Promise.all([
      listMigrationFiles(folder),
      readTrackingTable(await this.#options.connections.reader(input.connectionId), table),
      this.#options.history.appliedMigrations(input.connectionId).catch(() => new Map<string, string>()),
    ]);
    await this.#remember(input.connectionId, folder);
    return {
      folder,
      trusted: this.#isTrusted(folder),
      table,
      tableExists: applied !== null,
      entries: migrationEntries(files, applied ?? [], known),
    };
  }

  /** Counts for the folder that was opened last on a connection; null where none was. Remembers nothing. */
  async counts(
    connectionId: string,
    reader: CatalogReader,
  ): Promise<{ folder: string; pending: number; changed: number; missing: number } | null> {
    const folder = this.#folders.opened[connectionId]?.[0];
    if (folder === undefined) return null;
    const [files, applied, known] = await Promise.all([
      resolveFolder(folder).then(listMigrationFiles),
      readTrackingTable(reader, defaultTrackingTable),
      this.#options.history.appliedMigrations(connectionId).catch(() => new Map<string, string>()),
    ]);
    const entries = migrationEntries(files, applied ?? [], known);
    const count = (state: MigrationEntry['state']) => entries.filter((entry) => entry.state === state).length;
    return { folder, pending: count('pending'), changed: count('changed'), missing: count('missing') };
  }

  async sql(input: { folder: string; names?: string[] | undefined }, signal?: AbortSignal): Promise<MigrationSql[]> {
    const folder = await this.#trusted(input.folder);
    const files = (await listMigrationFiles(folder)).filter((file) => !input.names || input.names.includes(file.name));
    const answer = await runInWorker({ kind: 'sql', files }, signal);
    return answer.kind === 'sql' ? answer.migrations : [];
  }

  /** Applies what is pending, oldest first, up to and including `to`. */
  async up(input: {
    connectionId: string;
    folder: string;
    to?: string | undefined;
    table?: string;
  }): Promise<{ job: Job; done: Promise<Job> }> {
    const folder = await this.#trusted(input.folder);
    const connection = this.#options.connections.writable(input.connectionId, 'Applying migrations');
    return this.#options.jobs.start(
      { kind: 'migrate', title: `Migrate ${connection.name}`, connectionId: connection.id },
      (job) => this.runUp({ ...input, folder }, job),
    );
  }

  /** The work of `up`, for callers that have a job of their own. */
  async runUp(
    input: { connectionId: string; folder: string; to?: string | undefined; table?: string },
    job: JobHandle,
  ): Promise<string> {
    const table = input.table ?? defaultTrackingTable;
    return this.#locked(input.connectionId, table, async () => {
      const files = await listMigrationFiles(input.folder);
      const applied = new Set(
        (await readTrackingTable(await this.#options.connections.reader(input.connectionId), table))?.map(
          ({ name }) => name,
        ),
      );
      const pending = files.filter(({ name }) => !applied.has(name));
      const last = input.to === undefined ? pending.length - 1 : pending.findIndex(({ name }) => name === input.to);
      if (input.to !== undefined && last < 0)
        throw StewardError.of('not_found', `${input.to} is not pending here`, { hint: 'Refresh the list.' });
      const wanted = pending.slice(0, last + 1);
      await this.#run(input.connectionId, wanted, 'up', table, job);
      return wanted.length === 0
        ? 'Nothing was pending'
        : `${wanted.length === 1 ? `${wanted[0]?.name} is` : `${wanted.length} migrations are`} applied`;
    });
  }

  /** Rolls back the newest applied migration. Another name is refused: what came later may depend on it. */
  async down(input: {
    connectionId: string;
    folder: string;
    name: string;
    table?: string;
  }): Promise<{ job: Job; done: Promise<Job> }> {
    const folder = await this.#trusted(input.folder);
    const connection = this.#options.connections.writable(input.connectionId, 'Rolling back a migration');
    const table = input.table ?? defaultTrackingTable;
    return this.#options.jobs.start(
      { kind: 'migrate', title: `Roll back ${input.name} on ${connection.name}`, connectionId: connection.id },
      (job) =>
        this.#locked(input.connectionId, table, async () => {
          const newest = (
            await readTrackingTable(await this.#options.connections.reader(input.connectionId), table)
          )?.at(-1)?.name;
          if (newest !== input.name) {
            throw StewardError.of(
              'conflict',
              newest === undefined ? 'Nothing is applied here' : `${newest} was applied after ${input.name}`,
              {
                hint: 'Roll back the newest first. Refresh the list.',
              },
            );
          }
          const file = (await listMigrationFiles(folder)).find(({ name }) => name === input.name);
          if (!file)
            throw StewardError.of('not_found', `The file of ${input.name} is not in this folder`, {
              hint: 'Put it back to roll it back.',
            });
          await this.#run(input.connectionId, [file], 'down', table, job);
          return `${input.name} is rolled back`;
        }),
    );
  }

  /** Runs the files one after the other in one worker; each is logged, remembered and audited by itself. */
  async #run(
    connectionId: string,
    files: readonly MigrationFile[],
    direction: 'up' | 'down',
    table: string,
    job: JobHandle,
  ): Promise<void> {
    if (files.length === 0) return;
    const connection = this.#options.connections.entry(connectionId);
    const parameters = await this.#options.connections.parameters(connectionId);
    const { history } = this.#options;
    let current: { name: string; sql: string; startedAt: string; started: number } | undefined;
    let done = 0;
    const audit = (outcome: AuditOutcome, error: string | null) => {
      if (!current) return;
      this.#options.audit({
        connection,
        action: direction === 'up' ? 'migration-up' : 'migration-down',
        subject: current.name,
        sql: current.sql,
        outcome,
        error,
        startedAt: current.startedAt,
        durationMs: performance.now() - current.started,
        jobId: job.id,
      });
    };
    // The session's name is how it is found again if it has to be ended: killing the worker alone would leave the
    // server busy until it notices.
    const applicationName = `steward migrate ${job.id.slice(0, 8)}`;
    const cancel = () => void this.#terminate(connectionId, applicationName).catch(() => {});
    job.signal.addEventListener('abort', cancel, { once: true });
    try {
      const task = {
        kind: 'run',
        direction,
        files,
        table,
        parameters: {
          ...parameters,
          applicationName,
          settings: { lock_timeout: lockTimeoutMs, ...parameters.settings },
        },
      } as const;
      await runInWorker(task, job.signal, (step) => {
        if (step.kind === 'begin') {
          current = {
            name: step.name,
            sql: step.statements.join(';\n'),
            startedAt: new Date().toISOString(),
            started: performance.now(),
          };
          job.progress(direction === 'up' ? `Applying ${step.name}` : `Rolling back ${step.name}`, done / files.length);
          for (const statement of step.statements) job.log(redactSecrets(statement));
          return;
        }
        done += 1;
        audit('done', null);
        current = undefined;
        const sha256 = files.find(({ name }) => name === step.name)?.sha256;
        if (direction === 'up' && sha256) history.rememberAppliedMigration(connectionId, step.name, sha256);
      });
    } catch (error) {
      audit(outcomeOf(error, job.signal), toFailure(error).message);
      if (isConnectionLoss(error)) this.#options.connections.noteFailure(connectionId, error);
      throw error;
    } finally {
      job.signal.removeEventListener('abort', cancel);
    }
  }

  async #terminate(connectionId: string, applicationName: string): Promise<void> {
    const reader = await this.#options.connections.reader(connectionId);
    await reader.rows(
      'select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where application_name = $1',
      { values: [applicationName] },
    );
  }

  /** Holds a session advisory lock on a connection of its own while `work` runs: MikroORM takes none. */
  async #locked(connectionId: string, table: string, work: () => Promise<string>): Promise<string> {
    const database = await this.#options.connections.database(connectionId);
    const client = await database.connect({ settings: { idle_session_timeout: '0' } }).catch(() => database.connect());
    try {
      const { rows } = await client.query<{ locked: boolean }>(lockKeySql(), [table]);
      if (!rows[0]?.locked) {
        throw StewardError.of('busy', 'Another run of migrations is under way on this database', {
          hint: 'Wait until it has ended.',
          retryable: true,
        });
      }
      return await work();
    } finally {
      await client.end().catch(() => {});
    }
  }

  async #trusted(folder: string): Promise<string> {
    const resolved = await resolveFolder(folder);
    if (this.#isTrusted(resolved)) return resolved;
    throw StewardError.of('untrusted', `The folder ${resolved} is not trusted yet`, {
      hint: 'Migrations are code: what is in this folder runs with your rights. Trust it only if you know where it comes from.',
    });
  }

  #isTrusted(folder: string): boolean {
    return this.#folders.trusted.includes(folder) || this.#options.ownFolders.includes(folder);
  }

  async #remember(connectionId: string, folder: string): Promise<void> {
    const before = this.#folders.opened[connectionId] ?? [];
    if (before[0] === folder) return;
    await this.#save({
      ...this.#folders,
      opened: {
        ...this.#folders.opened,
        [connectionId]: [folder, ...before.filter((one) => one !== folder)].slice(0, 20),
      },
    });
  }

  async #save(folders: z.output<typeof foldersSchema>): Promise<void> {
    await this.#file.write(folders);
    this.#folders = folders;
  }
}

/** Files and tracking table as one list. Pure. `known`: checksums of what Steward applied, by name. */
export function migrationEntries(
  files: readonly MigrationFile[],
  applied: readonly { name: string; appliedAt: string }[],
  known: ReadonlyMap<string, string>,
): MigrationEntry[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const appliedNames = new Set(applied.map(({ name }) => name));
  const done = applied.map(({ name, appliedAt }): MigrationEntry => {
    const file = byName.get(name);
    const checksum = known.get(name);
    const state = !file ? 'missing' : checksum !== undefined && checksum !== file.sha256 ? 'changed' : 'applied';
    return { name, state, file: file?.file ?? null, appliedAt };
  });
  const pending = files
    .filter(({ name }) => !appliedNames.has(name))
    .map(({ name, file }): MigrationEntry => ({ name, state: 'pending', file, appliedAt: null }));
  return [...done, ...pending].toSorted((left, right) =>
    left.name < right.name ? -1 : left.name > right.name ? 1 : 0,
  );
}
