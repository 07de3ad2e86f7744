import type { ConnectionEntry } from '#contract/connections.ts';

import { countOf } from '../../../lib/format-count.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';
import { removeConnection } from '../../../workbench/connection-actions.ts';
import { selectConnection, useWorkbench } from '../../../workbench/workbench-store.ts';

import styles from './list.module.css';

export interface RemoveDialogProps {
  /** Empty shows nothing. */
  readonly entries: readonly ConnectionEntry[];
  readonly onClose: () => void;
}

const mostNames = 8;

/** Removes saved connections, saying what goes and what stays. */
export function RemoveDialog({ entries, onClose }: RemoveDialogProps) {
  const [only] = entries;
  if (only === undefined) return null;
  const single = entries.length === 1;
  const secrets = entries.some(({ password }) => password !== 'none');
  async function remove(): Promise<void> {
    for (const { id } of entries) {
      await removeConnection(id);
      if (useWorkbench.getState().activeConnectionId === id) selectConnection(null);
    }
  }
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={single ? `Remove ${only.name}` : `Remove ${countOf(entries.length, 'connection')}`}
      action={single ? 'Remove connection' : `Remove ${entries.length}`}
      danger
      onConfirm={remove}
    >
      <div className={styles['kept']}>
        {single ? (
          <p>
            Steward forgets how to reach <code>{only.database}</code> on <code>{only.host}</code>
            {secrets ? ', and its password.' : '.'} The database itself is not touched.
          </p>
        ) : (
          <>
            <p>
              Steward forgets how to reach these{secrets ? ', and their passwords' : ''}. The databases themselves are
              not touched.
            </p>
            <ul className={styles['names']}>
              {entries.slice(0, mostNames).map(({ id, name }) => (
                <li key={id}>{name}</li>
              ))}
              {entries.length > mostNames && <li>and {entries.length - mostNames} more</li>}
            </ul>
          </>
        )}
        <p>Backups, plans, health reports and the query history are kept.</p>
      </div>
    </ConfirmDialog>
  );
}
