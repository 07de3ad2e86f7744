import type { ActivitySession } from '#contract/activity.ts';

import { SqlBlock } from '../../../editor/sql-block.tsx';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';

import { isHidden, ownerWords, transactionWords } from './session-words.ts';
import styles from './stop-dialog.module.css';
import { closeStopQuestion, stopSession, stopSql, useStopQuestion } from './stop-session.ts';
import type { StopQuestion } from './stop-session.ts';

/** Says what ends, and what becomes of it, before it is done. Stays open with the server's words where it refuses. */
export function StopDialog() {
  const question = useStopQuestion((state) => state.question);
  if (question === null) return null;
  const { act, session, typedName } = question;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) closeStopQuestion();
      }}
      title={act === 'cancel' ? `Cancel the statement of session ${session.pid}` : `End session ${session.pid}`}
      action={act === 'cancel' ? 'Cancel statement' : 'End session'}
      danger={act === 'terminate'}
      wide
      typedName={typedName}
      onConfirm={() => stopSession(question)}
    >
      <Words question={question} />
    </ConfirmDialog>
  );
}

function Words({ question: { act, session, connection } }: { readonly question: StopQuestion }) {
  const { query, client } = session;
  return (
    <div className={styles['words']}>
      <dl className={styles['facts']}>
        <dt>Session</dt>
        <dd>{ownerWords(session)}</dd>
        <dt>Client</dt>
        <dd>{client ?? (isHidden(session) ? 'hidden from this user' : 'none')}</dd>
        <dt>Transaction</dt>
        <dd>{transactionWords(session)}</dd>
      </dl>
      {query === null || query === '' ? (
        <p>What it runs is {query === null ? 'hidden from this user' : 'not known'}.</p>
      ) : (
        <SqlBlock
          sql={query}
          label={session.state === 'active' ? 'Statement that runs' : 'Last statement'}
          connectionId={connection.id}
          maxHeight={150}
        />
      )}
      {act === 'cancel' ? (
        <p>
          The statement fails with SQLSTATE 57014, and what it has done is undone. In a transaction of several
          statements, the transaction can only be rolled back afterwards.
        </p>
      ) : (
        <p>{rollbackWords(session)} Its client loses the connection; many connect again by themselves.</p>
      )}
      <SqlBlock sql={stopSql(act, session.pid)} label="What Steward sends" connectionId={connection.id} />
    </div>
  );
}

function rollbackWords(session: ActivitySession): string {
  if (isHidden(session)) return 'If it has an open transaction, that is rolled back, all of it.';
  return session.transactionMs === null ? 'It has no open transaction.' : 'Its transaction is rolled back, all of it.';
}
