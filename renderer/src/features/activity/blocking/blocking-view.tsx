import { useVirtualizer } from '@tanstack/react-virtual';
import { GitFork, LockOpen } from 'lucide-react';
import { useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';

import type { ActivitySession, LockWait } from '#contract/activity.ts';
import type { ConnectionEntry } from '#contract/connections.ts';

import { classNames } from '../../../lib/class-names.ts';
import { countOf, formatCount } from '../../../lib/format-count.ts';
import { formatDuration } from '../../../lib/format-duration.ts';
import { Badge } from '../../../ui/badge.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ContextMenu } from '../../../ui/menu.tsx';
import type { MenuEntry } from '../../../ui/menu.tsx';
import { Duration } from '../../../ui/quantity.tsx';
import { Tooltip } from '../../../ui/tooltip.tsx';

import { selectSession, useActivity } from '../activity-store.ts';
import { QueryCell, StateCell } from '../sessions/session-columns.tsx';
import { sessionMenu } from '../sessions/session-menu.ts';
import { ownerWords } from '../sessions/session-words.ts';
import { askToStop, whyNot } from '../sessions/stop-session.ts';

import { blockingTree, preparedTransactionPid, withoutCollapsed } from './blocking-tree.ts';
import type { BlockingRow } from './blocking-tree.ts';
import styles from './blocking.module.css';

const noSessions: readonly ActivitySession[] = [];
const noWaits: readonly LockWait[] = [];
const rowHeight = 28;

/** Who holds up whom: those that block first, below each who waits for it. */
export function BlockingView({ connection }: { readonly connection: ConnectionEntry }) {
  const sessions = useActivity((state) => state.sessions)?.sessions ?? noSessions;
  const locks = useActivity((state) => state.locks);
  const waits = locks?.waits ?? noWaits;
  const all = useMemo(() => blockingTree(waits, sessions), [waits, sessions]);
  if (all.length === 0) {
    return (
      <EmptyState icon={LockOpen} title="Nobody waits for a lock">
        Sessions that hold up others stand here, and below each who waits for it, with the lock and since when.
      </EmptyState>
    );
  }
  return <Tree all={all} connection={connection} omitted={locks?.omitted ?? 0} />;
}

interface TreeProps {
  readonly all: readonly BlockingRow[];
  readonly connection: ConnectionEntry;
  readonly omitted: number;
}

function Tree({ all, connection, omitted }: TreeProps) {
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const selected = useActivity((state) => state.selected);
  const scroller = useRef<HTMLDivElement>(null);
  const pointedAt = useRef<BlockingRow | null>(null);
  const baseId = useId();
  const rows = useMemo(() => withoutCollapsed(all, collapsed), [all, collapsed]);
  const place = rows.findIndex(({ key }) => key === activeKey);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollPaddingStart: rowHeight,
  });

  function choose(row: BlockingRow | undefined): void {
    if (row === undefined) return;
    setActiveKey(row.key);
    virtualizer.scrollToIndex(rows.indexOf(row));
    if (row.session !== null) selectSession(row.session);
  }

  function fold(row: BlockingRow, isCollapsed: boolean): void {
    setCollapsed((before) => {
      const next = new Set(before);
      if (isCollapsed) next.add(row.key);
      else next.delete(row.key);
      return next;
    });
  }

  function press(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget) return;
    const row = rows[place];
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const target = targets[event.key];
    if (target !== undefined) choose(rows[Math.max(0, Math.min(rows.length - 1, target))]);
    else if (event.key === 'ArrowRight' && row?.hasChildren === true) {
      if (collapsed.has(row.key)) fold(row, false);
      else choose(rows[place + 1]);
    } else if (event.key === 'ArrowLeft' && row !== undefined) {
      if (row.hasChildren && !collapsed.has(row.key)) fold(row, true);
      else choose(rows.slice(0, place).findLast(({ depth }) => depth < row.depth));
    } else if (event.key === 'Delete' && row?.session) stop(row.session, row.wait !== null);
    else return;
    event.preventDefault();
  }

  function stop(session: ActivitySession, waits: boolean): void {
    const act = waits ? 'cancel' : 'terminate';
    if (whyNot(act, session, connection) === null) askToStop(act, session, connection);
  }

  function menu(): readonly MenuEntry[] {
    const session = pointedAt.current?.session;
    return session === null || session === undefined ? [] : sessionMenu(session, connection);
  }

  return (
    <div className={classNames(styles['place'], selected !== null && styles['narrow'])}>
      <ContextMenu entries={menu}>
        <div
          ref={scroller}
          className={styles['scroller']}
          role="treegrid"
          aria-label="Blocking"
          aria-rowcount={rows.length + 1}
          aria-activedescendant={place >= 0 ? `${baseId}-${place}` : undefined}
          tabIndex={0}
          onKeyDown={press}
          onContextMenuCapture={() => (pointedAt.current = null)}
        >
          <div className={styles['header']} role="row">
            <span role="columnheader">Session</span>
            {selected === null && <span role="columnheader">State</span>}
            <span role="columnheader">Waits for</span>
            <span role="columnheader" className={styles['right']}>
              Waits
            </span>
            <span role="columnheader" className={styles['right']}>
              Transaction
            </span>
            <span role="columnheader">Query</span>
          </div>
          <div className={styles['rows']} style={{ height: virtualizer.getTotalSize() }} role="rowgroup">
            {virtualizer.getVirtualItems().map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              return (
                <Row
                  key={row.key}
                  id={`${baseId}-${item.index}`}
                  row={row}
                  top={item.start}
                  isActive={place === item.index}
                  isNarrow={selected !== null}
                  isSelected={row.session !== null && selected?.pid === row.pid}
                  isCollapsed={collapsed.has(row.key)}
                  onChoose={() => choose(row)}
                  onFold={(isCollapsed) => fold(row, isCollapsed)}
                  onPoint={() => {
                    pointedAt.current = row;
                    choose(row);
                  }}
                />
              );
            })}
          </div>
        </div>
      </ContextMenu>
      {omitted > 0 && <p className={styles['omitted']}>{countOf(omitted, 'more wait', 'more waits')} not shown.</p>}
    </div>
  );
}

interface RowProps {
  readonly id: string;
  readonly row: BlockingRow;
  readonly top: number;
  readonly isActive: boolean;
  /** Beside a session's own page. */
  readonly isNarrow: boolean;
  readonly isSelected: boolean;
  readonly isCollapsed: boolean;
  readonly onChoose: () => void;
  readonly onFold: (isCollapsed: boolean) => void;
  readonly onPoint: () => void;
}

function Row({ id, row, top, isActive, isNarrow, isSelected, isCollapsed, onChoose, onFold, onPoint }: RowProps) {
  const { pid, depth, session, wait, hasChildren, guides } = row;
  const lock = wait === null ? '' : [wait.mode, wait.target].filter((part) => part !== null).join(' on ');
  return (
    <div
      id={id}
      role="row"
      aria-level={depth + 1}
      aria-expanded={hasChildren ? !isCollapsed : undefined}
      aria-selected={isSelected}
      data-active={isActive ? '' : undefined}
      className={classNames(styles['row'], depth === 0 && styles['root'], row.isRepeated && styles['repeated'])}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onChoose}
      onContextMenu={onPoint}
    >
      <span role="gridcell" className={styles['session']}>
        {guides.map((goesOn, level) => (
          <span
            key={level}
            className={classNames(
              styles['guide'],
              goesOn && styles['through'],
              level === guides.length - 1 && styles['elbow'],
            )}
            aria-hidden
          />
        ))}
        {hasChildren ? (
          <button
            type="button"
            className={styles['toggle']}
            tabIndex={-1}
            aria-label={isCollapsed ? `Show who waits for ${pid}` : `Hide who waits for ${pid}`}
            data-open={isCollapsed ? undefined : ''}
            onClick={(event) => {
              event.stopPropagation();
              onFold(!isCollapsed);
            }}
          />
        ) : (
          <span className={styles['noToggle']} aria-hidden />
        )}
        <span className={styles['pid']}>{pid === preparedTransactionPid ? 'prepared transaction' : pid}</span>
        {depth === 0 && row.blocks > 0 && <Blocks row={row} />}
        <Marks row={row} />
        <span className={styles['owner']}>{session === null ? '' : ownerWords(session)}</span>
        {row.queuedBehind.length > 0 && (
          <span className={styles['queued']} title={`In the queue behind ${row.queuedBehind.slice(0, 20).join(', ')}`}>
            {formatCount(row.queuedBehind.length)} ahead in the queue
          </span>
        )}
      </span>
      {!isNarrow && (
        <span role="gridcell" className={styles['cell']}>
          {session !== null && <StateCell session={session} />}
        </span>
      )}
      <span role="gridcell" className={styles['cell']}>
        <span className={styles['text']} title={lock}>
          {lock}
        </span>
      </span>
      <span role="gridcell" className={styles['number']}>
        {wait !== null && <Duration ms={wait.waitMs ?? session?.queryMs} />}
      </span>
      <span role="gridcell" className={styles['number']}>
        <Duration ms={session?.transactionMs} />
      </span>
      <span role="gridcell" className={styles['cell']}>
        {session !== null && <QueryCell session={session} />}
      </span>
    </div>
  );
}

/** `blocks 12, longest 3.4 s`. */
function Blocks({ row: { blocks, longestMs } }: { readonly row: BlockingRow }) {
  return (
    <Badge tone="critical">
      blocks {blocks}
      {longestMs !== null && `, longest ${formatDuration(longestMs)}`}
    </Badge>
  );
}

function Marks({ row: { isRepeated, isInCircle, blockers, parentPid } }: { readonly row: BlockingRow }) {
  if (isInCircle) {
    return (
      <Tooltip label="It waits, through others, for itself. The server ends one of them after deadlock_timeout.">
        <span>
          <Badge tone="critical">deadlock</Badge>
        </span>
      </Tooltip>
    );
  }
  const alsoBehind = blockers.filter((pid) => pid !== parentPid);
  if (parentPid === null || alsoBehind.length === 0) return null;
  const others = alsoBehind.length <= 3 ? alsoBehind.join(', ') : countOf(alsoBehind.length, 'other');
  return (
    <Tooltip
      label={`It is behind ${alsoBehind.slice(0, 20).join(', ')} as well${isRepeated ? '; who waits for it is shown above' : ''}.`}
    >
      <span>
        <Badge icon={GitFork}>{isRepeated ? `as above, also behind ${others}` : `also behind ${others}`}</Badge>
      </span>
    </Tooltip>
  );
}
