import type { ReactNode } from 'react';

import { SplitPane } from '../../ui/split-pane.tsx';

import styles from './logs.module.css';
import { setDetailHeight, useLogs } from './logs-store.ts';

/** A table, and below it what is known about the chosen row. */
export function TabFrame({ table, detail }: { readonly table: ReactNode; readonly detail: ReactNode | null }) {
  const detailHeight = useLogs((state) => state.detailHeight);
  return (
    <SplitPane
      direction="vertical"
      fixed="second"
      size={detailHeight}
      onSizeChange={setDetailHeight}
      min={140}
      minRest={130}
      label="Height of the details"
      first={<div className={styles['table']}>{table}</div>}
      second={detail === null ? null : <div className={styles['detail']}>{detail}</div>}
    />
  );
}

/** Names and values beside each other. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles['facts']}>
      {facts
        .filter(([, value]) => value !== null && value !== '')
        .map(([name, value]) => (
          <div key={name} className={styles['fact']}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** What stands in a table without rows. */
export function Nothing({ children }: { readonly children: ReactNode }) {
  return <p className={styles['nothing']}>{children}</p>;
}
