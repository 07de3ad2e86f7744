import { useEffect, useId, useMemo, useRef, useState } from 'react';

import { classNames } from '../../../lib/class-names.ts';
import { fuzzySearch, highlightRuns } from '../../../lib/fuzzy.ts';
import { SearchField } from '../../../ui/field.tsx';
import { registerCommand } from '../../../workbench/commands.ts';

import type { DiagramGraph, DiagramTable, TableKey } from './diagram-graph.ts';
import styles from './diagram.module.css';

interface DiagramSearchProps {
  readonly graph: DiagramGraph;
  readonly onChoose: (table: TableKey) => void;
}

/** Finds a table by name and brings it into the middle; one that is not in the picture gets a picture of its own. */
export function DiagramSearch({ graph, onChoose }: DiagramSearchProps) {
  const [needle, setNeedle] = useState('');
  const [place, setPlace] = useState(0);
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const listId = useId();
  const tables = useMemo(() => [...graph.tables.values()], [graph]);
  const haystack = useMemo(() => tables.map((table) => table.name), [tables]);
  const matches = useMemo(
    () => (needle.trim() === '' ? [] : fuzzySearch(tables, haystack, needle, 9)),
    [tables, haystack, needle],
  );

  useEffect(
    () =>
      registerCommand({
        id: 'schema.findInDiagram',
        title: 'Find a table in the diagram',
        group: 'Schema',
        shortcut: 'Mod+F',
        run: () => frame.current?.querySelector('input')?.focus(),
      }),
    [],
  );

  function choose(table: DiagramTable | undefined): void {
    if (table === undefined) return;
    onChoose(table.key);
    setNeedle('');
    setOpen(false);
    frame.current?.querySelector('input')?.blur();
  }

  const shown = open && needle.trim() !== '';
  return (
    <div ref={frame} className={styles['find']}>
      <SearchField
        label="Find a table"
        value={needle}
        aria-expanded={shown}
        aria-controls={listId}
        onValueChange={(next) => {
          setNeedle(next);
          setPlace(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setPlace(Math.min(matches.length - 1, place + 1));
          else if (event.key === 'ArrowUp') setPlace(Math.max(0, place - 1));
          else if (event.key === 'Enter') choose(matches[place]?.item);
          else return;
          event.preventDefault();
        }}
      />
      {shown && (
        <div id={listId} role="listbox" aria-label="Tables" className={styles['findList']}>
          {matches.length === 0 && <p className={styles['findNone']}>No table is called that.</p>}
          {matches.map(({ item, ranges }, index) => (
            <div
              key={item.key}
              role="option"
              aria-selected={index === place}
              className={classNames(styles['findItem'])}
              onMouseMove={() => setPlace(index)}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(item)}
            >
              <span className={styles['findName']}>
                {highlightRuns(item.name, ranges).map((run, at) =>
                  run.matched ? <mark key={at}>{run.text}</mark> : run.text,
                )}
              </span>
              <span className={styles['findSchema']}>{item.schema}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
