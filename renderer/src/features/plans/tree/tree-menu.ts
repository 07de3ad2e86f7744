import { ChevronsDownUp, ChevronsUpDown, Table2 } from 'lucide-react';

import { copyEntries } from '../../../ui/data-table-copy.ts';
import type { DataColumn } from '../../../ui/data-table.tsx';
import type { MenuEntry } from '../../../ui/menu.tsx';

import { relationOf } from '../reader/plan-index.ts';
import type { PlanIndex } from '../reader/plan-index.ts';
import { nodeLabelOf } from '../reader/plan-names.ts';

import { headerOf } from './tree-columns.ts';
import type { TreeColumn } from './tree-columns.ts';
import { nothingFolded } from './tree-rows.ts';
import type { PlanFolding, TreeRow } from './tree-rows.ts';

export interface TreeMenu {
  readonly index: PlanIndex;
  readonly rows: readonly TreeRow[];
  readonly columns: readonly TreeColumn[];
  /** The line that was right-clicked. */
  readonly row: TreeRow | null;
  readonly onFold: (change: (folding: PlanFolding) => PlanFolding) => void;
  readonly onOpenObject: ((id: number) => void) | null;
}

/** What can be done with a line of the tree, and with all of them. */
export function treeMenuEntries({ index, rows, columns, row, onFold, onOpenObject }: TreeMenu): MenuEntry[] {
  const relation = row?.kind === 'node' ? relationOf(index, row.id) : null;
  return [
    ...(row !== null && relation !== null && onOpenObject !== null
      ? [{ label: `Open ${relation.name}`, icon: Table2, onSelect: () => onOpenObject(row.id) }, 'separator' as const]
      : []),
    {
      label: 'Unfold everything',
      icon: ChevronsUpDown,
      onSelect: () =>
        onFold(() => ({ collapsed: new Set(), openRuns: new Set(index.runs.map(({ firstId }) => firstId)) })),
    },
    { label: 'Fold alike siblings', icon: ChevronsDownUp, onSelect: () => onFold(() => nothingFolded) },
    'separator',
    ...copyEntries(copiedColumns(index, columns), row, rows),
  ];
}

/** The columns as they are copied: numbers as they are, in ms, rows, blocks and bytes. */
function copiedColumns(index: PlanIndex, columns: readonly TreeColumn[]): DataColumn<TreeRow>[] {
  return [
    { id: 'node', header: 'Node', width: 0, value: (row) => `${'  '.repeat(row.depth)}${labelOf(index, row)}` },
    ...columns.map((column) => ({
      id: column.id,
      header: headerOf(column, index),
      width: 0,
      value: (row: TreeRow) =>
        row.kind === 'run' ? (column.spread?.(index, row.run)?.sum ?? null) : column.value(index, row.id),
    })),
  ];
}

function labelOf(index: PlanIndex, row: TreeRow): string {
  if (row.kind === 'run') return `${row.run.count} × ${row.run.kind}`;
  const name = index.names[row.id];
  return name === undefined ? '' : nodeLabelOf(name);
}
