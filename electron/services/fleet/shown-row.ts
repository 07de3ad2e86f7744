import type { FleetRow } from '#contract/fleet.ts';

import { sampleKey } from './fleet-book.ts';
import type { KeptSample } from './fleet-file.ts';
import { attentionRank, judge } from './fleet-judgement.ts';
import { type SizeSample, growthOf } from './growth.ts';
import { releaseStanding } from './minor-releases.ts';
import { targetOf } from '../connections/index.ts';
import type { RowState } from './row-state.ts';

/** What is known of the connections beside their servers: from the store and the backup folder. */
export interface Book {
  readonly reports: ReadonlyMap<string, NonNullable<FleetRow['report']>>;
  /** Null where the list could not be read. */
  readonly backups: ReadonlyMap<string, NonNullable<FleetRow['backup']>> | null;
  /** By `sampleKey`. */
  readonly samples: ReadonlyMap<string, readonly SizeSample[]>;
}

const neverBackedUp: NonNullable<FleetRow['backup']> = { verifiedAt: null, level: null, unverifiedAt: null };

/** A row as it leaves: what was read, what is known beside it, and the judgement of both. Pure. */
export function shownRow(row: RowState, book: Book, unsaved: readonly KeptSample[], now: Date): FleetRow {
  const { connection, reach, checking, checkedAt, facts, cannotTell, migrations } = row;
  const { id } = connection;
  const target = targetOf(connection);
  const saved = book.samples.get(sampleKey(id, target)) ?? [];
  const kept = unsaved.filter((sample) => sample.connectionId === id && sample.target === target);
  const bytes = facts?.databaseBytes ?? null;
  const current = bytes !== null && checkedAt !== null ? [{ at: checkedAt, bytes }] : [];
  const known = {
    reach,
    facts,
    release: facts ? releaseStanding(facts.versionNum, now) : null,
    growth: growthOf([...saved, ...kept, ...current]),
    backup: book.backups ? (book.backups.get(id) ?? neverBackedUp) : null,
    migrations,
    report: book.reports.get(id) ?? null,
  };
  const { status, reasons } = judge({ ...known, environment: connection.environment, now });
  const rank = attentionRank({ status, reach, reasons });
  return { ...known, connectionId: id, status, rank, checking, checkedAt, cannotTell, reasons: [...reasons] };
}
