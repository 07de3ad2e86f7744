import { backupFormats, backupLevels } from '#contract/backups.ts';
import { z } from '#contract/zod.ts';

/** What lies beside a backup as `<name>.manifest.json`: enough to know, without Steward, what it is and whether it is whole. */
export const manifestSchema = z.object({
  steward: z.string(),
  id: z.string(),
  connectionId: z.string().nullable(),
  connectionName: z.string(),
  database: z.string(),
  serverVersion: z.string(),
  tool: z.enum(['native', 'built-in']),
  toolVersion: z.string(),
  format: z.enum(backupFormats),
  schemaOnly: z.boolean(),
  startedAt: z.string(),
  /** From the start to the whole file on disk. */
  writtenMs: z.number(),
  durationMs: z.number(),
  sizeBytes: z.number(),
  level: z.enum(backupLevels),
  /** SHA-256 of each file, by its name relative to the manifest. */
  files: z.array(z.object({ name: z.string(), sizeBytes: z.number(), sha256: z.string() })),
  /** Tables whose data are in it, with the planner's row counts at the time. */
  tables: z.array(z.object({ name: z.string(), estimatedRows: z.number() })),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** `portfolio_20261123_141502`: safe as a file name whatever the database is called. */
export function backupName(database: string, at: Date): string {
  const safe =
    database
      .normalize('NFKD')
      .replaceAll(/[^A-Za-z0-9._-]+/g, '_')
      .replaceAll(/^[._-]+|[._-]+$/g, '')
      .slice(0, 80) || 'database';
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `${safe}_${day}_${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}

/** The ending that people expect of a format; a directory has none. */
export const endingOf = { custom: '.dump', tar: '.tar', plain: '.sql', directory: '' } as const;
