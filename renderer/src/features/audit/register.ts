import { Search, Upload } from 'lucide-react';

import { registerCommand } from '../../workbench/commands.ts';
import { showSection, useWorkbench } from '../../workbench/workbench-store.ts';

import { askSearch, exportAudit } from './audit-store.ts';

/** Adds the audit commands. */
export function registerAudit(): void {
  registerCommand({
    id: 'audit.search',
    title: 'Search the audit',
    group: 'Audit',
    icon: Search,
    shortcut: 'Mod+F',
    enabled: () => useWorkbench.getState().activeSectionId === 'audit',
    run: askSearch,
  });
  registerCommand({
    id: 'audit.exportCsv',
    title: 'Export the audit as CSV',
    group: 'Audit',
    icon: Upload,
    run: async () => {
      showSection('audit');
      await exportAudit('csv');
    },
  });
}
