import { Copy, PanelTop, SquareTerminal, Workflow } from 'lucide-react';

import type { MenuEntry } from '../../../ui/menu.tsx';
import { isInDiagram } from '../relation-kinds.ts';
import { qualifiedName } from '../relation-names.ts';
import {
  copyWithWord,
  openRelation,
  openRowsQuery,
  showSchemaInDiagram,
  showTableInDiagram,
} from '../schema-actions.ts';

import { schemaOf } from './explorer-tree.ts';
import type { ExplorerLine } from './explorer-tree.ts';

/** What can be done with a line of the explorer. */
export function explorerMenu(connectionId: string, line: ExplorerLine): readonly MenuEntry[] {
  const schema = schemaOf(line);
  const copyName: MenuEntry = {
    label: 'Copy name',
    icon: Copy,
    shortcut: 'Mod+C',
    onSelect: () => void copyWithWord(nameToCopy(line), 'Name'),
  };
  if (line.kind === 'relation') {
    const { relation } = line;
    return [
      {
        label: 'Open',
        icon: PanelTop,
        shortcut: 'Enter',
        onSelect: () => void openRelation(connectionId, relation.oid),
      },
      ...(isInDiagram(relation.kind)
        ? [
            {
              label: 'Show in diagram',
              icon: Workflow,
              onSelect: () => showTableInDiagram(connectionId, relation),
            } as const,
          ]
        : []),
      {
        label: 'Select rows in a query tab',
        icon: SquareTerminal,
        onSelect: () => openRowsQuery(connectionId, relation),
      },
      'separator',
      copyName,
    ];
  }
  if (line.kind === 'schema' && schema !== null) {
    return [
      { label: 'Show in diagram', icon: Workflow, onSelect: () => showSchemaInDiagram(connectionId, schema) },
      'separator',
      copyName,
    ];
  }
  return [copyName];
}

/** A relation with its schema, as a statement would name it; anything else by its name. */
export function nameToCopy(line: ExplorerLine): string {
  return line.kind === 'relation' ? qualifiedName(line.relation) : line.name;
}
