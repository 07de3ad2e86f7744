import { CircleAlert, CircleCheck, CircleQuestionMark, CircleSlash } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { AuditAction, AuditOutcome } from '#contract/audit.ts';

import { countOf } from '../../lib/format-count.ts';
import type { Tone } from '../../ui/badge.tsx';

/** What Steward did, in words. */
export const actionWords: Readonly<Record<AuditAction, string>> = {
  query: 'Statement',
  'plan-analyze': 'EXPLAIN ANALYZE',
  'migration-up': 'Migration up',
  'migration-down': 'Migration down',
  restore: 'Restore',
  'health-fix': 'Health fix',
  'health-undo': 'Health fix taken back',
  'session-cancel': 'Statement cancelled',
  'session-terminate': 'Session ended',
  sample: 'Sample database',
  'guard-accepted': 'Superuser accepted',
  'connection-import': 'Connection imported',
  other: 'Other',
};

export interface OutcomeWords {
  readonly word: string;
  readonly meaning: string;
  readonly icon: LucideIcon;
  readonly tone: Tone;
}

/** How it ended, in a word and an icon. */
export const outcomeWords: Readonly<Record<AuditOutcome, OutcomeWords>> = {
  done: { word: 'Done', meaning: 'The server did it.', icon: CircleCheck, tone: 'good' },
  failed: { word: 'Failed', meaning: 'The server refused it.', icon: CircleAlert, tone: 'critical' },
  cancelled: { word: 'Cancelled', meaning: 'Somebody cancelled it.', icon: CircleSlash, tone: 'neutral' },
  unknown: {
    word: 'Unknown',
    meaning: 'The session was lost while it ran: nobody knows whether it took effect.',
    icon: CircleQuestionMark,
    tone: 'warning',
  },
};

export type TimeRange = 'any' | 'hour' | 'day' | 'week' | 'month';

const minute = 60_000;
const lengths: Readonly<Record<Exclude<TimeRange, 'any'>, number>> = {
  hour: 60 * minute,
  day: 24 * 60 * minute,
  week: 7 * 24 * 60 * minute,
  month: 30 * 24 * 60 * minute,
};

export const rangeWords: Readonly<Record<TimeRange, string>> = {
  any: 'Any time',
  hour: 'Last hour',
  day: 'Last 24 hours',
  week: 'Last 7 days',
  month: 'Last 30 days',
};

/** Where a range begins, to the minute, so that the same filter asks the same; undefined for any time. */
export function rangeStart(range: TimeRange, nowMs: number): string | undefined {
  return range === 'any' ? undefined : new Date(Math.floor((nowMs - lengths[range]) / minute) * minute).toISOString();
}

/** The beginning of a statement on one line, without the comments before it. */
export function oneLine(sql: string): string {
  const bare = sql.slice(0, 2000).replace(/^(?:\s|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)+/, '');
  return (bare === '' ? sql.slice(0, 2000) : bare).replaceAll(/\s+/g, ' ').trim().slice(0, 400);
}

/** A migration and a restore are known by their names rather than by their SQL. */
export function isKnownByName(action: AuditAction): boolean {
  return action === 'migration-up' || action === 'migration-down' || action === 'restore';
}

/** The last part of a path: a backup is known by its file. */
export function shortSubject(subject: string): string {
  return subject.split(/[/\\]/).at(-1) ?? subject;
}

/** What a journal says for itself while the store is away. */
export function awayWords(pending: number): string {
  const merged = pending === 0 ? '' : `; ${countOf(pending, 'entry', 'entries')} will be merged when it is back`;
  return `What is listed is from this machine’s journal${merged}.`;
}
