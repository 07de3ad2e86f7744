import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import type { Connection } from '#contract/connections.ts';

import { classNames } from '../lib/class-names.ts';

import styles from './badge.module.css';

export type Tone = 'neutral' | 'critical' | 'warning' | 'info' | 'good' | 'accent';

export interface BadgeProps {
  readonly tone?: Tone;
  readonly icon?: LucideIcon;
  readonly caps?: boolean;
  readonly children: ReactNode;
}

/** A word in a coloured wash. The word carries the meaning; the colour only repeats it. */
export function Badge({ tone = 'neutral', icon: Icon, caps = false, children }: BadgeProps) {
  return (
    <span className={classNames(styles['badge'], tone !== 'neutral' && styles[tone], caps && styles['caps'])}>
      {Icon !== undefined && <Icon size={12} aria-hidden />}
      {children}
    </span>
  );
}

const environmentWords: Readonly<Record<Connection['environment'], readonly [string, Tone]>> = {
  production: ['Production', 'critical'],
  staging: ['Staging', 'warning'],
  development: ['Dev', 'good'],
  local: ['Local', 'neutral'],
};

/** The environment of a connection, in the same colour everywhere. */
export function EnvironmentBadge({ environment }: { readonly environment: Connection['environment'] }) {
  const [word, tone] = environmentWords[environment];
  return (
    <Badge tone={tone} caps>
      {word}
    </Badge>
  );
}
