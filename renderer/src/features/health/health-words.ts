import { BellOff, CircleAlert, CircleCheck, CircleQuestionMark, CircleX, Info, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { FindingMark, HealthGroup, Severity } from '#contract/health-model.ts';

/** What a card is about: a finding of some severity or a suppressed one, or a check that found nothing, could not tell, or failed. */
export type CardTone = Severity | 'suppressed' | 'unknown' | 'error' | 'ok';

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
  suppressed: { icon: BellOff, word: 'Suppressed' },
  unknown: { icon: CircleQuestionMark, word: 'Cannot tell' },
  error: { icon: CircleX, word: 'Check failed' },
  ok: { icon: CircleCheck, word: 'OK' },
};

/** What a change of the object reaches, as words beside a finding. */
export const markWords: Readonly<Record<FindingMark, string>> = {
  'constraint-backed': 'backs a constraint',
  'replica-identity': 'replica identity',
  partitioned: 'partitioned',
  'partition-child': 'partition',
  'extension-owned': 'of an extension',
  'young-statistics': 'statistics younger than 7 days',
};
