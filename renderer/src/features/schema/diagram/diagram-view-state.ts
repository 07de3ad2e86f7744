import type { Json } from '../../../workbench/workbench-store.ts';

import { linesAmong, neighbourhood } from './diagram-graph.ts';
import type { DiagramGraph, DiagramKey, DiagramTable, TableKey } from './diagram-graph.ts';
import type { DetailLevel } from './table-card.ts';

/** Which tables a picture is of. */
export type DiagramScope =
  | { readonly kind: 'all' }
  | { readonly kind: 'schema'; readonly schema: string }
  | { readonly kind: 'focus'; readonly table: TableKey; readonly depth: 1 | 2; readonly wholeHub: boolean };

export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface DiagramViewState {
  readonly scope: DiagramScope;
  /** Null until one is chosen: then by how much there is to show. */
  readonly detail: DetailLevel | null;
  readonly hidden: readonly TableKey[];
  /** Where tables were put by hand, by picture. */
  readonly moved: Readonly<Record<string, Readonly<Record<TableKey, readonly [number, number]>>>>;
  readonly viewports: Readonly<Record<string, Viewport>>;
}

export const defaultView: DiagramViewState = {
  scope: { kind: 'all' },
  detail: null,
  hidden: [],
  moved: {},
  viewports: {},
};

/** Up to so many tables are drawn as cards; more as an overview. */
export const cardsAtMost = 150;
/** Above so many tables columns would be too small to read, so only names are shown unless more is chosen. */
const columnsAtMost = 60;
const picturesKept = 24;

/** How much each table shows in a picture of so many. */
export function detailFor(chosen: DetailLevel | null, tables: number): DetailLevel {
  return chosen ?? (tables > columnsAtMost ? 'names' : 'keys');
}

/** The name of a picture by which places and viewports are remembered. */
export function scopeId(scope: DiagramScope): string {
  if (scope.kind === 'all') return 'all';
  return scope.kind === 'schema' ? `schema ${scope.schema}` : `focus ${scope.table}`;
}

/** The tables and lines that a scope shows, without the hidden ones. A focus that is gone shows everything. */
export function tablesInView(
  graph: DiagramGraph,
  { scope, hidden }: Pick<DiagramViewState, 'scope' | 'hidden'>,
): { readonly tables: DiagramTable[]; readonly lines: DiagramKey[] } {
  const left = new Set(hidden);
  const all = [...graph.tables.values()];
  const wanted =
    scope.kind === 'focus' && graph.tables.has(scope.table)
      ? neighbourhood(graph, scope.table, scope.depth, scope.wholeHub)
      : null;
  const tables = all.filter((table) => {
    if (left.has(table.key)) return false;
    if (wanted !== null) return wanted.has(table.key);
    return scope.kind !== 'schema' || table.schema === scope.schema;
  });
  return { tables, lines: linesAmong(graph, new Set(tables.map((table) => table.key))) };
}

/** What is kept of a view across restarts: of places and viewports only the newest pictures. */
export function viewMemory(view: DiagramViewState): Json {
  return JSON.parse(JSON.stringify({ ...view, moved: newest(view.moved), viewports: newest(view.viewports) })) as Json;
}

/** Reads a remembered view, leaving out whatever does not fit. */
export function readView(memory: Json): DiagramViewState {
  if (!isRecord(memory)) return defaultView;
  const { detail, hidden } = memory;
  return {
    scope: readScope(memory['scope']),
    detail: detail === 'all' || detail === 'names' || detail === 'keys' ? detail : null,
    hidden: Array.isArray(hidden) ? hidden.filter((key) => typeof key === 'string') : [],
    moved: recordOf(memory['moved'], (places) =>
      recordOf(places, (at) =>
        Array.isArray(at) && typeof at[0] === 'number' && typeof at[1] === 'number' ? ([at[0], at[1]] as const) : null,
      ),
    ),
    viewports: recordOf(memory['viewports'], readViewport),
  };
}

function readScope(memory: Json | undefined): DiagramScope {
  if (!isRecord(memory)) return { kind: 'all' };
  const { kind, schema, table, depth, wholeHub } = memory;
  if (kind === 'schema' && typeof schema === 'string') return { kind, schema };
  if (kind === 'focus' && typeof table === 'string')
    return { kind, table, depth: depth === 2 ? 2 : 1, wholeHub: wholeHub === true };
  return { kind: 'all' };
}

function readViewport(memory: Json): Viewport | null {
  if (!isRecord(memory)) return null;
  const { x, y, zoom } = memory;
  return typeof x === 'number' && typeof y === 'number' && typeof zoom === 'number' && zoom > 0 ? { x, y, zoom } : null;
}

function newest<V>(record: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(Object.entries(record).slice(-picturesKept));
}

function recordOf<V>(memory: Json | undefined, read: (value: Json) => V | null): Record<string, V> {
  if (!isRecord(memory)) return {};
  const entries: [string, V][] = [];
  for (const [key, value] of Object.entries(memory)) {
    const found = read(value);
    if (found !== null) entries.push([key, found]);
  }
  return Object.fromEntries(entries);
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
