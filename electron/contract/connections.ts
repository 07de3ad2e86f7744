import { eventIterator } from '@orpc/contract';

import { failureSchema, procedure } from './failure.ts';
import { z } from './zod.ts';

export const environments = ['local', 'development', 'staging', 'production'] as const;
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export const connectionColors = ['grey', 'green', 'blue', 'purple', 'amber', 'red'] as const;

/** A saved connection, without its secret. */
export const connectionSchema = z.object({
  id: z.string(),
  name: z.string().trim().min(1, 'Give the connection a name').max(120),
  environment: z.enum(environments),
  color: z.enum(connectionColors),
  /** A host name, an address, or the folder of a unix socket. */
  host: z.string().trim().min(1, 'Host is empty').max(255),
  port: z.number().int().min(1).max(65_535),
  database: z.string().min(1, 'Database is empty').max(63),
  user: z.string().min(1, 'User is empty').max(63),
  sslMode: z.enum(sslModes),
  /** A file with the certificates that may sign the server's; needed by verify-ca and verify-full. */
  sslRootCert: z.string().optional(),
  /** Sessions start with default_transaction_read_only = on. */
  readOnly: z.boolean(),
  /** `local-server` marks a connection to the server that Steward runs; its password is Steward's own. */
  managedBy: z.enum(['user', 'local-server']),
});
export type Connection = z.infer<typeof connectionSchema>;

export const serverInfoSchema = z.object({
  version: z.string(),
  versionNum: z.number().int(),
  database: z.string(),
  user: z.string(),
  isSuperuser: z.boolean(),
  inRecovery: z.boolean(),
  encrypted: z.boolean(),
});
export type ServerInfo = z.infer<typeof serverInfoSchema>;

export const connectionStateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('closed') }),
  z.object({ kind: z.literal('opening') }),
  z.object({ kind: z.literal('open'), server: serverInfoSchema, latencyMs: z.number() }),
  /** It was open, and the server or the network went away. The next use tries again. */
  z.object({ kind: z.literal('lost'), failure: failureSchema, since: z.string() }),
  z.object({ kind: z.literal('failed'), failure: failureSchema }),
]);
export type ConnectionState = z.infer<typeof connectionStateSchema>;

export const connectionEntrySchema = connectionSchema.extend({
  state: connectionStateSchema,
  /** Where the password is: nowhere, in memory until Steward quits, or in the secret store. */
  password: z.enum(['none', 'session', 'stored']),
});
export type ConnectionEntry = z.infer<typeof connectionEntrySchema>;

/** What the form sends. A password that is left out stays as it was; an empty string removes it. */
export const connectionDraftSchema = connectionSchema.omit({ id: true, managedBy: true }).extend({
  id: z.string().optional(),
  password: z.string().optional(),
  rememberPassword: z.boolean().default(false),
});
export type ConnectionDraft = z.infer<typeof connectionDraftSchema>;

export const connections = {
  list: procedure.output(z.array(connectionEntrySchema)),
  /** Emits the whole list now and after every change. */
  watch: procedure.output(eventIterator(z.array(connectionEntrySchema))),
  save: procedure.input(connectionDraftSchema).output(connectionEntrySchema),
  remove: procedure.input(z.object({ id: z.string() })).output(z.object({})),
  /** Reads `postgresql://user:password@host:port/database?sslmode=…` into the fields of the form. Touches no server. */
  parseUrl: procedure.input(z.object({ url: z.string().max(4096) })).output(
    connectionDraftSchema
      .omit({ rememberPassword: true })
      .partial()
      .extend({ warnings: z.array(z.string()) }),
  ),
  /** Connects once with what the form holds and closes again. Changes nothing. */
  test: procedure.input(connectionDraftSchema).output(z.object({ server: serverInfoSchema, latencyMs: z.number() })),
  open: procedure.input(z.object({ id: z.string() })).output(connectionEntrySchema),
  close: procedure.input(z.object({ id: z.string() })).output(connectionEntrySchema),
};
