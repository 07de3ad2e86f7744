import {
  ArrowDown,
  ArrowUp,
  Copy,
  FolderInput,
  FolderPen,
  Pencil,
  Plug,
  Plus,
  SquareTerminal,
  Trash2,
  Unplug,
  Upload,
} from 'lucide-react';

import type { ConnectionEntry } from '#contract/connections.ts';

import type { MenuEntry } from '../../../ui/menu.tsx';
import { showFailureToast } from '../../../ui/toast.tsx';
import { runCommandWith } from '../../../workbench/commands.ts';
import { closeConnection, openAndSelect } from '../../../workbench/connection-actions.ts';
import { editConnection } from '../connections-store.ts';

import { closeAll, duplicate, exportToFile, openAll, step } from './list-actions.ts';
import { placeAfterStep } from './list-model.ts';
import type { FolderRow } from './list-model.ts';

/** What asks the person something before it acts. */
export interface ListDialogs {
  readonly remove: (entries: readonly ConnectionEntry[]) => void;
  readonly moveToFolder: (entries: readonly ConnectionEntry[]) => void;
  readonly renameFolder: (path: string) => void;
}

export interface MenuContext {
  /** All connections, in the person's own order. */
  readonly connections: readonly ConnectionEntry[];
  /** A sorted list has no places to move to. */
  readonly sorted: boolean;
  readonly dialogs: ListDialogs;
}

/** What can be done with one connection. */
export function connectionMenu(entry: ConnectionEntry, context: MenuContext): readonly MenuEntry[] {
  const ids = new Set([entry.id]);
  return [
    entry.state.kind === 'open'
      ? { label: 'Close', icon: Unplug, onSelect: () => void closeConnection(entry.id).catch(showFailureToast) }
      : { label: 'Open', icon: Plug, shortcut: 'Enter', onSelect: () => void openAndSelect(entry) },
    {
      label: 'New query',
      icon: SquareTerminal,
      onSelect: () => void runCommandWith('query.open', { sql: '', connectionId: entry.id }),
    },
    { label: 'Edit…', icon: Pencil, shortcut: 'F2', onSelect: () => editConnection({ connectionId: entry.id }) },
    { label: 'Duplicate', icon: Copy, shortcut: 'Mod+D', onSelect: () => duplicate(entry) },
    'separator',
    ...placeEntries(ids, context),
    {
      label: 'Move to folder…',
      icon: FolderInput,
      shortcut: 'F6',
      onSelect: () => context.dialogs.moveToFolder([entry]),
    },
    'separator',
    { label: 'Export…', icon: Upload, onSelect: () => void exportToFile([entry]) },
    {
      label: 'Remove…',
      icon: Trash2,
      danger: true,
      shortcut: 'Delete',
      onSelect: () => context.dialogs.remove([entry]),
    },
  ];
}

/** What can be done with several connections at once. */
export function selectionMenu(entries: readonly ConnectionEntry[], context: MenuContext): readonly MenuEntry[] {
  const [only] = entries;
  if (only !== undefined && entries.length === 1) return connectionMenu(only, context);
  return [
    { label: `Open ${entries.length}`, icon: Plug, onSelect: () => openAll(entries) },
    { label: `Close ${entries.length}`, icon: Unplug, onSelect: () => closeAll(entries) },
    'separator',
    ...placeEntries(new Set(entries.map(({ id }) => id)), context),
    {
      label: 'Move to folder…',
      icon: FolderInput,
      shortcut: 'F6',
      onSelect: () => context.dialogs.moveToFolder(entries),
    },
    'separator',
    { label: `Export ${entries.length}…`, icon: Upload, onSelect: () => void exportToFile(entries) },
    {
      label: `Remove ${entries.length}…`,
      icon: Trash2,
      danger: true,
      shortcut: 'Delete',
      onSelect: () => context.dialogs.remove(entries),
    },
  ];
}

/** What can be done with a folder and everything in it. */
export function folderMenu(folder: FolderRow, context: MenuContext): readonly MenuEntry[] {
  return [
    { label: 'Open all', icon: Plug, onSelect: () => openAll(folder.entries) },
    { label: 'Close all', icon: Unplug, onSelect: () => closeAll(folder.entries) },
    'separator',
    { label: 'Add connection here…', icon: Plus, onSelect: () => editConnection({ folder: folder.path }) },
    {
      label: 'Rename…',
      icon: FolderPen,
      shortcut: 'F2',
      onSelect: () => context.dialogs.renameFolder(folder.path),
    },
    { label: 'Export…', icon: Upload, onSelect: () => void exportToFile(folder.entries) },
    'separator',
    {
      label: `Remove ${folder.entries.length}…`,
      icon: Trash2,
      danger: true,
      shortcut: 'Delete',
      onSelect: () => context.dialogs.remove(folder.entries),
    },
  ];
}

function placeEntries(ids: ReadonlySet<string>, { connections, sorted }: MenuContext): MenuEntry[] {
  const can = (direction: 'up' | 'down') => !sorted && placeAfterStep(connections, ids, direction) !== null;
  return [
    {
      label: 'Move up',
      icon: ArrowUp,
      shortcut: 'Alt+ArrowUp',
      disabled: !can('up'),
      onSelect: () => step(ids, 'up'),
    },
    {
      label: 'Move down',
      icon: ArrowDown,
      shortcut: 'Alt+ArrowDown',
      disabled: !can('down'),
      onSelect: () => step(ids, 'down'),
    },
  ];
}
