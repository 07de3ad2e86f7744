import { Braces, Copy, Maximize2, Sheet } from 'lucide-react';

import { copyText } from '../lib/copy-text.ts';
import { toCsv, toJson, toTsv } from '../lib/delimited-text.ts';
import { countOf, formatCount } from '../lib/format-count.ts';
import type { MenuEntry } from '../ui/menu.tsx';
import { showFailureToast, showToast } from '../ui/toast.tsx';

import type { CellRange } from './grid-selection.ts';
import type { GridColumn } from './result-grid.tsx';
import type { RowPages } from './row-pages.ts';

export type GridCopyFormat = 'tsv' | 'tsv-header' | 'csv' | 'json';

/** The clipboard is for looking at; what is larger belongs into a file. */
const mostCellsCopied = 2_000_000;

/** Copies a rectangle of the result, fetching the rows that are not here. */
export async function copyRange(
  pages: RowPages,
  columns: readonly GridColumn[],
  range: CellRange,
  format: GridCopyFormat,
): Promise<void> {
  const rowCount = range.lastRow - range.firstRow + 1;
  const columnCount = range.lastColumn - range.firstColumn + 1;
  if (rowCount * columnCount > mostCellsCopied) {
    showToast({
      kind: 'bad',
      title: 'Not copied',
      description: `${formatCount(rowCount * columnCount)} cells are too many for the clipboard. Select fewer.`,
    });
    return;
  }
  try {
    const rows = await pages.range(range.firstRow, range.lastRow + 1, new AbortController().signal);
    const values = rows.map((row) => row.slice(range.firstColumn, range.lastColumn + 1));
    const header = columns.slice(range.firstColumn, range.lastColumn + 1).map((column) => column.name);
    await copyText(textOf(format, header, values));
    if (rowCount > 1) showToast({ kind: 'good', title: `Copied ${countOf(rowCount, 'row')}` });
  } catch (error) {
    showFailureToast(error, 'Not copied');
  }
}

function textOf(
  format: GridCopyFormat,
  header: readonly string[],
  values: readonly (readonly (string | null)[])[],
): string {
  // One cell is copied as it is, without the quotes that a table needs.
  if (format === 'tsv' && values.length === 1 && values[0]?.length === 1) return values[0][0] ?? '';
  if (format === 'json') return toJson(header, values);
  if (format === 'csv') return toCsv(header, values);
  return toTsv(format === 'tsv-header' ? header : null, values);
}

/** The grid's context menu. */
export function gridMenuEntries(
  pages: RowPages,
  columns: readonly GridColumn[],
  range: CellRange,
  rowCount: number,
  showDetail: () => void,
): readonly MenuEntry[] {
  const copy =
    (format: GridCopyFormat, which = range) =>
    () =>
      void copyRange(pages, columns, which, format);
  const all: CellRange = { firstRow: 0, lastRow: rowCount - 1, firstColumn: 0, lastColumn: columns.length - 1 };
  if (rowCount === 0) return [{ label: 'Nothing to copy', disabled: true, onSelect: () => {} }];
  return [
    { label: 'Show value', icon: Maximize2, shortcut: 'Enter', onSelect: showDetail },
    'separator',
    { label: 'Copy', icon: Copy, shortcut: 'Mod+C', onSelect: copy('tsv') },
    { label: 'Copy with header', icon: Sheet, onSelect: copy('tsv-header') },
    { label: 'Copy as CSV', icon: Sheet, onSelect: copy('csv') },
    { label: 'Copy as JSON', icon: Braces, onSelect: copy('json') },
    'separator',
    { label: 'Copy whole result as CSV', icon: Sheet, onSelect: copy('csv', all) },
  ];
}
