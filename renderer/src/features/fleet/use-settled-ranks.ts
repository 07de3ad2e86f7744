import { useCallback, useEffect, useState } from 'react';

import type { FleetItem } from './fleet-model.ts';

/** The ranks of the rows, as they were before a check began and as they are after it: nothing jumps in between. */
export function useSettledRanks(items: readonly FleetItem[], running: boolean): (item: FleetItem) => number {
  const [settled, setSettled] = useState<ReadonlyMap<string, number>>(() => new Map());
  useEffect(() => {
    if (!running) setSettled(new Map(items.map(({ row }) => [row.connectionId, row.rank])));
  }, [items, running]);
  return useCallback(
    ({ row }) => (running ? settled.get(row.connectionId) : undefined) ?? row.rank,
    [settled, running],
  );
}
