import { CircleAlert, CircleCheck, CircleQuestionMark, CircleX, Info, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { HealthGroup, Severity } from '#contract/health-model.ts';

/** What a card is about: a finding of some severity, or a check that found nothing, could not tell, or failed. */
export type CardTone = Severity | 'unknown' | 'error' | 'ok';

/** The groups of checks as people say them, in the order of the side list. */
export const groupLabels: Readonly<Record<HealthGroup, string>> = {
  connections: 'Connections',
  cache: 'Cache and I/O',
  queries: 'Slow queries',
  indexes: 'Indexes',
  tables: 'Tables and vacuum',
  'transaction-ids': 'Transaction ids',
  sequences: 'Sequences',
  locks: 'Locks',
  replication: 'Replication',
  configuration: 'Configuration',
  schema: 'Schema design',
  security: 'Security',
};

/** The groups in that order. */
// The record is closed over the union, so its keys are all of them.
export const groupOrder = Object.keys(groupLabels) as readonly HealthGroup[];

/** Icon and word of each tone: the colour never stands alone. */
export const toneWords: Readonly<Record<CardTone, { readonly icon: LucideIcon; readonly word: string }>> = {
  critical: { icon: CircleAlert, word: 'Critical' },
  warning: { icon: TriangleAlert, word: 'Warning' },
  info: { icon: Info, word: 'Note' },
  unknown: { icon: CircleQuestionMark, word: 'Cannot tell' },
  error: { icon: CircleX, word: 'Check failed' },
  ok: { icon: CircleCheck, word: 'OK' },
};
