import { eventIterator } from '@orpc/contract';

import { failureSchema, procedure } from './failure.ts';
import { z } from './zod.ts';

export const settingsSchema = z.object({
  theme: z.enum(['system', 'dark', 'light']).default('system'),
  backupDirectory: z.string().nullable().default(null),
  historyDays: z.number().int().min(1).max(3650).default(90),
  connectTimeoutMs: z.number().int().min(500).max(120_000).default(10_000),
  /** How often the fleet is checked while somebody looks at it. */
  fleetRefreshSeconds: z.number().int().min(60).max(86_400).default(300),
});
export type Settings = z.infer<typeof settingsSchema>;

export const serviceStateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('stopped') }),
  z.object({ kind: z.literal('starting'), step: z.string() }),
  z.object({ kind: z.literal('ready'), detail: z.string() }),
  z.object({ kind: z.literal('failed'), failure: failureSchema }),
]);
export type ServiceState = z.infer<typeof serviceStateSchema>;

export const appStatusSchema = z.object({
  version: z.string(),
  host: z.enum(['desktop', 'headless', 'cli']),
  dataDirectory: z.string(),
  /** Steward's own PostgreSQL. */
  localServer: serviceStateSchema,
  /** History, plans, reports, backups, jobs, audit. */
  store: serviceStateSchema,
  /** Where passwords are kept, in words. */
  secrets: z.string(),
  /** `settings.choosePath` opens the system's own dialog here. */
  choosesPaths: z.boolean(),
  /** Things that went wrong at start and that the user should know, such as a settings file kept aside. */
  problems: z.array(z.object({ title: z.string(), detail: z.string() })),
});
export type AppStatus = z.infer<typeof appStatusSchema>;

export const settings = {
  get: procedure.output(settingsSchema),
  set: procedure.input(settingsSchema.partial()).output(settingsSchema),
  status: procedure.output(appStatusSchema),
  watchStatus: procedure.output(eventIterator(appStatusSchema)),
  startLocalServer: procedure.output(appStatusSchema),
  /** Creates the sample database on the local server, with progress as a job, and a connection to it. */
  createSample: procedure
    .input(z.object({ factor: z.number().min(0.01).max(100).default(1) }))
    .output(z.object({ jobId: z.string() })),
  /** Asks for a file or folder with the system's own dialog. Null when the person cancels; `refused` where there is none. */
  choosePath: procedure
    .input(
      z.object({
        kind: z.enum(['file', 'folder']),
        title: z.string().max(200),
        startAt: z.string().max(4096).optional(),
      }),
    )
    .output(z.object({ path: z.string().nullable() })),
  /** UI state that survives a restart (open tabs, panel sizes); an opaque JSON value by key. */
  readUiState: procedure.input(z.object({ key: z.string().max(200) })).output(z.object({ value: z.json().nullable() })),
  writeUiState: procedure.input(z.object({ key: z.string().max(200), value: z.json() })).output(z.object({})),
};
