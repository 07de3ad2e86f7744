import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';

import { fuzzySearch, highlightRuns } from '../lib/fuzzy.ts';
import { shortcutLabel } from '../lib/keyboard-shortcut.ts';
import { showFailureToast } from '../ui/toast.tsx';

import { usePaletteLines } from './palette-entries.ts';
import type { PaletteLine } from './palette-entries.ts';
import styles from './palette.module.css';
import { setPaletteOpen, useWorkbench } from './workbench-store.ts';

const shownAtMost = 60;

/** Finds and runs anything: commands, connections, objects. */
export function PaletteDialog() {
  const open = useWorkbench((state) => state.paletteOpen);
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => setPaletteOpen(next)}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={styles['backdrop']} />
        <BaseDialog.Popup data-modal className={styles['popup']} aria-label="Command palette">
          <Palette />
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

function Palette() {
  const [needle, setNeedle] = useState('');
  const [place, setPlace] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const lines = usePaletteLines();
  const haystack = useMemo(
    () => lines.map((line) => (line.detail === undefined ? line.title : `${line.title} ${line.detail}`)),
    [lines],
  );
  const matches = useMemo(
    () => groupTogether(fuzzySearch(lines, haystack, needle, shownAtMost)),
    [lines, haystack, needle],
  );

  useEffect(() => setPlace(0), [needle]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [place, matches]);

  function run(line: PaletteLine): void {
    setPaletteOpen(false);
    // The palette gives the focus back first, so that a command may put it elsewhere.
    window.setTimeout(() => void Promise.resolve(line.run()).catch(showFailureToast), 0);
  }

  function press(event: KeyboardEvent): void {
    const last = matches.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: place >= last ? 0 : place + 1,
      ArrowUp: place <= 0 ? last : place - 1,
      PageDown: Math.min(last, place + 8),
      PageUp: Math.max(0, place - 8),
    };
    const target = targets[event.key];
    const chosen = matches[place];
    if (target !== undefined) setPlace(target);
    else if (event.key === 'Enter' && chosen !== undefined) run(chosen.item);
    else return;
    event.preventDefault();
  }

  return (
    <>
      <div className={styles['field']}>
        <Search size={16} aria-hidden />
        <input
          className={styles['input']}
          role="combobox"
          aria-label="Search objects, run a command"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={matches.length > 0 ? `palette-${place}` : undefined}
          placeholder="Search objects, run a command"
          autoComplete="off"
          spellCheck={false}
          autoFocus
          value={needle}
          onChange={(event) => setNeedle(event.target.value)}
          onKeyDown={press}
        />
      </div>
      <div ref={list} id="palette-list" role="listbox" aria-label="Results" className={styles['list']}>
        {matches.length === 0 && <p className={styles['none']}>Nothing is called that.</p>}
        {matches.map(({ item, ranges }, index) => (
          <div key={item.id} role="presentation">
            {matches[index - 1]?.item.group !== item.group && <div className={styles['group']}>{item.group}</div>}
            <PaletteItem
              line={item}
              ranges={ranges}
              id={`palette-${index}`}
              selected={index === place}
              onHover={() => setPlace(index)}
              onRun={() => run(item)}
            />
          </div>
        ))}
      </div>
    </>
  );
}

/** Keeps the order of the best matches, but puts the ones of a group under one heading. */
function groupTogether<M extends { readonly item: PaletteLine }>(matches: readonly M[]): M[] {
  const groups = new Map<string, M[]>();
  for (const match of matches) {
    const group = groups.get(match.item.group);
    if (group === undefined) groups.set(match.item.group, [match]);
    else group.push(match);
  }
  return [...groups.values()].flat();
}

interface PaletteItemProps {
  readonly line: PaletteLine;
  readonly ranges: readonly number[];
  readonly id: string;
  readonly selected: boolean;
  readonly onHover: () => void;
  readonly onRun: () => void;
}

function PaletteItem({ line, ranges, id, selected, onHover, onRun }: PaletteItemProps) {
  const Icon = line.icon;
  return (
    <div
      id={id}
      role="option"
      aria-selected={selected}
      className={styles['item']}
      onMouseMove={onHover}
      onClick={onRun}
    >
      {Icon !== undefined && <Icon size={15} className={styles['icon']} aria-hidden />}
      <span className={styles['title']}>
        {highlightRuns(line.title, ranges).map((run, index) =>
          run.matched ? <mark key={index}>{run.text}</mark> : run.text,
        )}
      </span>
      <span className={styles['detail']}>{line.detail}</span>
      {line.shortcut !== undefined && <kbd>{shortcutLabel(line.shortcut)}</kbd>}
    </div>
  );
}
