import type { ActivitySession } from '#contract/activity.ts';

import { formatDuration } from '../../../lib/format-duration.ts';

export type SessionTone = 'good' | 'warning' | 'critical' | 'dim';
export type SessionIcon = 'active' | 'waiting' | 'open' | 'aborted' | 'idle' | 'process' | 'hidden';

export interface SessionState {
  readonly word: string;
  readonly tone: SessionTone;
  readonly icon: SessionIcon;
}

/** What a session does now, in a word or two. */
export function stateOf({ state, waitEventType, backendType, query }: ActivitySession): SessionState {
  if (waitEventType === 'Lock') return { word: 'waits for a lock', tone: 'critical', icon: 'waiting' };
  switch (state) {
    case 'active':
    case 'fastpath function call':
      return { word: state, tone: 'good', icon: 'active' };
    case 'idle in transaction':
      return { word: state, tone: 'warning', icon: 'open' };
    case 'idle in transaction (aborted)':
      return { word: 'aborted, in transaction', tone: 'critical', icon: 'aborted' };
    case 'idle':
      return { word: state, tone: 'dim', icon: 'idle' };
    case null:
      if (backendType !== null && backendType !== 'client backend')
        return { word: backendType, tone: 'dim', icon: 'process' };
      return { word: query === null ? 'hidden' : 'not known', tone: 'dim', icon: 'hidden' };
    default:
      return { word: state, tone: 'dim', icon: 'idle' };
  }
}

/** `Lock: transactionid`; empty where it waits for nothing. */
export function waitWords({ waitEventType, waitEvent }: ActivitySession): string {
  return [waitEventType, waitEvent].filter((part) => part !== null).join(': ');
}

/** A statement on one line. */
export function oneLine(query: string): string {
  return query.replace(/\s+/g, ' ').trim();
}

/** Who a session belongs to: `psql, clerk on shop`. */
export function ownerWords({ user, database, application, backendType }: ActivitySession): string {
  const who = [user, database].filter((part) => part !== null).join(' on ');
  return [application, who === '' ? backendType : who].filter((part) => part !== null && part !== '').join(', ');
}

/** Why a session cannot be stopped at all; null where it can. Processes of the server are no sessions to it. */
export function notASession({ backendType, own }: ActivitySession): string | null {
  if (own) return 'This is Steward’s own look at the server.';
  return backendType === null || stoppable.test(backendType)
    ? null
    : `The ${backendType} belongs to the server: no session of a client.`;
}
const stoppable =
  /^(?:client backend|autovacuum worker|parallel worker|walsender|background worker|logical replication)/;

/** Why there is no statement to cancel; null where there is one. */
export function nothingToCancel(session: ActivitySession): string | null {
  const { state } = session;
  if (state === 'idle') return 'It runs no statement.';
  if (state?.startsWith('idle in transaction') === true)
    return 'It runs no statement. Ending the session rolls its transaction back.';
  return null;
}

/** Whether the server hides what another user's session does: then nothing of it is known, not even that it is nothing. */
export function isHidden({ backendStart }: ActivitySession): boolean {
  return backendStart === null;
}

/** How old its transaction is, in words. */
export function transactionWords(session: ActivitySession): string {
  const { transactionMs } = session;
  if (isHidden(session)) return 'hidden from this user';
  return transactionMs === null ? 'none is open' : `open for ${formatDuration(transactionMs)}`;
}

/**
 * Whether the server is likely to have cut a statement's end off: it keeps `track_activity_query_size` bytes less one,
 * usually some kilobytes, and never part of a character.
 */
export function isLikelyCut(query: string): boolean {
  const bytes = new TextEncoder().encode(query).length;
  const missing = (1024 - ((bytes + 1) % 1024)) % 1024;
  return bytes >= 1020 && missing <= 3;
}
