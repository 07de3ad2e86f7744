import { ClipboardPaste } from 'lucide-react';

import { handleCommand, registerCommand } from '../../workbench/commands.ts';
import { activeTab, showSectionHome } from '../../workbench/workbench-store.ts';
import type { WorkbenchTab } from '../../workbench/workbench-store.ts';

/** Adds the plan commands. */
export function registerPlans(): void {
  handleCommand('plans.explain', async (args) => await (await import('./plan-tabs.ts')).openExplainTab(args));
  registerCommand({
    id: 'plans.read',
    title: 'Read a pasted plan…',
    group: 'Plans',
    icon: ClipboardPaste,
    run: () => showSectionHome('plans'),
  });
  // The same keys as in the query editor: a plan tab explains its own statement again.
  for (const [id, title, shortcut, analyze] of [
    ['plans.explainAgain', 'Explain again', 'Mod+E', false],
    ['plans.analyzeAgain', 'Explain analyze again', 'Mod+Shift+E', true],
  ] as const) {
    registerCommand({
      id,
      title,
      group: 'Plans',
      shortcut,
      enabled: () => statementOf(activeTab()) !== null,
      run: async () => {
        const statement = statementOf(activeTab());
        if (statement === null) return;
        const { explainInTab } = await import('./plan-tabs.ts');
        await explainInTab(statement.tabId, { connectionId: statement.connectionId, sql: statement.sql, analyze });
      },
    });
  }
}

function statementOf(
  tab: WorkbenchTab | null,
): { readonly tabId: string; readonly connectionId: string; readonly sql: string } | null {
  if (tab === null || tab.kind !== 'plan' || tab.connectionId === null) return null;
  const { state } = tab;
  if (typeof state !== 'object' || state === null || Array.isArray(state) || typeof state['sql'] !== 'string')
    return null;
  return { tabId: tab.id, connectionId: tab.connectionId, sql: state['sql'] };
}
