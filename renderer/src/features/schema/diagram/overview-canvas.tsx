import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent } from 'react';

import { countOf } from '../../../lib/format-count.ts';
import { useLatest } from '../../../lib/use-latest.ts';
import { tokenValue, useResolvedTheme } from '../../../theme/theme.ts';
import { ContextMenu } from '../../../ui/menu.tsx';

import { setExportedPicture } from './diagram-export.ts';
import type { TableKey } from './diagram-graph.ts';
import { focusTable, rememberViewport, showSchema, useDiagrams } from './diagram-store.ts';
import { scopeId } from './diagram-view-state.ts';
import type { Viewport } from './diagram-view-state.ts';
import styles from './diagram.module.css';
import type { OverviewDiagramProps } from './overview-diagram.tsx';
import { drawOverview, fitViewport, middlesOf, schemaAt, tableAt } from './overview-drawing.ts';
import type { OverviewColors } from './overview-drawing.ts';
import type { OverviewLayout } from './overview-layout.ts';
import { schemaColor } from './schema-colors.ts';
import { tableMenu } from './table-menu.ts';
import { ZoomControls } from './zoom-controls.tsx';

interface OverviewCanvasProps extends OverviewDiagramProps {
  readonly layout: OverviewLayout;
}

interface Hover {
  readonly table: TableKey;
  readonly x: number;
  readonly y: number;
}

const keyboardStep = 60;

/** One canvas with its own culling. A click gives a table a picture of its own. */
export function OverviewCanvas({ connectionId, graph, lines, tables, scope, layout }: OverviewCanvasProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const press = useRef<{ readonly x: number; readonly y: number; readonly viewport: Viewport; moved: boolean } | null>(
    null,
  );
  const menuPlace = useRef<{ readonly x: number; readonly y: number }>({ x: 0, y: 0 });
  const [size, setSize] = useState({ width: 0, height: 0 });
  const known = useDiagrams((state) => state.views[connectionId]?.viewports[scopeId(scope)]) ?? null;
  const [own, setOwn] = useState<Viewport | null>(known);
  const [hover, setHover] = useState<Hover | null>(null);
  const selected = useDiagrams((state) => state.selected[connectionId]) ?? null;
  const theme = useResolvedTheme();
  const middles = useMemo(() => middlesOf(layout), [layout]);
  const colors = useMemo(() => colorsOf((schema) => schemaColor(graph.schemas, schema, theme)), [graph, theme]);
  const viewport = own ?? fitViewport(layout, size.width, size.height);
  const bright = hover?.table ?? selected;

  useLayoutEffect(() => {
    const box = frame.current;
    if (box === null) return undefined;
    const observer = new ResizeObserver(() => setSize({ width: box.clientWidth, height: box.clientHeight }));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d') ?? null;
    if (element === null || context === null || size.width === 0) return undefined;
    const draw = requestAnimationFrame(() => {
      const ratio = window.devicePixelRatio;
      const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
      if (element.width !== width) element.width = width;
      if (element.height !== height) element.height = height;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawOverview(
        context,
        { layout, names: graph.tables, middles, lines, bright, colors },
        viewport,
        size.width,
        size.height,
      );
    });
    return () => cancelAnimationFrame(draw);
  });

  useEffect(() => setExportedPicture({ kind: 'overview', graph, lines, layout }), [graph, lines, layout]);

  function move(next: Viewport): void {
    setOwn(next);
    rememberViewport(connectionId, scope, next);
  }

  function zoomAt(factor: number, x = size.width / 2, y = size.height / 2): void {
    const zoom = Math.min(2.5, Math.max(0.03, viewport.zoom * factor));
    const by = zoom / viewport.zoom;
    move({ zoom, x: x - (x - viewport.x) * by, y: y - (y - viewport.y) * by });
  }

  const latestZoom = useLatest(zoomAt);
  useEffect(() => {
    const element = frame.current;
    function wheel(event: WheelEvent): void {
      event.preventDefault();
      const box = element?.getBoundingClientRect();
      const strength = event.ctrlKey ? 0.01 : 0.0018;
      latestZoom.current(
        Math.exp(-event.deltaY * strength),
        event.clientX - (box?.left ?? 0),
        event.clientY - (box?.top ?? 0),
      );
    }
    // React listens passively, which would scroll the page too.
    element?.addEventListener('wheel', wheel, { passive: false });
    return () => element?.removeEventListener('wheel', wheel);
  }, [latestZoom]);

  useReveal(connectionId, (table) => {
    const at = middles.get(table);
    if (at === undefined) return;
    const zoom = Math.max(0.9, viewport.zoom);
    move({ zoom, x: size.width / 2 - at.x * zoom, y: size.height / 2 - at.y * zoom });
  });

  function pointAt(event: { readonly clientX: number; readonly clientY: number }): {
    readonly x: number;
    readonly y: number;
  } {
    const box = frame.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  }

  function drag(event: PointerEvent): void {
    const { x, y } = pointAt(event);
    const start = press.current;
    if (start === null) {
      const table = tableAt(layout, viewport, x, y);
      if (table !== null || hover !== null) setHover(table === null ? null : { table, x, y });
      return;
    }
    if (!start.moved && Math.hypot(x - start.x, y - start.y) < 4) return;
    start.moved = true;
    setHover(null);
    setOwn({ ...start.viewport, x: start.viewport.x + x - start.x, y: start.viewport.y + y - start.y });
  }

  function release(event: PointerEvent): void {
    const start = press.current;
    press.current = null;
    if (start === null) return;
    if (start.moved) {
      rememberViewport(connectionId, scope, viewport);
      return;
    }
    const { x, y } = pointAt(event);
    const table = tableAt(layout, viewport, x, y);
    if (table !== null) focusTable(connectionId, table);
  }

  function step(event: KeyboardEvent): void {
    const by: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [keyboardStep, 0],
      ArrowRight: [-keyboardStep, 0],
      ArrowUp: [0, keyboardStep],
      ArrowDown: [0, -keyboardStep],
    };
    const pan = by[event.key];
    if (pan !== undefined) move({ ...viewport, x: viewport.x + pan[0], y: viewport.y + pan[1] });
    else if (event.key === '+' || event.key === '=') zoomAt(1.25);
    else if (event.key === '-') zoomAt(0.8);
    else if (event.key === '0') move(fitViewport(layout, size.width, size.height));
    else if (event.key === 'Enter' && selected !== null) focusTable(connectionId, selected);
    else return;
    event.preventDefault();
  }

  return (
    <ContextMenu
      entries={() => {
        const { x, y } = menuPlace.current;
        const table = graph.tables.get(tableAt(layout, viewport, x, y) ?? '');
        const schema = schemaAt(layout, viewport, x, y);
        if (table !== undefined) return tableMenu(connectionId, table);
        return schema === null
          ? [{ label: 'Fit', onSelect: () => move(fitViewport(layout, size.width, size.height)) }]
          : [{ label: `Show only ${schema}`, onSelect: () => showSchema(connectionId, schema) }];
      }}
    >
      <div
        ref={frame}
        className={styles['overview']}
        role="application"
        aria-label={`Overview of ${countOf(tables.length, 'table')} in ${countOf(layout.regions.length, 'schema')}`}
        tabIndex={0}
        data-pointing={hover === null ? undefined : ''}
        onKeyDown={step}
        onPointerDown={(event) => {
          if (event.button !== 0 || (event.target instanceof Element && event.target.closest('button') !== null))
            return;
          event.currentTarget.setPointerCapture(event.pointerId);
          press.current = { ...pointAt(event), viewport, moved: false };
        }}
        onPointerMove={drag}
        onPointerUp={release}
        onPointerCancel={() => {
          press.current = null;
        }}
        onPointerLeave={() => setHover(null)}
        onDoubleClick={(event) => {
          const { x, y } = pointAt(event);
          const schema = schemaAt(layout, viewport, x, y);
          if (schema !== null && tableAt(layout, viewport, x, y) === null) showSchema(connectionId, schema);
        }}
        onContextMenu={(event) => {
          menuPlace.current = pointAt(event);
        }}
      >
        <canvas ref={canvas} className={styles['overviewCanvas']} aria-hidden />
        {hover !== null && (
          <div className={styles['hoverName']} style={{ left: hover.x + 14, top: hover.y + 16 }}>
            {graph.tables.get(hover.table)?.name}
            <span>{graph.tables.get(hover.table)?.schema}</span>
          </div>
        )}
        <ZoomControls
          zoom={viewport.zoom}
          onIn={() => zoomAt(1.25)}
          onOut={() => zoomAt(0.8)}
          onFit={() => move(fitViewport(layout, size.width, size.height))}
          onWhole={() => zoomAt(1 / viewport.zoom)}
        />
      </div>
    </ContextMenu>
  );
}

function useReveal(connectionId: string, show: (table: TableKey) => void): void {
  const reveal = useDiagrams((state) => state.reveal);
  const [done, setDone] = useState(reveal);
  const latest = useLatest(show);
  useEffect(() => {
    if (reveal === null || reveal === done || reveal.connectionId !== connectionId) return;
    setDone(reveal);
    latest.current(reveal.table);
  }, [reveal, done, connectionId, latest]);
}

function colorsOf(schema: (schema: string) => string): OverviewColors {
  return {
    surface: tokenValue('--surface'),
    box: tokenValue('--raised'),
    line: tokenValue('--text-dim'),
    border: tokenValue('--line-strong'),
    strong: tokenValue('--text-strong'),
    dim: tokenValue('--text-dim'),
    accent: tokenValue('--accent'),
    schema,
  };
}
