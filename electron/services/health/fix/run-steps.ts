import type pg from 'pg';

import type { BlockingSession } from '#contract/health.ts';
import type { CatalogReader } from '../../../postgres/catalog-reader.ts';
import type { Endpoint } from '../../../postgres/connect-parameters.ts';
import { StewardError, toFailure } from '../../../postgres/failure.ts';
import { backendPid, cancellable } from '../../../postgres/pg-session.ts';
import { pause } from '../../live-value.ts';
import { formatDuration } from '../format-values.ts';
import { blockersOf } from './blocking-sessions.ts';
import type { FixStep } from './fix-steps.ts';

export interface StepPatience {
  /** How long one attempt waits for a strong lock: everybody else queues behind it meanwhile. */
  readonly lockTimeoutMs: number;
  /** How long it goes on trying. */
  readonly giveUpAfterMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const usualPatience: StepPatience = {
  lockTimeoutMs: 2000,
  giveUpAfterMs: 5 * 60_000,
  firstPauseMs: 500,
  longestPauseMs: 15_000,
};

export interface StepsToRun {
  readonly client: pg.Client;
  readonly endpoint: Endpoint;
  readonly steps: readonly FixStep[];
  /** Another session, to look at what this one waits for. */
  readonly reader: CatalogReader;
  readonly signal: AbortSignal;
  readonly patience?: StepPatience;
  readonly onStep: (step: FixStep, place: number) => void;
  readonly onProgress: (what: string, fraction: number | null) => void;
  /** Sessions that it waits for now, or that kept an attempt from its lock. */
  readonly onWait: (blocking: readonly BlockingSession[], attempt: number) => void;
}

/**
 * Runs the steps of a fix in their order. Neighbours that may share a transaction do, but for what reads a whole table. Strong locks are asked for with
 * a short `lock_timeout`, again and again with longer pauses, so that nobody queues behind a fix that waits;
 * what runs CONCURRENTLY, and VACUUM, holds nobody up and may wait.
 * Throws the server's error, `cancelled`, or `busy` with the sessions that held the lock until patience ended.
 */
export async function runSteps(task: StepsToRun): Promise<void> {
  let place = 0;
  while (place < task.steps.length) {
    const first = task.steps[place];
    if (first === undefined) return;
    if (first.outsideTransaction) {
      await runAlone(task, first, place);
      place += 1;
      continue;
    }
    const end = task.steps.findIndex((step, index) => index > place && (step.outsideTransaction || step.startsAnew));
    const group = task.steps.slice(place, end < 0 ? undefined : end);
    await withRetries(task, () => runTogether(task, group, place), place > 0);
    place += group.length;
  }
}

async function runAlone(task: StepsToRun, step: FixStep, place: number): Promise<void> {
  task.onStep(step, place);
  const lockTimeoutMs = step.isGentle ? 0 : (task.patience ?? usualPatience).lockTimeoutMs;
  const once = async () => {
    await task.client.query(`set lock_timeout = ${lockTimeoutMs}`);
    await watched(task, step.sql);
  };
  await (step.isGentle ? once() : withRetries(task, once, place > 0));
}

async function runTogether(task: StepsToRun, steps: readonly FixStep[], place: number): Promise<void> {
  const { client } = task;
  await client.query(`begin; set local lock_timeout = ${(task.patience ?? usualPatience).lockTimeoutMs}`);
  try {
    for (const [offset, step] of steps.entries()) {
      task.onStep(step, place + offset);
      await watched(task, step.sql);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** A lock that was not to be had, and a deadlock, are tried again. */
async function withRetries(task: StepsToRun, attemptOnce: () => Promise<void>, hasChanged = false): Promise<void> {
  const patience = task.patience ?? usualPatience;
  const started = performance.now();
  let waited: readonly BlockingSession[] = [];
  const watching: StepsToRun['onWait'] = (blocking) => {
    waited = blocking;
  };
  for (let attempt = 1; ; attempt += 1) {
    seen.set(task.client, watching);
    try {
      await attemptOnce();
      return;
    } catch (error) {
      task.signal.throwIfAborted();
      const sqlstate = toFailure(error).postgres?.sqlstate;
      if (sqlstate !== '55P03' && sqlstate !== '40P01') throw error;
      task.onWait(waited, attempt);
      const spent = performance.now() - started;
      if (spent > patience.giveUpAfterMs) throw gaveUp(waited, attempt, spent, hasChanged, error);
      await pause(pauseAfter(attempt, patience), task.signal);
      task.signal.throwIfAborted();
    } finally {
      seen.delete(task.client);
    }
  }
}

/** How long to wait after an attempt in vain, ms: longer each time, and never in step with others. */
export function pauseAfter(attempt: number, patience: StepPatience): number {
  const longest = Math.min(patience.longestPauseMs, patience.firstPauseMs * 1.7 ** (attempt - 1));
  return longest * (0.5 + Math.random() / 2);
}

/** Who was seen in the way of a session during its attempt. */
const seen = new WeakMap<pg.Client, StepsToRun['onWait']>();

function gaveUp(
  blocking: readonly BlockingSession[],
  attempts: number,
  spentMs: number,
  hasChanged: boolean,
  cause: unknown,
): StewardError {
  const names = blocking.map(({ pid, user, holds }) => `${pid}${user === null ? '' : ` (${user})`} with ${holds}`);
  return StewardError.of(
    'busy',
    `The lock was not to be had in ${attempts} attempts over ${formatDuration(spentMs)}${names.length === 0 ? '' : `: held by ${names.join(', ')}`}`,
    {
      hint: `${hasChanged ? 'The steps before it stay done.' : 'Nothing was changed.'} Try again when these sessions have ended.`,
      retryable: true,
      cause,
    },
  );
}

/** Runs one statement, and looks once a second at what it waits for and how far it is. */
async function watched(task: StepsToRun, sql: string): Promise<void> {
  const pid = backendPid(task.client);
  const done = new AbortController();
  const looking = look(task, pid, done.signal);
  try {
    await cancellable(task.client, task.endpoint, task.signal, () => task.client.query(sql));
  } finally {
    done.abort();
    await looking;
  }
}

interface ProgressRow {
  readonly phase: string;
  readonly done: string;
  readonly total: string;
}

/** Run on PostgreSQL 13 to 18. */
const progressSql = `
select phase, greatest(blocks_done, tuples_done) as done, case when blocks_done >= tuples_done then blocks_total else tuples_total end as total
from pg_catalog.pg_stat_progress_create_index
where pid = $1
union all
select phase, heap_blks_scanned, heap_blks_total
from pg_catalog.pg_stat_progress_vacuum
where pid = $1
union all
select phase, heap_blks_scanned, heap_blks_total
from pg_catalog.pg_stat_progress_cluster
where pid = $1`;

async function look(task: StepsToRun, pid: number, signal: AbortSignal): Promise<void> {
  // The first look comes soon, so that an attempt with a short time-out is seen to wait.
  for (let first = true; ; first = false) {
    await pause(first ? 300 : 1000, signal);
    if (signal.aborted) return;
    try {
      const options = { signal, timeoutMs: 2000 };
      const blocking = await blockersOf(pid, task.reader, options);
      if (blocking.length > 0) {
        seen.get(task.client)?.(blocking, 0);
        task.onWait(blocking, 0);
        continue;
      }
      const [progress] = await task.reader.rows<ProgressRow>(progressSql, { ...options, values: [pid] });
      if (progress !== undefined) {
        const total = Number(progress.total);
        task.onProgress(progress.phase, total > 0 ? Math.min(1, Number(progress.done) / total) : null);
      }
    } catch {
      // A look that fails costs nothing: the statement itself tells how it went.
    }
  }
}
