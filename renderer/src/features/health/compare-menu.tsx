import { useQuery } from '@tanstack/react-query';
import { GitCompareArrows, X } from 'lucide-react';

import type { SavedReport } from '#contract/health.ts';

import { formatAbsolute } from '../../lib/relative-time.ts';
import { useConnections } from '../../rpc/live-lists.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import type { MenuEntry } from '../../ui/menu.tsx';

import { compareWith, useHealth } from './health-store.ts';

/** Chooses an earlier report of this connection, or the newest of another one, to compare the shown report with. */
export function CompareMenu({
  connectionId,
  shownId,
}: {
  readonly connectionId: string;
  /** Null where the shown report was not kept: it cannot be compared. */
  readonly shownId: string | null;
}) {
  const compared = useHealth((state) => state.comparedWith[connectionId] ?? null);
  const connections = useConnections().data ?? [];
  const reports = useQuery(rpcQuery('health', 'reports', { limit: 200 })).data ?? [];
  if (compared !== null) {
    return (
      <Button icon={X} onClick={() => compareWith(connectionId, null)}>
        Close comparison
      </Button>
    );
  }
  const earlier = reports.filter((report) => report.connectionId === connectionId && report.id !== shownId).slice(0, 8);
  const elsewhere = newestElsewhere(reports, connectionId);
  const nameOf = (report: SavedReport) =>
    connections.find(({ id }) => id === report.connectionId)?.name ?? report.database;
  const entries: MenuEntry[] = [
    ...earlier.map((report) => ({
      label: `With ${formatAbsolute(report.takenAt).slice(0, 16)}`,
      onSelect: () => compareWith(connectionId, report.id),
    })),
    ...(earlier.length > 0 && elsewhere.length > 0 ? ['separator' as const] : []),
    ...elsewhere.map((report) => ({
      label: `With ${nameOf(report)}, ${formatAbsolute(report.takenAt).slice(0, 16)}`,
      onSelect: () => compareWith(connectionId, report.id),
    })),
  ];
  return (
    <Menu
      align="end"
      trigger={
        <Button icon={GitCompareArrows} disabled={shownId === null || entries.length === 0}>
          Compare
        </Button>
      }
      entries={entries}
    />
  );
}

function newestElsewhere(reports: readonly SavedReport[], connectionId: string): readonly SavedReport[] {
  const newest = new Map<string, SavedReport>();
  for (const report of reports) {
    if (report.connectionId === null || report.connectionId === connectionId) continue;
    if (!newest.has(report.connectionId)) newest.set(report.connectionId, report);
  }
  return [...newest.values()].slice(0, 8);
}
