import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent, PointerEvent } from 'react';

import { formatCount } from '../lib/format-count.ts';
import { useLatest } from '../lib/use-latest.ts';
import { failureOf } from '../rpc/failure.ts';
import { FailureView } from '../ui/failure-view.tsx';
import { ContextMenu } from '../ui/menu.tsx';

import { CellDetailDialog } from './cell-detail-dialog.tsx';
import type { CellDetail } from './cell-detail-dialog.tsx';
import { copyRange, gridMenuEntries } from './grid-copy.ts';
import { columnEdges, fittingWidth, gridHeaderHeight, gridRowHeight, visibleRange } from './grid-geometry.ts';
import { GridBody } from './grid-body.tsx';
import { GridHeader } from './grid-header.tsx';
import { moveSelection, rangeOf } from './grid-selection.ts';
import type { CellPlace, GridSelection } from './grid-selection.ts';
import styles from './result-grid.module.css';
import { RowPages } from './row-pages.ts';
import type { FetchPage } from './row-pages.ts';
import { useGridScroll } from './use-grid-scroll.ts';

export interface GridColumn {
  readonly name: string;
  readonly type: string;
  readonly align: 'left' | 'right';
}

export interface ResultGridProps {
  /** Its name for screen readers. */
  readonly label: string;
  /** Another source forgets pages, widths and selection. */
  readonly sourceKey: string;
  readonly columns: readonly GridColumn[];
  /** How many rows there are so far; may grow. */
  readonly rowCount: number;
  /** Answers rows as PostgreSQL printed them. `limit` is at most 2000. */
  readonly fetchPage: FetchPage;
}

/** The result of a query: any number of rows, of which only those in sight are fetched and drawn. */
export function ResultGrid(props: ResultGridProps) {
  return <Grid key={props.sourceKey} {...props} />;
}

function Grid({ label, columns, rowCount, fetchPage }: ResultGridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const latestFetch = useLatest(fetchPage);
  const [pages] = useState(() => new RowPages(redraw));
  const [ownWidths, setOwnWidths] = useState<Readonly<Record<number, number>>>({});
  const [selection, setSelection] = useState<GridSelection>({
    anchor: { row: 0, column: 0 },
    focus: { row: 0, column: 0 },
  });
  const [detail, setDetail] = useState<CellDetail | null>(null);

  useEffect(() => {
    pages.open((...args) => latestFetch.current(...args));
    return () => pages.close();
  }, [pages, latestFetch]);

  const fitted = useFittedWidths(columns, pages, rowCount);
  const widths = fitted.map((width, index) => ownWidths[index] ?? width);
  const edges = columnEdges(widths);
  const numberWidth = Math.max(40, formatCount(rowCount).length * 7.2 + 18);
  const { viewport, scale, onScroll, scrollTo } = useGridScroll(scroller, rowCount * gridRowHeight, gridHeaderHeight);

  const bodyHeight = Math.max(0, viewport.height - gridHeaderHeight);
  const firstRow = Math.max(0, Math.floor(viewport.contentTop / gridRowHeight) - 4);
  const endRow = Math.min(rowCount, Math.ceil((viewport.contentTop + bodyHeight) / gridRowHeight) + 4);
  const shown = visibleRange(edges, viewport.scrollLeft, viewport.scrollLeft + viewport.width - numberWidth);

  useEffect(() => pages.want(firstRow, endRow, rowCount));

  function reveal({ row, column }: CellPlace): void {
    const top = row * gridRowHeight;
    if (top < viewport.contentTop) scrollTo({ top });
    else if (top + gridRowHeight > viewport.contentTop + bodyHeight)
      scrollTo({ top: top + gridRowHeight - bodyHeight });
    const left = edges[column] ?? 0;
    const right = edges[column + 1] ?? left;
    if (left < viewport.scrollLeft) scrollTo({ left });
    else if (right > viewport.scrollLeft + viewport.width - numberWidth)
      scrollTo({ left: Math.min(left, right - viewport.width + numberWidth) });
  }

  function fitInSight(column: number): number {
    const about = columns[column];
    const values: (string | null)[] = [];
    for (let row = firstRow; row < endRow; row += 1) values.push(pages.row(row)?.[column] ?? null);
    return about === undefined ? 0 : fittingWidth(about.name, about.type, values);
  }

  function showDetail({ row, column }: CellPlace): void {
    const values = pages.row(row);
    const about = columns[column];
    if (values !== null && about !== undefined) setDetail({ row, column: about, value: values[column] ?? null });
  }

  function press(event: KeyboardEvent): void {
    const mod = event.ctrlKey || event.metaKey;
    const moved = moveSelection(
      selection,
      { key: event.key, mod, shift: event.shiftKey },
      { rows: rowCount, columns: columns.length, pageRows: Math.max(1, Math.floor(bodyHeight / gridRowHeight) - 1) },
    );
    if (moved !== null) {
      setSelection(moved);
      if (!(mod && event.key.toLowerCase() === 'a')) reveal(moved.focus);
    } else if (mod && event.key.toLowerCase() === 'c') void copyRange(pages, columns, rangeOf(selection), 'tsv');
    else if (event.key === 'Enter') showDetail(selection.focus);
    else return;
    event.preventDefault();
  }

  function placeAt(event: MouseEvent): CellPlace | null {
    const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null;
    if (cell === null) return null;
    const row = Number(cell.dataset['row']);
    const column = cell.dataset['column'];
    return { row, column: column === undefined ? -1 : Number(column) };
  }

  function point(event: PointerEvent): void {
    const place = placeAt(event);
    if (place === null) return;
    if (event.button !== 0) {
      const range = rangeOf(selection);
      const inside =
        place.row >= range.firstRow &&
        place.row <= range.lastRow &&
        place.column >= range.firstColumn &&
        place.column <= range.lastColumn;
      if (!inside && place.column >= 0) setSelection({ anchor: place, focus: place });
      return;
    }
    if (place.column < 0)
      setSelection({
        anchor: { row: event.shiftKey ? selection.anchor.row : place.row, column: 0 },
        focus: { row: place.row, column: columns.length - 1 },
      });
    else setSelection({ anchor: event.shiftKey ? selection.anchor : place, focus: place });
  }

  function draw(event: PointerEvent): void {
    if (event.buttons !== 1) return;
    const place = placeAt(event);
    if (place === null || place.column < 0) return;
    if (place.row !== selection.focus.row || place.column !== selection.focus.column)
      setSelection({ anchor: selection.anchor, focus: place });
  }

  const contentWidth = numberWidth + (edges.at(-1) ?? 0);
  return (
    <div className={styles['wrapper']}>
      <ContextMenu
        entries={() => gridMenuEntries(pages, columns, rangeOf(selection), rowCount, () => showDetail(selection.focus))}
      >
        <div
          ref={scroller}
          className={styles['grid']}
          role="grid"
          aria-label={label}
          aria-rowcount={rowCount + 1}
          aria-colcount={columns.length}
          aria-multiselectable
          tabIndex={0}
          aria-activedescendant={rowCount > 0 ? `cell-${selection.focus.row}-${selection.focus.column}` : undefined}
          onScroll={onScroll}
          onKeyDown={press}
          onPointerDown={point}
          onPointerMove={draw}
          onDoubleClick={(event) => {
            const place = placeAt(event);
            if (place !== null && place.column >= 0) showDetail(place);
          }}
        >
          <GridHeader
            columns={columns}
            edges={edges}
            widths={widths}
            numberWidth={numberWidth}
            width={contentWidth}
            first={shown.first}
            end={shown.end}
            onResize={(column, width) => setOwnWidths((before) => ({ ...before, [column]: width }))}
            onFit={(column) => setOwnWidths((before) => ({ ...before, [column]: fitInSight(column) }))}
            onSelectColumn={(column) =>
              setSelection({ anchor: { row: 0, column }, focus: { row: Math.max(0, rowCount - 1), column } })
            }
          />
          <GridBody
            columns={columns}
            edges={edges}
            widths={widths}
            pages={pages}
            numberWidth={numberWidth}
            width={contentWidth}
            height={scale.scrollHeight}
            offset={viewport.scrollTop - viewport.contentTop}
            firstRow={firstRow}
            endRow={endRow}
            firstColumn={shown.first}
            endColumn={shown.end}
            selection={selection}
          />
        </div>
      </ContextMenu>
      {pages.error !== null && (
        <div className={styles['failure']}>
          <FailureView failure={{ ...failureOf(pages.error), retryable: true }} onRetry={() => pages.retry()} />
        </div>
      )}
      <CellDetailDialog detail={detail} onClose={() => setDetail(null)} />
    </div>
  );
}

/** Widths from the names and from the first page, settled once it is here, so that columns do not move later. */
function useFittedWidths(columns: readonly GridColumn[], pages: RowPages, rowCount: number): readonly number[] {
  const settled = pages.row(0) !== null;
  return useMemo(() => {
    const sample: (readonly (string | null)[])[] = [];
    const known = settled ? Math.min(60, rowCount) : 0;
    for (let index = 0; index < known; index += 1) {
      const row = pages.row(index);
      if (row !== null) sample.push(row);
    }
    return columns.map((column, index) =>
      fittingWidth(
        column.name,
        column.type,
        sample.map((row) => row[index] ?? null),
      ),
    );
    // Rows that come later must not change the widths.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [columns, pages, settled]);
}
