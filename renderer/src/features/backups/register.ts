import { Archive } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { showSection, useWorkbench } from '../../workbench/workbench-store.ts';

import { backUp } from './backups-store.ts';

/** Adds the backup commands. */
export function registerBackups(): void {
  registerCommand({
    id: 'backups.start',
    title: 'Back up now',
    group: 'Backups',
    icon: Archive,
    shortcut: 'Mod+Shift+B',
    enabled: () => useWorkbench.getState().activeConnectionId !== null,
    run: async () => {
      const { activeConnectionId } = useWorkbench.getState();
      showSection('backups');
      if (activeConnectionId !== null) await backUp(activeConnectionId);
    },
  });
}
