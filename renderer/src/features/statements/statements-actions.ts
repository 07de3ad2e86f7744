import { client } from '../../rpc/client.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { showFailureToast } from '../../ui/toast.tsx';

import { showStatements, useStatements } from './statements-store.ts';

/** Asks anew for everything that a new snapshot changes. */
export async function refreshStatements(): Promise<void> {
  await Promise.all(
    (['deltas', 'statement', 'snapshots'] as const).map((procedure) =>
      queryClient.invalidateQueries({ queryKey: rpcKey('statements', procedure) }),
    ),
  );
}

/** Looks at the counters now. */
export async function takeSnapshot(connectionId: string): Promise<void> {
  if (useStatements.getState().taking) return;
  showStatements({ taking: true });
  try {
    await client.statements.snapshot({ connectionId });
    await refreshStatements();
  } catch (error) {
    showFailureToast(error, 'No snapshot was taken');
  } finally {
    showStatements({ taking: false });
  }
}
