import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { classNames } from '../../../lib/class-names.ts';
import { ContextMenu } from '../../../ui/menu.tsx';
import type { MenuEntry } from '../../../ui/menu.tsx';
import { openAndSelect } from '../../../workbench/connection-actions.ts';
import { ConnectionFailure } from '../../../workbench/connection-failure.tsx';
import { selectConnection } from '../../../workbench/workbench-store.ts';

import { folderMenu, selectionMenu } from './connection-menu.ts';
import type { MenuContext } from './connection-menu.ts';
import { ConnectionCells } from './connection-row.tsx';
import { FolderCells } from './folder-row.tsx';
import { ListHeader } from './list-header.tsx';
import { pressInList } from './list-keys.ts';
import type { ListRow } from './list-model.ts';
import { withRow } from './list-selection.ts';
import type { ListSelection, SelectionMode } from './list-selection.ts';
import styles from './list.module.css';
import type { ListViewState } from './use-list-view.ts';
import { useRowDrag } from './use-row-drag.ts';

export interface ConnectionListProps {
  readonly rows: readonly ListRow[];
  readonly listView: ListViewState;
  readonly selection: ListSelection;
  readonly onSelectionChange: (selection: ListSelection) => void;
  readonly context: MenuContext;
  readonly onSearch: () => void;
}

const rowHeight = 29;

/** The connections in their folders: a tree with columns, drawn only where it is in sight. */
export function ConnectionList(props: ConnectionListProps) {
  const { rows, listView, selection, onSelectionChange, context } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const baseId = useId();
  const drag = useRowDrag(context.connections, selection.ids, listView.view.sort !== null);
  const activeIndex = rows.findIndex(({ key }) => key === selection.activeKey);
  const [menuAt, setMenuAt] = useState<ListRow | null>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
    scrollPaddingStart: 30,
  });

  function choose(key: string, mode: SelectionMode): void {
    const next = withRow(selection, rows, key, mode);
    onSelectionChange(next);
    const [only] = next.ids;
    if (next.ids.size === 1 && only !== undefined) selectConnection(only);
  }

  function click(event: MouseEvent, row: ListRow): void {
    const mode = event.shiftKey ? 'range' : event.metaKey || event.ctrlKey ? 'toggle' : 'only';
    choose(row.key, mode);
    if (row.kind === 'folder' && mode === 'only' && event.detail < 2) listView.setCollapsed(row.path, !row.collapsed);
  }

  const entries = useMemo(() => selectedEntries(context.connections, selection), [context.connections, selection]);
  function press(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget) return;
    pressInList(event, {
      ...props,
      entries,
      activeIndex,
      pageRows: Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2),
      choose,
    });
  }

  // The keys and the menu reach rows that are out of sight.
  useEffect(() => {
    if (activeIndex >= 0) virtualizer.scrollToIndex(activeIndex);
  }, [activeIndex, virtualizer]);

  function menuEntries(): readonly MenuEntry[] {
    const row = menuAt ?? rows[activeIndex];
    if (row === undefined) return [];
    return row.kind === 'folder' ? folderMenu(row, context) : selectionMenu(entries, context);
  }

  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <ContextMenu entries={menuEntries}>
      <div
        ref={scroller}
        className={styles['scroller']}
        role="treegrid"
        aria-label="Connections"
        aria-multiselectable
        aria-rowcount={rows.length + 1}
        aria-activedescendant={activeIndex >= 0 ? `${baseId}-${activeIndex}` : undefined}
        tabIndex={0}
        onKeyDown={press}
        onContextMenu={(event) => {
          // By the keyboard: the menu of the active row.
          if (event.target === event.currentTarget) setMenuAt(null);
        }}
        onDragLeave={(event) => drag.over(event, null)}
        onDrop={drag.drop}
      >
        <ListHeader sort={listView.view.sort} onSort={listView.setSort} />
        <div style={{ paddingTop: before, paddingBottom: after }} role="rowgroup">
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const selected = selection.ids.has(row.key);
            return (
              <div
                key={row.key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                className={styles['rowGroup']}
                role="presentation"
              >
                <div
                  id={`${baseId}-${item.index}`}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-level={row.depth + 1}
                  aria-selected={row.kind === 'connection' ? selected : undefined}
                  aria-expanded={row.kind === 'folder' ? !row.collapsed : undefined}
                  data-active={row.key === selection.activeKey ? '' : undefined}
                  data-drop={drag.mark?.key === row.key ? drag.mark.where : undefined}
                  className={classNames(styles['row'], row.kind === 'folder' && styles['folder'])}
                  draggable={row.kind === 'connection'}
                  onDragStart={(event) => drag.start(event, row)}
                  onDragOver={(event) => drag.over(event, row)}
                  onDragEnd={drag.end}
                  onClick={(event) => click(event, row)}
                  onDoubleClick={() => {
                    if (row.kind === 'connection') void openAndSelect(row.entry);
                  }}
                  onContextMenu={() => {
                    setMenuAt(row);
                    if (!selected) choose(row.key, 'only');
                  }}
                >
                  {row.kind === 'folder' ? (
                    <FolderCells folder={row} context={context} />
                  ) : (
                    <ConnectionCells entry={row.entry} depth={row.depth} context={context} />
                  )}
                </div>
                {row.kind === 'connection' && row.key === selection.activeKey && <Detail entry={row.entry} />}
              </div>
            );
          })}
        </div>
      </div>
    </ContextMenu>
  );
}

/** Below the active row: why it is not open, in full. */
function Detail({ entry }: { readonly entry: ConnectionEntry }) {
  const { state } = entry;
  if (state.kind !== 'failed' && state.kind !== 'lost') return null;
  return (
    <div className={styles['detail']}>
      <ConnectionFailure connection={entry} failure={state.failure} />
    </div>
  );
}

/** What an act is about, in the person's own order. */
function selectedEntries(
  connections: readonly ConnectionEntry[],
  selection: ListSelection,
): readonly ConnectionEntry[] {
  return connections.filter(({ id }) => selection.ids.has(id));
}
