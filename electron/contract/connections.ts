import { eventIterator } from '@orpc/contract';

import { failureSchema, procedure, questionSchema, secretPurposes } from './failure.ts';
import { z } from './zod.ts';

export const environments = ['local', 'development', 'staging', 'production'] as const;
export const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export const connectionColors = ['grey', 'green', 'blue', 'purple', 'amber', 'red'] as const;

/** The colour that goes with an environment until another one is chosen. */
export const environmentColors: Readonly<Record<(typeof environments)[number], (typeof connectionColors)[number]>> = {
  local: 'grey',
  development: 'green',
  staging: 'amber',
  production: 'red',
};

export const targetSessionAttributes = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const;

const hostName = z.string().trim().min(1, 'Host is empty').max(255);
const portNumber = z.number().int().min(1).max(65_535);
const fileName = z.string().max(4096).optional();

/** Where the password comes from. */
export const authenticationSchema = z.discriminatedUnion('kind', [
  /** Typed by a person, and kept where the secrets are. */
  z.object({ kind: z.literal('password') }),
  /** Looked up in a password file at each new session: the one named, PGPASSFILE, or ~/.pgpass. */
  z.object({ kind: z.literal('passfile'), file: fileName }),
  /** The first line that a command prints; run again when the answer is older than `expirySeconds` (0: each time). */
  z.object({
    kind: z.literal('command'),
    command: z.string().trim().min(1, 'The command is empty').max(4096),
    expirySeconds: z.number().int().min(0).max(86_400),
  }),
]);
export type Authentication = z.infer<typeof authenticationSchema>;

/** A way through an SSH server, as `ssh -J jump,… -L … user@host` makes one. */
export const sshSchema = z.object({
  /** A `Host` of ~/.ssh/config, or a host name. */
  host: hostName,
  /** Left out: what ~/.ssh/config says, else 22 and the system's user. */
  port: portNumber.optional(),
  user: z.string().trim().max(255).optional(),
  /** `auto` tries the agent, then the keys of ~/.ssh/config and the default ones, then asks for a password. */
  method: z.enum(['auto', 'agent', 'key', 'password']),
  keyFile: fileName,
  /** `[user@]host[:port]`, the first one first. Empty: what ProxyJump in ~/.ssh/config says. */
  jumpHosts: z.array(z.string().trim().min(1).max(600)).max(8),
});
export type SshSettings = z.infer<typeof sshSchema>;

/** Times in milliseconds; what is left out follows the environment, and 0 means no limit. */
export const sessionTimeoutsSchema = z.object({
  statementMs: z.number().int().min(0).max(86_400_000).optional(),
  lockMs: z.number().int().min(0).max(86_400_000).optional(),
  idleInTransactionMs: z.number().int().min(0).max(86_400_000).optional(),
});

type SessionTimeouts = { readonly [Key in keyof Required<z.infer<typeof sessionTimeoutsSchema>>]: number };

/**
 * The limits of a session by environment, in milliseconds; 0 is none. In production a lock that is not granted within
 * 5 s gives up, a statement ends after ten minutes and a forgotten transaction too, so that Steward never is the session
 * that blocks everybody else.
 */
export const environmentTimeouts: Readonly<Record<(typeof environments)[number], SessionTimeouts>> = {
  local: { statementMs: 0, lockMs: 0, idleInTransactionMs: 0 },
  development: { statementMs: 0, lockMs: 0, idleInTransactionMs: 0 },
  staging: { statementMs: 0, lockMs: 30_000, idleInTransactionMs: 1_800_000 },
  production: { statementMs: 600_000, lockMs: 5000, idleInTransactionMs: 600_000 },
};

/** A saved connection, without its secret. */
export const connectionSchema = z.object({
  id: z.string(),
  name: z.string().trim().min(1, 'Give the connection a name').max(120),
  environment: z.enum(environments),
  color: z.enum(connectionColors),
  /** A host name, an address, or the folder of a unix socket. */
  host: hostName,
  port: portNumber,
  /** Tried in turn after the first, as libpq does with `host=a,b`. */
  otherHosts: z
    .array(z.object({ host: hostName, port: portNumber }))
    .max(15)
    .default([]),
  targetSessionAttrs: z.enum(targetSessionAttributes).default('any'),
  database: z.string().min(1, 'Database is empty').max(63),
  user: z.string().min(1, 'User is empty').max(63),
  sslMode: z.enum(sslModes),
  /** A file with the certificates that may sign the server's; needed by verify-ca and verify-full. */
  sslRootCert: fileName,
  /** The client's own certificate and its key. */
  sslCert: fileName,
  sslKey: fileName,
  sslCrl: fileName,
  /** As libpq's `options`: `-c search_path=sales`. */
  options: z.string().max(2000).optional(),
  authentication: authenticationSchema.default({ kind: 'password' }),
  ssh: sshSchema.optional(),
  timeouts: sessionTimeoutsSchema.default({}),
  /** A path in the list, `Acme/Europe`; empty is the top. */
  folder: z.string().trim().max(200).default(''),
  /** Guarded: each statement runs alone, in a transaction that the server holds to reading. */
  readOnly: z.boolean(),
  /** What a person wrote to accept guarded sessions of a superuser, who can do harm even from a read-only transaction. */
  superuserAccepted: z.string().max(500).optional(),
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
  /** May run programs or write files on the server's machine: a superuser, or a member of the roles for that. */
  reachesOut: z.boolean(),
  inRecovery: z.boolean(),
  encrypted: z.boolean(),
  /** The one of several hosts that was taken. */
  host: z.string(),
  port: z.number().int(),
  /** A pooler stands in between, so settings go first in each transaction instead of with the session. */
  pooled: z.boolean(),
});
export type ServerInfo = z.infer<typeof serverInfoSchema>;

export const connectionStateSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('closed') }),
  z.object({ kind: z.literal('opening') }),
  z.object({ kind: z.literal('open'), server: serverInfoSchema, latencyMs: z.number() }),
  /** It was open, and the server or the network went away. The next use tries again. */
  z.object({ kind: z.literal('lost'), failure: failureSchema, since: z.string() }),
  z.object({ kind: z.literal('failed'), failure: failureSchema, since: z.string() }),
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
export type ConnectionDraft = z.input<typeof connectionDraftSchema>;

/** Where connections can be taken from. The first four are read on the host's machine, the others from a file that the person picks. */
export const importSources = ['pgpass', 'service', 'environment', 'urls', 'pgadmin', 'dbeaver', 'steward'] as const;
export type ImportSource = (typeof importSources)[number];

/** A connection that was found, not yet saved. Never carries a password: those are asked for or stay in their file. */
export const importCandidateSchema = z.object({
  draft: connectionDraftSchema.omit({ id: true, password: true, rememberPassword: true }),
  /** Where it was found: a file and line, a server's name. */
  origin: z.string(),
  /** What could not be carried over, in words. */
  warnings: z.array(z.string()),
  /** The name of a saved connection to the same host, port, database and user. */
  existing: z.string().optional(),
});
export type ImportCandidate = z.infer<typeof importCandidateSchema>;

export const connections = {
  list: procedure.output(z.array(connectionEntrySchema)),
  /** Emits the whole list now and after every change. */
  watch: procedure.output(eventIterator(z.array(connectionEntrySchema))),
  save: procedure.input(connectionDraftSchema).output(connectionEntrySchema),
  remove: procedure.input(z.object({ id: z.string() })).output(z.object({})),
  /** A copy under a free name, with its secrets, beside the first. */
  duplicate: procedure.input(z.object({ id: z.string() })).output(connectionEntrySchema),
  /** Puts connections into a folder, in front of another one or at the end. */
  move: procedure
    .input(z.object({ ids: z.array(z.string()).min(1), folder: z.string().max(200), beforeId: z.string().optional() }))
    .output(z.object({})),
  /** What a source holds. Saves nothing. */
  readImport: procedure
    .input(z.object({ source: z.enum(importSources), text: z.string().max(5_000_000).optional() }))
    .output(z.object({ candidates: z.array(importCandidateSchema), warnings: z.array(z.string()) })),
  /** Saves what was picked; a name that is taken gets a number. */
  import: procedure
    .input(z.object({ drafts: z.array(importCandidateSchema.shape.draft).min(1).max(2000) }))
    .output(z.object({ ids: z.array(z.string()) })),
  /** The saved connections as a JSON file's text, without any secret. */
  export: procedure.input(z.object({ ids: z.array(z.string()).optional() })).output(z.object({ text: z.string() })),
  /** Writes an SSH server's key into Steward's own known-hosts file. */
  trustHostKey: procedure
    .input(questionSchema.options[0].pick({ host: true, port: true, keyType: true, key: true }))
    .output(z.object({})),
  /** Answers a question for a secret. Kept for this run, or where secrets are kept. */
  provideSecret: procedure
    .input(
      z.object({
        id: z.string(),
        purpose: z.enum(secretPurposes),
        subject: z.string(),
        value: z.string().max(10_000),
        remember: z.boolean(),
      }),
    )
    .output(z.object({})),
  /** Opens guarded sessions for a superuser from now on; `words` are kept with the connection and in the audit. */
  acceptSuperuser: procedure
    .input(
      z.object({ id: z.string(), words: z.string().trim().min(10, 'Say in words why this is acceptable').max(500) }),
    )
    .output(connectionEntrySchema),
  /** SQL for a role that can read everything and change nothing, made for this server's version. Runs nothing. */
  readOnlyRole: procedure.input(z.object({ id: z.string() })).output(z.object({ sql: z.string() })),
  /** Reads `postgresql://user:password@host:port/database?sslmode=…` into the fields of the form. Touches no server. */
  parseUrl: procedure.input(z.object({ url: z.string().max(4096) })).output(
    connectionDraftSchema
      .omit({ rememberPassword: true })
      // What the URL does not say stays as the form has it: no defaults.
      .extend({
        otherHosts: connectionSchema.shape.otherHosts.unwrap(),
        targetSessionAttrs: connectionSchema.shape.targetSessionAttrs.unwrap(),
        authentication: connectionSchema.shape.authentication.unwrap(),
        timeouts: connectionSchema.shape.timeouts.unwrap(),
        folder: connectionSchema.shape.folder.unwrap(),
      })
      .partial()
      .extend({ warnings: z.array(z.string()) }),
  ),
  /** Connects once with what the form holds and closes again. Changes nothing. */
  test: procedure.input(connectionDraftSchema).output(z.object({ server: serverInfoSchema, latencyMs: z.number() })),
  open: procedure.input(z.object({ id: z.string() })).output(connectionEntrySchema),
  close: procedure.input(z.object({ id: z.string() })).output(connectionEntrySchema),
};
