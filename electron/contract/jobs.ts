import { eventIterator } from '@orpc/contract';

import { failureSchema, procedure } from './failure.ts';
import { z } from './zod.ts';

export const jobKinds = ['backup', 'restore', 'migrate', 'sample', 'export', 'fix', 'log'] as const;

export const jobSchema = z.object({
  id: z.string(),
  kind: z.enum(jobKinds),
  title: z.string(),
  connectionId: z.string().nullable(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  /** What it does now. */
  step: z.string(),
  /** 0 to 1; null where no honest fraction is known. */
  fraction: z.number().min(0).max(1).nullable(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  failure: failureSchema.nullable(),
  /** One sentence when it is done: what happened and what came of it. */
  outcome: z.string().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

export const jobs = {
  list: procedure.output(z.array(jobSchema)),
  /** Emits the jobs now and after every change, at most ten times a second. */
  watch: procedure.output(eventIterator(z.array(jobSchema))),
  cancel: procedure.input(z.object({ id: z.string() })).output(z.object({})),
  log: procedure
    .input(z.object({ id: z.string() }))
    .output(z.object({ lines: z.array(z.object({ at: z.string(), text: z.string() })) })),
  /** Takes a job that has ended off the tray. Its record stays in the store. */
  dismiss: procedure.input(z.object({ id: z.string() })).output(z.object({})),
};
