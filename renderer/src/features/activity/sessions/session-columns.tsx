import { Ban, CircleDashed, CirclePause, CirclePlay, Cog, EyeOff, Lock } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';

import type { ActivitySession } from '#contract/activity.ts';

import { classNames } from '../../../lib/class-names.ts';
import type { DataColumn } from '../../../ui/data-table.tsx';
import { Duration, ShortCount } from '../../../ui/quantity.tsx';

import { oneLine, stateOf, waitWords } from './session-words.ts';
import type { SessionIcon } from './session-words.ts';
import styles from './sessions.module.css';

const icons: Readonly<Record<SessionIcon, LucideIcon>> = {
  active: CirclePlay,
  waiting: Lock,
  open: CirclePause,
  aborted: Ban,
  idle: CircleDashed,
  process: Cog,
  hidden: EyeOff,
};

/** What a session does: an icon and a word. */
export function StateCell({ session }: { readonly session: ActivitySession }) {
  const { word, tone, icon } = stateOf(session);
  const Icon = icons[icon];
  return (
    <>
      <Icon size={14} className={classNames(styles['stateIcon'], styles[tone])} aria-hidden />
      <span className={classNames(styles['text'], tone !== 'dim' && styles['strong'])} title={word}>
        {word}
      </span>
    </>
  );
}

/** What it runs, on one line. */
export function QueryCell({ session }: { readonly session: ActivitySession }) {
  const { query, state } = session;
  if (query === null) return <span className={styles['dim']}>hidden from this user</span>;
  const isOld = state !== null && state !== 'active';
  return <span className={classNames(styles['query'], isOld && styles['dim'])}>{oneLine(query)}</span>;
}

function text(id: string, header: string, width: number, value: (session: ActivitySession) => string | null) {
  return {
    id,
    header,
    width,
    value,
    cell: (session: ActivitySession) => (
      <span className={styles['text']} title={value(session) ?? undefined}>
        {value(session) ?? ''}
      </span>
    ),
  } satisfies DataColumn<ActivitySession>;
}

const all: readonly DataColumn<ActivitySession>[] = [
  { id: 'pid', header: 'Pid', width: 76, align: 'right', value: ({ pid }) => pid },
  {
    id: 'state',
    header: 'State',
    width: 150,
    value: (session) => stateOf(session).word,
    cell: (session) => <StateCell session={session} />,
  },
  {
    id: 'transaction',
    header: 'Transaction',
    width: 108,
    align: 'right',
    value: ({ transactionMs }) => transactionMs,
    cell: ({ transactionMs }) => <Duration ms={transactionMs} />,
  },
  {
    id: 'statement',
    header: 'Statement',
    width: 90,
    align: 'right',
    value: ({ queryMs }) => queryMs,
    cell: ({ queryMs }) => <Duration ms={queryMs} />,
  },
  {
    id: 'wait',
    header: 'Waits for',
    width: 116,
    value: waitWords,
    cell: (session) => (
      <span className={styles['text']} title={waitWords(session)}>
        {session.waitEvent ?? ''}
      </span>
    ),
  },
  text('user', 'User', 92, ({ user }) => user),
  text('database', 'Database', 92, ({ database }) => database),
  text('application', 'Application', 112, ({ application }) => application),
  text('client', 'Client', 122, ({ client }) => client),
  {
    id: 'xmin',
    header: 'Xmin age',
    width: 78,
    align: 'right',
    value: ({ xminAge }) => xminAge,
    cell: ({ xminAge }) => <ShortCount count={xminAge} />,
  },
  {
    id: 'query',
    header: 'Query',
    width: 170,
    grow: true,
    value: ({ query }) => query,
    cell: (session) => <QueryCell session={session} />,
  },
];

/** All that is known of each session. */
export const sessionColumns = all;

const beside = new Set(['database', 'client', 'xmin', 'application', 'wait']);
/** Beside a session's own page, which tells the rest. */
export const narrowSessionColumns = all.filter(({ id }) => !beside.has(id));
