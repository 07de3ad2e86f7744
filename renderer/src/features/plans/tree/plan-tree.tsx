import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useEffect, useId, useMemo, useRef } from 'react';
import type { CSSProperties, KeyboardEvent } from 'react';

import { ContextMenu } from '../../../ui/menu.tsx';

import type { PlanIndex } from '../reader/plan-index.ts';

import rowStyles from '../node-rows.module.css';
import { readColumnChoice, useColumnChoice } from './column-choice.ts';
import styles from './plan-tree.module.css';
import { PlanTreeRow } from './plan-tree-row.tsx';
import { hasColumn, headerOf, treeColumns } from './tree-columns.ts';
import type { TreeColumn } from './tree-columns.ts';
import { treeMenuEntries } from './tree-menu.ts';
import { chosenBy, hidingAncestors, parentPlace, placeOf, treeRows, withToggled } from './tree-rows.ts';
import type { Chosen, PlanFolding, TreeRow, TreeSort } from './tree-rows.ts';

export interface PlanTreeProps {
  readonly index: PlanIndex;
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
  readonly sort: TreeSort | null;
  readonly onSort: (sort: TreeSort | null) => void;
  readonly folding: PlanFolding;
  readonly onFold: (change: (folding: PlanFolding) => PlanFolding) => void;
  readonly onOpenObject: ((id: number) => void) | null;
}

const rowHeight = 28;

/** The nodes of a plan as a tree with their numbers; sorted by a column, as a list. Draws only the rows in sight. */
export function PlanTree(props: PlanTreeProps) {
  const { index, chosen, onChoose, folding, onFold, sort, onSort, onOpenObject } = props;
  const chosenId = chosen.id;
  const scroller = useRef<HTMLDivElement>(null);
  const baseId = useId();
  const pointedAt = useRef<TreeRow | null>(null);
  const chosenColumns = useColumnChoice((choice) => choice.chosen);
  useEffect(() => void readColumnChoice(), []);
  const columns = useMemo(
    () => treeColumns.filter((column) => chosenColumns.includes(column.id) && hasColumn(index, column)),
    [chosenColumns, index],
  );
  const rows = useMemo(
    () => (sort === null ? treeRows(index, folding) : sortedRows(index, sort)),
    [index, folding, sort],
  );
  const place = useMemo(
    () => (sort === null ? placeOf(rows, index, chosen) : rows.findIndex((row) => row.id === chosenId)),
    [rows, index, chosen, chosenId, sort],
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 3,
    scrollPaddingStart: rowHeight,
  });

  useEffect(() => {
    const hiding = hidingAncestors(index, chosenId, folding.collapsed);
    if (hiding.length > 0)
      onFold((before) => ({
        ...before,
        collapsed: new Set([...before.collapsed].filter((id) => !hiding.includes(id))),
      }));
    // Only a new choice opens what hides it; collapsing later must stay possible.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [index, chosenId]);

  useEffect(() => {
    if (place >= 0) virtualizer.scrollToIndex(place);
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [place]);

  function toggle(row: TreeRow, expanded: boolean): void {
    onFold((before) => withToggled(before, row, expanded));
    if (!expanded && row.kind === 'node' && chosenId > row.id && chosenId <= (index.lastDescendants[row.id] ?? row.id))
      onChoose(chosenBy(row));
  }

  function press(event: KeyboardEvent): void {
    // The buttons of the header have keys of their own.
    if (event.target !== event.currentTarget) return;
    const row = rows[place];
    const pageRows = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 2);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      PageDown: place + pageRows,
      PageUp: place - pageRows,
      Home: 0,
      End: rows.length - 1,
    };
    const target = targets[event.key];
    if (target !== undefined) {
      const next = rows[Math.max(0, Math.min(rows.length - 1, target))];
      if (next !== undefined) onChoose(chosenBy(next));
    } else if (event.key === 'ArrowRight' && row !== undefined) {
      if (row.expanded === false) toggle(row, true);
      else if (row.expanded === true) onChoose(chosenBy(rows[place + 1] ?? row));
    } else if (event.key === 'ArrowLeft' && row !== undefined) {
      if (row.expanded === true && sort === null) toggle(row, false);
      else if (sort !== null && row.parentId !== null) onChoose({ id: row.parentId, onRun: false });
      else {
        const parent = rows[parentPlace(rows, place)];
        if (parent !== undefined) onChoose(chosenBy(parent));
      }
    } else if (event.key === 'Enter' && row?.kind === 'node' && onOpenObject !== null) onOpenObject(row.id);
    else return;
    event.preventDefault();
  }

  function sortBy(column: TreeColumn): void {
    if (sort?.columnId !== column.id) onSort({ columnId: column.id, descending: true });
    else onSort(sort.descending ? { columnId: column.id, descending: false } : null);
  }

  const template: CSSProperties = {
    '--columns': `minmax(300px, 1fr) 56px ${columns.map(({ width }) => `${width}px`).join(' ')}`,
    '--least-width': `${columns.reduce((sum, { width }) => sum + width, 376)}px`,
  };
  return (
    <div className={styles['tree']} style={template}>
      <ContextMenu
        entries={() => treeMenuEntries({ index, rows, columns, row: pointedAt.current, onFold, onOpenObject })}
      >
        <div
          ref={scroller}
          className={rowStyles['scroller']}
          role="treegrid"
          aria-label="Nodes"
          aria-rowcount={rows.length + 1}
          aria-activedescendant={place >= 0 ? `${baseId}-${place}` : undefined}
          tabIndex={0}
          onKeyDown={press}
          onContextMenuCapture={() => (pointedAt.current = null)}
        >
          <div className={rowStyles['header']} role="row">
            <span role="columnheader">Node</span>
            <span role="columnheader" aria-label="Share" />
            {columns.map((column) => (
              <span
                key={column.id}
                role="columnheader"
                aria-sort={sort?.columnId !== column.id ? 'none' : sort.descending ? 'descending' : 'ascending'}
              >
                <button type="button" className={styles['sort']} title={column.meaning} onClick={() => sortBy(column)}>
                  {sort?.columnId === column.id && (
                    <ArrowDown size={11} className={sort.descending ? undefined : styles['up']} aria-hidden />
                  )}
                  {headerOf(column, index)}
                </button>
              </span>
            ))}
          </div>
          <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }} role="rowgroup">
            {virtualizer.getVirtualItems().map((item) => {
              const row = rows[item.index];
              if (row === undefined) return null;
              return (
                <PlanTreeRow
                  key={`${row.kind}:${row.id}`}
                  id={`${baseId}-${item.index}`}
                  index={index}
                  row={row}
                  columns={columns}
                  place={item.index}
                  top={item.start}
                  chosen={item.index === place}
                  onChoose={(next) => onChoose(chosenBy(next))}
                  onToggle={toggle}
                  onPoint={(pointed) => (pointedAt.current = pointed)}
                  onOpenObject={onOpenObject}
                />
              );
            })}
          </div>
        </div>
      </ContextMenu>
    </div>
  );
}

/** All nodes as a list, by a column; what the plan does not tell comes last. */
function sortedRows(index: PlanIndex, { columnId, descending }: TreeSort): TreeRow[] {
  const column = treeColumns.find(({ id }) => id === columnId);
  const valued = index.plan.nodes.map((node) => ({ node, value: column?.value(index, node.id) ?? null }));
  return valued
    .toSorted((a, b) => {
      if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
      return (descending ? b.value - a.value : a.value - b.value) || a.node.id - b.node.id;
    })
    .map(({ node }) => ({ kind: 'node', id: node.id, depth: 0, parentId: node.parentId, expanded: null }));
}
