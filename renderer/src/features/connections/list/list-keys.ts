import type { KeyboardEvent } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';

import { isMac, matchesShortcut } from '../../../lib/keyboard-shortcut.ts';
import { openAndSelect } from '../../../workbench/connection-actions.ts';
import { editConnection } from '../connections-store.ts';

import type { MenuContext } from './connection-menu.ts';
import { duplicate, step } from './list-actions.ts';
import type { FolderRow, ListRow } from './list-model.ts';
import { withAll } from './list-selection.ts';
import type { ListSelection, SelectionMode } from './list-selection.ts';
import type { ListViewState } from './use-list-view.ts';

/** What a key pressed in the list may act on. */
export interface ListKeys {
  readonly rows: readonly ListRow[];
  readonly listView: ListViewState;
  readonly selection: ListSelection;
  readonly onSelectionChange: (selection: ListSelection) => void;
  readonly context: MenuContext;
  readonly onSearch: () => void;
  /** The selected connections. */
  readonly entries: readonly ConnectionEntry[];
  readonly activeIndex: number;
  /** How far a page goes. */
  readonly pageRows: number;
  readonly choose: (key: string, mode: SelectionMode) => void;
}

/** Acts on a key as a tree with columns does. https://www.w3.org/WAI/ARIA/apg/patterns/treegrid/ */
export function pressInList(event: KeyboardEvent, keys: ListKeys): void {
  const acts = moveActive(event, keys) || actOnSelection(event, keys) || actOnActive(event, keys);
  if (!acts) return;
  event.preventDefault();
  event.stopPropagation();
}

function moveActive(event: KeyboardEvent, { rows, activeIndex, pageRows, choose }: ListKeys): boolean {
  if (event.altKey || event.ctrlKey || event.metaKey) return false;
  const last = rows.length - 1;
  const targets: Readonly<Record<string, number>> = {
    ArrowDown: Math.min(last, activeIndex + 1),
    ArrowUp: Math.max(0, activeIndex - 1),
    PageDown: Math.min(last, activeIndex + pageRows),
    PageUp: Math.max(0, activeIndex - pageRows),
    Home: 0,
    End: last,
  };
  const target = rows[targets[event.key] ?? -1];
  if (target === undefined) return false;
  choose(target.key, event.shiftKey ? 'range' : 'only');
  return true;
}

function actOnSelection(event: KeyboardEvent, keys: ListKeys): boolean {
  const { rows, selection, onSelectionChange, context, entries, activeIndex, listView, onSearch } = keys;
  const active = rows[activeIndex];
  const targets = active?.kind === 'folder' && entries.length === 0 ? active.entries : entries;
  const [only] = entries;
  if (matchesShortcut(event, 'Mod+A')) onSelectionChange(withAll(selection, rows));
  else if (matchesShortcut(event, 'Mod+F')) onSearch();
  else if (matchesShortcut(event, 'Mod+D') && only !== undefined && entries.length === 1) duplicate(only);
  else if (isDelete(event) && targets.length > 0) context.dialogs.remove(targets);
  else if (event.key === 'F6' && targets.length > 0) context.dialogs.moveToFolder(targets);
  else if (matchesShortcut(event, 'Alt+ArrowUp') && !listView.view.sort) step(selection.ids, 'up');
  else if (matchesShortcut(event, 'Alt+ArrowDown') && !listView.view.sort) step(selection.ids, 'down');
  else return false;
  return true;
}

/** A Mac's keyboard has only the one that deletes backwards. */
function isDelete(event: KeyboardEvent): boolean {
  return event.key === 'Delete' || (isMac && event.key === 'Backspace');
}

function actOnActive(event: KeyboardEvent, { rows, activeIndex, listView, choose, context }: ListKeys): boolean {
  const row = rows[activeIndex];
  if (row === undefined) return false;
  if (event.key === ' ') {
    choose(row.key, 'toggle');
    return true;
  }
  if (event.key === 'ArrowLeft' && (row.kind === 'connection' || row.collapsed)) {
    const parent = parentOf(rows, activeIndex);
    if (parent !== null) choose(parent.key, 'only');
    return true;
  }
  return row.kind === 'folder' ? actOnFolder(event, row, { listView, context }) : actOnConnection(event, row.entry);
}

function actOnFolder(event: KeyboardEvent, row: FolderRow, keys: Pick<ListKeys, 'listView' | 'context'>): boolean {
  if (event.key === 'Enter') keys.listView.setCollapsed(row.path, !row.collapsed);
  else if (event.key === 'ArrowLeft') keys.listView.setCollapsed(row.path, true);
  else if (event.key === 'ArrowRight') keys.listView.setCollapsed(row.path, false);
  else if (event.key === 'F2') keys.context.dialogs.renameFolder(row.path);
  else return false;
  return true;
}

function actOnConnection(event: KeyboardEvent, entry: ConnectionEntry): boolean {
  if (event.key === 'Enter') void openAndSelect(entry);
  else if (event.key === 'F2') editConnection({ connectionId: entry.id });
  else return false;
  return true;
}

function parentOf(rows: readonly ListRow[], index: number): ListRow | null {
  const depth = rows[index]?.depth ?? 0;
  return rows.slice(0, index).findLast((row) => row.kind === 'folder' && row.depth < depth) ?? null;
}
