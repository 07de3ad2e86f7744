import type pg from 'pg';

import type { BlockingSession } from '#contract/health.ts';
import type { CatalogReader } from '../../../postgres/catalog-reader.ts';
import type { Endpoint } from '../../../postgres/connect-parameters.ts';
import { toFailure } from '../../../postgres/failure.ts';
import type { AuditDraft } from '../../audit/index.ts';
import type { JobHandle } from '../../jobs/index.ts';
import { type FixStep, fixSteps } from './fix-steps.ts';
import { dropLeftovers, dropUnprovenConstraint } from './leftovers.ts';
import { runSteps, type StepPatience } from './run-steps.ts';

interface FailedFix {
  /** A session of its own: that of the fix may be gone. */
  readonly open: () => Promise<pg.Client>;
  readonly reader: CatalogReader;
  readonly endpoint: Endpoint;
  readonly steps: readonly FixStep[];
  /** The place of the step that failed. */
  readonly failedAt: number;
  readonly error: unknown;
  /** Indexes that were invalid before the fix began. */
  readonly invalidBefore: ReadonlySet<string>;
  readonly job: JobHandle;
  /** Begins an entry of the audit for SQL; how it ended is told to what it answers. */
  readonly auditing: (sql: string) => (outcome: AuditDraft['outcome'], error: string | null) => void;
  readonly waitingText: (blocking: readonly BlockingSession[], attempt: number) => string;
  readonly patience?: StepPatience;
}

/**
 * Drops what a fix that failed left behind and that does harm: invalid indexes, and a constraint that rows turned out to
 * break. What cannot be dropped is logged. True where such a constraint is gone again.
 */
export async function cleanUp(failed: FailedFix): Promise<boolean> {
  await dropInvalidIndexes(failed);
  return isBrokenByRows(failed.error) && (await dropUnproven(failed));
}

/** An index that a failed build left invalid costs every write and serves no read. */
async function dropInvalidIndexes({ open, reader, steps, invalidBefore, job, auditing }: FailedFix): Promise<void> {
  if (!steps.some(({ sql }) => /\bconcurrently\b/i.test(sql))) return;
  try {
    const client = await open();
    try {
      await dropLeftovers(client, steps, invalidBefore, reader, {
        onDrop: auditing,
        onDropped: (name) => job.log(`Dropped the invalid index ${name} that was left behind`),
      });
    } finally {
      await client.end().catch(() => {});
    }
  } catch (error) {
    job.log(`What the build left behind could not be dropped: ${toFailure(error).message}`);
  }
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
