import { create } from 'zustand';

import { readUiMemory, writeUiMemory } from '../../../workbench/ui-memory.ts';

import type { Point } from './crows-foot.ts';
import type { TableKey } from './diagram-graph.ts';
import { defaultView, readView, scopeId, viewMemory } from './diagram-view-state.ts';
import type { DiagramScope, DiagramViewState, Viewport } from './diagram-view-state.ts';

interface RevealRequest {
  readonly connectionId: string;
  readonly table: TableKey;
}

interface DiagramState {
  /** By connection; one without an entry was not read from memory yet. */
  readonly views: Readonly<Record<string, DiagramViewState>>;
  readonly selected: Readonly<Record<string, TableKey>>;
  /** A table that is to be brought into the middle. A new object for each request. */
  readonly reveal: RevealRequest | null;
}

/** How the diagram of each connection is looked at. Remembered by names, so it survives restarts and restores. */
export const useDiagrams = create<DiagramState>(() => ({ views: {}, selected: {}, reveal: null }));

const { getState, setState } = useDiagrams;

/** Brings back how a connection's diagram was looked at. */
export async function restoreView(connectionId: string): Promise<void> {
  if (getState().views[connectionId] !== undefined) return;
  const view = readView(await readUiMemory(memoryKey(connectionId)));
  setState(({ views }) => ({ views: { ...views, [connectionId]: views[connectionId] ?? view } }));
}

/** Changes how a diagram is looked at, and remembers it. */
export function changeView(connectionId: string, change: Partial<DiagramViewState>): void {
  const view = { ...(getState().views[connectionId] ?? defaultView), ...change };
  setState(({ views }) => ({ views: { ...views, [connectionId]: view } }));
  writeUiMemory(memoryKey(connectionId), viewMemory(view));
}

/** Shows a table with what surrounds it. */
export function focusTable(connectionId: string, table: TableKey, depth?: 1 | 2): void {
  void restoreView(connectionId).then(() => {
    const { scope, hidden } = viewOf(connectionId);
    const kept = scope.kind === 'focus' ? scope.depth : 1;
    changeView(connectionId, {
      scope: { kind: 'focus', table, depth: depth ?? kept, wholeHub: false },
      hidden: hidden.filter((key) => key !== table),
    });
    selectTable(connectionId, table);
  });
}

/** Shows the tables of one schema. */
export function showSchema(connectionId: string, schema: string): void {
  void restoreView(connectionId).then(() => changeView(connectionId, { scope: { kind: 'schema', schema } }));
}

/** Shows all tables. */
export function showAll(connectionId: string): void {
  changeView(connectionId, { scope: { kind: 'all' } });
}

/** Selects a table, which brings out its relations; null selects none. */
export function selectTable(connectionId: string, table: TableKey | null): void {
  setState(({ selected }) => {
    const { [connectionId]: _before, ...others } = selected;
    return { selected: table === null ? others : { ...others, [connectionId]: table } };
  });
}

/** Selects a table and brings it into the middle, if it is in the picture. */
export function revealTable(connectionId: string, table: TableKey): void {
  selectTable(connectionId, table);
  setState({ reveal: { connectionId, table } });
}

/** Leaves a table out of the diagram. */
export function hideTable(connectionId: string, table: TableKey): void {
  const { hidden, scope } = viewOf(connectionId);
  if (getState().selected[connectionId] === table) selectTable(connectionId, null);
  changeView(connectionId, {
    hidden: [...hidden.filter((key) => key !== table), table],
    ...(scope.kind === 'focus' && scope.table === table ? { scope: { kind: 'all' } } : {}),
  });
}

/** Remembers where a table was put by hand. */
export function rememberPlace(connectionId: string, scope: DiagramScope, table: TableKey, at: Point): void {
  const { moved } = viewOf(connectionId);
  const id = scopeId(scope);
  changeView(connectionId, {
    moved: { ...moved, [id]: { ...moved[id], [table]: [Math.round(at.x), Math.round(at.y)] } },
  });
}

/** Puts the tables of a picture back where the layout has them. */
export function forgetPlaces(connectionId: string, scope: DiagramScope): void {
  const { [scopeId(scope)]: _gone, ...moved } = viewOf(connectionId).moved;
  changeView(connectionId, { moved });
}

/** Remembers which part of a picture was on screen. */
export function rememberViewport(connectionId: string, scope: DiagramScope, viewport: Viewport): void {
  const { viewports } = viewOf(connectionId);
  changeView(connectionId, { viewports: { ...viewports, [scopeId(scope)]: viewport } });
}

function viewOf(connectionId: string): DiagramViewState {
  return getState().views[connectionId] ?? defaultView;
}

function memoryKey(connectionId: string): string {
  return `schema.diagram:${connectionId}`;
}
