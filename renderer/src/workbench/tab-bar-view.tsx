import { House, Plus, X } from 'lucide-react';
import type { KeyboardEvent } from 'react';

import { useConnection } from '../rpc/live-lists.ts';
import { ConnectionDot } from '../ui/connection-dot.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { ContextMenu } from '../ui/menu.tsx';

import { runCommandWith } from './commands.ts';
import { sectionOf } from './sections.ts';
import { closeTab, showOpenTab } from './tab-actions.ts';
import styles from './tab-bar.module.css';
import { tabKindOf } from './tab-kinds.ts';
import { activeTab, moveTab, showSectionHome, useWorkbench } from './workbench-store.ts';
import type { WorkbenchTab } from './workbench-store.ts';

/** The open tabs of all sections that have tabs. */
export function TabBarView() {
  const tabs = useWorkbench((state) => state.tabs);
  const active = useWorkbench((state) => activeTab(state));
  const section = sectionOf(useWorkbench((state) => state.activeSectionId));
  const activeConnectionId = useWorkbench((state) => state.activeConnectionId);

  function step(event: KeyboardEvent): void {
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    const place = tabs.findIndex((tab) => tab.id === active?.id);
    const next = tabs[place + (event.key === 'ArrowRight' ? 1 : -1)];
    if (next === undefined) return;
    showOpenTab(next);
    const list = event.currentTarget;
    requestAnimationFrame(() => list.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]')?.focus());
  }

  return (
    <div className={styles['bar']}>
      <div role="tablist" aria-label="Open tabs" style={{ display: 'contents' }} onKeyDown={step}>
        {section.homeTitle !== undefined && (
          <div className={styles['tab']} data-active={active === null ? '' : undefined}>
            <button
              type="button"
              role="tab"
              aria-selected={active === null}
              className={styles['choose']}
              onClick={() => showSectionHome(section.id)}
            >
              <House size={14} aria-hidden />
              <span className={styles['title']}>{section.homeTitle}</span>
            </button>
          </div>
        )}
        {tabs.map((tab, index) => (
          <TabButton key={tab.id} tab={tab} index={index} active={tab.id === active?.id} tabs={tabs} />
        ))}
      </div>
      <IconButton
        icon={Plus}
        label="New query"
        shortcut="Mod+T"
        size="small"
        onClick={() => void runCommandWith('query.open', { sql: '', connectionId: activeConnectionId })}
      />
    </div>
  );
}

interface TabButtonProps {
  readonly tab: WorkbenchTab;
  readonly index: number;
  readonly active: boolean;
  readonly tabs: readonly WorkbenchTab[];
}

function TabButton({ tab, index, active, tabs }: TabButtonProps) {
  const Icon = tabKindOf(tab.kind)?.icon;
  const connection = useConnection(tab.connectionId);
  const closeMany = (which: readonly WorkbenchTab[]) => async () => {
    for (const each of which) await closeTab(each);
  };
  return (
    <ContextMenu
      entries={[
        { label: 'Close', shortcut: 'Mod+W', onSelect: () => void closeMany([tab])() },
        {
          label: 'Close others',
          disabled: tabs.length < 2,
          onSelect: () => void closeMany(tabs.filter((other) => other.id !== tab.id))(),
        },
        {
          label: 'Close to the right',
          disabled: index === tabs.length - 1,
          onSelect: () => void closeMany(tabs.slice(index + 1))(),
        },
        'separator',
        { label: 'Move left', disabled: index === 0, onSelect: () => moveTab(tab.id, index - 1) },
        { label: 'Move right', disabled: index === tabs.length - 1, onSelect: () => moveTab(tab.id, index + 1) },
      ]}
    >
      <div
        className={styles['tab']}
        data-active={active ? '' : undefined}
        onMouseDown={(event) => {
          if (event.button === 1) void closeTab(tab);
        }}
        title={connection === null ? tab.title : `${tab.title} · ${connection.name}`}
      >
        <button
          type="button"
          role="tab"
          aria-selected={active}
          tabIndex={active ? 0 : -1}
          className={styles['choose']}
          onClick={() => showOpenTab(tab)}
        >
          {connection !== null && <ConnectionDot color={connection.color} open={connection.state.kind === 'open'} />}
          {Icon !== undefined && <Icon size={14} aria-hidden />}
          <span className={styles['title']}>{tab.title}</span>
        </button>
        <button
          type="button"
          className={styles['close']}
          aria-label={`Close ${tab.title}`}
          tabIndex={active ? 0 : -1}
          onClick={() => void closeTab(tab)}
        >
          <X size={12} aria-hidden />
        </button>
      </div>
    </ContextMenu>
  );
}
