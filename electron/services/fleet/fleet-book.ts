import { readFile } from 'node:fs/promises';

import type { Backup } from '#contract/backups.ts';
import type { FleetRow } from '#contract/fleet.ts';

import type { StoreKeeper } from '../history/index.ts';
import type { KeptSample } from './fleet-file.ts';
import { type SizeSample, sampleDay } from './growth.ts';

/** Samples older than that are deleted, days. */
const keptDays = 400;

type Report = NonNullable<FleetRow['report']>;

interface ReportLine {
  readonly connection_id: string;
  readonly taken_at: Date | string;
  readonly critical: number;
  readonly warning: number;
  readonly info: number;
  readonly worst_message: string | null;
}

/** The newest health report of each connection. Throws `store_unavailable`. */
export async function newestReports(store: StoreKeeper): Promise<Map<string, Report>> {
  const { em } = await store.entities();
  const lines = await em.getConnection().execute<ReportLine[]>(`
    select distinct on (connection_id)
      connection_id,
      taken_at,
      critical,
      warning,
      info,
      jsonb_path_query_first(
        report,
        '$.checks[*].findings[*] ? (@.severity == $worst).message',
        jsonb_build_object('worst', worst)) #>> '{}' as worst_message
    from steward.health_reports
    where connection_id is not null
    order by connection_id, taken_at desc`);
  return new Map(
    lines.map((line) => [
      line.connection_id,
      {
        takenAt: new Date(line.taken_at).toISOString(),
        critical: line.critical,
        warning: line.warning,
        info: line.info,
        worst: line.worst_message,
      },
    ]),
  );
}

/** Keeps samples, the first of each day; throws where the store is away. */
export async function keepSamples(store: StoreKeeper, samples: readonly KeptSample[]): Promise<void> {
  if (samples.length === 0) return;
  const { em, records } = await store.entities();
  await em.upsertMany(
    records.SizeSampleRecord,
    samples.map(({ connectionId, target, at, bytes }) => ({
      connectionId,
      target,
      day: sampleDay(at),
      takenAt: new Date(at),
      sizeBytes: BigInt(Math.round(bytes)),
    })),
    { onConflictAction: 'ignore', onConflictFields: ['connectionId', 'target', 'day'] },
  );
}

/** The samples of the last 31 days by connection and target; deletes those that nobody looks at any more. */
export async function recentSamples(store: StoreKeeper, now: Date): Promise<Map<string, SizeSample[]>> {
  const { em, records } = await store.entities();
  const before = (days: number) => new Date(now.getTime() - days * 86_400_000);
  await em.nativeDelete(records.SizeSampleRecord, { takenAt: { $lt: before(keptDays) } });
  const found = await em.find(
    records.SizeSampleRecord,
    { takenAt: { $gte: before(31) } },
    { orderBy: { takenAt: 'asc' } },
  );
  const samples = new Map<string, SizeSample[]>();
  for (const { connectionId, target, takenAt, sizeBytes } of found) {
    const key = sampleKey(connectionId, target);
    samples.set(key, [...(samples.get(key) ?? []), { at: takenAt.toISOString(), bytes: Number(sizeBytes) }]);
  }
  return samples;
}

export function sampleKey(connectionId: string, target: string): string {
  return `${connectionId} ${target}`;
}

/**
 * The newest verified backup of each connection, and a newer one that is not. Verified: with its rows, its file there,
 * and read back to its end or restored.
 */
export async function backupsByConnection(
  backups: readonly Backup[],
): Promise<Map<string, NonNullable<FleetRow['backup']>>> {
  const byConnection = new Map<string, Backup[]>();
  for (const backup of backups) {
    if (backup.connectionId === null || !backup.present) continue;
    byConnection.set(backup.connectionId, [...(byConnection.get(backup.connectionId) ?? []), backup]);
  }
  const entries = [...byConnection].map(async ([id, own]) => [id, await newestOf(own)] as const);
  return new Map(await Promise.all(entries));
}

async function newestOf(backups: readonly Backup[]): Promise<NonNullable<FleetRow['backup']>> {
  let unverifiedAt: string | null = null;
  for (const backup of backups.toSorted((left, right) => (left.startedAt < right.startedAt ? 1 : -1))) {
    if (await isSchemaOnly(backup)) continue;
    if (backup.level !== 'written') return { verifiedAt: backup.startedAt, level: backup.level, unverifiedAt };
    unverifiedAt ??= backup.startedAt;
  }
  return { verifiedAt: null, level: null, unverifiedAt };
}

/** Definitions alone bring no rows back. What cannot be read is taken for a backup of everything, as its record says. */
async function isSchemaOnly({ manifest }: Backup): Promise<boolean> {
  try {
    const written: unknown = JSON.parse(await readFile(manifest, 'utf8'));
    return typeof written === 'object' && written !== null && 'schemaOnly' in written && written.schemaOnly === true;
  } catch {
    return false;
  }
}
