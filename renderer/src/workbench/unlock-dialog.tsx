import type { ConnectionEntry } from '#contract/connections.ts';

import { ConfirmDialog } from '../ui/confirm-dialog.tsx';

import { closeConnection, draftOf, openConnection, saveConnection } from './connection-actions.ts';

export interface UnlockDialogProps {
  readonly connection: ConnectionEntry;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Opens the read-only lock of a connection, on purpose. */
export function UnlockDialog({ connection, open, onOpenChange }: UnlockDialogProps) {
  const production = connection.environment === 'production';
  async function unlock(): Promise<void> {
    await saveConnection({ ...draftOf(connection), readOnly: false });
    if (connection.state.kind !== 'open') return;
    await closeConnection(connection.id);
    await openConnection(connection.id);
  }
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Allow writes on ${connection.name}`}
      action="Allow writes"
      danger={production}
      typedName={production ? connection.database : null}
      onConfirm={unlock}
    >
      <p>
        Statements will run as they are, and what they change is committed. The connection is closed and opened again:
        open transactions on it are rolled back.
      </p>
      <p>To lock it again, edit the connection and turn on “Read-only”.</p>
    </ConfirmDialog>
  );
}
