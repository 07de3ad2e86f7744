import { Tabs as BaseTabs } from '@base-ui/react/tabs';
import type { ReactNode } from 'react';

import { classNames } from '../lib/class-names.ts';

import styles from './tabs.module.css';

export interface TabItem<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly mark?: ReactNode;
  /** Stands dimmed behind the label: a number of rows, of findings. */
  readonly count?: ReactNode;
}

export interface TabsProps<T extends string> {
  /** The name of the list for screen readers. */
  readonly label: string;
  readonly items: readonly TabItem<T>[];
  readonly value: T;
  readonly onValueChange: (value: T) => void;
  readonly className?: string | undefined;
}

/** Tabs inside a view. The panel is the caller's: show what belongs to `value`. */
export function Tabs<T extends string>({ label, items, value, onValueChange, className }: TabsProps<T>) {
  return (
    <BaseTabs.Root value={value} onValueChange={(next: T) => onValueChange(next)} className={className}>
      <BaseTabs.List className={styles['list']} aria-label={label} activateOnFocus>
        {items.map((item) => (
          <BaseTabs.Tab key={item.value} value={item.value} className={classNames(styles['tab'])}>
            {item.mark}
            {item.label}
            {item.count !== undefined && <span className={styles['count']}>{item.count}</span>}
          </BaseTabs.Tab>
        ))}
      </BaseTabs.List>
    </BaseTabs.Root>
  );
}
