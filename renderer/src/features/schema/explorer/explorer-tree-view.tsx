import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useImperativeHandle, useRef } from 'react';
import type { KeyboardEvent, Ref } from 'react';

import { matchesShortcut } from '../../../lib/keyboard-shortcut.ts';
import { ContextMenu } from '../../../ui/menu.tsx';
import { revealTable } from '../diagram/diagram-store.ts';
import { isInDiagram } from '../relation-kinds.ts';
import { qualifiedName } from '../relation-names.ts';
import { copyWithWord, openRelation } from '../schema-actions.ts';

import { explorerMenu, nameToCopy } from './explorer-menu.ts';
import { ExplorerRow } from './explorer-row.tsx';
import { selectLine, setExpanded, useExplorer } from './explorer-store.ts';
import { isFolder, parentPlace } from './explorer-tree.ts';
import type { ExplorerLine } from './explorer-tree.ts';
import styles from './explorer.module.css';

export interface FoundLine {
  readonly line: ExplorerLine;
  readonly ranges: readonly number[];
}

export interface ExplorerTreeHandle {
  /** Does what a key means for the tree; false where it means nothing. For keys that are pressed in the search field. */
  readonly press: (event: KeyboardEvent) => boolean;
}

interface ExplorerTreeProps {
  readonly connectionId: string;
  readonly lines: readonly FoundLine[];
  /** The lines are search results: flat, with their schemas. */
  readonly searching: boolean;
  /** A letter was typed into the tree. */
  readonly onType: (text: string) => void;
  readonly ref?: Ref<ExplorerTreeHandle>;
}

const rowHeight = 24;

/** The tree itself. Draws only the lines in sight. */
export function ExplorerTree({ connectionId, lines, searching, onType, ref }: ExplorerTreeProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const menuLine = useRef<ExplorerLine | null>(null);
  const baseId = useId();
  const selectedId = useExplorer((state) => state.selected[connectionId]) ?? null;
  const selectedPlace = lines.findIndex(({ line }) => line.id === selectedId);
  const place = selectedPlace === -1 && searching ? 0 : selectedPlace;
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 16,
    paddingStart: 4,
    paddingEnd: 12,
  });

  useEffect(() => {
    if (searching) scroller.current?.scrollTo({ top: 0 });
  }, [searching, lines]);

  function choose(target: number): void {
    const line = lines[target]?.line;
    if (line === undefined) return;
    selectLine(connectionId, line.id);
    virtualizer.scrollToIndex(target);
    if (line.kind === 'relation' && isInDiagram(line.relation.kind))
      revealTable(connectionId, qualifiedName(line.relation));
  }

  function open(line: ExplorerLine): void {
    if (isFolder(line)) setExpanded(connectionId, line.id, !line.expanded);
    else if (line.kind === 'relation') void openRelation(connectionId, line.relation.oid);
  }

  function press(event: KeyboardEvent): boolean {
    const line = lines[place]?.line;
    const inField = event.target !== scroller.current;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const last = lines.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: selectedPlace === -1 ? place + 1 : Math.min(last, place + 1),
      ArrowUp: Math.max(0, place - 1),
      PageDown: Math.min(last, place + page),
      PageUp: Math.max(0, place - page),
      ...(inField ? {} : { Home: 0, End: last }),
    };
    const target = targets[event.key];
    if (target !== undefined) choose(Math.max(0, Math.min(last, target)));
    else if (line === undefined) return false;
    else if (event.key === 'Enter') open(line);
    else if (inField) return false;
    else if (matchesShortcut(event, 'Mod+C')) void copyWithWord(nameToCopy(line), 'Name');
    else if (event.key === 'ArrowRight') stepIn(line);
    else if (event.key === 'ArrowLeft') stepOut(line);
    else if (
      event.key.length === 1 &&
      event.key !== '/' &&
      event.key !== ' ' &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey
    )
      onType(event.key);
    else return false;
    return true;
  }

  function stepIn(line: ExplorerLine): void {
    if (!isFolder(line)) return;
    if (line.expanded) choose(place + 1);
    else setExpanded(connectionId, line.id, true);
  }

  function stepOut(line: ExplorerLine): void {
    if (isFolder(line) && line.expanded) setExpanded(connectionId, line.id, false);
    else
      choose(
        parentPlace(
          lines.map((entry) => entry.line),
          place,
        ),
      );
  }

  useImperativeHandle(ref, () => ({ press }));

  return (
    <ContextMenu entries={() => (menuLine.current === null ? [] : explorerMenu(connectionId, menuLine.current))}>
      <div
        ref={scroller}
        role="tree"
        aria-label="Objects"
        tabIndex={0}
        aria-activedescendant={place >= 0 ? `${baseId}-${place}` : undefined}
        className={styles['tree']}
        onKeyDown={(event) => {
          if (event.target === event.currentTarget && press(event)) event.preventDefault();
        }}
      >
        <div style={{ height: virtualizer.getTotalSize(), position: 'relative' }} role="presentation">
          {virtualizer.getVirtualItems().map((item) => {
            const found = lines[item.index];
            if (found === undefined) return null;
            const { line, ranges } = found;
            return (
              <ExplorerRow
                key={line.id}
                id={`${baseId}-${item.index}`}
                line={line}
                ranges={ranges}
                selected={item.index === place}
                withSchema={searching}
                top={item.start}
                onSelect={() => choose(item.index)}
                onOpen={() => open(line)}
                onToggle={() => open(line)}
                onContextMenu={() => {
                  menuLine.current = line;
                  selectLine(connectionId, line.id);
                }}
              />
            );
          })}
        </div>
      </div>
    </ContextMenu>
  );
}
