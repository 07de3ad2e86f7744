import { createContext, use } from 'react';

import type { DiagramGraph, TableKey } from './diagram-graph.ts';

/** The selected table and those that a key joins to it. With none of those, nothing is dimmed. */
export interface Related {
  readonly selected: TableKey | null;
  readonly tables: ReadonlySet<TableKey>;
}

export const RelatedTables = createContext<Related>({ selected: null, tables: new Set() });

/** The tables that a key joins to the selected one, whether it is drawn as a line or told on a row. */
export function relatedTo(graph: DiagramGraph, selected: TableKey | null, shown: ReadonlySet<TableKey>): Related {
  if (selected === null || !shown.has(selected)) return { selected: null, tables: new Set() };
  const others = (graph.keysOf.get(selected) ?? []).map((key) => (key.from === selected ? key.to : key.from));
  return { selected, tables: new Set(others.filter((other) => other !== selected && shown.has(other))) };
}

/** How a table stands out beside the selected one. */
export function emphasisOf({ selected, tables }: Related, table: TableKey): 'normal' | 'selected' | 'weak' {
  if (selected === null) return 'normal';
  if (selected === table) return 'selected';
  return tables.size === 0 || tables.has(table) ? 'normal' : 'weak';
}

/** The selected table and those that a key joins to it. */
export function useRelated(): Related {
  return use(RelatedTables);
}
