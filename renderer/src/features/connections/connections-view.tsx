import { FlaskConical, Plug, Plus } from 'lucide-react';
import { useMemo, useState } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { countOf } from '../../lib/format-count.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useConnections } from '../../rpc/live-lists.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { openAndSelect, openConnection } from '../../workbench/connection-actions.ts';
import { selectConnection, useWorkbench } from '../../workbench/workbench-store.ts';

import { ConnectionDialog } from './connection-dialog.tsx';
import { connectionColumns, connectionMenu } from './connection-columns.tsx';
import styles from './connections.module.css';
import { editConnection } from './connections-store.ts';
import { RemoveDialog } from './remove-dialog.tsx';
import { createSample } from './sample-database.ts';

/** All saved connections, with what is known of them: the home of the app. */
export function ConnectionsView() {
  const { data: connections, error, refetch } = useConnections();
  const activeConnectionId = useWorkbench((state) => state.activeConnectionId);
  const [removing, setRemoving] = useState<ConnectionEntry | null>(null);
  const columns = useMemo(() => connectionColumns(setRemoving), []);
  const add = (
    <Button look={connections?.length === 0 ? 'primary' : 'normal'} icon={Plus} onClick={() => editConnection('new')}>
      Add connection
    </Button>
  );

  let body;
  if (connections === undefined) {
    body =
      error === null ? (
        <SkeletonRows rows={5} label="Reading the connections" />
      ) : (
        <FailureView failure={failureOf(error)} onRetry={() => void refetch()} />
      );
  } else if (connections.length === 0) {
    body = (
      <EmptyState
        icon={Plug}
        title="No connections yet"
        actions={
          <>
            {add}
            <Button icon={FlaskConical} onClick={() => void createSample()}>
              Create the sample database
            </Button>
          </>
        }
      >
        Add a PostgreSQL server by its URL or its host name, or look around in a sample database on the local server
        that comes with Steward.
      </EmptyState>
    );
  } else {
    body = (
      <DataTable
        label="Connections"
        columns={columns}
        rows={connections}
        rowKey={(connection) => connection.id}
        selectedKey={activeConnectionId}
        onSelect={(connection) => selectConnection(connection.id)}
        onOpen={(connection) => void openAndSelect(connection)}
        menuEntries={(connection) => connectionMenu(connection, () => setRemoving(connection))}
        renderDetail={(connection) =>
          connection.state.kind === 'failed' || connection.state.kind === 'lost' ? (
            <FailureView failure={connection.state.failure} onRetry={() => void openConnection(connection.id)} />
          ) : null
        }
      />
    );
  }
  return (
    <Page
      title="Connections"
      summary={
        connections === undefined || connections.length === 0
          ? 'Servers and databases that Steward looks after.'
          : summaryOf(connections)
      }
      padded={false}
      actions={
        connections !== undefined && connections.length > 0 ? (
          <div className={styles['actions']}>
            <Button icon={FlaskConical} look="quiet" onClick={() => void createSample()}>
              Create the sample database
            </Button>
            {add}
          </div>
        ) : undefined
      }
    >
      {body}
      <ConnectionDialog />
      <RemoveDialog connection={removing} onClose={() => setRemoving(null)} />
    </Page>
  );
}

function summaryOf(connections: readonly ConnectionEntry[]): string {
  const open = connections.filter((connection) => connection.state.kind === 'open').length;
  const failed = connections.filter(
    (connection) => connection.state.kind === 'failed' || connection.state.kind === 'lost',
  ).length;
  const parts = [countOf(connections.length, 'connection'), `${open} open`];
  if (failed > 0) parts.push(`${failed} failed`);
  return parts.join(' · ');
}
