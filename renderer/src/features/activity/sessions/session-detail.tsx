import { useQuery } from '@tanstack/react-query';
import { Copy, RotateCw, X } from 'lucide-react';
import { useEffect } from 'react';
import type { ReactNode } from 'react';

import type { ActivitySession, LockWait } from '#contract/activity.ts';
import type { ConnectionEntry } from '#contract/connections.ts';

import { SqlBlock } from '../../../editor/sql-block.tsx';
import { formatCount } from '../../../lib/format-count.ts';
import { formatAbsolute } from '../../../lib/relative-time.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { rpcQuery } from '../../../rpc/queries.ts';
import { Badge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { IconButton } from '../../../ui/icon-button.tsx';
import { Duration } from '../../../ui/quantity.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { Tooltip } from '../../../ui/tooltip.tsx';
import { useIsHandled } from '../../../workbench/commands.ts';

import { selectSession, sessionKey, useActivity } from '../activity-store.ts';
import { preparedTransactionPid } from '../blocking/blocking-tree.ts';

import { StateCell } from './session-columns.tsx';
import { copied } from './session-menu.ts';
import { isHidden, isLikelyCut, ownerWords, waitWords } from './session-words.ts';
import styles from './sessions.module.css';
import { askToStop, explainQueryOf, openQueryOf, whyNoExplain, whyNot } from './stop-session.ts';

const noSessions: readonly ActivitySession[] = [];
const noWaits: readonly LockWait[] = [];

export interface SessionDetailProps {
  /** As it was seen last; it may have gone since. */
  readonly session: ActivitySession;
  readonly connection: ConnectionEntry;
}

/** All about one session, and what can be done to it. */
export function SessionDetail({ session: seen, connection }: SessionDetailProps) {
  const sessions = useActivity((state) => state.sessions)?.sessions ?? noSessions;
  const waits = useActivity((state) => state.locks)?.waits ?? noWaits;
  const key = sessionKey(seen);
  const found = sessions.find((one) => sessionKey(one) === key);
  const session = found ?? seen;
  // What is known when it has gone is what was known last.
  useEffect(() => {
    if (found !== undefined) selectSession(found);
  }, [found]);
  return (
    <section className={styles['detail']} aria-label={`Session ${session.pid}`}>
      <header className={styles['detailHead']}>
        <h2 className={styles['detailTitle']}>Session {session.pid}</h2>
        {found === undefined ? (
          <Badge>has ended</Badge>
        ) : (
          <span className={styles['detailState']}>
            <StateCell session={session} />
          </span>
        )}
        <span className={styles['headTools']}>
          <IconButton icon={Copy} label="Copy pid" size="small" onClick={() => void copied(String(session.pid))} />
          <IconButton icon={X} label="Close" size="small" onClick={() => selectSession(null)} />
        </span>
      </header>
      <Actions session={session} connection={connection} hasEnded={found === undefined} />
      <Facts session={session} />
      <Blocking session={session} sessions={sessions} waits={waits} />
      <QueryAndLocks session={session} connection={connection} hasEnded={found === undefined} />
    </section>
  );
}

interface ActionsProps extends SessionDetailProps {
  readonly hasEnded: boolean;
}

function Actions({ session, connection, hasEnded }: ActionsProps) {
  const canExplain = useIsHandled('plans.explain');
  const gone = hasEnded ? 'The session has ended.' : null;
  const hasQuery = session.query !== null && session.query !== '';
  return (
    <div className={styles['actions']}>
      <Act why={gone ?? whyNot('cancel', session, connection)} onClick={() => askToStop('cancel', session, connection)}>
        Cancel statement
      </Act>
      <Act
        why={gone ?? whyNot('terminate', session, connection)}
        onClick={() => askToStop('terminate', session, connection)}
      >
        End session
      </Act>
      <Act
        why={hasQuery ? null : 'Its statement is not known.'}
        onClick={() => void openQueryOf(session, connection.id)}
      >
        Open query
      </Act>
      {canExplain && (
        <Act why={whyNoExplain(session, connection)} onClick={() => void explainQueryOf(session, connection.id)}>
          Explain
        </Act>
      )}
    </div>
  );
}

interface ActProps {
  /** Why it cannot be done now; null where it can. */
  readonly why: string | null;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

function Act({ why, onClick, children }: ActProps) {
  if (why === null) {
    return (
      <Button size="small" onClick={onClick}>
        {children}
      </Button>
    );
  }
  return (
    <Tooltip label={why}>
      <span className={styles['disabled']} tabIndex={0}>
        <Button size="small" disabled aria-description={why}>
          {children}
        </Button>
      </span>
    </Tooltip>
  );
}

function Facts({ session }: { readonly session: ActivitySession }) {
  const { user, database, application, client, backendStart, leaderPid, xminAge } = session;
  const wait = waitWords(session);
  // What is hidden is not none.
  const none = (word: string): string => (isHidden(session) ? 'hidden' : word);
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['User', user ?? session.backendType ?? 'none'],
    ['Database', database ?? none('none')],
    ['Application', application === '' ? none('none given') : application],
    ['Client', client ?? none('none')],
    ['Transaction', <Duration key="transaction" ms={session.transactionMs} />],
    ['Statement', <Duration key="statement" ms={session.queryMs} />],
    ['In this state', <Duration key="state" ms={session.stateMs} />],
    ['Xmin age', xminAge === null ? none('none') : formatCount(xminAge)],
    ['Waits for', wait === '' ? none('nothing') : wait],
    ['Began', backendStart === null ? 'hidden' : shortInstant(backendStart)],
    ...(leaderPid === null ? [] : [['Works for', `session ${leaderPid}`] as const]),
  ];
  return (
    <dl className={styles['facts']}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={typeof value === 'string' ? value : undefined}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** As the server told it, shortened: `08:11:42` today, else `2026-11-28 08:11`. */
function shortInstant(instant: string): string {
  const isToday = instant.slice(0, 10) === formatAbsolute(Date.now()).slice(0, 10);
  return isToday ? instant.slice(11, 19) : instant.slice(0, 16);
}

interface BlockingProps {
  readonly session: ActivitySession;
  readonly sessions: readonly ActivitySession[];
  readonly waits: readonly LockWait[];
}

const shownOthers = 12;

function Blocking({ session, sessions, waits }: BlockingProps) {
  const own = waits.find(({ pid }) => pid === session.pid);
  const blocked = waits.filter(({ blockedBy }) => blockedBy.includes(session.pid)).map(({ pid }) => pid);
  if (own === undefined && blocked.length === 0) return null;
  return (
    <div className={styles['blocking']}>
      {own !== undefined && (
        <Others
          title={`Waits for ${own.mode ?? 'a lock'}${own.target === null ? '' : ` on ${own.target}`}, blocked by`}
          pids={own.blockedBy}
          sessions={sessions}
        />
      )}
      {blocked.length > 0 && (
        <Others title={`Blocks ${formatCount(blocked.length)}`} pids={blocked} sessions={sessions} />
      )}
    </div>
  );
}

interface OthersProps {
  readonly title: string;
  readonly pids: readonly number[];
  readonly sessions: readonly ActivitySession[];
}

function Others({ title, pids, sessions }: OthersProps) {
  return (
    <div>
      <h3 className={styles['subtitle']}>{title}</h3>
      <ul className={styles['others']}>
        {pids.slice(0, shownOthers).map((pid) => {
          const other = sessions.find((one) => one.pid === pid);
          return (
            <li key={pid}>
              {other === undefined ? (
                <span className={styles['dim']}>
                  {pid === preparedTransactionPid ? 'a prepared transaction' : `session ${pid}`}
                </span>
              ) : (
                <button type="button" className={styles['other']} onClick={() => selectSession(other)}>
                  <span className={styles['pid']}>{pid}</span>
                  <StateCell session={other} />
                  <span className={styles['dim']}>{ownerWords(other)}</span>
                </button>
              )}
            </li>
          );
        })}
        {pids.length > shownOthers && <li className={styles['dim']}>and {pids.length - shownOthers} more</li>}
      </ul>
    </div>
  );
}

function QueryAndLocks({ session, connection, hasEnded }: ActionsProps) {
  const { pid, backendStart } = session;
  const input = { connectionId: connection.id, pid, backendStart };
  const asked = useQuery({ ...rpcQuery('activity', 'session', input), enabled: !hasEnded, staleTime: 0, retry: false });
  // Another statement or another state has other locks. Otherwise the server is left alone.
  const { refetch } = asked;
  const isFetched = asked.isFetched && !hasEnded;
  useEffect(() => {
    if (isFetched) void refetch();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- The first answer is no reason to ask again.
  }, [session.query, session.state, session.waitEvent]);
  const begun = session.query ?? '';
  const query = asked.data?.query?.startsWith(begun) === true ? asked.data.query : begun;
  const label = session.state === 'active' ? 'Statement' : 'Last statement';
  return (
    <>
      <h3 className={styles['subtitle']}>{label}</h3>
      {query === '' ? (
        <p className={styles['dim']}>{session.query === null ? 'Hidden from this user.' : 'It has run nothing yet.'}</p>
      ) : (
        <SqlBlock sql={query} label={label} connectionId={connection.id} maxHeight={220} />
      )}
      {isLikelyCut(query) && (
        <p className={styles['note']}>Its end is probably cut off: the server keeps track_activity_query_size bytes.</p>
      )}
      <div className={styles['locksHead']}>
        <h3 className={styles['subtitle']}>Locks</h3>
        {!hasEnded && (
          <IconButton icon={RotateCw} label="Read the locks again" size="small" onClick={() => void refetch()} />
        )}
      </div>
      {hasEnded ? (
        <p className={styles['dim']}>It holds none any more.</p>
      ) : asked.error !== null ? (
        failureOf(asked.error).code === 'not_found' ? (
          <p className={styles['dim']}>It has ended.</p>
        ) : (
          <FailureView failure={failureOf(asked.error)} onRetry={() => void refetch()} />
        )
      ) : asked.data === undefined ? (
        <Skeleton width="60%" />
      ) : (
        <Locks locks={asked.data.locks} omitted={asked.data.omitted} />
      )}
    </>
  );
}

interface LocksProps {
  readonly locks: readonly {
    readonly target: string;
    readonly mode: string;
    readonly granted: boolean;
    readonly count: number;
  }[];
  readonly omitted: number;
}

function Locks({ locks, omitted }: LocksProps) {
  if (locks.length === 0) return <p className={styles['dim']}>It holds none.</p>;
  return (
    <table className={styles['locks']} aria-label="Locks">
      <tbody>
        {locks.map(({ target, mode, granted, count }) => (
          <tr key={`${target} ${mode} ${granted}`}>
            <td className={styles['lockTarget']}>{target}</td>
            <td>{mode}</td>
            <td className={granted ? styles['dim'] : styles['critical']}>
              {granted ? (count > 1 ? `held, ${formatCount(count)} times` : 'held') : 'waits'}
            </td>
          </tr>
        ))}
        {omitted > 0 && (
          <tr>
            <td colSpan={3} className={styles['dim']}>
              and {formatCount(omitted)} more
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
