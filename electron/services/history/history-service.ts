import type { Backup } from '#contract/backups.ts';
import type { Job } from '#contract/jobs.ts';
import type { SavedPlan } from '#contract/plans.ts';
import type { HistoryEntry } from '#contract/query.ts';

import { StewardError } from '../../postgres/failure.ts';
import type { StoreKeeper } from './store-keeper.ts';

/** What is asked of the store. Writers never throw: losing a line of history must not fail what was done. */
export class HistoryService {
  readonly #store: StoreKeeper;
  readonly #logLoss: (what: string, error: unknown) => void;
  readonly #writing = new Set<Promise<unknown>>();

  constructor(store: StoreKeeper, logLoss: (what: string, error: unknown) => void) {
    this.#store = store;
    this.#logLoss = logLoss;
  }

  rememberQuery(entry: Omit<HistoryEntry, 'id'>): void {
    this.#write('query history', async () => {
      const { em, records } = await this.#store.entities();
      await em.insert(records.QueryRecord, {
        ...entry,
        startedAt: new Date(entry.startedAt),
        rows: entry.rows === null ? null : BigInt(entry.rows),
      });
    });
  }

  rememberJob(job: Job): void {
    this.#write('job', async () => {
      const { em, records } = await this.#store.entities();
      await em.insert(records.JobRecord, {
        id: job.id,
        kind: job.kind,
        title: job.title,
        connectionId: job.connectionId,
        state: job.state,
        startedAt: new Date(job.startedAt),
        finishedAt: new Date(job.finishedAt ?? job.startedAt),
        outcome: job.outcome,
        failure: job.failure,
      });
    });
  }

  /** The id of the saved plan, or null when the store is away. */
  async savePlan(plan: Omit<SavedPlan, 'id'> & { readonly source: string }): Promise<string | null> {
    return this.#save('plan', async () => {
      const { em, records } = await this.#store.entities();
      return String(await em.insert(records.PlanRecord, { ...plan, takenAt: new Date(plan.takenAt) }));
    });
  }

  async saveBackup(backup: Backup): Promise<void> {
    await this.#save('backup', async () => {
      const { em, records } = await this.#store.entities();
      await em.insert(records.BackupRecord, {
        id: backup.id,
        connectionId: backup.connectionId,
        startedAt: new Date(backup.startedAt),
        record: backup,
      });
    });
  }

  async queries(filter: {
    connectionId?: string | undefined;
    search?: string | undefined;
    limit: number;
  }): Promise<HistoryEntry[]> {
    // What was run just now is to be in the list.
    await this.flush();
    const { em, records } = await this.#store.entities();
    const search = filter.search?.trim();
    const found = await em.find(
      records.QueryRecord,
      {
        ...(filter.connectionId === undefined ? {} : { connectionId: filter.connectionId }),
        ...(search ? { sql: { $ilike: `%${search.replaceAll(/[\\%_]/g, String.raw`\$&`)}%` } } : {}),
      },
      { orderBy: { startedAt: 'desc', id: 'desc' }, limit: filter.limit },
    );
    return found.map((record) => ({
      id: String(record.id),
      connectionId: record.connectionId ?? null,
      connectionName: record.connectionName,
      database: record.database,
      sql: record.sql,
      startedAt: record.startedAt.toISOString(),
      durationMs: record.durationMs ?? null,
      rows: record.rows === null || record.rows === undefined ? null : Number(record.rows),
      outcome: record.outcome as HistoryEntry['outcome'],
      error: record.error ?? null,
    }));
  }

  /** Plans that were kept, newest first. A fingerprint of null has no plans: nothing is known to be like it. */
  async plans(filter: {
    limit: number;
    fingerprint?: string | null | undefined;
    database?: string | undefined;
  }): Promise<SavedPlan[]> {
    if (filter.fingerprint === null) return [];
    const { em, records } = await this.#store.entities();
    const found = await em.find(
      records.PlanRecord,
      {
        ...(filter.fingerprint === undefined ? {} : { fingerprint: filter.fingerprint }),
        ...(filter.database === undefined ? {} : { database: filter.database }),
      },
      { orderBy: { takenAt: 'desc', id: 'desc' }, limit: filter.limit, exclude: ['source'] },
    );
    return found.map(savedPlan);
  }

  async planSource(id: string): Promise<{ saved: SavedPlan; source: string }> {
    const { em, records } = await this.#store.entities();
    const record = /^\d+$/.test(id) ? await em.findOne(records.PlanRecord, { id: BigInt(id) }) : null;
    if (!record) throw StewardError.of('not_found', 'This plan is not kept any more');
    return { saved: savedPlan(record), source: record.source };
  }

  async backups(): Promise<Backup[]> {
    const { em, records } = await this.#store.entities();
    const found = await em.find(records.BackupRecord, {}, { orderBy: { startedAt: 'desc' }, limit: 1000 });
    return found.map((record) => record.record as Backup);
  }

  /** Checksums of the files that Steward applied on a connection, newest first for each name. */
  async appliedMigrations(connectionId: string): Promise<Map<string, string>> {
    await this.flush();
    const { em, records } = await this.#store.entities();
    const found = await em.find(records.AppliedMigrationRecord, { connectionId }, { orderBy: { appliedAt: 'asc' } });
    return new Map(found.map((record) => [record.name, record.sha256]));
  }

  rememberAppliedMigration(connectionId: string, name: string, sha256: string): void {
    this.#write('applied migration', async () => {
      const { em, records } = await this.#store.entities();
      await em.insert(records.AppliedMigrationRecord, { connectionId, name, sha256, appliedAt: new Date() });
    });
  }

  /** Deletes query history, plans and snapshots of statements older than the settings keep. The audit is kept for ever. */
  async prune(days: number): Promise<void> {
    const { em, records } = await this.#store.entities();
    const before = new Date(Date.now() - days * 86_400_000);
    await em.nativeDelete(records.QueryRecord, { startedAt: { $lt: before } });
    await em.nativeDelete(records.PlanRecord, { takenAt: { $lt: before } });
    await em.nativeDelete(records.StatementSnapshotRecord, { takenAt: { $lt: before } });
    await em.nativeDelete(records.StatementTextRecord, { seenAt: { $lt: before } });
  }

  /** Waits for what is being written, so that a command line does not end before. */
  async flush(): Promise<void> {
    await Promise.allSettled(this.#writing);
  }

  #write(what: string, work: () => Promise<unknown>): void {
    const writing = work()
      .catch((error: unknown) => this.#logLoss(what, error))
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  async #save<Value>(what: string, work: () => Promise<Value>): Promise<Value | null> {
    try {
      return await work();
    } catch (error) {
      this.#logLoss(what, error);
      return null;
    }
  }
}

function savedPlan(record: {
  id: bigint;
  connectionId?: string | null | undefined;
  connectionName?: string | null | undefined;
  database?: string | null | undefined;
  sql?: string | null | undefined;
  fingerprint?: string | null | undefined;
  serverVersion?: string | null | undefined;
  takenAt: Date;
  analyzed: boolean;
  executionMs?: number | null | undefined;
}): SavedPlan {
  return {
    id: String(record.id),
    connectionId: record.connectionId ?? null,
    connectionName: record.connectionName ?? null,
    database: record.database ?? null,
    sql: record.sql ?? null,
    fingerprint: record.fingerprint ?? null,
    serverVersion: record.serverVersion ?? null,
    takenAt: record.takenAt.toISOString(),
    analyzed: record.analyzed,
    executionMs: record.executionMs ?? null,
  };
}
