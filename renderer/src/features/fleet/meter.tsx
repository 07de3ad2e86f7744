import type { ReactNode } from 'react';

import type { Severity } from '#contract/health-model.ts';

import { classNames } from '../../lib/class-names.ts';

import styles from './fleet.module.css';

export interface MeterProps {
  /** 0 to 1. */
  readonly share: number;
  readonly severity: Severity | null;
  readonly title: string;
  /** The number beside it. */
  readonly children: ReactNode;
}

/** How much of something is used, as a short bar with its number. */
export function Meter({ share, severity, title, children }: MeterProps) {
  return (
    <span className={styles['meter']} title={title}>
      <span className={styles['track']} aria-hidden>
        <span
          className={classNames(styles['fill'], severity !== null && severity !== 'info' && styles[severity])}
          style={{ width: `${Math.min(100, Math.max(share > 0 ? 3 : 0, share * 100))}%` }}
        />
      </span>
      <span className={classNames(styles['meterNumber'], severity !== null && severity !== 'info' && styles[severity])}>
        {children}
      </span>
    </span>
  );
}
