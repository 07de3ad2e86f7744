import { useQuery } from '@tanstack/react-query';
import { Lock, LockOpen, TriangleAlert, Undo2, Users } from 'lucide-react';
import { useState } from 'react';

import type { HealthCheckResult, HealthFinding } from '#contract/health-model.ts';
import type { BlockingSession, FixPreview, FixStatement } from '#contract/health.ts';
import type { Failure } from '#contract/failure.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { formatDuration } from '../../lib/format-duration.ts';
import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../ui/dialog.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { TextField } from '../../ui/field.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';

import styles from './fix-dialog.module.css';

export interface FixDialogProps {
  readonly check: HealthCheckResult;
  readonly finding: HealthFinding & { readonly fixSql: string };
  readonly connectionId: string;
  readonly onClose: () => void;
}

/** What a fix would do: each statement with its time, the lock, who is in the way, the way back. Then it is applied. */
export function FixDialog({ check, finding, connectionId, onClose }: FixDialogProps) {
  const request = { connectionId, check: check.id, object: finding.object, fixSql: finding.fixSql };
  const preview = useQuery({ ...rpcQuery('health', 'previewFix', request), staleTime: 0, gcTime: 0 });
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const shown = preview.data;
  const typedName = shown?.refusal === null ? shown.typedName : null;
  const ready =
    shown !== undefined && !preview.isFetching && shown.refusal === null && (typedName === null || typed === typedName);

  async function apply(): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      await client.health.fix({ ...request, ...(typed === '' ? {} : { confirmation: typed }) });
      onClose();
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Fix ${finding.object}`}
      description={`${check.title} (${check.id})`}
      size="wide"
      footer={
        <>
          <Button disabled={preview.isFetching} onClick={() => void preview.refetch()}>
            {preview.isFetching ? 'Asking the check…' : 'Ask again'}
          </Button>
          <DialogSpacer />
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!ready || busy} onClick={() => void apply()}>
            {busy ? 'Starting…' : 'Apply fix'}
          </Button>
        </>
      }
    >
      {preview.error !== null && !preview.isFetching ? (
        <FailureView title="It cannot be fixed this way now" failure={failureOf(preview.error)} />
      ) : shown === undefined ? (
        <SkeletonRows rows={5} label="Asking the check again" />
      ) : (
        <PreviewView preview={shown} connectionId={connectionId} />
      )}
      {typedName !== null && (
        <TextField
          label={`This is production. Type “${typedName}” to go on`}
          value={typed}
          onValueChange={setTyped}
          mono
        />
      )}
      {failure !== null && <FailureView failure={failure} />}
    </Dialog>
  );
}

function PreviewView({ preview, connectionId }: { readonly preview: FixPreview; readonly connectionId: string }) {
  const { lock, caution, undoSql, refusal, blocking, blockingUnsure } = preview;
  const gentle = lock === null || /no table lock|reads and writes go on/i.test(lock);
  return (
    <div className={styles['preview']}>
      {refusal !== null && (
        <p className={styles['refusal']} role="alert">
          <Lock size={14} aria-hidden /> {refusal}
        </p>
      )}
      <ol className={styles['steps']}>
        {preview.statements.map((statement, place) => (
          <Step key={place} statement={statement} connectionId={connectionId} />
        ))}
      </ol>
      <dl className={styles['facts']}>
        {lock !== null && (
          <>
            <dt>{gentle ? <LockOpen size={14} aria-hidden /> : <Lock size={14} aria-hidden />} Lock</dt>
            <dd>
              {lock}
              {!gentle &&
                '. It is asked for two seconds at a time, again and again for five minutes, so that nobody queues behind it.'}
            </dd>
          </>
        )}
        {caution !== null && (
          <>
            <dt className={styles['warning']}>
              <TriangleAlert size={14} aria-hidden /> Caution
            </dt>
            <dd>{caution}</dd>
          </>
        )}
        <dt>
          <Users size={14} aria-hidden /> In the way now
        </dt>
        <dd>
          {blocking.length === 0 ? 'Nobody holds a lock on it.' : <Blocking sessions={blocking} />}
          {blockingUnsure !== null && <span className={styles['dim']}> {blockingUnsure}</span>}
        </dd>
        <dt>
          <Undo2 size={14} aria-hidden /> Way back
        </dt>
        <dd>
          {undoSql === null ? (
            'None by SQL.'
          ) : (
            <SqlBlock sql={undoSql} label="Way back" connectionId={connectionId} maxHeight={120} />
          )}
        </dd>
      </dl>
    </div>
  );
}

function Step({ statement, connectionId }: { readonly statement: FixStatement; readonly connectionId: string }) {
  const { sql, estimate, outsideTransaction } = statement;
  return (
    <li>
      <SqlBlock sql={sql} label="Statement that will run" connectionId={connectionId} maxHeight={180} />
      <p className={styles['estimate']}>
        {estimate === null
          ? 'Nothing tells how long it takes.'
          : `About ${formatDuration(estimate.fromMs)} to ${formatDuration(estimate.toMs)}: ${estimate.because}`}
        {outsideTransaction && ' It runs outside a transaction; what it leaves behind when it fails is cleaned up.'}
      </p>
    </li>
  );
}

function Blocking({ sessions }: { readonly sessions: readonly BlockingSession[] }) {
  return (
    <table className={styles['sessions']} aria-label="Sessions in the way">
      <thead>
        <tr>
          <th>Process</th>
          <th>Who</th>
          <th>Holds</th>
          <th className={styles['number']}>Open for</th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <tr key={session.pid} title={session.query ?? ''}>
            <td>
              <code>{session.pid}</code>
            </td>
            <td>{[session.user, session.application].filter(Boolean).join(', ') || 'hidden'}</td>
            <td>{session.holds}</td>
            <td className={styles['number']}>
              {session.transactionMs === null ? '' : formatDuration(session.transactionMs)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
