import { CircleAlert, CircleCheck, CircleSlash, Info, Loader, TriangleAlert } from 'lucide-react';

import { countOf } from '../../lib/format-count.ts';
import { Duration } from '../../ui/quantity.tsx';

import styles from './query.module.css';
import type { RunMessage, RunState, StatementRun } from './run-state.ts';

/** Every statement of a run with its outcome, and the notices that came with it. */
export function MessagesView({ run }: { readonly run: RunState }) {
  if (run.statements.length === 0 && run.messages.length === 0) {
    return (
      <p className={styles['messages']}>
        {run.cancelled ? 'Cancelled before anything ran.' : 'The server had nothing to say.'}
      </p>
    );
  }
  return (
    <ol className={styles['messages']} aria-label="Messages">
      {run.statements.map((statement) => (
        <StatementLines key={statement.index} run={run} statement={statement} />
      ))}
    </ol>
  );
}

function StatementLines({ run, statement }: { readonly run: RunState; readonly statement: StatementRun }) {
  const notices = run.messages.filter((message) => message.statement === statement.index);
  const sql = run.sql.slice(statement.start, statement.end).replaceAll(/\s+/g, ' ').trim();
  return (
    <>
      {notices.map((notice, index) => (
        <NoticeLine key={index} notice={notice} />
      ))}
      <li className={styles['message']}>
        <StatementIcon statement={statement} />
        <span className={styles['messageText']}>{outcomeOf(statement)}</span>
        <Duration ms={statement.durationMs} />
        <span />
        <span className={styles['messageSql']}>{sql.slice(0, 300)}</span>
      </li>
    </>
  );
}

function NoticeLine({ notice }: { readonly notice: RunMessage }) {
  const warning = notice.severity === 'WARNING';
  const Icon = warning ? TriangleAlert : Info;
  return (
    <li className={styles['message']}>
      <Icon size={14} className={styles[warning ? 'warning' : 'info']} aria-hidden />
      <span className={styles['messageText']}>
        <span className={styles['dim']}>{notice.severity}</span> {notice.message}
      </span>
      <span />
      {notice.detail !== undefined && <span className={styles['messageMore']}>{notice.detail}</span>}
      {notice.hint !== undefined && <span className={styles['messageMore']}>Hint: {notice.hint}</span>}
    </li>
  );
}

function StatementIcon({ statement }: { readonly statement: StatementRun }) {
  if (statement.state === 'running') return <Loader size={14} className={styles['dim']} aria-label="Running" />;
  if (statement.state === 'done') return <CircleCheck size={14} className={styles['good']} aria-label="Done" />;
  if (statement.failure?.code === 'cancelled')
    return <CircleSlash size={14} className={styles['dim']} aria-label="Cancelled" />;
  return <CircleAlert size={14} className={styles['critical']} aria-label="Failed" />;
}

function outcomeOf(statement: StatementRun): string {
  if (statement.state === 'running') return 'Running…';
  if (statement.state === 'failed') return statement.failure?.message ?? 'Failed.';
  if (statement.rows === null) return statement.command ?? 'Done';
  return `${statement.command ?? 'Done'} · ${countOf(statement.rows, 'row')}`;
}
