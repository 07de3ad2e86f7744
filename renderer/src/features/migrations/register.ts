import { FolderOpen, RefreshCw } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { showSection, useWorkbench } from '../../workbench/workbench-store.ts';

import { chooseFolder, refreshMigrations } from './migrations-store.ts';

/** Adds the migration commands. */
export function registerMigrations(): void {
  registerCommand({
    id: 'migrations.openFolder',
    title: 'Open migrations folder…',
    group: 'Migrations',
    icon: FolderOpen,
    run: () => {
      showSection('migrations');
      chooseFolder(useWorkbench.getState().activeConnectionId);
    },
  });
  registerCommand({
    id: 'migrations.refresh',
    title: 'Refresh migrations',
    group: 'Migrations',
    icon: RefreshCw,
    enabled: () => useWorkbench.getState().activeSectionId === 'migrations',
    run: refreshMigrations,
  });
}
