import { Camera, Timer } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { showSection, useWorkbench } from '../../workbench/workbench-store.ts';

/** Adds the commands of slow queries. */
export function registerStatements(): void {
  registerCommand({
    id: 'statements.show',
    title: 'Slow queries',
    group: 'Slow queries',
    icon: Timer,
    run: () => showSection('statements'),
  });
  registerCommand({
    id: 'statements.snapshot',
    title: 'Take a snapshot of statement statistics',
    group: 'Slow queries',
    icon: Camera,
    enabled: () => useWorkbench.getState().activeConnectionId !== null,
    run: async () => {
      const connectionId = useWorkbench.getState().activeConnectionId;
      showSection('statements');
      if (connectionId !== null) await (await import('./statements-actions.ts')).takeSnapshot(connectionId);
    },
  });
}
