import { FileUp, ListTree } from 'lucide-react';
import { useId, useRef } from 'react';
import type { DragEvent, KeyboardEvent } from 'react';

import { formatElapsed } from '../../lib/format-duration.ts';
import { useNow } from '../../lib/use-now.ts';
import { matchesShortcut } from '../../lib/keyboard-shortcut.ts';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';

import { FoundPlans } from './found-plans.tsx';
import { placeIn, selectPlace } from './paste-place.ts';
import { closePaste, openFound, readPaste, usePaste } from './paste-store.ts';
import styles from './plans-home.module.css';

/** Longer text is read at once and not put into the box, which would be slow to draw it. */
const mostShownCharacters = 500_000;
/** Reads plans that somebody pasted or dropped, in any format. */
export function PasteBox({ onDragging }: { readonly onDragging: (dragging: boolean) => void }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const step = usePaste((paste) => paste.step);
  const labelId = useId();

  async function read(source: string | Blob): Promise<void> {
    if (usePaste.getState().step.kind === 'reading') return;
    if ((await readPaste(source)) && box.current !== null) box.current.value = '';
  }

  async function readFile(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    // Shown, so that the place of an error can be shown in it.
    if (box.current !== null) box.current.value = file.size <= mostShownCharacters ? await file.text() : '';
    await read(file);
  }

  function drop(event: DragEvent): void {
    event.preventDefault();
    onDragging(false);
    void readFile(event.dataTransfer.files[0]);
  }

  function press(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (!matchesShortcut(event, 'Mod+Enter')) return;
    event.preventDefault();
    void read(event.currentTarget.value);
  }

  const place = step.kind === 'failed' ? placeIn(step.failure.message) : null;
  return (
    <section
      className={styles['paste']}
      aria-labelledby={labelId}
      onDragOver={(event) => {
        event.preventDefault();
        onDragging(true);
      }}
      onDragLeave={() => onDragging(false)}
      onDrop={drop}
    >
      <h1 id={labelId}>Read a plan</h1>
      <p>
        Paste the output of EXPLAIN, in any format: text, JSON, YAML or XML, with psql’s frame, from a log, or several
        at once. It is read on this machine and needs no connection. To take a plan yourself, write a query and choose
        Explain.
      </p>
      <textarea
        ref={box}
        className={styles['box']}
        aria-label="Plan to read"
        placeholder={placeholder}
        spellCheck={false}
        onKeyDown={press}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text/plain');
          if (event.currentTarget.value !== '' || pasted.trim() === '') return;
          if (pasted.length > mostShownCharacters) event.preventDefault();
          void read(pasted);
        }}
      />
      <div className={styles['buttons']}>
        <Button
          look="primary"
          icon={ListTree}
          shortcut="Mod+Enter"
          disabled={step.kind === 'reading'}
          onClick={() => void read(box.current?.value ?? '')}
        >
          Read plan
        </Button>
        <Button icon={FileUp} disabled={step.kind === 'reading'} onClick={() => chooser.current?.click()}>
          Choose a file…
        </Button>
        <input
          ref={chooser}
          type="file"
          hidden
          aria-label="Plan file"
          onChange={(event) => {
            void readFile(event.currentTarget.files?.[0]);
            event.currentTarget.value = '';
          }}
        />
        {step.kind === 'reading' ? (
          <Reading startedAt={step.startedAt} onCancel={closePaste} />
        ) : (
          <span className={styles['hint']}>or drop a file here</span>
        )}
      </div>
      {step.kind === 'failed' && (
        <FailureView
          failure={step.failure}
          {...(step.failure.code === 'bad_input' ? { title: 'This is not read as a plan' } : {})}
          actions={
            place !== null && (
              <Button size="small" onClick={() => box.current !== null && selectPlace(box.current, place)}>
                Show line {place.line}
              </Button>
            )
          }
        />
      )}
      {step.kind === 'found' && (
        <FoundPlans plans={step.source.plans} onOpen={(places) => void openFound(places)} onClose={closePaste} />
      )}
    </section>
  );
}

function Reading({ startedAt, onCancel }: { readonly startedAt: number; readonly onCancel: () => void }) {
  const now = useNow(250);
  return (
    <>
      <span role="status">Reading… {formatElapsed(now - startedAt)}</span>
      <Button size="small" onClick={onCancel}>
        Cancel
      </Button>
    </>
  );
}

const placeholder = `Sort  (cost=19875.11..19925.20 rows=20036 width=84) (actual time=611.204..613.901 rows=18204 loops=1)
  Sort Key: p.total_value DESC
  ->  Hash Join  (cost=2103.40..18442.80 rows=20036 width=84) (actual time=24.108..588.021 rows=18204 loops=1)
        …`;
