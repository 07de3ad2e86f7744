import type { CSSProperties } from 'react';

import type { Connection } from '#contract/connections.ts';

import { classNames } from '../lib/class-names.ts';

import styles from './connection-dot.module.css';

export interface ConnectionDotProps {
  readonly color: Connection['color'];
  /** Filled when open, an outline when not. */
  readonly open?: boolean | undefined;
}

/** The colour that the user gave a connection. Stands beside its name, never alone. */
export function ConnectionDot({ color, open = true }: ConnectionDotProps) {
  const dot = { '--dot': `var(--connection-${color})` } as CSSProperties;
  return <span className={classNames(styles['dot'], !open && styles['closed'])} style={dot} aria-hidden />;
}
