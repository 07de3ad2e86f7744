import type pg from 'pg';

import type { ActivityEvent, ActivitySample, ActivitySession, LockWait } from '#contract/activity.ts';
import type { ServerFacts } from '../../postgres/catalog-reader.ts';
import { toFailure } from '../../postgres/failure.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import { pause } from '../live-value.ts';
import { redactStatement } from '../query/index.ts';
import { sampleBetween } from './activity-rates.ts';
import {
  type CountersRow,
  countersSql,
  maxSessions,
  type ProgressRow,
  progressSql,
  type SessionRow,
  sessionsSql,
  type WaitRow,
  waitsSql,
} from './activity-sql.ts';

/** Ten minutes at one look a second. */
export const rememberedSamples = 600;
const beatMs = 1000;
/** A part that is not the beat is asked so rarely that it takes at most this share of the server's time. */
const shareOfTime = 0.005;
const sessionsEveryMs = 2000;
const retryMs = 2000;

/** A session of its own to the watched server. */
export interface WatchSession {
  readonly client: pg.Client;
  readonly server: ServerFacts;
  /** Statements may be prepared by name: nothing stands between. */
  readonly isDirect: boolean;
}

type Listener = (event: ActivityEvent) => void;

/**
 * Looks at one server once a second while somebody listens. Counters keep the beat; sessions, lock waits and progress
 * are asked in between, each at its own pace, which slows down where the server takes long to answer.
 */
export class ActivityWatch {
  readonly #open: () => Promise<WatchSession>;
  readonly #onFailure: (error: unknown) => void;
  readonly #listeners = new Set<Listener>();
  readonly #samples: ActivitySample[] = [];
  /** The newest of each kind, for a listener that comes later. */
  readonly #newest = new Map<ActivityEvent['kind'], ActivityEvent>();
  #running: AbortController | undefined;
  #before: CountersRow | undefined;

  constructor(open: () => Promise<WatchSession>, onFailure: (error: unknown) => void) {
    this.#open = open;
    this.#onFailure = onFailure;
  }

  /** The session's process ids are Steward's own. */
  readonly ownPids = new Set<number>();

  get samples(): readonly ActivitySample[] {
    return this.#samples;
  }

  /** Listens until the returned function is called. The memory is what was seen while anybody listened. */
  listen(listener: Listener): () => void {
    listener({ kind: 'memory', samples: [...this.#samples] });
    for (const event of this.#newest.values()) listener(event);
    this.#listeners.add(listener);
    if (this.#running === undefined) {
      this.#running = new AbortController();
      void this.#run(this.#running.signal);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#newest.clear();
  }

  #tell(event: ActivityEvent): void {
    if (event.kind === 'sample') {
      this.#samples.push(event.sample);
      if (this.#samples.length > rememberedSamples) this.#samples.splice(0, this.#samples.length - rememberedSamples);
    } else this.#newest.set(event.kind, event);
    for (const listener of this.#listeners) listener(event);
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let session: WatchSession | undefined;
      try {
        session = await this.#open();
        this.#newest.delete('gap');
        await this.#look(session, signal);
      } catch (error) {
        if (signal.aborted) break;
        this.#onFailure(error);
        this.#before = undefined;
        this.#tell({ kind: 'gap', at: now(), failure: toFailure(error) });
        await pause(retryMs, signal);
      } finally {
        await session?.client.end().catch(() => {});
      }
    }
    this.#before = undefined;
  }

  async #look({ client, server, isDirect }: WatchSession, signal: AbortSignal): Promise<void> {
    const ask = async <Row extends object>(name: string, text: string): Promise<Row[]> =>
      (await client.query<Row>(isDirect ? { name: `steward_${name}`, text } : { text })).rows;
    const paces = { sessions: new Pace(sessionsEveryMs), locks: new Pace(beatMs), progress: new Pace(beatMs) };
    // True at first: what an earlier session told of may be over by now.
    let hadWaits = true;
    let hadProgress = true;
    let beat = performance.now();
    while (!signal.aborted) {
      const [counters] = await ask<CountersRow>('counters', countersSql(server));
      if (counters === undefined) throw new Error('pg_stat_database is empty');
      this.#tell({ kind: 'sample', sample: sampleBetween(this.#before, counters) });
      this.#before = counters;
      if (paces.sessions.isDue()) {
        const rows = await paces.sessions.timed(() => ask<SessionRow>('sessions', sessionsSql));
        this.#tell(this.#sessionsEvent(rows, server));
      }
      // Going through all locks is dear, and has nothing to tell while nobody waits.
      if ((counters.lock_waiters > 0 || hadWaits) && paces.locks.isDue()) {
        const rows = await paces.locks.timed(() => ask<WaitRow>('waits', waitsSql(server)));
        hadWaits = rows.length > 0;
        this.#tell(locksEvent(rows));
      }
      if (paces.progress.isDue()) {
        const rows = await paces.progress.timed(() => ask<ProgressRow>('progress', progressSql(server)));
        if (rows.length > 0 || hadProgress) this.#tell(progressEvent(rows));
        hadProgress = rows.length > 0;
      }
      // A look that came late is not made up for: the next one is a whole beat after it.
      beat = Math.max(beat + beatMs, performance.now() + 50);
      await pause(beat - performance.now(), signal);
    }
  }

  #sessionsEvent(rows: readonly SessionRow[], server: ServerFacts): ActivityEvent {
    const isHidden = rows.some(({ is_visible: isVisible }) => !isVisible);
    return {
      kind: 'sessions',
      at: now(),
      sessions: rows.map((row) => session(row, this.ownPids)),
      omitted: Math.max(0, (rows[0]?.total ?? 0) - maxSessions),
      unlockSql: isHidden ? `grant pg_monitor to ${quoteIdentifier(server.user)};` : null,
    };
  }
}

/** When a part may be asked again: at its own interval, or later where it takes long. */
class Pace {
  readonly #everyMs: number;
  #dueAt = 0;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  isDue(): boolean {
    return performance.now() >= this.#dueAt;
  }

  async timed<Value>(work: () => Promise<Value>): Promise<Value> {
    const started = performance.now();
    const value = await work();
    const ended = performance.now();
    // Half a beat early, so that the beat it belongs to finds it due.
    this.#dueAt = started + Math.max(this.#everyMs, (ended - started) / shareOfTime) - beatMs / 2;
    return value;
  }
}

function session(row: SessionRow, own: ReadonlySet<number>): ActivitySession {
  return {
    pid: row.pid,
    backendStart: row.backend_start,
    backendType: row.backend_type,
    database: row.database,
    user: row.user_name,
    application: row.application ?? '',
    client: row.client,
    state: row.state,
    waitEventType: row.wait_event_type,
    waitEvent: row.wait_event,
    transactionMs: row.transaction_ms,
    stateMs: row.state_ms,
    queryMs: row.query_ms,
    xminAge: row.xmin_age,
    leaderPid: row.leader_pid,
    query: row.is_visible && row.query !== null ? redactStatement(row.query) : null,
    own: own.has(row.pid),
  };
}

function locksEvent(rows: readonly WaitRow[]): ActivityEvent {
  const waits = rows.map((row): LockWait => ({
    pid: row.pid,
    // Each parallel worker of a blocker is told by its leader, and so several times.
    blockedBy: [...new Set(row.blocked_by)],
    mode: row.mode,
    target: row.target,
    waitMs: row.wait_ms,
  }));
  return { kind: 'locks', at: now(), waits, omitted: Math.max(0, (rows[0]?.total ?? 0) - rows.length) };
}

function progressEvent(rows: readonly ProgressRow[]): ActivityEvent {
  return {
    kind: 'progress',
    at: now(),
    rows: rows.map((row) => ({ ...row, done: Number(row.done), total: Number(row.total) })),
  };
}

function now(): string {
  return new Date().toISOString();
}
