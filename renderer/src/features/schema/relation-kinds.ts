import { Eye, Globe, Layers, ListOrdered, ScanEye, Table2 } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { RelationKind } from '#contract/schema.ts';

/** One icon a kind, the same in the explorer, the tabs and the palette. */
export const relationIcons: Readonly<Record<RelationKind, LucideIcon>> = {
  table: Table2,
  'partitioned table': Layers,
  view: Eye,
  'materialized view': ScanEye,
  'foreign table': Globe,
  sequence: ListOrdered,
};

/** Whether relations of this kind stand in the diagram. */
export function isInDiagram(kind: RelationKind): boolean {
  return kind === 'table' || kind === 'partitioned table' || kind === 'foreign table';
}
