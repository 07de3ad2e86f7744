import { Download, FlaskConical, Plug, Plus, SearchX, Upload } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { DragEvent } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { countOf } from '../../lib/format-count.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useConnections } from '../../rpc/live-lists.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { useWorkbench } from '../../workbench/workbench-store.ts';

import styles from './connections.module.css';
import { editConnection, setImporting } from './connections-store.ts';
import { ConnectionDialog } from './form/connection-dialog.tsx';
import { ImportDialog } from './import/import-dialog.tsx';
import { ConnectionList } from './list/connection-list.tsx';
import type { ListDialogs } from './list/connection-menu.ts';
import { FolderDialog } from './list/folder-dialog.tsx';
import { exportToFile, moveTo, renameFolder } from './list/list-actions.ts';
import { folderPaths, listRows } from './list/list-model.ts';
import { nothingSelected, stillThere } from './list/list-selection.ts';
import { ListToolbar } from './list/list-toolbar.tsx';
import { RemoveDialog } from './list/remove-dialog.tsx';
import { useListView } from './list/use-list-view.ts';
import { createSample } from './sample-database.ts';

type Asking =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'remove'; readonly entries: readonly ConnectionEntry[] }
  | { readonly kind: 'move'; readonly entries: readonly ConnectionEntry[] }
  | { readonly kind: 'rename'; readonly path: string };

/** All saved connections, with what is known of them: the home of the app. */
export function ConnectionsView() {
  const { data: connections, error, refetch } = useConnections();
  return (
    <div
      className={styles['view']}
      onDragOver={(event) => {
        if (event.dataTransfer.types.includes('Files')) event.preventDefault();
      }}
      onDrop={importDropped}
    >
      <Page
        title="Connections"
        summary={
          connections === undefined || connections.length === 0
            ? 'Servers and databases that Steward looks after.'
            : summaryOf(connections)
        }
        padded={false}
        actions={
          connections !== undefined && connections.length > 0 ? <Actions connections={connections} /> : undefined
        }
      >
        {connections === undefined ? (
          error === null ? (
            <SkeletonRows rows={5} label="Reading the connections" />
          ) : (
            <FailureView failure={failureOf(error)} onRetry={() => void refetch()} />
          )
        ) : connections.length === 0 ? (
          <NoConnections />
        ) : (
          <ArrangedConnections connections={connections} />
        )}
        <ConnectionDialog />
        <ImportDialog />
      </Page>
    </div>
  );
}

function NoConnections() {
  return (
    <EmptyState
      icon={Plug}
      title="No connections yet"
      actions={
        <>
          <Button look="primary" icon={Plus} onClick={() => editConnection('new')}>
            Add connection
          </Button>
          <Button icon={Download} onClick={() => setImporting({ kind: 'choose' })}>
            Import
          </Button>
          <Button icon={FlaskConical} onClick={() => void createSample()}>
            Create the sample database
          </Button>
        </>
      }
    >
      Add a PostgreSQL server by its URL or its host name, take over what pgAdmin, DBeaver or psql know already, or look
      around in a sample database on the local server that comes with Steward.
    </EmptyState>
  );
}

function Actions({ connections }: { readonly connections: readonly ConnectionEntry[] }) {
  const hasSample = connections.some(({ managedBy }) => managedBy === 'local-server');
  return (
    <div className={styles['actions']}>
      {!hasSample && (
        <Button icon={FlaskConical} look="quiet" onClick={() => void createSample()}>
          Create the sample database
        </Button>
      )}
      <IconButton
        icon={Upload}
        label="Export all connections, without their secrets"
        onClick={() => void exportToFile(connections)}
      />
      <Button icon={Download} onClick={() => setImporting({ kind: 'choose' })}>
        Import
      </Button>
      <Button icon={Plus} onClick={() => editConnection('new')}>
        Add connection
      </Button>
    </div>
  );
}

function ArrangedConnections({ connections }: { readonly connections: readonly ConnectionEntry[] }) {
  const listView = useListView();
  const activeConnectionId = useWorkbench((state) => state.activeConnectionId);
  const [selection, setSelection] = useState(() =>
    activeConnectionId === null
      ? nothingSelected
      : { ids: new Set([activeConnectionId]), activeKey: activeConnectionId, anchorKey: activeConnectionId },
  );
  const [asking, setAsking] = useState<Asking>({ kind: 'nothing' });
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => listRows(connections, listView.view), [connections, listView.view]);
  const found = useMemo(() => rows.filter(({ kind }) => kind === 'connection').length, [rows]);

  useEffect(() => {
    setSelection((before) => stillThere(before, new Set(connections.map(({ id }) => id))));
  }, [connections]);

  // What becomes the current connection elsewhere, by its opening or in the bar, is the active row here.
  useEffect(() => {
    if (activeConnectionId === null) return;
    setSelection((before) =>
      before.ids.has(activeConnectionId)
        ? before
        : { ids: new Set([activeConnectionId]), activeKey: activeConnectionId, anchorKey: activeConnectionId },
    );
  }, [activeConnectionId]);

  const dialogs: ListDialogs = {
    remove: (entries) => setAsking({ kind: 'remove', entries }),
    moveToFolder: (entries) => setAsking({ kind: 'move', entries }),
    renameFolder: (path) => setAsking({ kind: 'rename', path }),
  };
  const nothing = () => setAsking({ kind: 'nothing' });
  const focusList = () => list.current?.querySelector<HTMLElement>('[role="treegrid"]')?.focus();
  return (
    <div className={styles['arranged']}>
      <ListToolbar
        search={listView.view.search}
        onSearchChange={listView.setSearch}
        searchRef={search}
        onLeaveSearch={focusList}
        found={found}
        entries={connections.filter(({ id }) => selection.ids.has(id))}
        dialogs={dialogs}
        onClearSelection={() => setSelection(nothingSelected)}
      />
      <div ref={list} className={styles['list']}>
        {!listView.ready ? (
          <SkeletonRows rows={Math.min(20, connections.length)} label="Reading the connections" />
        ) : rows.length === 0 ? (
          <EmptyState
            icon={SearchX}
            title={`Nothing matches “${listView.view.search.trim()}”`}
            actions={<Button onClick={() => listView.setSearch('')}>Show all connections</Button>}
          />
        ) : (
          <ConnectionList
            rows={rows}
            listView={listView}
            selection={selection}
            onSelectionChange={setSelection}
            context={{ connections, sorted: listView.view.sort !== null, dialogs }}
            onSearch={() => search.current?.focus()}
          />
        )}
      </div>
      <RemoveDialog entries={asking.kind === 'remove' ? asking.entries : []} onClose={nothing} />
      {asking.kind === 'move' && (
        <FolderDialog
          title={
            asking.entries.length === 1
              ? `Move ${asking.entries[0]?.name ?? ''}`
              : `Move ${countOf(asking.entries.length, 'connection')}`
          }
          action="Move"
          initial={asking.entries[0]?.folder ?? ''}
          folders={folderPaths(connections)}
          onChoose={(folder) =>
            void moveTo(
              asking.entries.map(({ id }) => id),
              folder,
            )
          }
          onClose={nothing}
        />
      )}
      {asking.kind === 'rename' && (
        <FolderDialog
          title={`Rename ${asking.path}`}
          action="Rename"
          initial={asking.path}
          folders={folderPaths(connections)}
          onChoose={(folder) => void renameFolder(connections, asking.path, folder)}
          onClose={nothing}
        />
      )}
    </div>
  );
}

/** A file that is dropped on the list begins an import. */
function importDropped(event: DragEvent): void {
  const [file] = event.dataTransfer.files;
  if (file === undefined) return;
  event.preventDefault();
  setImporting({ kind: 'file', file });
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
