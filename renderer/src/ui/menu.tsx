import { ContextMenu as BaseContextMenu } from '@base-ui/react/context-menu';
import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import type { ReactElement, ReactNode } from 'react';

import { classNames } from '../lib/class-names.ts';
import { shortcutLabel } from '../lib/keyboard-shortcut.ts';

import styles from './popup.module.css';

/** One line of a menu; `separator` draws a line instead. */
export type MenuEntry =
  | 'separator'
  | {
      readonly label: string;
      readonly icon?: LucideIcon;
      readonly shortcut?: string;
      readonly danger?: boolean;
      readonly disabled?: boolean;
      readonly onSelect: () => void;
    };

export interface MenuProps {
  /** The button that opens it. */
  readonly trigger: ReactElement;
  readonly entries: readonly MenuEntry[];
  readonly align?: 'start' | 'end';
}

/** A menu under a button. */
export function Menu({ trigger, entries, align = 'start' }: MenuProps) {
  return (
    <BaseMenu.Root modal={false}>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner className={styles['positioner']} sideOffset={4} align={align}>
          <BaseMenu.Popup className={classNames(styles['popup'], styles['list'])}>
            <MenuItems entries={entries} />
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

export interface ContextMenuProps {
  /** The area that is right-clicked. */
  readonly children: ReactElement;
  readonly entries: readonly MenuEntry[] | (() => readonly MenuEntry[]);
}

/** A menu on right-click, and on the keyboard's menu key. Its actions must also be reachable otherwise. */
export function ContextMenu({ children, entries }: ContextMenuProps) {
  return (
    <BaseContextMenu.Root>
      <BaseContextMenu.Trigger render={children} />
      <BaseContextMenu.Portal>
        <BaseContextMenu.Positioner className={styles['positioner']}>
          <BaseContextMenu.Popup className={classNames(styles['popup'], styles['list'])}>
            <LazyItems entries={entries} />
          </BaseContextMenu.Popup>
        </BaseContextMenu.Positioner>
      </BaseContextMenu.Portal>
    </BaseContextMenu.Root>
  );
}

function LazyItems({ entries }: { readonly entries: ContextMenuProps['entries'] }) {
  return <MenuItems entries={typeof entries === 'function' ? entries() : entries} />;
}

function MenuItems({ entries }: { readonly entries: readonly MenuEntry[] }): ReactNode {
  return entries.map((entry, index) => {
    // Entries of one menu do not change places while it is open.
    if (entry === 'separator') return <BaseMenu.Separator key={index} className={styles['separator']} />;
    const Icon = entry.icon;
    return (
      <BaseMenu.Item
        key={index}
        className={classNames(styles['item'], entry.danger === true && styles['danger'])}
        disabled={entry.disabled ?? false}
        onClick={entry.onSelect}
      >
        {Icon !== undefined && <Icon size={15} className={styles['itemIcon']} aria-hidden />}
        <span className={styles['itemText']}>{entry.label}</span>
        {entry.shortcut !== undefined && <kbd className={styles['itemShortcut']}>{shortcutLabel(entry.shortcut)}</kbd>}
      </BaseMenu.Item>
    );
  });
}
