import { useState } from 'react';

import type { Backup } from '#contract/backups.ts';
import type { ConnectionEntry } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useConnections } from '../../rpc/live-lists.ts';
import { Button } from '../../ui/button.tsx';
import { ConnectionDot } from '../../ui/connection-dot.tsx';
import { Dialog, DialogSpacer } from '../../ui/dialog.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { TextField } from '../../ui/field.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Select } from '../../ui/select.tsx';
import { isOpen } from '../../workbench/connection-gate.tsx';
import { useWorkbench } from '../../workbench/workbench-store.ts';

import { nameProblem, proposedName } from './backup-words.ts';
import { askRestore, restore, useBackups } from './backups-store.ts';
import styles from './backups.module.css';

/** Restores a backup into a new database; nothing that exists is touched. */
export function RestoreDialog() {
  const backup = useBackups((state) => state.restoring);
  const { data: connections = [] } = useConnections();
  if (backup === null) return null;
  return <RestoreForm key={backup.id} backup={backup} targets={connections.filter(isOpen)} />;
}

function RestoreForm({ backup, targets }: { readonly backup: Backup; readonly targets: readonly ConnectionEntry[] }) {
  const activeConnectionId = useWorkbench((state) => state.activeConnectionId);
  const [name, setName] = useState(() => proposedName(backup.database, new Date()));
  const [chosenId, setChosenId] = useState(backup.connectionId ?? activeConnectionId ?? '');
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const target = targets.find(({ id }) => id === chosenId) ?? targets[0];
  const problem = nameProblem(name);

  async function start(): Promise<void> {
    if (target === undefined || problem !== null) return;
    setBusy(true);
    setFailure(null);
    try {
      await restore(backup, target.id, name);
      askRestore(null);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) askRestore(null);
      }}
      title={`Restore ${backup.database} into a new database`}
      description={
        <>
          Backup made <RelativeTime at={backup.startedAt} />, {formatBytes(backup.sizeBytes)}, from PostgreSQL{' '}
          {backup.serverVersion}.
        </>
      }
      footer={
        <>
          <DialogSpacer />
          <Button onClick={() => askRestore(null)}>Cancel</Button>
          <Button
            look="primary"
            disabled={busy || problem !== null || target === undefined}
            onClick={() => void start()}
          >
            Restore
          </Button>
        </>
      }
    >
      <form
        className={styles['form']}
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <TextField label="New database" mono autoFocus value={name} onValueChange={setName} error={problem} />
        {target === undefined ? (
          <p className={styles['noTarget']}>
            No connection is open. Open one to the server that is to hold the new database.
          </p>
        ) : (
          <Select
            label="On the server of"
            options={targets.map((entry) => ({
              value: entry.id,
              label: `${entry.name} (${entry.environment})`,
              mark: <ConnectionDot color={entry.color} />,
            }))}
            value={target.id}
            onValueChange={setChosenId}
          />
        )}
      </form>
      <p>
        A new database is created and filled; nothing that exists is touched. If there is one of that name already,
        nothing happens. Taking it back: <code>drop database</code>.
      </p>
      {failure !== null && <FailureView failure={failure} title="The restore was not started" />}
    </Dialog>
  );
}
