import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

import { classNames } from '../lib/class-names.ts';
import type { CellValue } from '../lib/delimited-text.ts';
import { matchesShortcut } from '../lib/keyboard-shortcut.ts';

import { copyEntries, copyRows } from './data-table-copy.ts';
import styles from './data-table.module.css';
import { useDataTable } from './data-table-model.ts';
import type { DataTableModel } from './data-table-model.ts';
import { ContextMenu } from './menu.tsx';
import type { MenuEntry } from './menu.tsx';

export interface DataColumn<Row> {
  readonly id: string;
  readonly header: string;
  /** In pixels. A column with `grow` takes what is free, and at least this. */
  readonly width: number;
  readonly grow?: boolean;
  readonly align?: 'left' | 'right';
  /** What is sorted by, and what is copied. */
  readonly value: (row: Row) => CellValue;
  /** What is shown; the value as text where left out. */
  readonly cell?: (row: Row) => ReactNode;
  /** False for columns of buttons; they are not copied either. */
  readonly sortable?: boolean;
}

export interface DataTableProps<Row> {
  /** Its name for screen readers. */
  readonly label: string;
  readonly columns: readonly DataColumn<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly selectedKey?: string | null;
  readonly onSelect?: (row: Row) => void;
  /** Enter or double-click. */
  readonly onOpen?: (row: Row) => void;
  /** More about a row, below it; null for none. */
  readonly renderDetail?: (row: Row) => ReactNode;
  /** Comes before the entries that copy. */
  readonly menuEntries?: (row: Row) => readonly MenuEntry[];
  readonly initialSort?: { readonly columnId: string; readonly descending: boolean };
  /** Puts rows of one group together, the groups by `order`, under a line with its label. Sorting goes on inside. */
  readonly groupOf?: ((row: Row) => RowGroup) | undefined;
  /** Shown in place of the rows when there are none. */
  readonly empty?: ReactNode;
}

export interface RowGroup {
  readonly key: string;
  readonly order: number | string;
  readonly label: ReactNode;
}

/**
 * A table of things: sortable, resizable, with keyboard and copy. Draws only the rows in sight, so thousands are fine.
 * For the result of a query use the grid instead.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const {
    label,
    columns,
    rowKey,
    selectedKey = null,
    onSelect,
    onOpen,
    renderDetail,
    menuEntries,
    groupOf,
    empty,
  } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const menuRow = useRef<Row | null>(null);
  const baseId = useId();
  const model = useDataTable(props);
  // By its key: when the rows change their order the active one stays itself.
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const activeIndex = activeKey === null ? -1 : model.rows.findIndex((row) => rowKey(row) === activeKey);

  const virtualizer = useVirtualizer({
    count: model.rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 29,
    getItemKey: (index) => {
      const row = model.rows[index];
      return row === undefined ? index : rowKey(row);
    },
    overscan: 12,
    scrollPaddingStart: 30,
  });

  function activate(index: number): void {
    const row = model.rows[index];
    if (row === undefined) return;
    setActiveKey(rowKey(row));
    virtualizer.scrollToIndex(index);
    onSelect?.(row);
  }

  function press(event: KeyboardEvent): void {
    if (event.target !== event.currentTarget) return;
    const last = model.rows.length - 1;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / 29) - 1);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: Math.min(last, activeIndex + 1),
      ArrowUp: Math.max(0, activeIndex - 1),
      PageDown: Math.min(last, activeIndex + page),
      PageUp: Math.max(0, activeIndex - page),
      Home: 0,
      End: last,
    };
    const target = targets[event.key];
    const row = model.rows[activeIndex];
    if (target !== undefined) activate(target);
    else if (event.key === 'Enter' && row !== undefined && onOpen !== undefined) onOpen(row);
    else if (matchesShortcut(event, 'Mod+C') && row !== undefined) void copyRows('tsv', columns, [row]);
    else return;
    event.preventDefault();
  }

  const template = model.widths
    .map((width, index) => (columns[index]?.grow === true ? `minmax(${width}px, 1fr)` : `${width}px`))
    .join(' ');
  const leastWidth = model.widths.reduce((sum, width) => sum + width, 24);
  const items = virtualizer.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <ContextMenu
      entries={() => {
        const row = menuRow.current;
        const own = row === null ? [] : (menuEntries?.(row) ?? []);
        return [...own, ...(own.length > 0 ? ['separator' as const] : []), ...copyEntries(columns, row, model.rows)];
      }}
    >
      <div
        ref={scroller}
        className={styles['scroller']}
        role="grid"
        aria-label={label}
        aria-rowcount={model.rows.length + 1}
        aria-activedescendant={activeIndex >= 0 ? `${baseId}-${activeIndex}` : undefined}
        tabIndex={0}
        onKeyDown={press}
      >
        <div className={styles['table']} style={{ minWidth: leastWidth }}>
          <TableHeader columns={columns} model={model} template={template} />
          {model.rows.length === 0 && <div className={styles['empty']}>{empty}</div>}
          <div style={{ paddingTop: before, paddingBottom: after }} role="rowgroup">
            {items.map((item) => {
              const row = model.rows[item.index];
              if (row === undefined) return null;
              const key = rowKey(row);
              const detail = renderDetail?.(row) ?? null;
              const group = groupOf?.(row);
              const above = model.rows[item.index - 1];
              const opensGroup = group !== undefined && (above === undefined || groupOf?.(above).key !== group.key);
              return (
                <div
                  key={key}
                  ref={virtualizer.measureElement}
                  data-index={item.index}
                  className={styles['rowGroup']}
                  role="presentation"
                >
                  {opensGroup && <div className={styles['groupLine']}>{group.label}</div>}
                  <div
                    id={`${baseId}-${item.index}`}
                    role="row"
                    aria-rowindex={item.index + 2}
                    aria-selected={selectedKey === key}
                    data-active={activeIndex === item.index ? '' : undefined}
                    className={styles['row']}
                    style={{ gridTemplateColumns: template }}
                    onClick={() => {
                      setActiveKey(key);
                      onSelect?.(row);
                    }}
                    onDoubleClick={() => onOpen?.(row)}
                    onContextMenu={() => {
                      menuRow.current = row;
                      setActiveKey(key);
                      onSelect?.(row);
                    }}
                  >
                    {columns.map((column) => (
                      <div
                        key={column.id}
                        role="gridcell"
                        className={classNames(
                          styles['cell'],
                          column.align === 'right' && styles['right'],
                          column.align === 'right' && styles['number'],
                        )}
                      >
                        {column.cell === undefined ? (
                          <span className={styles['text']}>{String(column.value(row) ?? '')}</span>
                        ) : (
                          column.cell(row)
                        )}
                      </div>
                    ))}
                  </div>
                  {detail !== null && <div className={styles['detail']}>{detail}</div>}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </ContextMenu>
  );
}

interface TableHeaderProps<Row> {
  readonly columns: readonly DataColumn<Row>[];
  readonly model: DataTableModel<Row>;
  readonly template: string;
}

function TableHeader<Row>({ columns, model, template }: TableHeaderProps<Row>) {
  return (
    <div className={styles['header']} role="row" aria-rowindex={1} style={{ gridTemplateColumns: template }}>
      {columns.map((column) => {
        const sort = model.sortOf(column.id);
        const sortable = column.sortable !== false;
        const resize = model.resizeHandler(column.id);
        return (
          <div
            key={column.id}
            role="columnheader"
            aria-sort={sortable ? (sort === 'asc' ? 'ascending' : sort === 'desc' ? 'descending' : 'none') : undefined}
            className={classNames(styles['headerCell'], column.align === 'right' && styles['right'])}
          >
            {sortable && (
              <button type="button" className={styles['headerButton']} onClick={() => model.toggleSort(column.id)}>
                <span className={styles['headerText']}>{column.header}</span>
                {sort === 'asc' && <ArrowUp size={12} aria-hidden />}
                {sort === 'desc' && <ArrowDown size={12} aria-hidden />}
              </button>
            )}
            {!sortable && <span className={styles['headerText']}>{column.header}</span>}
            <span
              className={styles['resizer']}
              data-resizing={model.isResizing(column.id) ? '' : undefined}
              onMouseDown={resize}
              onTouchStart={resize}
              onClick={(event) => event.stopPropagation()}
              aria-hidden
            />
          </div>
        );
      })}
    </div>
  );
}
