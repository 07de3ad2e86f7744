import { FileText } from 'lucide-react';
import { lazy } from 'react';

import { registerCommand } from '../../workbench/commands.ts';
import { showSection } from '../../workbench/workbench-store.ts';

/** Runs of a statement in imported logs, for the page of a statement. */
export const LoggedRuns = lazy(async () => ({ default: (await import('./logged-runs.tsx')).LoggedRuns }));

/** Adds the commands of imported logs. */
export function registerLogs(): void {
  registerCommand({
    id: 'logs.import',
    title: 'Import a server log…',
    group: 'Server logs',
    icon: FileText,
    run: async () => {
      showSection('logs');
      (await import('./logs-store.ts')).openLogsHome();
    },
  });
}
