import { createHash } from 'node:crypto';

import type { Connection } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';
import type { FleetReach, FleetRow } from '#contract/fleet.ts';

import type { RememberedRow } from './fleet-file.ts';

/** What the service knows of one connection. */
export interface RowState extends RememberedRow {
  /** The saved connection that this is about: editing it makes a new one. */
  connection: Connection;
  checking: FleetRow['checking'];
  /** Worth a try before its time: it was edited, or somebody opened it. */
  due: boolean;
  /** The connection is open elsewhere in the app. */
  open: boolean;
}

/** A server that stays away is asked once an hour in the end, ms. */
const longestPauseMs = 3_600_000;

export function newRow(connection: Connection, remembered: RememberedRow | undefined): RowState {
  const fingerprint = fingerprintOf(connection);
  const known = remembered?.fingerprint === fingerprint ? remembered : undefined;
  return {
    fingerprint,
    reach: known?.reach ?? { kind: 'unchecked' },
    failures: known?.failures ?? 0,
    triedAt: known?.triedAt ?? null,
    checkedAt: known?.checkedAt ?? null,
    facts: known?.facts ?? null,
    cannotTell: known?.cannotTell ?? [],
    migrations: known?.migrations ?? null,
    connection,
    checking: 'no',
    due: false,
    open: false,
  };
}

/** Where a connection leads and how it gets in. Names, colours and folders do not matter. */
function fingerprintOf(connection: Connection): string {
  const { name: _name, color: _color, folder: _folder, environment: _environment, ...rest } = connection;
  return createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 32);
}

const personCodes: readonly Failure['code'][] = ['needs_answer', 'auth_failed', 'refused', 'untrusted', 'bad_input'];

/**
 * How a failed check leaves the row. What a person must answer is not tried again by itself: a wrong password that is
 * sent every five minutes locks accounts.
 */
export function reachAfter(row: RowState, failure: Failure, now: Date, intervalMs: number): FleetReach {
  const asks = failure.question !== undefined || personCodes.includes(failure.code);
  const kind = asks ? 'asks' : 'unreachable';
  const since = row.reach.kind === kind ? row.reach.since : now.toISOString();
  if (kind === 'asks') return { kind, failure, since };
  const pauseMs = Math.max(intervalMs, Math.min(intervalMs * 2 ** row.failures, longestPauseMs));
  return { kind, failure, since, nextTryAt: new Date(now.getTime() + pauseMs).toISOString() };
}

/** When the row is checked next in the background, ms since the epoch; infinite where it waits for a person. */
export function dueAt(row: RowState, intervalMs: number): number {
  if (row.due || row.triedAt === null) return 0;
  switch (row.reach.kind) {
    case 'unchecked':
      return 0;
    case 'asks':
      return Number.POSITIVE_INFINITY;
    case 'unreachable':
      return Date.parse(row.reach.nextTryAt);
    case 'reached':
      return Date.parse(row.triedAt) + intervalMs;
  }
}
