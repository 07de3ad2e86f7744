import { useState } from 'react';
import type { DragEvent } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { moveTo } from './list-actions.ts';
import { siblingAfter } from './list-model.ts';
import type { ListRow } from './list-model.ts';

/** Where what is dragged would land: on a folder, or before or after a connection. */
export interface DropMark {
  readonly key: string;
  readonly where: 'into' | 'before' | 'after';
}

const dragType = 'application/x-steward-connections';

export interface RowDrag {
  readonly mark: DropMark | null;
  readonly start: (event: DragEvent, row: ListRow) => void;
  readonly over: (event: DragEvent, row: ListRow | null) => void;
  readonly drop: (event: DragEvent) => void;
  readonly end: () => void;
}

/** Lets connections be dragged to another place of the list. */
export function useRowDrag(
  connections: readonly ConnectionEntry[],
  selectedIds: ReadonlySet<string>,
  sorted: boolean,
): RowDrag {
  const [ids, setIds] = useState<readonly string[]>([]);
  const [mark, setMark] = useState<DropMark | null>(null);

  function end(): void {
    setIds([]);
    setMark(null);
  }

  return {
    mark,
    end,
    start: (event, row) => {
      if (row.kind === 'folder') {
        event.preventDefault();
        return;
      }
      setIds(selectedIds.has(row.key) ? [...selectedIds] : [row.key]);
      event.dataTransfer.setData(dragType, row.key);
      event.dataTransfer.effectAllowed = 'move';
    },
    over: (event, row) => {
      if (ids.length === 0 || !event.dataTransfer.types.includes(dragType)) return;
      const next = row === null ? null : markFor(event, row, ids, sorted);
      if (next !== null) {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'move';
      }
      if (next?.key !== mark?.key || next?.where !== mark?.where) setMark(next);
    },
    drop: (event) => {
      if (mark === null || ids.length === 0) return;
      event.preventDefault();
      drop(connections, ids, mark);
      end();
    },
  };
}

function markFor(event: DragEvent, row: ListRow, ids: readonly string[], sorted: boolean): DropMark | null {
  if (row.kind === 'folder') return { key: row.key, where: 'into' };
  if (ids.includes(row.key)) return null;
  // A sorted list has no place between two rows; another row of it stands for its folder.
  if (sorted) return { key: row.key, where: 'into' };
  const box = event.currentTarget.getBoundingClientRect();
  return { key: row.key, where: event.clientY < box.top + box.height / 2 ? 'before' : 'after' };
}

function drop(connections: readonly ConnectionEntry[], ids: readonly string[], mark: DropMark): void {
  if (mark.key.startsWith('folder:')) {
    void moveTo(ids, mark.key.slice('folder:'.length));
    return;
  }
  const target = connections.find(({ id }) => id === mark.key);
  if (target === undefined) return;
  const beforeId =
    mark.where === 'before' ? target.id : mark.where === 'after' ? siblingAfter(connections, target) : undefined;
  void moveTo(ids, target.folder, beforeId);
}
