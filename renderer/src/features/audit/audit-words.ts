import { CircleAlert, CircleCheck, CircleQuestionMark, CircleSlash } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { AuditAction, AuditEntry, AuditOutcome } from '#contract/audit.ts';

import { countOf } from '../../lib/format-count.ts';
import type { Tone } from '../../ui/badge.tsx';

/** What Steward did, in words. */
export const actionWords: Readonly<Record<AuditAction, string>> = {
  query: 'Statement',
  'plan-analyze': 'EXPLAIN ANALYZE',
  'migration-up': 'Migration up',
  'migration-down': 'Migration down',
  restore: 'Restore',
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

/** What an entry is about in one line: its statement, or the name of what was done. */
export function firstLine({ sql, subject }: Pick<AuditEntry, 'sql' | 'subject'>): string {
  const line = (sql ?? '')
    .split('\n')
    .map((text) => text.trim())
    .find((text) => text !== '' && !text.startsWith('--'));
  return line ?? sql?.trim() ?? subject ?? '';
}

/** What a journal says for itself while the store is away. */
export function awayWords(pending: number): string {
  const merged = pending === 0 ? '' : `; ${countOf(pending, 'entry', 'entries')} will be merged when it is back`;
  return `What is listed is from this machine’s journal${merged}.`;
}
