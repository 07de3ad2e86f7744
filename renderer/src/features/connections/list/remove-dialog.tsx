import type { ConnectionEntry } from '#contract/connections.ts';

import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { removeConnection } from '../../workbench/connection-actions.ts';
import { selectConnection, useWorkbench } from '../../workbench/workbench-store.ts';

import styles from './connections.module.css';

export interface RemoveDialogProps {
  /** Null shows nothing. */
  readonly connection: ConnectionEntry | null;
  readonly onClose: () => void;
}

/** Removes a saved connection, saying what goes and what stays. */
export function RemoveDialog({ connection, onClose }: RemoveDialogProps) {
  if (connection === null) return null;
  async function remove(id: string): Promise<void> {
    await removeConnection(id);
    if (useWorkbench.getState().activeConnectionId === id) selectConnection(null);
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Remove ${connection.name}`}
      action="Remove connection"
      danger
      onConfirm={() => remove(connection.id)}
    >
      <div className={styles['kept']}>
        <p>
          Steward forgets how to reach <code>{connection.database}</code> on <code>{connection.host}</code>
          {connection.password === 'none' ? '.' : ', and its password.'} The database itself is not touched.
        </p>
        <p>Backups, plans, health reports and the query history of this connection are kept.</p>
      </div>
    </ConfirmDialog>
  );
}
