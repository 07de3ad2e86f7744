import { CirclePlay, ListTree, Play, Plus, Square, WandSparkles } from 'lucide-react';

import { handleCommand, isHandled, registerCommand } from '../../workbench/commands.ts';
import { registerStatusItem } from '../../workbench/status-items.ts';
import { activeTab } from '../../workbench/workbench-store.ts';

import type { QueryAction } from './query-actions.ts';
import { currentQueryActions } from './query-actions.ts';
import { openQueryTab } from './query-tabs.ts';
import { isRunning } from './run-store.ts';
import { TransactionStatusItem } from './transaction-status-item.tsx';

/** Adds the query commands and the transaction to the status bar. */
export function registerQuery(): void {
  handleCommand('query.open', (args) => {
    openQueryTab(args);
  });
  registerCommand({
    id: 'query.new',
    title: 'New query',
    group: 'Query',
    icon: Plus,
    shortcut: 'Mod+T',
    run: () => void openQueryTab({ sql: '' }),
  });
  add('run', 'Run selection or statement', Play, 'Mod+Enter');
  add('runAll', 'Run all statements', CirclePlay, 'Mod+Shift+Enter');
  add('cancel', 'Cancel the running statement', Square, 'Escape', runsInActiveTab);
  add('format', 'Format SQL', WandSparkles, 'Mod+Shift+F');
  add('explain', 'Explain', ListTree, 'Mod+E', () => isHandled('plans.explain'));
  add('explainAnalyze', 'Explain analyze', ListTree, 'Mod+Shift+E', () => isHandled('plans.explain'));
  registerStatusItem({ id: 'query.transaction', side: 'left', order: 10, component: TransactionStatusItem });
}

function add(
  action: QueryAction,
  title: string,
  icon: typeof Play,
  shortcut: string,
  also: () => boolean = () => true,
): void {
  registerCommand({
    id: `query.${action}`,
    title,
    group: 'Query',
    icon,
    shortcut,
    enabled: () => currentQueryActions() !== null && also(),
    run: async () => {
      await currentQueryActions()?.[action]();
    },
  });
}

function runsInActiveTab(): boolean {
  const tab = activeTab();
  return tab !== null && isRunning(tab.id);
}
