import { Copy, Crosshair, EyeOff, PanelTop, SquareTerminal } from 'lucide-react';

import type { MenuEntry } from '../../../ui/menu.tsx';
import { copyWithWord, openRelation, openRowsQuery } from '../schema-actions.ts';

import { focusTable, hideTable } from './diagram-store.ts';
import type { TableCard } from './table-card.ts';

/** What can be done with a table of the diagram. */
export function tableMenu(
  connectionId: string,
  table: Pick<TableCard, 'key' | 'oid' | 'schema' | 'name'>,
): readonly MenuEntry[] {
  return [
    { label: 'Open', icon: PanelTop, shortcut: 'Enter', onSelect: () => void openRelation(connectionId, table.oid) },
    {
      label: `Focus on ${table.name}`,
      icon: Crosshair,
      shortcut: 'F',
      onSelect: () => focusTable(connectionId, table.key),
    },
    { label: 'Hide', icon: EyeOff, shortcut: 'H', onSelect: () => hideTable(connectionId, table.key) },
    'separator',
    { label: 'Select rows in a query tab', icon: SquareTerminal, onSelect: () => openRowsQuery(connectionId, table) },
    { label: 'Copy name', icon: Copy, onSelect: () => void copyWithWord(table.key, 'Name') },
  ];
}
