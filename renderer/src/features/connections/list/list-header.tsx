import { ArrowDown, ArrowUp } from 'lucide-react';

import { nextSort } from './list-model.ts';
import type { ListSort, SortColumn } from './list-model.ts';
import styles from './list.module.css';

const columns: readonly (readonly [SortColumn, string])[] = [
  ['name', 'Name'],
  ['environment', 'Environment'],
  ['state', 'State'],
  ['host', 'Host'],
  ['database', 'Database'],
  ['user', 'User'],
  ['version', 'Version'],
];

export interface ListHeaderProps {
  readonly sort: ListSort | null;
  readonly onSort: (sort: ListSort | null) => void;
}

/** The heads of the columns. A third click brings back the order that the person arranged. */
export function ListHeader({ sort, onSort }: ListHeaderProps) {
  return (
    <div className={styles['header']} role="row" aria-rowindex={1}>
      {columns.map(([column, label]) => {
        const direction = sort?.column !== column ? null : sort.descending ? 'descending' : 'ascending';
        return (
          <div key={column} role="columnheader" aria-sort={direction ?? 'none'} className={styles['headerCell']}>
            <button type="button" tabIndex={-1} onClick={() => onSort(nextSort(sort, column))}>
              <span>{label}</span>
              {direction === 'ascending' && <ArrowUp size={12} aria-hidden />}
              {direction === 'descending' && <ArrowDown size={12} aria-hidden />}
            </button>
          </div>
        );
      })}
      <div role="columnheader" aria-label="Actions" className={styles['headerCell']} />
    </div>
  );
}
