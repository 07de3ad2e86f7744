import { Maximize, Minus, Plus } from 'lucide-react';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, MouseEvent, PointerEvent } from 'react';

import { useLatest } from '../../../lib/use-latest.ts';
import { useResolvedTheme } from '../../../theme/theme.ts';
import { IconButton } from '../../../ui/icon-button.tsx';

import type { PlanIndex } from '../reader/plan-index.ts';

import { chosenBy, placeOf, treeRows, withToggled } from '../tree/tree-rows.ts';
import type { Chosen, PlanFolding, TreeRow } from '../tree/tree-rows.ts';

import { boxWords } from './box-content.ts';
import { diagramColors } from './diagram-colors.ts';
import { boxAt, boxHeight, boxWidth, layoutDiagram } from './diagram-layout.ts';
import type { DiagramBox, PlanDiagram } from './diagram-layout.ts';
import { diagramShapes } from './diagram-shapes.ts';
import styles from './diagram-view.module.css';
import { paintShapes } from './paint-shapes.ts';

export interface DiagramViewProps {
  readonly index: PlanIndex;
  readonly chosen: Chosen;
  readonly onChoose: (chosen: Chosen) => void;
  readonly folding: PlanFolding;
  readonly onFold: (change: (folding: PlanFolding) => PlanFolding) => void;
}

/** What is seen of the diagram: its point in the upper left corner, and how large it is drawn. */
interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const leastScale = 0.05;
const mostScale = 2;
const dragged = 4;

/**
 * The plan as boxes, each joined to the one that takes its rows. Drawn on one canvas, so that ten thousand boxes cost no
 * more elements than one. Drag or scroll to move, Ctrl+wheel to zoom; the keys walk along the lines.
 */
export function DiagramView({ index, chosen, onChoose, folding, onFold }: DiagramViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useResolvedTheme();
  const optionId = useId();
  const rows = useMemo(() => treeRows(index, folding), [index, folding]);
  const diagram = useMemo(() => layoutDiagram(rows), [rows]);
  const place = useMemo(() => placeOf(rows, index, chosen), [rows, index, chosen]);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [view, setView] = useState<View | null>(null);
  const [hovered, setHovered] = useState<DiagramBox | null>(null);
  const drag = useRef<{ x: number; y: number; view: View; moved: boolean } | null>(null);

  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = () => setSize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // The first view: all of it where it can be read, else its beginning.
  // Folding makes the diagram smaller: what was seen of it may lie beyond its end now.
  const shown = view === null ? firstView(diagram, size, place) : held(view, diagram, size);
  const latest = useLatest({ diagram, view: shown, size });

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d') ?? null;
    if (element === null || context === null || size.width === 0) return;
    const request = requestAnimationFrame(() => {
      const ratio = window.devicePixelRatio;
      element.width = Math.round(size.width * ratio);
      element.height = Math.round(size.height * ratio);
      context.setTransform(
        ratio * shown.scale,
        0,
        0,
        ratio * shown.scale,
        -shown.x * shown.scale * ratio,
        -shown.y * shown.scale * ratio,
      );
      const part = {
        left: shown.x,
        top: shown.y,
        right: shown.x + size.width / shown.scale,
        bottom: shown.y + size.height / shown.scale,
      };
      paintShapes(context, diagramShapes(diagram, index, diagramColors(), part, { scale: shown.scale, chosen: place }));
    });
    return () => cancelAnimationFrame(request);
  }, [diagram, index, shown.x, shown.y, shown.scale, size, place, theme]);

  // A new choice, here or in another view, comes into sight.
  useEffect(() => {
    const { diagram: current, view: before, size: room } = latest.current;
    const box = current.boxes[place];
    if (box !== undefined && room.width > 0) setView(withInSight(before, box, room));
  }, [place, diagram, latest]);

  // React's wheel listener is passive: it could not keep the page from zooming.
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const turn = (event: WheelEvent) => {
      event.preventDefault();
      const { view: before, diagram: current, size: room } = latest.current;
      if (event.ctrlKey || event.metaKey) {
        const bounds = element.getBoundingClientRect();
        const at = { x: event.clientX - bounds.left, y: event.clientY - bounds.top };
        setView(zoomed(before, before.scale * Math.exp(-event.deltaY * 0.002), at, current, room));
      } else {
        const [dx, dy] = event.shiftKey ? [event.deltaY, event.deltaX] : [event.deltaX, event.deltaY];
        setView(held({ ...before, x: before.x + dx / before.scale, y: before.y + dy / before.scale }, current, room));
      }
    };
    element.addEventListener('wheel', turn, { passive: false });
    return () => element.removeEventListener('wheel', turn);
  }, [latest]);

  const pointOf = (event: MouseEvent) => {
    const bounds = event.currentTarget.getBoundingClientRect();
    return {
      x: shown.x + (event.clientX - bounds.left) / shown.scale,
      y: shown.y + (event.clientY - bounds.top) / shown.scale,
    };
  };
  const zoomBy = (factor: number) =>
    setView(zoomed(shown, shown.scale * factor, { x: size.width / 2, y: size.height / 2 }, diagram, size));
  const toggle = (row: TreeRow) => {
    if (row.expanded !== null) onFold((before) => withToggled(before, row, row.expanded === false));
  };

  function press(event: KeyboardEvent): void {
    const row = rows[place];
    const target = nextPlace(event.key, rows, place, diagram);
    if (target !== null) {
      const next = rows[target];
      if (next !== undefined) onChoose(chosenBy(next));
    } else if ((event.key === 'Enter' || event.key === ' ') && row !== undefined) toggle(row);
    else if (event.key === '+' || event.key === '=') zoomBy(1.25);
    else if (event.key === '-') zoomBy(0.8);
    else if (event.key === '0') setView(fitted(diagram, size));
    else return;
    event.preventDefault();
  }

  function move(event: PointerEvent): void {
    const grip = drag.current;
    if (grip === null) {
      const at = pointOf(event);
      setHovered(boxAt(diagram, at.x, at.y));
      return;
    }
    const dx = event.clientX - grip.x;
    const dy = event.clientY - grip.y;
    grip.moved ||= Math.hypot(dx, dy) > dragged;
    if (grip.moved)
      setView(
        held({ ...grip.view, x: grip.view.x - dx / shown.scale, y: grip.view.y - dy / shown.scale }, diagram, size),
      );
  }

  function release(event: PointerEvent): void {
    const grip = drag.current;
    drag.current = null;
    if (grip === null || grip.moved) return;
    const at = pointOf(event);
    const box = boxAt(diagram, at.x, at.y);
    if (box !== null) onChoose(chosenBy(box.row));
  }

  const chosenRow = rows[place];
  return (
    <div className={styles['view']}>
      <div
        ref={frame}
        className={styles['frame']}
        role="listbox"
        aria-label="Diagram"
        aria-activedescendant={chosenRow === undefined ? undefined : optionId}
        tabIndex={0}
        title={hovered === null ? undefined : boxWords(index, hovered.row)}
        data-over={hovered === null ? undefined : ''}
        onKeyDown={press}
        onPointerDown={(event) => {
          drag.current = { x: event.clientX, y: event.clientY, view: shown, moved: false };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={move}
        onPointerUp={release}
        onPointerCancel={() => (drag.current = null)}
        onDoubleClick={(event) => {
          const at = pointOf(event);
          const box = boxAt(diagram, at.x, at.y);
          if (box !== null) toggle(box.row);
        }}
      >
        <canvas ref={canvas} className={styles['canvas']} aria-hidden />
        {chosenRow !== undefined && (
          <span
            id={optionId}
            role="option"
            aria-selected
            aria-posinset={place + 1}
            aria-setsize={rows.length}
            className="visually-hidden"
          >
            {boxWords(index, chosenRow)}
          </span>
        )}
      </div>
      <div className={styles['buttons']}>
        <IconButton icon={Minus} label="Smaller" size="small" onClick={() => zoomBy(0.8)} />
        <IconButton icon={Plus} label="Larger" size="small" onClick={() => zoomBy(1.25)} />
        <IconButton icon={Maximize} label="Whole diagram" size="small" onClick={() => setView(fitted(diagram, size))} />
      </div>
    </div>
  );
}

/** Where the keys lead: left to the parent, right to the first child, up and down to the neighbours of the column. */
function nextPlace(key: string, all: readonly TreeRow[], at: number, { boxes }: PlanDiagram): number | null {
  const row = all[at];
  if (row === undefined) return null;
  if (key === 'Home') return 0;
  if (key === 'End') return all.length - 1;
  if (key === 'ArrowLeft') return boxes[at]?.parent ?? null;
  if (key === 'ArrowRight') return row.expanded === true ? at + 1 : at;
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return null;
  const step = key === 'ArrowUp' ? -1 : 1;
  for (let other = at + step; other >= 0 && other < all.length; other += step)
    if (all[other]?.depth === row.depth) return other;
  return at;
}

type Size = { readonly width: number; readonly height: number };

function firstView(diagram: PlanDiagram, size: Size, place: number): View {
  const whole = fitted(diagram, size);
  if (whole.scale >= 0.7) return whole;
  const box = diagram.boxes[place];
  const start = held({ x: 0, y: 0, scale: 1 }, diagram, size);
  return box === undefined ? start : withInSight(start, box, size);
}

/** The whole diagram, in the middle. */
function fitted(diagram: PlanDiagram, size: Size): View {
  if (size.width === 0) return { x: 0, y: 0, scale: 1 };
  const scale = Math.max(leastScale, Math.min(1, size.width / diagram.width, size.height / diagram.height));
  return held({ x: 0, y: 0, scale }, diagram, size);
}

function zoomed(view: View, wanted: number, at: { x: number; y: number }, diagram: PlanDiagram, size: Size): View {
  const scale = Math.max(leastScale, Math.min(mostScale, wanted));
  return held(
    { scale, x: view.x + at.x / view.scale - at.x / scale, y: view.y + at.y / view.scale - at.y / scale },
    diagram,
    size,
  );
}

/** Keeps the diagram in the frame: what is smaller stands in the middle, what is larger has no empty edge. */
function held(view: View, diagram: PlanDiagram, size: Size): View {
  const along = (at: number, whole: number, room: number) =>
    whole <= room ? (whole - room) / 2 : Math.max(0, Math.min(at, whole - room));
  return {
    scale: view.scale,
    x: along(view.x, diagram.width, size.width / view.scale),
    y: along(view.y, diagram.height, size.height / view.scale),
  };
}

function withInSight(view: View, box: DiagramBox, size: Size): View {
  const along = (at: number, start: number, length: number, room: number) => {
    const margin = Math.min(24, Math.max(0, (room - length) / 2));
    if (start - margin < at) return start - margin;
    return start + length + margin > at + room ? start + length + margin - room : at;
  };
  return {
    ...view,
    x: along(view.x, box.left, boxWidth, size.width / view.scale),
    y: along(view.y, box.top, boxHeight, size.height / view.scale),
  };
}
