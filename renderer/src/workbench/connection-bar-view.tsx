import { ChevronsUpDown, Lock, Search } from 'lucide-react';
import { useState } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { shortcutLabel } from '../lib/keyboard-shortcut.ts';
import { useConnections } from '../rpc/live-lists.ts';
import { Badge } from '../ui/badge.tsx';
import { ConnectionDot } from '../ui/connection-dot.tsx';
import { Menu } from '../ui/menu.tsx';
import type { MenuEntry } from '../ui/menu.tsx';
import { Tooltip } from '../ui/tooltip.tsx';

import { openAndSelect } from './connection-actions.ts';
import styles from './connection-bar.module.css';
import { JobTrayButton } from './job-tray-view.tsx';
import { UnlockDialog } from './unlock-dialog.tsx';
import { setPaletteOpen, showSection, useWorkbench } from './workbench-store.ts';

/** The current connection with its environment, the way into the palette, and the jobs. */
export function ConnectionBarView() {
  const activeConnectionId = useWorkbench((state) => state.activeConnectionId);
  const { data: connections = [] } = useConnections();
  const current = connections.find((connection) => connection.id === activeConnectionId) ?? null;
  return (
    <header className={styles['bar']}>
      <div className={styles['left']}>
        <ConnectionChip connections={connections} current={current} />
        {current?.environment === 'production' && (
          <Badge tone="critical" caps>
            Production
          </Badge>
        )}
        {current?.readOnly === true && <ReadOnlyLock connection={current} />}
      </div>
      <button
        type="button"
        className={styles['search']}
        onClick={() => setPaletteOpen(true)}
        aria-keyshortcuts="Control+K Meta+K"
      >
        <Search size={14} aria-hidden />
        <span className={styles['searchText']}>Search objects, run a command</span>
        <kbd aria-hidden>{shortcutLabel('Mod+K')}</kbd>
      </button>
      <div className={styles['right']}>
        <JobTrayButton />
      </div>
    </header>
  );
}

interface ChipProps {
  readonly connections: readonly ConnectionEntry[];
  readonly current: ConnectionEntry | null;
}

function ConnectionChip({ connections, current }: ChipProps) {
  const entries: MenuEntry[] = connections.map((connection) => ({
    label: `${connection.name}${connection.state.kind === 'open' ? '' : ' (closed)'}`,
    onSelect: () => void openAndSelect(connection),
  }));
  if (entries.length > 0) entries.push('separator');
  entries.push({ label: 'All connections…', onSelect: () => showSection('connections') });
  return (
    <Menu
      entries={entries}
      trigger={
        <button
          type="button"
          className={styles['chip']}
          aria-label={current === null ? 'Choose a connection' : `Connection: ${current.name}`}
        >
          <ConnectionDot color={current?.color ?? 'grey'} open={current?.state.kind === 'open'} />
          <span className={styles['chipName']}>{current?.name ?? 'No connection'}</span>
          {current?.state.kind === 'open' && (
            // The number alone: what the packager adds is on the connections page.
            <span className={styles['chipDetail']}>PostgreSQL {current.state.server.version.split(' ', 1)[0]}</span>
          )}
          <ChevronsUpDown size={13} aria-hidden />
        </button>
      }
    />
  );
}

function ReadOnlyLock({ connection }: { readonly connection: ConnectionEntry }) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Tooltip label="Each statement runs alone, in a transaction that the server holds to reading. Click to allow writes.">
        <button type="button" className={styles['lock']} onClick={() => setAsking(true)}>
          <Lock size={13} aria-hidden />
          read-only
        </button>
      </Tooltip>
      <UnlockDialog connection={connection} open={asking} onOpenChange={setAsking} />
    </>
  );
}
