import { useRef, useEffect } from 'react';

import { statementOrders } from '#contract/statements.ts';
import type { SavedStatementSnapshot } from '#contract/statements.ts';

import { formatAbsolute } from '../../lib/relative-time.ts';
import { SearchField } from '../../ui/field.tsx';
import { Segmented } from '../../ui/segmented.tsx';
import { Select } from '../../ui/select.tsx';

import { orderWords, windowWords } from './statement-words.ts';
import { showStatements, useStatements } from './statements-store.ts';
import styles from './statements.module.css';

const listedSnapshots = 200;

/** Chooses the window, the order, whose statements, and which. */
export function StatementsToolbar({
  snapshots,
  database,
}: {
  readonly snapshots: readonly SavedStatementSnapshot[];
  readonly database: string;
}) {
  const { choice, from, to, order, ownDatabase, search } = useStatements();
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.key !== 'f' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      place.current?.querySelector('input')?.select();
    }
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
  const options = snapshots.slice(0, listedSnapshots).map(({ id, takenAt, statements }) => ({
    value: id,
    label: formatAbsolute(takenAt),
    description: `${statements} statements`,
  }));
  return (
    <div ref={place} className={styles['toolbar']} role="group" aria-label="What is shown">
      <Select
        label="Window"
        labelHidden
        className={styles['windowSelect']}
        options={windowWords
          .filter(([value]) => value !== 'between' || snapshots.length > 1)
          .map(([value, label]) => ({ value, label }))}
        value={choice}
        onValueChange={(next) =>
          showStatements(
            next === 'between'
              ? { choice: next, from: from ?? snapshots.at(-1)?.id ?? null, to: to ?? snapshots[0]?.id ?? null }
              : { choice: next },
          )
        }
      />
      {choice === 'between' && (
        <>
          <Select
            label="From"
            labelHidden
            className={styles['snapshotSelect']}
            options={options}
            value={from ?? ''}
            onValueChange={(next) => showStatements({ from: next })}
          />
          <Select
            label="To"
            labelHidden
            className={styles['snapshotSelect']}
            options={options}
            value={to ?? ''}
            onValueChange={(next) => showStatements({ to: next })}
          />
        </>
      )}
      <Select
        label="Order"
        labelHidden
        className={styles['orderSelect']}
        options={statementOrders.map((value) => ({ value, label: `By ${lowerFirst(orderWords[value])}` }))}
        value={order}
        onValueChange={(next) => showStatements({ order: next })}
      />
      <Segmented
        label="Whose statements"
        options={[
          { value: 'own', label: database.length > 24 ? 'This database' : database },
          { value: 'all', label: 'All databases' },
        ]}
        value={ownDatabase ? 'own' : 'all'}
        onValueChange={(next) => showStatements({ ownDatabase: next === 'own' })}
      />
      <span className={styles['space']} />
      <SearchField
        className={styles['search']}
        label="Search in statements"
        maxLength={1000}
        value={search}
        onValueChange={(next) => showStatements({ search: next })}
      />
    </div>
  );
}

function lowerFirst(text: string): string {
  return text === 'WAL' || text === 'I/O' ? text : text.slice(0, 1).toLowerCase() + text.slice(1);
}
