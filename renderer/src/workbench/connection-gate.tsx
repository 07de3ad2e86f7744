import { Plug, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';

import type { ConnectionEntry, ConnectionState } from '#contract/connections.ts';

import { useConnection } from '../rpc/live-lists.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';

import styles from './connection-gate.module.css';
import { openConnection } from './connection-actions.ts';
import { ConnectionFailure } from './connection-failure.tsx';
import { showSection, useWorkbench } from './workbench-store.ts';

export type OpenConnection = ConnectionEntry & { readonly state: Extract<ConnectionState, { readonly kind: 'open' }> };

export interface ConnectionGateProps {
  /** The connection that is needed; the current one where left out. */
  readonly connectionId?: string | null;
  /** What the view would do with it: `to show its health`. */
  readonly purpose: string;
  readonly children: (connection: OpenConnection) => ReactNode;
}

/** Shows its content on an open connection, and otherwise how to get one, or why it failed. */
export function ConnectionGate({ connectionId, purpose, children }: ConnectionGateProps) {
  const activeConnectionId = useWorkbench((state) => state.activeConnectionId);
  const connection = useConnection(connectionId ?? activeConnectionId);
  if (connection === null) {
    return (
      <EmptyState
        icon={Plug}
        title="No connection chosen"
        actions={
          <Button look="primary" onClick={() => showSection('connections')}>
            Choose a connection
          </Button>
        }
      >
        Choose the database {purpose}.
      </EmptyState>
    );
  }
  const { state } = connection;
  if (state.kind === 'open') return children({ ...connection, state });
  if (state.kind === 'opening') return <SkeletonRows rows={8} label={`Connecting to ${connection.name}`} />;
  if (state.kind === 'closed') {
    return (
      <EmptyState
        icon={Unplug}
        title={`${connection.name} is closed`}
        actions={
          <Button look="primary" onClick={() => void openConnection(connection.id)}>
            Open {connection.name}
          </Button>
        }
      >
        Open it {purpose}.
      </EmptyState>
    );
  }
  return (
    <div className={styles['failed']}>
      <ConnectionFailure connection={connection} failure={state.failure} />
    </div>
  );
}

/** Whether a connection is open, as a type. */
export function isOpen(connection: ConnectionEntry): connection is OpenConnection {
  return connection.state.kind === 'open';
}
