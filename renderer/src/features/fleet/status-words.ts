import { CircleAlert, CircleCheck, CircleDashed, CircleHelp, Info, TriangleAlert, Unplug } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { FleetRow, FleetStatus } from '#contract/fleet.ts';
import type { Severity } from '#contract/health-model.ts';

export interface StatusWords {
  readonly icon: LucideIcon;
  readonly word: string;
  /** The class of its colour. */
  readonly tone: 'critical' | 'warning' | 'info' | 'good' | 'unknown';
}

/** Icon and word of each status: the colour never stands alone. */
export const statusWords: Readonly<Record<FleetStatus, StatusWords>> = {
  unreachable: { icon: Unplug, word: 'Unreachable', tone: 'critical' },
  critical: { icon: CircleAlert, word: 'Critical', tone: 'critical' },
  warning: { icon: TriangleAlert, word: 'Warning', tone: 'warning' },
  unknown: { icon: CircleDashed, word: 'Unknown', tone: 'unknown' },
  fine: { icon: CircleCheck, word: 'Fine', tone: 'good' },
};

/** As `statusWords`; a row that waits for an answer says so. */
export function wordsOf({ status, reach }: Pick<FleetRow, 'status' | 'reach'>): StatusWords {
  return reach.kind === 'asks' ? { icon: CircleHelp, word: 'Needs you', tone: 'warning' } : statusWords[status];
}

export const severityWords: Readonly<Record<Severity, StatusWords>> = {
  critical: { icon: CircleAlert, word: 'Critical', tone: 'critical' },
  warning: { icon: TriangleAlert, word: 'Warning', tone: 'warning' },
  info: { icon: Info, word: 'Note', tone: 'info' },
};
