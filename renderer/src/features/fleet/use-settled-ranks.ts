import { useMemo, useRef } from 'react';

import type { FleetItem } from './fleet-model.ts';

/** The ranks of the rows, as they were before a check began and as they are after it: nothing jumps in between. */
export function useSettledRanks(items: readonly FleetItem[], running: boolean): (item: FleetItem) => number {
  const settled = useRef<ReadonlyMap<string, number> | null>(null);
  return useMemo(() => {
    const before = settled.current;
    const ranks = new Map(
      items.map(({ row }) => [row.connectionId, running ? (before?.get(row.connectionId) ?? row.rank) : row.rank]),
    );
    settled.current = ranks;
    return ({ row }) => ranks.get(row.connectionId) ?? row.rank;
  }, [items, running]);
}
