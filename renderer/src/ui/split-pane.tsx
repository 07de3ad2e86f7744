import { useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';

import { classNames } from '../lib/class-names.ts';

import styles from './split-pane.module.css';

export interface SplitPaneProps {
  /** `horizontal`: side by side. `vertical`: one above the other. */
  readonly direction: 'horizontal' | 'vertical';
  /** Which of the two keeps its size when the window grows. */
  readonly fixed: 'first' | 'second';
  /** Size in pixels of the fixed one. */
  readonly size: number;
  readonly onSizeChange: (size: number) => void;
  readonly min?: number;
  /** What the other one keeps at least. */
  readonly minRest?: number;
  /** The name of the separator for screen readers. */
  readonly label: string;
  readonly first: ReactNode;
  /** Null leaves all the place to the first one, which goes on as it is. */
  readonly second: ReactNode;
}

const keyboardStep = 16;

/** Two panes with a border that can be dragged, or moved with the arrow keys. */
export function SplitPane({
  direction,
  fixed,
  size,
  onSizeChange,
  min = 120,
  minRest = 160,
  label,
  first,
  second,
}: SplitPaneProps) {
  const container = useRef<HTMLDivElement>(null);
  const grab = useRef({ pointer: 0, size: 0 });
  const [dragging, setDragging] = useState(false);
  const horizontal = direction === 'horizontal';

  function limit(wanted: number): number {
    const box = container.current?.getBoundingClientRect();
    const total = box === undefined ? Number.POSITIVE_INFINITY : horizontal ? box.width : box.height;
    return Math.max(min, Math.min(wanted, total - minRest));
  }

  function press(event: PointerEvent<HTMLDivElement>): void {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    grab.current = { pointer: horizontal ? event.clientX : event.clientY, size };
    setDragging(true);
  }

  function drag(event: PointerEvent): void {
    if (!dragging) return;
    const moved = (horizontal ? event.clientX : event.clientY) - grab.current.pointer;
    onSizeChange(limit(grab.current.size + (fixed === 'first' ? moved : -moved)));
  }

  function step(event: KeyboardEvent): void {
    const grow = fixed === 'first' ? 1 : -1;
    const steps: Readonly<Record<string, number>> = horizontal
      ? { ArrowLeft: -grow, ArrowRight: grow }
      : { ArrowUp: -grow, ArrowDown: grow };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onSizeChange(limit(size + by * keyboardStep));
  }

  const sized = {
    [horizontal ? 'width' : 'height']: size,
    [horizontal ? 'maxWidth' : 'maxHeight']: `calc(100% - ${minRest}px)`,
  };
  return (
    <div ref={container} className={classNames(styles['split'], styles[direction])}>
      <div className={styles[fixed === 'first' ? 'fixed' : 'rest']} style={fixed === 'first' ? sized : undefined}>
        {first}
      </div>
      {second !== null && (
        <div
          role="separator"
          tabIndex={0}
          aria-label={label}
          aria-orientation={horizontal ? 'vertical' : 'horizontal'}
          aria-valuenow={Math.round(size)}
          aria-valuemin={min}
          className={styles['separator']}
          data-dragging={dragging ? '' : undefined}
          onPointerDown={press}
          onPointerMove={drag}
          onPointerUp={() => setDragging(false)}
          onPointerCancel={() => setDragging(false)}
          onKeyDown={step}
        />
      )}
      {second !== null && (
        <div className={styles[fixed === 'second' ? 'fixed' : 'rest']} style={fixed === 'second' ? sized : undefined}>
          {second}
        </div>
      )}
    </div>
  );
}
