import { LayoutDashboard, Square } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { showSection } from '../../workbench/workbench-store.ts';

import { cancelRefresh, refreshFleet, useFleet } from './fleet-store.ts';

/** Adds the fleet's commands. */
export function registerFleet(): void {
  registerCommand({
    id: 'fleet.refresh',
    title: 'Check all connections',
    group: 'Fleet',
    icon: LayoutDashboard,
    enabled: () => useFleet.getState().refreshing === null,
    run: async () => {
      showSection('fleet');
      await refreshFleet();
    },
  });
  registerCommand({
    id: 'fleet.cancel',
    title: 'Cancel the check of all connections',
    group: 'Fleet',
    icon: Square,
    enabled: () => useFleet.getState().refreshing !== null,
    run: cancelRefresh,
  });
}
