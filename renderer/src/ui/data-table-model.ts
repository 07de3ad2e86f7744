import {
  columnResizingFeature,
  columnSizingFeature,
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import type { ColumnDef, Row as TableRow } from '@tanstack/react-table';
import { useMemo } from 'react';

import type { CellValue } from '../lib/delimited-text.ts';

import type { DataTableProps } from './data-table.tsx';

const features = tableFeatures({
  rowSortingFeature,
  columnSizingFeature,
  columnResizingFeature,
  sortedRowModel: createSortedRowModel(),
});
type Features = typeof features;

/** What the table draws: rows in order, widths, and the ways to change them. */
export interface DataTableModel<Row> {
  readonly rows: readonly Row[];
  readonly widths: readonly number[];
  readonly sortOf: (columnId: string) => 'asc' | 'desc' | null;
  readonly toggleSort: (columnId: string) => void;
  readonly resizeHandler: (columnId: string) => ((event: unknown) => void) | undefined;
  readonly isResizing: (columnId: string) => boolean;
}

/** Orders values as people expect: numbers by size, text with its numbers by their size, the unknown last. */
export function compareCells(a: CellValue, b: CellValue): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true, sensitivity: 'base' });
}

/** Sorting and sizing of a `DataTable`, by TanStack Table. */
export function useDataTable<Row>({
  columns,
  rows,
  rowKey,
  initialSort,
  groupOf,
}: DataTableProps<Row>): DataTableModel<Row> {
  const definitions = useMemo(
    () =>
      columns.map((column): ColumnDef<Features, Box<Row>> => ({
        id: column.id,
        accessorFn: ({ row }) => column.value(row) ?? undefined,
        size: column.width,
        minSize: 40,
        enableSorting: column.sortable !== false,
        sortUndefined: 'last',
        sortDescFirst: column.align === 'right',
        sortFn: (a: TableRow<Features, Box<Row>>, b: TableRow<Features, Box<Row>>) =>
          compareCells(column.value(a.original.row), column.value(b.original.row)),
      })),
    [columns],
  );
  // TanStack asks for rows that are objects; ours may be anything.
  const data = useMemo(() => rows.map((row) => ({ row })), [rows]);
  const table = useTable<Features, Box<Row>>({
    features,
    columns: definitions,
    data,
    getRowId: ({ row }) => rowKey(row),
    columnResizeMode: 'onChange',
    initialState: {
      sorting: initialSort === undefined ? [] : [{ id: initialSort.columnId, desc: initialSort.descending }],
    },
  });
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  return {
    rows: grouped(
      table.getRowModel().rows.map((row) => row.original.row),
      groupOf,
    ),
    widths: headers.map((header) => header.getSize()),
    sortOf: (columnId) => table.getColumn(columnId)?.getIsSorted() || null,
    toggleSort: (columnId) => table.getColumn(columnId)?.toggleSorting(),
    resizeHandler: (columnId) => headers.find((header) => header.column.id === columnId)?.getResizeHandler(),
    isResizing: (columnId) => table.getColumn(columnId)?.getIsResizing() ?? false,
  };
}

/** The rows of each group together; inside a group they keep their order. */
function grouped<Row>(rows: readonly Row[], groupOf: DataTableProps<Row>['groupOf']): readonly Row[] {
  if (groupOf === undefined) return rows;
  return rows.toSorted((a, b) => {
    const [left, right] = [groupOf(a), groupOf(b)];
    return compareCells(left.order, right.order) || compareCells(left.key, right.key);
  });
}

interface Box<Row> {
  readonly row: Row;
}
