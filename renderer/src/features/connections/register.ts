import { FlaskConical, Plus, Unplug } from 'lucide-react';

import { queryClient, rpcKey } from '../../rpc/queries.ts';
import type { ConnectionEntry } from '#contract/connections.ts';
import { registerCommand } from '../../workbench/commands.ts';
import { closeConnection } from '../../workbench/connection-actions.ts';
import { showSection, useWorkbench } from '../../workbench/workbench-store.ts';

import { editConnection } from './connections-store.ts';
import { createSample } from './sample-database.ts';

/** Adds the connection commands. */
export function registerConnections(): void {
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

function currentEntry(): ConnectionEntry | null {
  const { activeConnectionId } = useWorkbench.getState();
  return (
    queryClient
      .getQueryData<ConnectionEntry[]>(rpcKey('connections', 'list'))
      ?.find((entry) => entry.id === activeConnectionId) ?? null
  );
}
