import { FileUp, ListTree } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import type { DragEvent, KeyboardEvent } from 'react';

import type { Failure } from '#contract/failure.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { formatElapsed } from '../../lib/format-duration.ts';
import { useNow } from '../../lib/use-now.ts';
import { matchesShortcut } from '../../lib/keyboard-shortcut.ts';
import { FailureError, failureOf } from '../../rpc/failure.ts';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';

import { FoundPlans } from './found-plans.tsx';
import { placeIn, selectPlace } from './paste-place.ts';
import { openPastedPlan } from './plan-tabs.ts';
import styles from './plans-home.module.css';
import { type PlanSource, readPlans } from './reader/plan-reader.ts';

/** Longer text is read at once and not put into the box, which would be slow to draw it. */
const mostShownCharacters = 500_000;
/** More would take more memory than a page can have. */
const mostBytes = 256 * 1024 * 1024;

type Step =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'reading'; readonly startedAt: number; readonly controller: AbortController }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'found'; readonly source: PlanSource };

/** Reads plans that somebody pasted or dropped, in any format. */
export function PasteBox({ onDragging }: { readonly onDragging: (dragging: boolean) => void }) {
  const box = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const [step, setStep] = useState<Step>({ kind: 'waiting' });
  const labelId = useId();
  const held = useRef<PlanSource | null>(null);
  useEffect(() => () => held.current?.close(), []);

  /** Several plans stay with their reader until another text is read. */
  function hold(source: PlanSource | null): void {
    held.current?.close();
    held.current = source;
  }

  async function open(source: PlanSource, place: number, signal?: AbortSignal): Promise<void> {
    const found = source.plans[place];
    if (found !== undefined) openPastedPlan(found.title, await source.open(place, signal));
  }

  async function read(source: string | Blob): Promise<void> {
    const controller = new AbortController();
    setStep({ kind: 'reading', startedAt: Date.now(), controller });
    try {
      if (typeof source !== 'string' && source.size > mostBytes)
        throw new FailureError({
          code: 'too_large',
          message: `The file has ${formatBytes(source.size)}; up to ${formatBytes(mostBytes)} can be read.`,
          hint: 'Cut the log into parts.',
          retryable: false,
        });
      const found = await readPlans(source, controller.signal);
      hold(found);
      if (found.plans.length === 1) await open(found, 0, controller.signal);
      if (found.plans.length === 1) hold(null);
      if (box.current !== null) box.current.value = '';
      setStep(found.plans.length > 1 ? { kind: 'found', source: found } : { kind: 'waiting' });
    } catch (error) {
      setStep({ kind: 'failed', failure: failureOf(error, controller.signal) });
    }
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
          <Reading startedAt={step.startedAt} onCancel={() => step.controller.abort()} />
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
        <FoundPlans
          plans={step.source.plans}
          onOpen={(place) =>
            void open(step.source, place).catch((error: unknown) =>
              setStep({ kind: 'failed', failure: failureOf(error) }),
            )
          }
        />
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
