import type { ReactNode } from 'react';

import { classNames } from '../lib/class-names.ts';

import styles from './page.module.css';

export interface PageProps {
  readonly title: string;
  /** The line below the title: counts, when it was last checked. */
  readonly summary?: ReactNode;
  readonly actions?: ReactNode;
  /** False for a body that goes from edge to edge, such as a table. */
  readonly padded?: boolean;
  readonly children: ReactNode;
}

/** The frame of a section's view: title, summary, actions, and a body that scrolls. */
export function Page({ title, summary, actions, padded = true, children }: PageProps) {
  return (
    <div className={styles['page']}>
      <header className={styles['header']}>
        <div className={styles['titles']}>
          <h1 className={styles['title']}>{title}</h1>
          {summary !== undefined && <p>{summary}</p>}
        </div>
        {actions}
      </header>
      <div className={classNames(styles['body'], padded && styles['padded'])}>{children}</div>
    </div>
  );
}
