import { FileText } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { showSection } from '../../workbench/workbench-store.ts';

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
