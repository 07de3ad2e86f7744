import { X } from 'lucide-react';
import type { ReactNode } from 'react';

import { IconButton } from '../../ui/icon-button.tsx';
import { SplitPane } from '../../ui/split-pane.tsx';

import styles from './logs.module.css';
import { selectRow, setDetailHeight, useLogs } from './logs-store.ts';
import type { ReportTab } from './logs-store.ts';

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

type Fact = readonly [string, ReactNode];

interface DetailSideProps {
  readonly tab: ReportTab;
  readonly facts: readonly Fact[];
  readonly children?: ReactNode;
}

/** What is known about the chosen row in names and values, with the way to close it. */
export function DetailSide({ tab, facts, children }: DetailSideProps) {
  return (
    <aside className={styles['detailSide']}>
      <IconButton
        icon={X}
        size="small"
        label="Close"
        className={styles['close']}
        onClick={() => selectRow(tab, null)}
      />
      <Facts facts={facts} />
      {children}
    </aside>
  );
}

/** Names and values beside each other. */
export function Facts({ facts }: { readonly facts: readonly Fact[] }) {
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
