import { HeartPulse, Square } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { showSection, useWorkbench } from '../../workbench/workbench-store.ts';

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
