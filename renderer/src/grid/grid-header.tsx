import { useRef } from 'react';
import type { PointerEvent } from 'react';

import { classNames } from '../lib/class-names.ts';

import type { GridColumn } from './result-grid.tsx';
import styles from './result-grid.module.css';

export interface GridHeaderProps {
  readonly columns: readonly GridColumn[];
  readonly edges: readonly number[];
  readonly widths: readonly number[];
  readonly numberWidth: number;
  readonly width: number;
  readonly first: number;
  readonly end: number;
  readonly onResize: (column: number, width: number) => void;
  /** Asks for the width that fits the values in sight. */
  readonly onFit: (column: number) => void;
  readonly onSelectColumn: (column: number) => void;
}

/** Names and types of the columns in sight. */
export function GridHeader({
  columns,
  edges,
  widths,
  numberWidth,
  width,
  first,
  end,
  onResize,
  onFit,
  onSelectColumn,
}: GridHeaderProps) {
  const grab = useRef<{ readonly column: number; readonly x: number; readonly width: number } | null>(null);

  function press(event: PointerEvent<HTMLElement>, column: number): void {
    event.stopPropagation();
    event.currentTarget.setPointerCapture(event.pointerId);
    grab.current = { column, x: event.clientX, width: widths[column] ?? 100 };
  }

  function drag(event: PointerEvent<HTMLElement>): void {
    if (grab.current === null) return;
    onResize(grab.current.column, Math.max(40, Math.round(grab.current.width + event.clientX - grab.current.x)));
  }

  return (
    <div className={styles['header']} role="row" aria-rowindex={1} style={{ width }}>
      <div className={styles['corner']} style={{ width: numberWidth }} aria-hidden />
      {columns.slice(first, end).map((column, index) => {
        const place = first + index;
        return (
          <div
            key={place}
            role="columnheader"
            aria-colindex={place + 1}
            className={classNames(styles['headerCell'], column.align === 'right' && styles['right'])}
            style={{ left: numberWidth + (edges[place] ?? 0), width: widths[place] }}
            title={`${column.name} ${column.type}`}
            onClick={() => onSelectColumn(place)}
          >
            {column.name}
            <span className={styles['type']}>{column.type}</span>
            <span
              className={styles['resizer']}
              onPointerDown={(event) => press(event, place)}
              onPointerMove={drag}
              onPointerUp={() => {
                grab.current = null;
              }}
              onClick={(event) => event.stopPropagation()}
              onDoubleClick={() => onFit(place)}
              aria-hidden
            />
          </div>
        );
      })}
    </div>
  );
}
