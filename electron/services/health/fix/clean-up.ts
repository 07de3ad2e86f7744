import type pg from 'pg';

import type { BlockingSession } from '#contract/health.ts';
import type { CatalogReader } from '../../../postgres/catalog-reader.ts';
import type { Endpoint } from '../../../postgres/connect-parameters.ts';
import { toFailure } from '../../../postgres/failure.ts';
import type { AuditDraft } from '../../audit/index.ts';
import type { JobHandle } from '../../jobs/index.ts';
import { dropLeftover, type LeftoverEnd } from './drop-leftover.ts';
import { type FixStep, fixSteps } from './fix-steps.ts';
import {
  type BeforeFix,
  type BuildOnTable,
  dropUnprovenConstraint,
  expectedLeftover,
  type InvalidIndex,
  leftoversOf,
} from './leftovers.ts';
import { runSteps, type StepPatience, usualPatience } from './run-steps.ts';

interface FailedFix {
  /** A session of its own: that of the fix may be gone. */
  readonly open: () => Promise<pg.Client>;
  readonly reader: CatalogReader;
  readonly endpoint: Endpoint;
  readonly steps: readonly FixStep[];
  /** The place of the step that failed. */
  readonly failedAt: number;
  readonly error: unknown;
  readonly before: BeforeFix;
  readonly job: JobHandle;
  /** Begins an entry of the audit for SQL; how it ended is told to what it answers. */
  readonly auditing: (sql: string) => (outcome: AuditDraft['outcome'], error: string | null) => void;
  readonly waitingText: (blocking: readonly BlockingSession[], attempt: number) => string;
  readonly patience?: StepPatience;
}

/** What came of the cleaning up after a fix that failed. */
export interface CleanedUp {
  /** True where a constraint that rows turned out to break is gone again. */
  readonly isConstraintGone: boolean;
  /** What stays behind, in sentences for a person; null where nothing does. */
  readonly stays: string | null;
}

/**
 * Drops what a fix that failed left behind and that does harm: invalid indexes, and a constraint that rows turned out to
 * break. What cannot be dropped is logged.
 */
export async function cleanUp(failed: FailedFix): Promise<CleanedUp> {
  const stays = await dropInvalidIndexes(failed);
  for (const sentence of stays) failed.job.log(sentence);
  return {
    isConstraintGone: isBrokenByRows(failed.error) && (await dropUnproven(failed)),
    stays: stays.length === 0 ? null : stays.join(' '),
  };
}

/** An index that a failed build left invalid costs every write and serves no read. Answers what stays. */
async function dropInvalidIndexes(failed: FailedFix): Promise<string[]> {
  const { open, reader, before, failedAt, error } = failed;
  const build = before.builds.get(failedAt);
  // Where the name was taken already, nothing was built.
  if (build === undefined || toFailure(error).postgres?.sqlstate === '42P07') return [];
  let left: readonly InvalidIndex[] | undefined;
  try {
    left = await leftoversOf(build, before, reader);
    if (left.length === 0) return [];
    const client = await open();
    try {
      return await dropEach(client, left, failed);
    } finally {
      await client.end().catch(() => {});
    }
  } catch (cause) {
    const { message } = toFailure(cause);
    return left === undefined
      ? [mayStay(build, message)]
      : left.map(({ index_name: name }) => staysBehind(name, message));
  }
}

async function dropEach(client: pg.Client, left: readonly InvalidIndex[], failed: FailedFix): Promise<string[]> {
  const { job, auditing, patience = usualPatience } = failed;
  const stays: string[] = [];
  for (const leftover of left) {
    const { index_name: name } = leftover;
    job.progress(`Dropping the invalid index ${name} that was left behind`);
    const end = await dropLeftover(client, leftover, patience, auditing).catch(couldNotLook);
    if (end.kind === 'dropped') job.log(`Dropped the invalid index ${name} that was left behind`);
    if (end.kind === 'valid') job.log(`${name} is valid by now, so somebody else has built it: it stays`);
    if (end.kind === 'stays') stays.push(staysBehind(name, end.why));
  }
  return stays;
}

function couldNotLook(error: unknown): LeftoverEnd {
  return { kind: 'stays', why: toFailure(error).message };
}

function staysBehind(name: string, why: string): string {
  return `The invalid index ${name} stays behind, costs every write and serves no read: ${why}. Once nobody builds it: drop index concurrently ${name};`;
}

function mayStay(build: BuildOnTable, why: string): string {
  return `What may stay behind costs every write and serves no read: ${expectedLeftover(build)}. It could not be looked for: ${why}.`;
}

async function dropUnproven(failed: FailedFix): Promise<boolean> {
  const { open, reader, endpoint, steps, failedAt, job, auditing, waitingText, patience } = failed;
  const sql = dropUnprovenConstraint(steps, failedAt);
  if (sql === undefined) return false;
  const tell = auditing(`${sql};`);
  try {
    const client = await open();
    try {
      await runSteps({
        client,
        endpoint,
        steps: fixSteps([sql]),
        reader,
        signal: job.signal,
        ...(patience ? { patience } : {}),
        onStep: () => job.log(`Rows break the constraint, so it goes again: ${sql}`),
        onProgress: () => {},
        onWait: (blocking, attempt) => job.progress(waitingText(blocking, attempt)),
      });
      tell('done', null);
      return true;
    } finally {
      await client.end().catch(() => {});
    }
  } catch (error) {
    const { message } = toFailure(error);
    tell('failed', message);
    job.log(`The constraint that was added stays, and refuses new rows that break it: ${message}`);
    return false;
  }
}

/** Class 23: a row is not as a constraint wants it. */
function isBrokenByRows(error: unknown): boolean {
  return toFailure(error).postgres?.sqlstate?.startsWith('23') === true;
}
