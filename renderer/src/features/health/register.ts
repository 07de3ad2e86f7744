import { HeartPulse, SlidersHorizontal, Square } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { showSection, useWorkbench } from '../../workbench/workbench-store.ts';

import { openChecksDialog } from './checks-dialog.tsx';
import { cancelHealthRun, startHealthRun, useHealth } from './health-store.ts';

/** Adds the health commands. */
export function registerHealth(): void {
  registerCommand({
    id: 'health.run',
    title: 'Run health report',
    group: 'Health',
    icon: HeartPulse,
    shortcut: 'Mod+Shift+H',
    enabled: () => activeConnection() !== null && !isRunning(),
    run: () => {
      const connectionId = activeConnection();
      showSection('health');
      if (connectionId !== null) void startHealthRun(connectionId);
    },
  });
  registerCommand({
    id: 'health.checks',
    title: 'Health checks: thresholds and suppressions',
    group: 'Health',
    icon: SlidersHorizontal,
    run: () => {
      showSection('health');
      openChecksDialog();
    },
  });
  registerCommand({
    id: 'health.cancel',
    title: 'Cancel the health report',
    group: 'Health',
    icon: Square,
    enabled: isRunning,
    run: () => cancelHealthRun(activeConnection() ?? ''),
  });
}

function activeConnection(): string | null {
  return useWorkbench.getState().activeConnectionId;
}

function isRunning(): boolean {
  return useHealth.getState().runs[activeConnection() ?? '']?.kind === 'running';
}
