import type { ReactNode } from 'react';

import { classNames } from '../lib/class-names.ts';
import { formatCount } from '../lib/format-count.ts';

import { gridRowHeight } from './grid-geometry.ts';
import { contains, rangeOf } from './grid-selection.ts';
import type { GridSelection } from './grid-selection.ts';
import type { GridColumn } from './result-grid.tsx';
import styles from './result-grid.module.css';
import type { GridRow, RowPages } from './row-pages.ts';

export interface GridBodyProps {
  readonly columns: readonly GridColumn[];
  readonly edges: readonly number[];
  readonly widths: readonly number[];
  readonly pages: RowPages;
  readonly numberWidth: number;
  readonly width: number;
  /** Of the element that scrolls, which may be less than that of all rows. */
  readonly height: number;
  /** What is added to a row's own position where scrolling is scaled. */
  readonly offset: number;
  readonly firstRow: number;
  readonly endRow: number;
  readonly firstColumn: number;
  readonly endColumn: number;
  readonly selection: GridSelection;
}

/** Long values are cut in the grid; the detail shows all of it. */
const longestShown = 400;

/** The cells in sight. */
export function GridBody(props: GridBodyProps) {
  const { width, height, firstRow, endRow } = props;
  const rows: ReactNode[] = [];
  for (let row = firstRow; row < endRow; row += 1) rows.push(<Row key={row} row={row} {...props} />);
  return (
    <div className={styles['rows']} style={{ width, height }} role="rowgroup">
      {rows}
    </div>
  );
}

function Row({
  row,
  columns,
  edges,
  widths,
  pages,
  numberWidth,
  width,
  offset,
  firstColumn,
  endColumn,
  selection,
}: GridBodyProps & { readonly row: number }) {
  const values = pages.row(row);
  const range = rangeOf(selection);
  return (
    <div
      className={styles['row']}
      role="row"
      aria-rowindex={row + 2}
      style={{ width, transform: `translateY(${row * gridRowHeight + offset}px)` }}
    >
      <div className={styles['rowNumber']} style={{ width: numberWidth }} data-row={row} role="rowheader">
        {formatCount(row + 1)}
      </div>
      {columns.slice(firstColumn, endColumn).map((column, index) => {
        const place = firstColumn + index;
        const selected = contains(range, row, place);
        const cursor = selection.focus.row === row && selection.focus.column === place;
        return (
          <div
            key={place}
            id={`cell-${row}-${place}`}
            role="gridcell"
            aria-colindex={place + 1}
            aria-selected={selected}
            data-row={row}
            data-column={place}
            className={classNames(
              styles['cell'],
              column.align === 'right' && styles['right'],
              selected && styles['selected'],
              cursor && styles['cursor'],
            )}
            style={{ left: numberWidth + (edges[place] ?? 0), width: widths[place] }}
          >
            <CellText values={values} column={place} />
          </div>
        );
      })}
    </div>
  );
}

function CellText({ values, column }: { readonly values: GridRow | null; readonly column: number }) {
  if (values === null) return <span className={styles['waiting']} aria-label="Loading" />;
  const value = values[column] ?? null;
  if (value === null) return <span className={styles['null']}>NULL</span>;
  return value.length > longestShown ? `${value.slice(0, longestShown)}…` : value;
}
