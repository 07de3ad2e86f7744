import type { ReactNode } from 'react';

import styles from './settings.module.css';

interface RowProps {
  readonly name: string;
  readonly hint?: string;
  readonly children: ReactNode;
}

/** One line of the settings. */
export function Row({ name, hint, children }: RowProps) {
  return (
    <div className={styles['row']}>
      <div>
        <p className={styles['name']}>{name}</p>
        {hint !== undefined && <p className={styles['hint']}>{hint}</p>}
      </div>
      <div className={styles['value']}>{children}</div>
    </div>
  );
}
