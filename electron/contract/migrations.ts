import { procedure } from './failure.ts';
import { z } from './zod.ts';

export const migrationStates = ['applied', 'pending', 'missing', 'changed'] as const;

export const migrationEntrySchema = z.object({
  name: z.string(),
  /** applied and its file unchanged as far as known; pending; missing: applied, but the file is gone; changed: the file differs from what Steward applied. */
  state: z.enum(migrationStates),
  file: z.string().nullable(),
  appliedAt: z.string().nullable(),
});
export type MigrationEntry = z.infer<typeof migrationEntrySchema>;

export const migrationSqlSchema = z.object({
  name: z.string(),
  up: z.array(z.string()),
  down: z.array(z.string()),
  /** false: down() throws or is absent. */
  reversible: z.boolean(),
  transactional: z.boolean(),
  /** It runs queries of its own while it builds its SQL: what is listed may not be all. */
  dynamic: z.boolean(),
  error: z.string().nullable(),
});
export type MigrationSql = z.infer<typeof migrationSqlSchema>;

const folderOnConnection = z.object({ connectionId: z.string(), folder: z.string().min(1) });

export const migrations = {
  folders: procedure
    .input(z.object({ connectionId: z.string() }))
    .output(z.array(z.object({ folder: z.string(), trusted: z.boolean() }))),
  /** A migrations folder is code. Nothing of it is loaded before this was called for it. */
  trust: procedure
    .input(z.object({ folder: z.string().min(1), trusted: z.boolean() }))
    .output(z.object({ folder: z.string() })),
  /** Reads the folder's file names and the tracking table. Loads no code, changes nothing on the server. */
  status: procedure.input(folderOnConnection.extend({ table: z.string().optional() })).output(
    z.object({
      folder: z.string(),
      trusted: z.boolean(),
      table: z.string(),
      tableExists: z.boolean(),
      entries: z.array(migrationEntrySchema),
    }),
  ),
  /** The SQL of up and down of one migration, or of all, without running it. Loads the folder's code in a worker. */
  sql: procedure
    .input(z.object({ folder: z.string().min(1), names: z.array(z.string()).optional() }))
    .output(z.array(migrationSqlSchema)),
  /** Applies the pending migrations up to and including `to`, or all, each in its own transaction, under an advisory lock. */
  up: procedure.input(folderOnConnection.extend({ to: z.string().optional() })).output(z.object({ jobId: z.string() })),
  /** Rolls back the newest applied migration, which must be `name`. */
  down: procedure.input(folderOnConnection.extend({ name: z.string() })).output(z.object({ jobId: z.string() })),
};
