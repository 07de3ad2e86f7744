import { Activity, CircleAlert, Eye, Pause, Play, SearchX, Sheet } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';

import type { ActivitySession, LockWait } from '#contract/activity.ts';
import type { ConnectionEntry } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { failureLine } from '../../lib/failure-words.ts';
import { countOf, formatCount } from '../../lib/format-count.ts';
import { formatElapsed } from '../../lib/format-duration.ts';
import { useNow } from '../../lib/use-now.ts';
import { useConnection } from '../../rpc/live-lists.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { copyRows } from '../../ui/data-table-copy.ts';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { SearchField } from '../../ui/field.tsx';
import { Page } from '../../ui/page.tsx';
import { Popover } from '../../ui/popover.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { SplitPane } from '../../ui/split-pane.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { ConnectionGate } from '../../workbench/connection-gate.tsx';
import { rememberState } from '../../workbench/remember-state.ts';
import { useWorkbench } from '../../workbench/workbench-store.ts';

import { activityMemory } from './activity-memory.ts';
import {
  filterSessions,
  ranges,
  selectSession,
  sessionKey,
  setChartsHeight,
  setDetailWidth,
  showRange,
  showTab,
  shownMoments,
  togglePause,
  useActivity,
} from './activity-store.ts';
import type { ActivityTab } from './activity-store.ts';
import styles from './activity.module.css';
import { isLongWait } from './blocking/blocking-tree.ts';
import { BlockingView } from './blocking/blocking-view.tsx';
import { ChartGrid } from './charts/chart-grid.tsx';
import { NumbersView, numberColumns } from './numbers-view.tsx';
import { ProgressView } from './progress-view.tsx';
import { narrowSessionColumns, sessionColumns } from './sessions/session-columns.tsx';
import { SessionDetail } from './sessions/session-detail.tsx';
import { filteredSessions } from './sessions/session-filter.ts';
import { sessionMenu } from './sessions/session-menu.ts';
import { StopDialog } from './sessions/stop-dialog.tsx';
import { useActivityWatch } from './use-activity-watch.ts';

const noSessions: readonly ActivitySession[] = [];
const noWaits: readonly LockWait[] = [];
void rememberState('activity.view', useActivity, activityMemory);

const keptStates: ReadonlySet<ConnectionEntry['state']['kind']> = new Set(['lost', 'opening']);

/** What happens on the server right now: its pace, its sessions, who holds up whom, and what can be stopped. */
export function ActivityView() {
  const activeConnectionId = useWorkbench((state) => state.activeConnectionId);
  const connection = useConnection(activeConnectionId);
  const watchedId = useActivity((state) => state.watchedId);
  // A server that is lost is when the last minutes are wanted most: they stay, with a notice.
  const isKept = connection !== null && watchedId === connection.id && keptStates.has(connection.state.kind);
  if (connection !== null && (connection.state.kind === 'open' || isKept))
    return <OpenActivity key={connection.id} connection={connection} />;
  return <ConnectionGate purpose="to watch what happens on it">{() => null}</ConnectionGate>;
}

function OpenActivity({ connection }: { readonly connection: ConnectionEntry }) {
  useActivityWatch(connection.id);
  usePauseKey();
  const chartsHeight = useActivity((state) => state.chartsHeight);
  const [defaultHeight] = useState(() => Math.round(Math.min(340, Math.max(216, window.innerHeight * 0.29))));
  return (
    <>
      <Page
        title={`Activity on ${connection.name}`}
        padded={false}
        summary={<Summary connection={connection} />}
        actions={<Actions />}
      >
        <div className={styles['split']}>
          <SplitPane
            direction="vertical"
            fixed="first"
            size={chartsHeight ?? defaultHeight}
            onSizeChange={setChartsHeight}
            min={150}
            minRest={180}
            label="Height of the charts"
            first={<ChartGrid />}
            second={<Lists connection={connection} />}
          />
        </div>
      </Page>
      <StopDialog />
    </>
  );
}

function Summary({ connection: { state } }: { readonly connection: ConnectionEntry }) {
  const told = useActivity((activity) => activity.failure);
  const failure = state.kind === 'lost' ? state.failure : told;
  const sessions = useActivity((state) => state.sessions);
  const pausedAtMs = useActivity((state) => state.pausedAtMs);
  const unlockSql = sessions?.unlockSql ?? null;
  return (
    <span className={styles['summary']}>
      {pausedAtMs !== null && <Behind sinceMs={pausedAtMs} />}
      {failure !== null && <FailureNotice failure={failure} />}
      {pausedAtMs === null && failure === null && <span>A look a second while this is open</span>}
      {unlockSql !== null && (
        <Popover
          label="What would show it"
          trigger={
            <button type="button" className={styles['unlock']}>
              <Eye size={13} aria-hidden />
              What other users run is hidden
            </button>
          }
        >
          <div className={styles['unlockWords']}>
            <p>What other users run is hidden; this would show it:</p>
            <SqlBlock sql={unlockSql} label="What would show it" />
          </div>
        </Popover>
      )}
    </span>
  );
}

function Behind({ sinceMs }: { readonly sinceMs: number }) {
  const now = useNow(1000);
  return (
    <span className={styles['paused']} role="status">
      <Pause size={12} aria-hidden /> paused, {formatElapsed(now - sinceMs)} behind
    </span>
  );
}

const rangeOptions = ranges.map((range) => ({ value: String(range), label: `${range / 60_000} min` }));

function Actions() {
  const isPaused = useActivity((state) => state.pausedAtMs !== null);
  const rangeMs = useActivity((state) => state.rangeMs ?? state.autoRangeMs);
  return (
    <div className={styles['actions']}>
      <Segmented
        label="Span of the charts"
        options={rangeOptions}
        value={String(rangeMs)}
        onValueChange={(next) => showRange(Number(next))}
      />
      <Button className={styles['pause']} icon={isPaused ? Play : Pause} shortcut="Space" onClick={togglePause}>
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
    </div>
  );
}

/** Space holds still what is shown, wherever it is pressed and means nothing else. */
function usePauseKey(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== ' ' || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(ownSpace) || document.querySelector('[data-modal][data-open]') !== null) return;
      event.preventDefault();
      if (!event.repeat) togglePause();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
const ownSpace =
  'button, input, textarea, select, a, [contenteditable], [role=menu], [role=radio], [role=tab], [role=switch], [role=checkbox]';

/** Slim, and where other words stood: nothing moves when the server goes away. */
function FailureNotice({ failure }: { readonly failure: Failure }) {
  const words = `The server cannot be asked: ${failureLine(failure)}`;
  return (
    <span className={styles['notice']} role="status" title={failure.hint}>
      <CircleAlert size={13} aria-hidden />
      <span className={styles['noticeWords']}>{words}</span>
      <span className={styles['noticeNext']}>It is tried again by itself.</span>
    </span>
  );
}

function Lists({ connection }: { readonly connection: ConnectionEntry }) {
  const tab = useActivity((state) => state.tab);
  const selected = useActivity((state) => state.selected);
  const detailWidth = useActivity((state) => state.detailWidth);
  const content =
    tab === 'sessions' ? (
      <Sessions connection={connection} />
    ) : tab === 'blocking' ? (
      <BlockingView connection={connection} />
    ) : tab === 'progress' ? (
      <ProgressView connection={connection} />
    ) : (
      <NumbersView />
    );
  return (
    <div className={styles['lists']}>
      <Strip />
      <div className={styles['list']}>
        <SplitPane
          direction="horizontal"
          fixed="second"
          size={detailWidth}
          onSizeChange={setDetailWidth}
          min={300}
          minRest={420}
          label="Width of the session"
          first={content}
          second={
            selected === null || tab === 'numbers' ? null : (
              <SessionDetail key={sessionKey(selected)} session={selected} connection={connection} />
            )
          }
        />
      </div>
    </div>
  );
}

function Strip() {
  const tab = useActivity((state) => state.tab);
  const sessions = useActivity((state) => state.sessions);
  const filter = useActivity((state) => state.filter);
  const waits = useActivity((state) => state.locks)?.waits ?? noWaits;
  const progress = useActivity((state) => state.progress)?.rows.length ?? 0;
  const all = sessions?.sessions ?? noSessions;
  const shown = useMemo(() => filteredSessions(all, waits, filter).length, [all, waits, filter]);
  const total = all.length + (sessions?.omitted ?? 0);
  return (
    <div className={styles['strip']}>
      <Tabs<ActivityTab>
        label="Lists"
        value={tab}
        onValueChange={showTab}
        items={[
          {
            value: 'sessions',
            label: 'Sessions',
            count: shown === total ? formatCount(total) : `${formatCount(shown)} of ${formatCount(total)}`,
          },
          {
            value: 'blocking',
            label: 'Blocking',
            count:
              waits.length === 0 ? (
                '0'
              ) : (
                <Badge tone={isLongWait(waits, all) ? 'critical' : 'warning'}>
                  {formatCount(waits.length)}
                  <span className="visually-hidden"> waiting</span>
                </Badge>
              ),
          },
          { value: 'progress', label: 'Progress', count: formatCount(progress) },
          { value: 'numbers', label: 'Numbers' },
        ]}
      />
      {tab === 'sessions' && <SessionFilters />}
      {tab === 'numbers' && (
        <div className={styles['filters']}>
          <span className={styles['dim']}>Rates are per second</span>
          <Button
            size="small"
            icon={Sheet}
            onClick={() => void copyRows('tsv', numberColumns, shownMoments().toReversed())}
          >
            Copy as TSV
          </Button>
        </div>
      )}
    </div>
  );
}

const hides = [
  ['hideIdle', 'Hide idle'],
  ['hideBackground', 'Hide background'],
  ['hideOwn', 'Hide Steward’s own'],
] as const;

function SessionFilters() {
  const filter = useActivity((state) => state.filter);
  return (
    <div className={styles['filters']}>
      <div className={styles['chips']} role="group" aria-label="Hide">
        {hides.map(([name, label]) => (
          <button
            key={name}
            type="button"
            className={styles['chip']}
            aria-pressed={filter[name]}
            onClick={() => filterSessions({ [name]: !filter[name] })}
          >
            {label}
          </button>
        ))}
      </div>
      <SearchField
        className={styles['search']}
        label="Search sessions"
        placeholder="Search"
        value={filter.search}
        onValueChange={(search) => filterSessions({ search })}
      />
    </div>
  );
}

function Sessions({ connection }: { readonly connection: ConnectionEntry }) {
  const event = useActivity((state) => state.sessions);
  const waits = useActivity((state) => state.locks)?.waits ?? noWaits;
  const filter = useActivity((state) => state.filter);
  const selected = useActivity((state) => state.selected);
  const failure = useActivity((state) => state.failure);
  const all = event?.sessions ?? noSessions;
  const shown = useMemo(() => filteredSessions(all, waits, filter), [all, waits, filter]);
  if (event === null) return failure === null ? <SkeletonRows rows={6} label="Looking at the sessions" /> : null;
  return (
    <div className={styles['sessions']}>
      <div className={styles['table']}>
        <DataTable
          label="Sessions"
          columns={selected === null ? sessionColumns : narrowSessionColumns}
          rows={shown}
          rowKey={sessionKey}
          selectedKey={selected === null ? null : sessionKey(selected)}
          onSelect={selectSession}
          menuEntries={(session) => sessionMenu(session, connection)}
          initialSort={{ columnId: 'transaction', descending: true }}
          empty={<NoSessions hidden={all.length} isSearch={filter.search !== ''} />}
        />
      </div>
      {event.omitted > 0 && (
        <p className={styles['omitted']}>
          {countOf(event.omitted, 'session')} more, idle or with the youngest transactions, not shown.
        </p>
      )}
    </div>
  );
}

function NoSessions({ hidden, isSearch }: { readonly hidden: number; readonly isSearch: boolean }) {
  const showAll = (
    <Button onClick={() => filterSessions({ search: '', hideIdle: false, hideBackground: false, hideOwn: false })}>
      Show all {formatCount(hidden)}
    </Button>
  );
  if (isSearch) return <EmptyState icon={SearchX} title="No session is like that" actions={showAll} />;
  return (
    <EmptyState icon={Activity} title="Nothing is running" actions={showAll}>
      Idle sessions, processes of the server and Steward’s own look are hidden.
    </EmptyState>
  );
}
