import { eventIterator } from '@orpc/contract';

import { procedure } from './failure.ts';
import { healthReportSchema, severitySchema } from './health-model.ts';
import { z } from './zod.ts';

export const healthRunEventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), done: z.number().int(), total: z.number().int(), check: z.string() }),
  z.object({ kind: z.literal('report'), report: healthReportSchema, savedId: z.string().nullable() }),
]);
export type HealthRunEvent = z.infer<typeof healthRunEventSchema>;

export const savedReportSchema = z.object({
  id: z.string(),
  connectionId: z.string().nullable(),
  database: z.string(),
  takenAt: z.string(),
  worst: severitySchema.nullable(),
  critical: z.number().int(),
  warning: z.number().int(),
  info: z.number().int(),
});
export type SavedReport = z.infer<typeof savedReportSchema>;

export const health = {
  /** Aborting the iterator cancels the running checks on the server. */
  run: procedure
    .input(z.object({ connectionId: z.string(), only: z.array(z.string()).optional() }))
    .output(eventIterator(healthRunEventSchema)),
  reports: procedure
    .input(z.object({ connectionId: z.string().optional(), limit: z.number().int().min(1).max(200).default(30) }))
    .output(z.array(savedReportSchema)),
  report: procedure.input(z.object({ id: z.string() })).output(healthReportSchema),
};
