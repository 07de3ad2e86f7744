import { Braces, Copy, Sheet } from 'lucide-react';

import { copyText } from '../lib/copy-text.ts';
import { toCsv, toJson, toTsv } from '../lib/delimited-text.ts';

import type { DataColumn } from './data-table.tsx';
import type { MenuEntry } from './menu.tsx';
import { showFailureToast } from './toast.tsx';

export type CopyFormat = 'tsv' | 'csv' | 'json';

/** Copies rows of a table as text. Columns that cannot be sorted (buttons) are left out. */
export async function copyRows<Row>(
  format: CopyFormat,
  columns: readonly DataColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  const copied = columns.filter((column) => column.sortable !== false);
  const header = copied.map((column) => column.header);
  const values = rows.map((row) => copied.map((column) => column.value(row)));
  const text =
    format === 'json' ? toJson(header, values) : format === 'csv' ? toCsv(header, values) : toTsv(header, values);
  try {
    await copyText(text);
  } catch (error) {
    showFailureToast(error, 'Not copied');
  }
}

/** The entries of a table's context menu that copy. */
export function copyEntries<Row>(
  columns: readonly DataColumn<Row>[],
  row: Row | null,
  rows: readonly Row[],
): readonly MenuEntry[] {
  const copy = (format: CopyFormat, which: readonly Row[]) => () => void copyRows(format, columns, which);
  return [
    ...(row === null ? [] : [{ label: 'Copy row', icon: Copy, shortcut: 'Mod+C', onSelect: copy('tsv', [row]) }]),
    { label: 'Copy table as TSV', icon: Sheet, onSelect: copy('tsv', rows) },
    { label: 'Copy table as CSV', icon: Sheet, onSelect: copy('csv', rows) },
    { label: 'Copy table as JSON', icon: Braces, onSelect: copy('json', rows) },
  ];
}
