import type { ActivityEvent } from '#contract/activity.ts';
import type { Failure } from '#contract/failure.ts';
import { catalogOnly, catalogPath } from '../../postgres/catalog-reader.ts';
import { StewardError, toFailure } from '../../postgres/failure.ts';
import { backendPid } from '../../postgres/pg-session.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import type { AuditDraft } from '../audit/index.ts';
import type { ConnectionsService } from '../connections/index.ts';
import { redactStatement } from '../query/index.ts';
import { locksOfSessionSql } from './activity-sql.ts';
import { ActivityWatch } from './activity-watch.ts';

interface SessionName {
  readonly connectionId: string;
  readonly pid: number;
  readonly backendStart: string | null;
}

interface HeldLockRow {
  readonly target: string;
  readonly mode: string;
  readonly granted: boolean;
  readonly count: number;
  readonly total: number;
}

/** More events than this wait for a slow window; older ones are left out. */
const mostWaiting = 120;

/** What happens on servers right now, and the two ways to stop it. */
export class ActivityService implements AsyncDisposable {
  readonly #connections: ConnectionsService;
  readonly #audit: (entry: AuditDraft) => void;
  readonly #watches = new Map<string, ActivityWatch>();

  constructor(connections: ConnectionsService, audit: (entry: AuditDraft) => void) {
    this.#connections = connections;
    this.#audit = audit;
    connections.onClose((id) => {
      this.#watches.get(id)?.stop();
      this.#watches.delete(id);
    });
  }

  /** Events until the signal aborts. A connection that is closed ends its own watch. */
  async *watch(connectionId: string, signal?: AbortSignal): AsyncGenerator<ActivityEvent> {
    await this.#connections.database(connectionId);
    const waiting: ActivityEvent[] = [];
    let wake = (): void => {};
    const watch = this.#watchOf(connectionId);
    const stop = watch.listen((event) => {
      waiting.push(event);
      if (waiting.length > mostWaiting) waiting.splice(0, waiting.length - mostWaiting);
      wake();
    });
    const abort = (): void => wake();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      while (!signal?.aborted && this.#watches.get(connectionId) === watch) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
            // A connection that was closed wakes nobody.
            setTimeout(resolve, 2000).unref();
          });
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      stop();
    }
  }

  /** The whole text of what a session runs, and what it holds. */
  async session(
    name: SessionName,
    signal?: AbortSignal,
  ): Promise<{
    query: string | null;
    locks: { target: string; mode: string; granted: boolean; count: number }[];
    omitted: number;
  }> {
    const reader = catalogOnly(await this.#connections.reader(name.connectionId));
    const options = { timeoutMs: 5000, ...(signal ? { signal } : {}) };
    const [found] = await reader.rows<{ query: string | null }>(
      `select nullif(query, '<insufficient privilege>') as query
         from pg_catalog.pg_stat_activity where pid = $1 and backend_start::text is not distinct from $2`,
      { ...options, values: [name.pid, name.backendStart] },
    );
    if (found === undefined) throw gone(name.pid);
    const locks = await reader.rows<HeldLockRow>(locksOfSessionSql, { ...options, values: [name.pid] });
    return {
      query: found.query === null ? null : redactStatement(found.query),
      locks: locks.map(({ target, mode, granted, count }) => ({ target, mode, granted, count })),
      omitted: Math.max(0, (locks[0]?.total ?? 0) - locks.length),
    };
  }

  /** Asks the server to cancel what the session runs. */
  cancel(name: SessionName): Promise<{ ended: boolean }> {
    return this.#signal(name, 'pg_cancel_backend', 'session-cancel');
  }

  /** Ends a session; the server rolls its transaction back. */
  terminate(name: SessionName & { confirmation?: string | undefined }): Promise<{ ended: boolean }> {
    const connection = this.#connections.get(name.connectionId);
    if (connection.environment === 'production' && name.confirmation !== connection.database) {
      throw new StewardError({
        code: 'needs_answer',
        message: `Ending a session on production: type the name of the database, ${connection.database}`,
        retryable: false,
        question: { kind: 'destructive', typedName: connection.database, commands: ['TERMINATE'] },
      });
    }
    return this.#signal(name, 'pg_terminate_backend', 'session-terminate');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watch of this.#watches.values()) watch.stop();
    this.#watches.clear();
    await Promise.resolve();
  }

  #watchOf(connectionId: string): ActivityWatch {
    const known = this.#watches.get(connectionId);
    if (known !== undefined) return known;
    const watch: ActivityWatch = new ActivityWatch(
      async () => {
        const database = await this.#connections.database(connectionId);
        const client = await database.connect({
          applicationName: 'steward activity',
          settings: { statement_timeout: '10s', ...catalogPath },
        });
        watch.ownPids.clear();
        watch.ownPids.add(backendPid(client));
        return { client, server: database.server, isDirect: database.pooling === 'none' };
      },
      (error) => this.#connections.noteFailure(connectionId, error),
    );
    this.#watches.set(connectionId, watch);
    return watch;
  }

  async #signal(
    { connectionId, pid, backendStart }: SessionName,
    call: 'pg_cancel_backend' | 'pg_terminate_backend',
    action: 'session-cancel' | 'session-terminate',
  ): Promise<{ ended: boolean }> {
    const connection = this.#connections.writable(
      connectionId,
      call === 'pg_cancel_backend' ? 'Cancelling a statement' : 'Ending a session',
    );
    const reader = catalogOnly(await this.#connections.reader(connectionId));
    const startedAt = new Date().toISOString();
    const started = performance.now();
    const tell = (outcome: 'done' | 'failed', error: string | null): void =>
      this.#audit({
        connection: this.#connections.entry(connection.id),
        action,
        subject: `process ${pid}`,
        sql: `select pg_catalog.${call}(${pid});`,
        outcome,
        error,
        startedAt,
        durationMs: performance.now() - started,
      });
    try {
      // Only the session that was looked at: its process id may be another's by now.
      const rows = await reader.rows<{ sent: boolean }>(
        `select pg_catalog.${call}(pid) as sent from pg_catalog.pg_stat_activity where pid = $1 and backend_start::text is not distinct from $2`,
        { values: [pid, backendStart], timeoutMs: 10_000 },
      );
      if (rows.length > 0) tell('done', null);
      return { ended: rows[0]?.sent === true };
    } catch (error) {
      const failure = toFailure(error);
      tell('failed', failure.message);
      throw failure.postgres?.sqlstate === '42501' ? notAllowed(failure, reader.server.user, error) : error;
    }
  }
}

function gone(pid: number): StewardError {
  return StewardError.of('not_found', `Session ${pid} has ended`);
}

/** The server's own words, and what would allow it. */
function notAllowed({ message, postgres }: Failure, user: string, cause: unknown): StewardError {
  const isSuperusers = /superuser/i.test(`${message} ${postgres?.detail}`);
  return StewardError.of('not_permitted', message, {
    hint: isSuperusers
      ? 'Only a superuser may stop a session of a superuser.'
      : `A role may stop its own sessions and those of roles it is a member of. To stop others as well: grant pg_signal_backend to ${quoteIdentifier(user)};`,
    cause,
  });
}
