import { Ellipsis, Lock } from 'lucide-react';
import type { ReactNode } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { EnvironmentBadge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { ConnectionDot } from '../../../ui/connection-dot.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { Menu } from '../../../ui/menu.tsx';
import { showFailureToast } from '../../../ui/toast.tsx';
import { Tooltip } from '../../../ui/tooltip.tsx';
import { closeConnection, openAndSelect } from '../../../workbench/connection-actions.ts';

import { connectionMenu } from './connection-menu.ts';
import type { MenuContext } from './connection-menu.ts';
import styles from './list.module.css';
import { StateCell } from './state-cell.tsx';

export interface ConnectionCellsProps {
  readonly entry: ConnectionEntry;
  readonly depth: number;
  readonly context: MenuContext;
}

/** The cells of a connection's row. */
export function ConnectionCells({ entry, depth, context }: ConnectionCellsProps) {
  const { state, host, port, otherHosts } = entry;
  const address = host.startsWith('/') ? host : `${host}:${port}`;
  return (
    <>
      <Cell>
        <span className={styles['name']} style={{ paddingLeft: depth * 18 }}>
          <ConnectionDot color={entry.color} open={state.kind === 'open'} />
          <span className={styles['nameText']} title={entry.name}>
            {entry.name}
          </span>
          {entry.readOnly && (
            <Tooltip label="Read-only">
              <Lock size={13} className={styles['mark']} aria-label="read-only" />
            </Tooltip>
          )}
        </span>
      </Cell>
      <Cell>
        <EnvironmentBadge environment={entry.environment} />
      </Cell>
      <Cell>
        <StateCell state={state} />
      </Cell>
      <Cell>
        <span
          className={styles['mono']}
          title={[address, ...otherHosts.map((other) => `${other.host}:${other.port}`)].join(', ')}
        >
          {host}
          {!host.startsWith('/') && <span className={styles['dim']}>:{port}</span>}
          {otherHosts.length > 0 && <span className={styles['dim']}> +{otherHosts.length}</span>}
          {entry.ssh !== undefined && <span className={styles['dim']}> via {entry.ssh.host}</span>}
        </span>
      </Cell>
      <Cell>
        <span className={styles['mono']} title={entry.database}>
          {entry.database}
        </span>
      </Cell>
      <Cell>
        <span className={styles['mono']} title={entry.user}>
          {entry.user}
        </span>
      </Cell>
      <Cell>
        {state.kind === 'open' ? (
          <span className={styles['mono']} title={state.server.version}>
            {state.server.version.split(' ')[0]}
          </span>
        ) : (
          <span className={styles['dim']}>–</span>
        )}
      </Cell>
      <Cell>
        <span className={styles['rowActions']}>
          <OpenButton entry={entry} />
          <Menu
            align="end"
            entries={connectionMenu(entry, context)}
            trigger={<IconButton icon={Ellipsis} size="small" tabIndex={-1} label={`More for ${entry.name}`} />}
          />
        </span>
      </Cell>
    </>
  );
}

function OpenButton({ entry }: { readonly entry: ConnectionEntry }) {
  if (entry.state.kind === 'open') {
    return (
      <Button
        size="small"
        look="quiet"
        tabIndex={-1}
        onClick={() => void closeConnection(entry.id).catch(showFailureToast)}
        aria-label={`Close ${entry.name}`}
      >
        Close
      </Button>
    );
  }
  return (
    <Button
      size="small"
      tabIndex={-1}
      disabled={entry.state.kind === 'opening'}
      onClick={() => void openAndSelect(entry)}
      aria-label={`Open ${entry.name}`}
    >
      Open
    </Button>
  );
}

function Cell({ children }: { readonly children: ReactNode }) {
  return (
    <div role="gridcell" className={styles['cell']}>
      {children}
    </div>
  );
}
