import path from 'node:path';

import type { ConnectionDraft } from '#contract/connections.ts';
import type { Job } from '#contract/jobs.ts';

import type { ConnectParameters } from '../../postgres/connect-parameters.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
import { cancellable, connectClient } from '../../postgres/pg-session.ts';
import { type AuditDraft, outcomeOf } from '../audit/index.ts';
import type { ConnectionsService } from '../connections/index.ts';
import type { JobHandle, JobsService } from '../jobs/index.ts';
import type { MigrationsService } from '../migrations/index.ts';
import { sampleSteps } from './sample-data.ts';

const databaseName = 'portfolio';
const connectionName = 'Sample portfolio';
/** The last migration that is applied; what comes after stays pending, to be tried. */
const lastApplied = '004_add_transaction_archive';

export interface SampleOptions {
  readonly connections: ConnectionsService;
  readonly jobs: JobsService;
  readonly migrations: MigrationsService;
  /** Keeps that it was created. Must not throw. */
  readonly audit: (entry: AuditDraft) => void;
  /** Starts the local server if need be. */
  readonly localServer: () => Promise<ConnectParameters>;
  /** Folder with `sample/migrations`. */
  readonly assets: string;
}

export function sampleMigrationsFolder(assets: string): string {
  return path.join(assets, 'sample', 'migrations');
}

export class SampleService {
  readonly #options: SampleOptions;

  constructor(options: SampleOptions) {
    this.#options = options;
  }

  /** Creates the sample database and a connection to it. Fails when it is there already; cancel leaves nothing. */
  start(factor: number): { job: Job; done: Promise<Job> } {
    return this.#options.jobs.start(
      { kind: 'sample', title: 'Create the sample database', connectionId: null },
      (job) => this.#create(factor, job),
    );
  }

  async #create(factor: number, job: JobHandle): Promise<string> {
    job.progress('Starting the local server');
    const server = await this.#options.localServer();
    const startedAt = new Date().toISOString();
    const started = performance.now();
    await this.#createDatabase(server);
    // Nobody is to open it before it is whole.
    const draft = this.#draft(server);
    const building = this.#options.connections.addTemporary({
      ...draft,
      name: 'Sample being created',
      ...(server.password ? { password: server.password } : {}),
    });
    const audit = (outcome: AuditDraft['outcome'], error: string | null) =>
      this.#options.audit({
        connection: building,
        action: 'sample',
        sql: [`create database ${databaseName}`, ...sampleSteps(factor).map((step) => step.sql)].join(';\n'),
        outcome,
        error,
        startedAt,
        durationMs: performance.now() - started,
        jobId: job.id,
      });
    try {
      job.progress('Creating the tables', 0.02);
      const folder = sampleMigrationsFolder(this.#options.assets);
      await this.#options.migrations.runUp({ connectionId: building.id, folder, to: lastApplied }, this.#quiet(job));
      await this.#fill(server, factor, job);
      await this.#saveConnection(draft);
      audit('done', null);
    } catch (error) {
      audit(outcomeOf(error, job.signal), toFailure(error).message);
      await this.#options.connections.close(building.id).catch(() => {});
      await this.#dropDatabase(server).catch(() => {});
      throw error;
    } finally {
      await this.#options.connections.remove(building.id).catch(() => {});
    }
    return 'The sample database is there. Open it from the connections.';
  }

  async #fill(server: ConnectParameters, factor: number, job: JobHandle): Promise<void> {
    const steps = sampleSteps(factor);
    const total = steps.reduce((sum, step) => sum + step.weight, 0);
    const { client } = await connectClient({
      ...server,
      database: databaseName,
      // The keys are right by construction: looking each one up would take a third of the time.
      settings: { synchronous_commit: 'off', session_replication_role: 'replica' },
    });
    try {
      let done = 0;
      for (const step of steps) {
        job.progress(step.title, 0.05 + (0.95 * done) / total);
        job.log(step.title);
        await cancellable(client, server, job.signal, () => client.query(step.sql));
        done += step.weight;
      }
    } finally {
      await client.end();
    }
  }

  async #createDatabase(server: ConnectParameters): Promise<void> {
    const { client } = await connectClient(server);
    try {
      await client.query(`create database ${databaseName}`);
    } catch (error) {
      if ((error as { code?: string }).code !== '42P04') throw error;
      throw StewardError.of('conflict', 'The sample database is there already', {
        hint: `Open the connection “${connectionName}”, or drop the database ${databaseName} on the local server to begin anew.`,
      });
    } finally {
      await client.end();
    }
  }

  async #dropDatabase(server: ConnectParameters): Promise<void> {
    const { client } = await connectClient(server);
    try {
      await client.query(`drop database if exists ${databaseName} with (force)`);
    } finally {
      await client.end();
    }
  }

  #draft(server: ConnectParameters): ConnectionDraft {
    const taken = this.#options.connections.list.value.some(
      (entry) => entry.name === connectionName && entry.managedBy !== 'local-server',
    );
    return {
      name: taken ? `${connectionName} (local)` : connectionName,
      environment: 'local',
      color: 'green',
      host: server.host,
      port: server.port,
      database: databaseName,
      user: server.user,
      sslMode: 'disable',
      readOnly: false,
      rememberPassword: false,
    };
  }

  async #saveConnection(draft: ConnectionDraft): Promise<void> {
    const existing = this.#options.connections.list.value.find(
      (entry) => entry.managedBy === 'local-server' && entry.database === databaseName,
    );
    if (!existing) await this.#options.connections.save(draft, 'local-server');
  }

  /** The migrations are one step of this job: their own progress would run ahead of it. */
  #quiet(job: JobHandle): JobHandle {
    return {
      id: job.id,
      signal: job.signal,
      log: (text) => job.log(text),
      progress: (step) => job.progress(step, 0.03),
    };
  }
}
