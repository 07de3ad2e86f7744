import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';

import type { PlanIndex } from './plan-index.ts';
import styles from './plan-tree.module.css';
import { PlanTreeRow } from './plan-tree-row.tsx';
import { hidingAncestors, treeRows } from './tree-rows.ts';

export interface PlanTreeProps {
  readonly index: PlanIndex;
  readonly chosenId: number;
  readonly onChoose: (id: number) => void;
}

const rowHeight = 28;

/** The nodes of a plan as a tree with their numbers. Draws only the rows in sight. */
export function PlanTree({ index, chosenId, onChoose }: PlanTreeProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const baseId = useId();
  const [collapsed, setCollapsed] = useState<ReadonlySet<number>>(() => new Set());
  const rows = useMemo(() => treeRows(index, collapsed), [index, collapsed]);
  const place = useMemo(() => rows.findIndex((row) => row.id === chosenId), [rows, chosenId]);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    scrollPaddingStart: rowHeight,
  });

  useEffect(() => {
    const hiding = hidingAncestors(index, chosenId, collapsed);
    if (hiding.length > 0) setCollapsed((before) => new Set([...before].filter((id) => !hiding.includes(id))));
    // Only a new choice opens what hides it; collapsing later must stay possible.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [index, chosenId]);

  useEffect(() => {
    if (place >= 0) virtualizer.scrollToIndex(place);
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [place]);

  function toggle(id: number, expanded: boolean): void {
    setCollapsed((before) => {
      const next = new Set(before);
      if (expanded) next.delete(id);
      else next.add(id);
      return next;
    });
    if (!expanded && chosenId > id && chosenId <= (index.lastDescendants[id] ?? id)) onChoose(id);
  }

  function press(event: KeyboardEvent): void {
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
      if (next !== undefined) onChoose(next.id);
    } else if (event.key === 'ArrowRight' && row !== undefined) {
      if (row.expanded === false) toggle(row.id, true);
      else if (row.expanded === true) onChoose(row.id + 1);
    } else if (event.key === 'ArrowLeft' && row !== undefined) {
      if (row.expanded === true) toggle(row.id, false);
      else if (row.parentId !== null) onChoose(row.parentId);
    } else return;
    event.preventDefault();
  }

  return (
    <div
      ref={scroller}
      className={styles['scroller']}
      role="treegrid"
      aria-label="Nodes"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={place >= 0 ? `${baseId}-${chosenId}` : undefined}
      tabIndex={0}
      onKeyDown={press}
    >
      <div className={styles['header']} role="row">
        <span role="columnheader">Node</span>
        <span role="columnheader" aria-label="Share" />
        <span role="columnheader">{index.metric === 'time' ? 'Self time' : 'Own cost'}</span>
        <span role="columnheader">Rows</span>
        <span role="columnheader">Expected</span>
        <span role="columnheader">Off by</span>
        <span role="columnheader">Blocks</span>
      </div>
      <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }} role="rowgroup">
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (row === undefined) return null;
          return (
            <PlanTreeRow
              key={row.id}
              id={`${baseId}-${row.id}`}
              index={index}
              row={row}
              place={item.index}
              top={item.start}
              chosen={row.id === chosenId}
              onChoose={onChoose}
              onToggle={toggle}
            />
          );
        })}
      </div>
    </div>
  );
}
