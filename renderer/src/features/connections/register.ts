import { Download, FlaskConical, Plus, Unplug, Upload } from 'lucide-react';

import { queryClient, rpcKey } from '../../rpc/queries.ts';
import type { ConnectionEntry } from '#contract/connections.ts';
import { registerCommand } from '../../workbench/commands.ts';
import { closeConnection } from '../../workbench/connection-actions.ts';
import { showSection, useWorkbench } from '../../workbench/workbench-store.ts';

import { editConnection, setImporting } from './connections-store.ts';
import { exportToFile } from './list/list-actions.ts';
import { registerConnectionAnswers } from './questions/answer-question.tsx';
import { createSample } from './sample-database.ts';

/** Adds the connection commands, and the answers to what connections ask. */
export function registerConnections(): void {
  registerConnectionAnswers();
  registerCommand({
    id: 'connections.add',
    title: 'Add connection',
    group: 'Connections',
    icon: Plus,
    run: () => {
      showSection('connections');
      editConnection('new');
    },
  });
  registerCommand({
    id: 'connections.import',
    title: 'Import connections',
    group: 'Connections',
    icon: Download,
    run: () => {
      showSection('connections');
      setImporting({ kind: 'choose' });
    },
  });
  registerCommand({
    id: 'connections.export',
    title: 'Export all connections',
    group: 'Connections',
    icon: Upload,
    enabled: () => allEntries().length > 0,
    run: () => exportToFile(allEntries()),
  });
  registerCommand({
    id: 'connections.close',
    title: 'Close the current connection',
    group: 'Connections',
    icon: Unplug,
    enabled: () => currentEntry()?.state.kind === 'open',
    run: async () => {
      const entry = currentEntry();
      if (entry !== null) await closeConnection(entry.id);
    },
  });
  registerCommand({
    id: 'connections.sample',
    title: 'Create the sample database',
    group: 'Connections',
    icon: FlaskConical,
    run: createSample,
  });
}

function allEntries(): readonly ConnectionEntry[] {
  return queryClient.getQueryData<ConnectionEntry[]>(rpcKey('connections', 'list')) ?? [];
}

function currentEntry(): ConnectionEntry | null {
  const { activeConnectionId } = useWorkbench.getState();
  return allEntries().find((entry) => entry.id === activeConnectionId) ?? null;
}
