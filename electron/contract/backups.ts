import { procedure } from './failure.ts';
import { z } from './zod.ts';

export const backupFormats = ['custom', 'directory', 'plain', 'tar'] as const;
export type BackupFormat = (typeof backupFormats)[number];

/** written: the file is whole. readable: checksummed and read to its end. restored: restored into a scratch database. */
export const backupLevels = ['written', 'readable', 'restored'] as const;

export const backupToolSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('native'), path: z.string(), version: z.string(), major: z.number().int() }),
  /** No pg_dump of the right major: the built-in one writes plain SQL, for small databases. */
  z.object({ kind: z.literal('built-in'), version: z.string(), limitBytes: z.number(), why: z.string() }),
  z.object({ kind: z.literal('none'), why: z.string(), install: z.string() }),
]);
export type BackupTool = z.infer<typeof backupToolSchema>;

export const backupSchema = z.object({
  id: z.string(),
  connectionId: z.string().nullable(),
  connectionName: z.string(),
  database: z.string(),
  serverVersion: z.string(),
  file: z.string(),
  /** The manifest beside it: JSON with versions, options, object counts and checksum. */
  manifest: z.string(),
  format: z.enum(backupFormats),
  tool: z.enum(['native', 'built-in']),
  level: z.enum(backupLevels),
  sizeBytes: z.number(),
  startedAt: z.string(),
  durationMs: z.number(),
  sha256: z.string().nullable(),
  /** False when the file is not where it was written. */
  present: z.boolean(),
});
export type Backup = z.infer<typeof backupSchema>;

export const backups = {
  /** What a backup of this database would use, how large the database is, and where the file would go. */
  plan: procedure
    .input(z.object({ connectionId: z.string() }))
    .output(z.object({ tool: backupToolSchema, databaseSizeBytes: z.number(), directory: z.string() })),
  start: procedure
    .input(
      z.object({
        connectionId: z.string(),
        format: z.enum(backupFormats).default('custom'),
        /** The default folder when left out. */
        directory: z.string().optional(),
        schemaOnly: z.boolean().default(false),
        /** Chosen by hand where the native tool would do: for machines without tools, and for tests. */
        tool: z.enum(['auto', 'native', 'built-in']).default('auto'),
      }),
    )
    .output(z.object({ jobId: z.string() })),
  list: procedure.input(z.object({ connectionId: z.string().optional() })).output(z.array(backupSchema)),
  /** Shows the file in the system's file manager where the host has one; answers its path in any case. */
  reveal: procedure.input(z.object({ id: z.string() })).output(z.object({ path: z.string(), shown: z.boolean() })),
  /** Restores into a new database of the connection's server. Fails with `conflict` if that name is taken. */
  restore: procedure
    .input(z.object({ id: z.string(), connectionId: z.string(), database: z.string().min(1).max(63) }))
    .output(z.object({ jobId: z.string() })),
};
