import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  Ellipsis,
  Loader,
  Lock,
  Pencil,
  Plug,
  SquareTerminal,
  Trash2,
  Unplug,
} from 'lucide-react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { EnvironmentBadge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { ConnectionDot } from '../../ui/connection-dot.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Menu } from '../../ui/menu.tsx';
import type { MenuEntry } from '../../ui/menu.tsx';
import { Duration } from '../../ui/quantity.tsx';
import { showFailureToast } from '../../ui/toast.tsx';
import { Tooltip } from '../../ui/tooltip.tsx';
import { runCommandWith } from '../../workbench/commands.ts';
import { closeConnection, openAndSelect } from '../../workbench/connection-actions.ts';

import styles from './connections.module.css';
import { editConnection } from './connections-store.ts';

const environmentOrder: Readonly<Record<ConnectionEntry['environment'], number>> = {
  production: 0,
  staging: 1,
  development: 2,
  local: 3,
};

/** The columns of the list of connections. */
export function connectionColumns(
  onRemove: (connection: ConnectionEntry) => void,
): readonly DataColumn<ConnectionEntry>[] {
  return [
    {
      id: 'name',
      header: 'Name',
      width: 190,
      grow: true,
      value: (entry) => entry.name,
      cell: (entry) => <NameCell entry={entry} />,
    },
    {
      id: 'environment',
      header: 'Environment',
      width: 104,
      value: (entry) => environmentOrder[entry.environment],
      cell: (entry) => <EnvironmentBadge environment={entry.environment} />,
    },
    {
      id: 'state',
      header: 'State',
      width: 126,
      value: (entry) => entry.state.kind,
      cell: (entry) => <StateCell entry={entry} />,
    },
    {
      id: 'host',
      header: 'Host',
      width: 180,
      grow: true,
      value: (entry) => `${entry.host}:${entry.port}`,
      cell: (entry) => (
        <span className={styles['mono']} title={`${entry.host}:${entry.port}`}>
          {entry.host}
          {!entry.host.startsWith('/') && <span className={styles['dim']}>:{entry.port}</span>}
        </span>
      ),
    },
    {
      id: 'database',
      header: 'Database',
      width: 130,
      value: (entry) => entry.database,
      cell: (entry) => <span className={styles['mono']}>{entry.database}</span>,
    },
    {
      id: 'user',
      header: 'User',
      width: 110,
      value: (entry) => entry.user,
      cell: (entry) => <span className={styles['mono']}>{entry.user}</span>,
    },
    {
      id: 'version',
      header: 'Version',
      width: 80,
      value: (entry) => (entry.state.kind === 'open' ? entry.state.server.versionNum : null),
      cell: (entry) =>
        entry.state.kind === 'open' ? <span className={styles['mono']}>{entry.state.server.version}</span> : <Dash />,
    },
    {
      id: 'latency',
      header: 'Latency',
      width: 84,
      align: 'right',
      value: (entry) => (entry.state.kind === 'open' ? entry.state.latencyMs : null),
      cell: (entry) => (entry.state.kind === 'open' ? <Duration ms={entry.state.latencyMs} /> : <Dash />),
    },
    {
      id: 'actions',
      header: '',
      width: 116,
      sortable: false,
      value: () => null,
      cell: (entry) => <ActionsCell entry={entry} onRemove={() => onRemove(entry)} />,
    },
  ];
}

/** What can be done with a connection, for its row's menus. */
export function connectionMenu(entry: ConnectionEntry, onRemove: () => void): readonly MenuEntry[] {
  const open = entry.state.kind === 'open';
  return [
    open
      ? { label: 'Close', icon: Unplug, onSelect: () => void closeConnection(entry.id).catch(showFailureToast) }
      : { label: 'Open', icon: Plug, onSelect: () => void openAndSelect(entry) },
    {
      label: 'New query',
      icon: SquareTerminal,
      onSelect: () => void runCommandWith('query.open', { sql: '', connectionId: entry.id }),
    },
    { label: 'Edit…', icon: Pencil, onSelect: () => editConnection({ connectionId: entry.id }) },
    'separator',
    { label: 'Remove…', icon: Trash2, danger: true, onSelect: onRemove },
  ];
}

function NameCell({ entry }: { readonly entry: ConnectionEntry }) {
  return (
    <span className={styles['name']}>
      <ConnectionDot color={entry.color} open={entry.state.kind === 'open'} />
      <span className={styles['nameText']}>{entry.name}</span>
      {entry.readOnly && (
        <Tooltip label="Sessions start read-only">
          <Lock size={13} className={styles['dim']} aria-label="read-only" />
        </Tooltip>
      )}
    </span>
  );
}

function StateCell({ entry }: { readonly entry: ConnectionEntry }) {
  const [Icon, tone, words] = stateWords(entry);
  return (
    <span className={styles['state']}>
      <Icon size={15} className={styles[tone]} aria-hidden />
      <span className={styles['stateText']}>{words}</span>
    </span>
  );
}

function stateWords(entry: ConnectionEntry): readonly [typeof Plug, 'good' | 'bad' | 'warning' | 'dim', string] {
  const { state } = entry;
  switch (state.kind) {
    case 'open':
      return [CircleCheck, 'good', state.server.inRecovery ? 'open, standby' : 'open'];
    case 'opening':
      return [Loader, 'warning', 'opening…'];
    case 'closed':
      return [CircleDashed, 'dim', 'closed'];
    case 'lost':
      return [CircleAlert, 'bad', 'lost'];
    case 'failed':
      return [CircleAlert, 'bad', 'failed'];
  }
}

function ActionsCell({ entry, onRemove }: { readonly entry: ConnectionEntry; readonly onRemove: () => void }) {
  const open = entry.state.kind === 'open';
  return (
    <span className={styles['rowActions']}>
      {open ? (
        <Button
          size="small"
          look="quiet"
          onClick={() => void closeConnection(entry.id).catch(showFailureToast)}
          aria-label={`Close ${entry.name}`}
        >
          Close
        </Button>
      ) : (
        <Button
          size="small"
          disabled={entry.state.kind === 'opening'}
          onClick={() => void openAndSelect(entry)}
          aria-label={`Open ${entry.name}`}
        >
          Open
        </Button>
      )}
      <Menu
        align="end"
        entries={connectionMenu(entry, onRemove)}
        trigger={<IconButton icon={Ellipsis} size="small" label={`More for ${entry.name}`} />}
      />
    </span>
  );
}

function Dash() {
  return <span className={styles['dim']}>–</span>;
}
