import { LayoutDashboard, RotateCw, SearchX, Square } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';
import type { FleetSnapshot } from '#contract/fleet.ts';

import { countOf } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { matchesShortcut } from '../../lib/keyboard-shortcut.ts';
import { useNow } from '../../lib/use-now.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useConnections } from '../../rpc/live-lists.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { RowGroup } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { Page } from '../../ui/page.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { runCommand } from '../../workbench/commands.ts';

import { fleetMenu } from './fleet-actions.ts';
import { fleetColumns } from './fleet-columns.tsx';
import { FleetDetail } from './fleet-detail.tsx';
import { countFilters, fleetItems, matchesFilter, matchesSearch } from './fleet-model.ts';
import type { FleetGrouping, FleetItem } from './fleet-model.ts';
import { cancelRefresh, refreshFleet, showFleet, toggleExpanded, useFleet, useFleetWatch } from './fleet-store.ts';
import { FleetToolbar } from './fleet-toolbar.tsx';
import styles from './fleet.module.css';
import { useSettledRanks } from './use-settled-ranks.ts';

/** All connections on one screen: which needs attention, why, and what to do. */
export function FleetView() {
  useFleetWatch();
  const { data: connections, error, refetch } = useConnections();
  const snapshot = useFleet((state) => state.snapshot);
  const failure = useFleet((state) => state.failure);
  if (connections?.length === 0) return <NoFleet />;
  if (connections === undefined || snapshot === null) {
    const problem = error === null ? failure : failureOf(error);
    return (
      <Page title="Fleet" summary="All connections on one screen." padded={false}>
        {problem === null ? (
          <SkeletonRows rows={12} label="Reading the fleet" />
        ) : (
          <FailureView failure={problem} onRetry={() => void refetch()} />
        )}
      </Page>
    );
  }
  return <Fleet connections={connections} snapshot={snapshot} />;
}

function NoFleet() {
  return (
    <Page title="Fleet" summary="All connections on one screen.">
      <EmptyState
        icon={LayoutDashboard}
        title="No connections yet"
        actions={
          <>
            <Button look="primary" onClick={() => void runCommand('connections.add')}>
              Add connection
            </Button>
            <Button onClick={() => void runCommand('connections.import')}>Import</Button>
          </>
        }
      >
        Each connection gets a line here: whether it answers, what is wrong with it, how it grows, and when it was
        backed up last. It takes one short session each, four at a time.
      </EmptyState>
    </Page>
  );
}

interface FleetProps {
  readonly connections: readonly ConnectionEntry[];
  readonly snapshot: FleetSnapshot;
}

function Fleet({ connections, snapshot }: FleetProps) {
  const { filter, search, grouping, expandedId } = useFleet();
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const nowMs = useNow(30_000);
  const { refreshSeconds } = snapshot;
  const items = useMemo(() => fleetItems(snapshot.rows, connections), [snapshot.rows, connections]);
  const rankOf = useSettledRanks(items, snapshot.running !== null);
  const shown = useMemo(
    () => items.filter((item) => matchesFilter(item.row, filter) && matchesSearch(item, search)),
    [items, filter, search],
  );
  const counts = useMemo(() => countFilters(items), [items]);
  const columns = useMemo(
    () => fleetColumns({ rankOf, expandedId, nowMs, refreshSeconds, showsFolder: grouping !== 'folder' }),
    [rankOf, expandedId, nowMs, refreshSeconds, grouping],
  );
  return (
    <div
      className={styles['view']}
      onKeyDown={(event) => {
        if (!matchesShortcut(event, 'Mod+F')) return;
        event.preventDefault();
        searchField.current?.focus();
      }}
    >
      <Page
        title="Fleet"
        padded={false}
        summary={<Summary counts={counts} snapshot={snapshot} />}
        actions={<RefreshActions snapshot={snapshot} />}
      >
        <div className={styles['body']}>
          <FleetToolbar
            counts={counts}
            searchRef={searchField}
            onLeaveSearch={() => place.current?.querySelector<HTMLElement>('[role="grid"]')?.focus()}
          />
          <div className={styles['table']} ref={place}>
            <DataTable
              label="Fleet"
              columns={columns}
              rows={shown}
              rowKey={({ row }) => row.connectionId}
              selectedKey={selectedId}
              onSelect={({ row }) => setSelectedId(row.connectionId)}
              onOpen={({ row }) => toggleExpanded(row.connectionId)}
              menuEntries={fleetMenu}
              renderDetail={(item) => (item.row.connectionId === expandedId ? <FleetDetail item={item} /> : null)}
              initialSort={{ columnId: 'worst', descending: false }}
              groupOf={grouping === 'none' ? undefined : (item) => groupOf(item, grouping)}
              empty={
                <EmptyState
                  icon={SearchX}
                  title="No connection is like that"
                  actions={<Button onClick={() => showFleet({ filter: 'all', search: '' })}>Show all</Button>}
                />
              }
            />
          </div>
        </div>
      </Page>
    </div>
  );
}

function Summary({
  counts,
  snapshot,
}: {
  readonly counts: Readonly<Record<'all' | 'attention', number>>;
  readonly snapshot: FleetSnapshot;
}) {
  const needs =
    counts.attention === 0
      ? 'none needs attention'
      : `${counts.attention} ${counts.attention === 1 ? 'needs' : 'need'} attention`;
  return (
    <>
      {countOf(counts.all, 'connection')} · {needs} · checked every{' '}
      {formatDuration(snapshot.refreshSeconds * 1000).replace('.0 ', ' ')} while this is open
    </>
  );
}

/** As wide while a check runs as before it. */
function RefreshActions({ snapshot }: { readonly snapshot: FleetSnapshot }) {
  const refreshing = useFleet((state) => state.refreshing);
  const { running } = snapshot;
  return (
    <div className={styles['actions']}>
      {running !== null && (
        <span className={styles['progress']} role="status">
          <span>
            Checked {running.done} of {running.total}
          </span>
          <ProgressBar label="Connections checked" fraction={running.done / Math.max(1, running.total)} />
        </span>
      )}
      {refreshing === null ? (
        <Button className={styles['refresh']} icon={RotateCw} onClick={() => void refreshFleet()}>
          Check all
        </Button>
      ) : (
        <Button className={styles['refresh']} icon={Square} onClick={cancelRefresh}>
          Cancel
        </Button>
      )}
    </div>
  );
}

const environmentOrder: Readonly<Record<ConnectionEntry['environment'], number>> = {
  production: 0,
  staging: 1,
  development: 2,
  local: 3,
};

function groupOf({ connection }: FleetItem, grouping: Exclude<FleetGrouping, 'none'>): RowGroup {
  if (grouping === 'environment') {
    const { environment } = connection;
    const label = environment.slice(0, 1).toUpperCase() + environment.slice(1);
    return { key: environment, order: environmentOrder[environment], label };
  }
  const { folder } = connection;
  return { key: folder, order: folder === '' ? '' : folder, label: folder === '' ? 'No folder' : folder };
}
