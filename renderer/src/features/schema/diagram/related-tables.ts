import { createContext, use } from 'react';

import type { TableKey } from './diagram-graph.ts';

/** The tables that a line joins to the selected one. */
export const RelatedTables = createContext<ReadonlySet<TableKey>>(new Set());

/** The tables that a line joins to the selected one. */
export function useRelated(): ReadonlySet<TableKey> {
  return use(RelatedTables);
}
