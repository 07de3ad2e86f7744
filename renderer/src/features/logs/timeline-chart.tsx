import { useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';

import type { LogTimeline } from '#contract/logs.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { countOf } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';

import { logTime } from './log-words.ts';
import styles from './timeline.module.css';

const width = 1000;
const upper = 66;
const lower = 20;
const gap = 6;
const height = upper + gap + lower;

type Step = LogTimeline['steps'][number];

/** Time of statements and number of errors by the minute, with their values under the pointer or by the arrow keys. */
export function TimelineChart({ timeline }: { readonly timeline: LogTimeline }) {
  const { steps, stepMs } = timeline;
  const [active, setActive] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const scale = useMemo(() => scaleOf(timeline), [timeline]);
  const bars = useMemo(() => paths(steps, scale), [steps, scale]);
  const step = active === null ? null : (steps[active] ?? null);

  function point(event: PointerEvent): void {
    const rect = box.current?.getBoundingClientRect();
    if (rect === undefined || rect.width === 0) return;
    setActive(nearest(steps, scale.firstAt + ((event.clientX - rect.left) / rect.width) * scale.spanMs - stepMs / 2));
  }

  function press(event: KeyboardEvent): void {
    const last = steps.length - 1;
    const at = active ?? -1;
    const moves: Readonly<Record<string, number | null>> = {
      ArrowRight: Math.min(last, at + 1),
      ArrowLeft: Math.max(0, at - 1),
      Home: 0,
      End: last,
      Escape: null,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setActive(next);
  }

  if (steps.length === 0) return null;
  const first = steps[0];
  const last = steps.at(-1);
  return (
    <figure className={styles['chart']} aria-label="Timeline">
      <figcaption className={styles['caption']}>
        {step === null ? (
          <span>
            <span className={styles['keyTime']}>Time of statements</span> and{' '}
            <span className={styles['keyErrors']}>errors</span> per {stepWords(stepMs)}
          </span>
        ) : (
          <span role="status">
            <b>{logTime(step.at)}</b> {stepSentence(step)}
          </span>
        )}
        <span className={styles['peak']}>peak {formatDuration(scale.mostMs)}</span>
      </figcaption>
      <div
        ref={box}
        className={styles['plot']}
        role="slider"
        tabIndex={0}
        aria-label="Time of statements and errors; arrow keys show their values"
        aria-valuemin={0}
        aria-valuemax={Math.max(0, steps.length - 1)}
        aria-valuenow={active ?? 0}
        aria-valuetext={step === null ? 'nothing chosen' : `${logTime(step.at)} ${stepSentence(step)}`}
        onPointerMove={point}
        onPointerLeave={() => setActive(null)}
        onKeyDown={press}
        onBlur={() => setActive(null)}
      >
        <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden>
          <path className={styles['time']} d={bars.time} />
          <path className={styles['errors']} d={bars.errors} />
          <path className={styles['base']} d={`M0 ${upper}H${width}M0 ${height - 0.5}H${width}`} />
          {step !== null && (
            <rect
              className={styles['cross']}
              x={scale.x(step.at)}
              y={0}
              width={Math.max(1.5, scale.barWidth)}
              height={height}
            />
          )}
        </svg>
      </div>
      <div className={styles['ends']}>
        <span>{logTime(first?.at ?? null)}</span>
        <span>{logTime(last === undefined ? null : last.at + stepMs)}</span>
      </div>
    </figure>
  );
}

interface Scale {
  readonly firstAt: number;
  readonly spanMs: number;
  readonly mostMs: number;
  readonly mostErrors: number;
  readonly barWidth: number;
  readonly x: (at: number) => number;
}

function scaleOf({ steps, stepMs }: LogTimeline): Scale {
  const firstAt = steps[0]?.at ?? 0;
  const spanMs = Math.max(stepMs, (steps.at(-1)?.at ?? 0) + stepMs - firstAt);
  return {
    firstAt,
    spanMs,
    mostMs: steps.reduce((most, { durationMs }) => Math.max(most, durationMs), 0),
    mostErrors: steps.reduce((most, { errors }) => Math.max(most, errors), 0),
    barWidth: (width * stepMs) / spanMs,
    x: (at) => ((at - firstAt) / spanMs) * width,
  };
}

/** All bars of one kind as one path: a thousand elements would be slow. */
function paths(steps: readonly Step[], scale: Scale): { readonly time: string; readonly errors: string } {
  const wide = Math.max(0.8, scale.barWidth - Math.min(1, scale.barWidth * 0.15));
  let time = '';
  let errors = '';
  for (const step of steps) {
    const x = scale.x(step.at).toFixed(2);
    if (step.durationMs > 0 && scale.mostMs > 0) {
      const tall = Math.max(1, (step.durationMs / scale.mostMs) * (upper - 4));
      time += `M${x} ${upper}v${(-tall).toFixed(2)}h${wide.toFixed(2)}v${tall.toFixed(2)}z`;
    }
    if (step.errors > 0 && scale.mostErrors > 0) {
      const tall = Math.max(3, (step.errors / scale.mostErrors) * lower);
      errors += `M${x} ${height}v${(-tall).toFixed(2)}h${wide.toFixed(2)}v${tall.toFixed(2)}z`;
    }
  }
  return { time, errors };
}

function nearest(steps: readonly Step[], at: number): number {
  let low = 0;
  let high = steps.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle]?.at ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  const before = steps[low - 1];
  const here = steps[low];
  return before !== undefined && here !== undefined && at - before.at < here.at - at ? low - 1 : low;
}

function stepWords(stepMs: number): string {
  const minutes = stepMs / 60_000;
  if (minutes === 1) return 'minute';
  if (minutes < 60) return `${minutes} minutes`;
  return minutes === 60
    ? 'hour'
    : minutes < 1440
      ? `${minutes / 60} hours`
      : minutes === 1440
        ? 'day'
        : `${minutes / 1440} days`;
}

function stepSentence(step: Step): string {
  return [
    `${formatDuration(step.durationMs)} in ${countOf(step.calls, 'call')}`,
    ...(step.errors > 0 ? [countOf(step.errors, 'error')] : []),
    ...(step.lockWaits > 0 ? [countOf(step.lockWaits, 'lock wait')] : []),
    ...(step.tempBytes > 0 ? [`${formatBytes(step.tempBytes)} temporary`] : []),
    ...(step.connections > 0 ? [countOf(step.connections, 'new connection')] : []),
    ...(step.checkpoints > 0 ? [countOf(step.checkpoints, 'checkpoint')] : []),
  ].join(' · ');
}
