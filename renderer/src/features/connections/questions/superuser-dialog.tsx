import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Failure, Question } from '#contract/failure.ts';

import { SqlBlock } from '../../../editor/sql-block.tsx';
import { client } from '../../../rpc/client.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { useConnection } from '../../../rpc/live-lists.ts';
import { rpcQuery } from '../../../rpc/queries.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../../ui/dialog.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { TextField } from '../../../ui/field.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';

import styles from './questions.module.css';

export interface SuperuserDialogProps {
  readonly question: Extract<Question, { readonly kind: 'superuser' }>;
  readonly connectionId: string | null;
  readonly onAnswer: (answered: boolean) => void;
}

const leastCharacters = 10;

/** Says what a superuser can do in spite of the read-only guard, offers a role that cannot, and asks for a reason. */
export function SuperuserDialog({ question, connectionId, onAnswer }: SuperuserDialogProps) {
  const connection = useConnection(connectionId);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const role = useQuery({
    ...rpcQuery('connections', 'readOnlyRole', { id: connectionId ?? '' }),
    enabled: connectionId !== null,
    retry: false,
  });

  async function accept(): Promise<void> {
    if (connectionId === null) return;
    setBusy(true);
    setFailure(null);
    try {
      await client.connections.acceptSuperuser({ id: connectionId, words: reason.trim() });
      onAnswer(true);
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      size="wide"
      onOpenChange={(open) => {
        if (!open) onAnswer(false);
      }}
      title={`${question.user} is a superuser`}
      description={connection === null ? undefined : `The connection ${connection.name} is meant for reading only.`}
      footer={
        <>
          <DialogSpacer />
          <Button onClick={() => onAnswer(false)}>Cancel</Button>
          <Button look="danger" disabled={busy || reason.trim().length < leastCharacters} onClick={() => void accept()}>
            Open as superuser
          </Button>
        </>
      }
    >
      <div>
        <p>A read-only transaction stops a superuser from changing tables. It does not stop these:</p>
        <ul className={styles['list']}>
          <li>
            <code>copy … to program</code> runs any command on the server’s machine
          </li>
          <li>server files can be read and written, and functions in untrusted languages called</li>
          <li>
            sessions can be ended, settings of the server reloaded, and <code>reindex</code> takes its locks
          </li>
        </ul>
      </div>
      <div className={styles['role']}>
        <p>Better: a role that can read everything and change nothing. Run this once, then log in as that role.</p>
        {role.data !== undefined && <SqlBlock sql={role.data.sql} label="SQL of a read-only role" maxHeight={148} />}
        {role.isPending && connectionId !== null && <Skeleton width="60%" />}
        {role.isError && (
          <p className={styles['dim']}>The SQL for it cannot be made now: {failureOf(role.error).message}</p>
        )}
      </div>
      <TextField
        label="Why is it all right to go on as superuser?"
        value={reason}
        onValueChange={setReason}
        description="Kept with the connection and in the audit. At least ten characters."
        maxLength={500}
        autoFocus
      />
      {failure !== null && <FailureView failure={failure} />}
    </Dialog>
  );
}
