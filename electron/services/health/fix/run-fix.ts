import type pg from 'pg';

import type { Connection } from '#contract/connections.ts';
import type { BlockingSession } from '#contract/health.ts';
import { type CatalogReader, catalogOnly, catalogPath } from '../../../postgres/catalog-reader.ts';
import type { Database } from '../../../postgres/database.ts';
import { StewardError, toFailure } from '../../../postgres/failure.ts';
import { type AuditDraft, outcomeOf } from '../../audit/index.ts';
import type { ConnectionsService } from '../../connections/index.ts';
import type { JobHandle } from '../../jobs/index.ts';
import { plural } from '../format-values.ts';
import { shownStatement } from '../shown-statement.ts';
import { cleanUp } from './clean-up.ts';
import type { FixStep } from './fix-steps.ts';
import { type BeforeFix, readBeforeFix } from './leftovers.ts';
import { runSteps, type StepPatience } from './run-steps.ts';

interface FixHost {
  readonly connections: ConnectionsService;
  /** Must not throw. */
  readonly audit: (entry: AuditDraft) => void;
  readonly patience?: StepPatience;
}

interface FixToRun {
  readonly connection: Connection;
  readonly steps: readonly FixStep[];
  readonly sql: string;
  readonly action: 'health-fix' | 'health-undo';
  readonly subject: string;
  /** Told where a step failed after others were committed. */
  readonly onPartial?: (why: string) => Promise<void>;
}

/** Begins an entry of the audit for SQL; how it ended is told to what it answers. */
type Auditing = (sql: string) => (outcome: AuditDraft['outcome'], error: string | null) => void;

/** The session of a fix, and what it needs beside it. */
interface FixSession {
  readonly client: pg.Client;
  readonly database: Database;
  readonly reader: CatalogReader;
  readonly before: BeforeFix;
  /** Opens another session like it. */
  readonly open: () => Promise<pg.Client>;
}

/** Runs the steps in a session of their own, cleans up after a failure, and audits. Answers how long it took, ms. */
export async function runFix(host: FixHost, task: FixToRun, job: JobHandle): Promise<number> {
  const started = performance.now();
  const auditing = auditFor(host, task, job);
  const tell = auditing(task.sql);
  const fail = (error: unknown): void => {
    tell(outcomeOf(error, job.signal), toFailure(error).message);
    host.connections.noteFailure(task.connection.id, error);
  };
  let session: FixSession;
  try {
    session = await openSession(host, task, job);
  } catch (error) {
    fail(error);
    throw error;
  }
  const at = { step: 0, committed: 0 };
  try {
    await runSteps({
      client: session.client,
      endpoint: session.database.parameters,
      steps: task.steps,
      reader: session.reader,
      signal: job.signal,
      ...(host.patience ? { patience: host.patience } : {}),
      ...toldTo(job, task.steps, at),
    });
    tell('done', null);
    return performance.now() - started;
  } catch (error) {
    fail(error);
    throw await afterFailure(host, task, job, session, { at, error, auditing });
  } finally {
    await session.client.end().catch(() => {});
  }
}

async function openSession({ connections }: FixHost, task: FixToRun, job: JobHandle): Promise<FixSession> {
  const { id } = task.connection;
  const database = await connections.database(id);
  const reader = catalogOnly(await connections.reader(id));
  const settings = fixSettings(database.server.versionNum);
  const open = () => database.connect({ settings, applicationName: 'steward fix' });
  const before = await readBeforeFix(reader, task.steps, { signal: job.signal });
  return { client: await open(), database, reader, before, open };
}

/** Cleans up, keeps what is done in part, and answers the error to throw. */
async function afterFailure(
  host: FixHost,
  task: FixToRun,
  job: JobHandle,
  { client, database, reader, before, open }: FixSession,
  { at, error, auditing }: { at: Progress; error: unknown; auditing: Auditing },
): Promise<unknown> {
  // The error arrives before the server has let go of what it was doing: its locks would still be held.
  await client.query('select').catch(() => {});
  const { isConstraintGone, stays } = await cleanUp({
    open,
    reader,
    endpoint: database.parameters,
    steps: task.steps,
    failedAt: at.step,
    error,
    before,
    job,
    auditing,
    waitingText,
    ...(host.patience ? { patience: host.patience } : {}),
  });
  const failure = toFailure(error);
  if (at.committed > (isConstraintGone ? 1 : 0)) await task.onPartial?.(failure.message);
  return stays === null ? error : new StewardError({ ...failure, hint: stays }, { cause: error });
}

function auditFor({ connections, audit }: FixHost, task: FixToRun, job: JobHandle): Auditing {
  return (sql) => {
    const startedAt = new Date().toISOString();
    const started = performance.now();
    return (outcome, error) =>
      audit({
        connection: connections.entry(task.connection.id),
        action: task.action,
        subject: task.subject,
        sql,
        outcome,
        error,
        startedAt,
        durationMs: performance.now() - started,
        jobId: job.id,
      });
  };
}

/** Where the steps are: the one that runs, and how many before it are committed. */
interface Progress {
  step: number;
  committed: number;
}

function toldTo(job: JobHandle, steps: readonly FixStep[], at: Progress) {
  let told = '';
  return {
    onStep: (step: FixStep, place: number) => {
      at.step = place;
      if (step.startsAnew || step.outsideTransaction || steps[place - 1]?.outsideTransaction === true)
        at.committed = place;
      job.progress(shownStatement(step.sql, 200), place / steps.length);
      job.log(step.sql);
    },
    onProgress: (phase: string, fraction: number | null) => job.progress(phase, steps.length === 1 ? fraction : null),
    onWait: (blocking: readonly BlockingSession[], attempt: number) => {
      const text = waitingText(blocking, attempt);
      job.progress(text);
      if (text !== told) job.log(text);
      told = text;
    },
  };
}

/**
 * A build may take hours, and between two attempts its session is idle for a while: time-outs that a role or a database
 * has for its usual work would end it.
 */
function fixSettings(versionNum: number): Record<string, string> {
  return {
    statement_timeout: '0',
    idle_in_transaction_session_timeout: '60s',
    ...(versionNum >= 140_000 ? { idle_session_timeout: '0' } : {}),
    ...(versionNum >= 170_000 ? { transaction_timeout: '0' } : {}),
    ...catalogPath,
  };
}

function waitingText(blocking: readonly BlockingSession[], attempt: number): string {
  const who = blocking
    .slice(0, 3)
    .map(({ pid, user, application, holds }) => {
      const name = [user, application].filter((part) => part !== null && part !== '').join(', ');
      return `${pid}${name === '' ? '' : ` (${name})`}, which holds ${holds}`;
    })
    .join('; ');
  const more = blocking.length > 3 ? ` and ${plural(blocking.length - 3, 'more session')}` : '';
  const told = who === '' ? 'sessions that were gone when it looked' : `${who}${more}`;
  return attempt === 0 ? `Waiting for ${told}` : `Attempt ${attempt} did not get its lock from ${told}; trying again`;
}
