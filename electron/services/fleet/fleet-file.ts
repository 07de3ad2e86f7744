import path from 'node:path';

import { fleetFactsSchema, fleetReachSchema, fleetRowSchema } from '#contract/fleet.ts';
import { z } from '#contract/zod.ts';

import { JsonFile, type UnreadableFileHandler } from '../settings/index.ts';

const rememberedRowSchema = z.object({
  /** What the connection led to when it was checked; another one makes the rest void. */
  fingerprint: z.string(),
  reach: fleetReachSchema,
  /** Checks that failed one after the other. */
  failures: z.number().int(),
  triedAt: z.string().nullable(),
  checkedAt: z.string().nullable(),
  // Facts of another version of Steward are forgotten, since when a server is away is not.
  facts: fleetFactsSchema.nullable().catch(null),
  cannotTell: fleetRowSchema.shape.cannotTell.catch([]),
  migrations: fleetRowSchema.shape.migrations.catch(null),
});
export type RememberedRow = z.infer<typeof rememberedRowSchema>;

const sampleSchema = z.object({ connectionId: z.string(), target: z.string(), at: z.string(), bytes: z.number() });
/** How large the database of a connection was. `target`: `host:port/database`. */
export type KeptSample = z.infer<typeof sampleSchema>;

const fleetFileSchema = z.object({
  rows: z.record(z.string(), rememberedRowSchema),
  /** Those that the store has not taken yet. */
  samples: z.array(sampleSchema),
});

/** What outlives a restart: since when a server is away, and what was read last. No secret is in it. */
export class FleetFile {
  readonly #file: JsonFile<typeof fleetFileSchema>;

  constructor(dataDirectory: string) {
    this.#file = new JsonFile(path.join(dataDirectory, 'fleet.json'), fleetFileSchema, () => ({
      rows: {},
      samples: [],
    }));
  }

  read(onUnreadable: UnreadableFileHandler): Promise<z.output<typeof fleetFileSchema>> {
    return this.#file.read(onUnreadable);
  }

  write(rows: ReadonlyMap<string, RememberedRow>, samples: readonly KeptSample[]): Promise<void> {
    return this.#file.write({ rows: Object.fromEntries(rows), samples: [...samples] });
  }
}
