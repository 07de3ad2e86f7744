import { Archive, ExternalLink, GitBranch, HeartPulse, KeyRound, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';

import type { FleetFacts, FleetRow } from '#contract/fleet.ts';

import { classNames } from '../../lib/class-names.ts';
import { formatBytes } from '../../lib/format-bytes.ts';
import { countOf, formatCount } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { formatAbsolute } from '../../lib/relative-time.ts';
import { Button } from '../../ui/button.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

import { answerFor, backUpFrom, openFrom, reportOn, showMigrations, showReport } from './fleet-actions.ts';
import type { FleetItem } from './fleet-model.ts';
import { refreshFleet } from './fleet-store.ts';
import styles from './fleet.module.css';
import { severityWords } from './status-words.ts';

/** Below a row: every reason with its evidence, all numbers, what could not be told, and what can be done. */
export function FleetDetail({ item }: { readonly item: FleetItem }) {
  const { row, connection } = item;
  return (
    <section className={styles['detail']} aria-label={`Details of ${connection.name}`}>
      <div className={styles['detailColumns']}>
        <div className={styles['reasons']}>
          <Reach row={row} />
          {row.reasons.length === 0 && row.reach.kind === 'reached' && <p>Nothing here needs you.</p>}
          <ul>
            {row.reasons.map((reason) => {
              const { icon: Icon, word, tone } = severityWords[reason.severity];
              return (
                <li key={`${reason.code} ${reason.text}`} className={styles['reason']}>
                  <Icon size={14} className={styles[tone]} role="img" aria-label={word} />
                  <div>
                    <p className={styles['reasonText']}>{reason.text}</p>
                    <p>{reason.action}</p>
                    {reason.evidence.length > 0 && (
                      <p className={styles['evidence']}>
                        {reason.evidence.map(({ label, value }) => (
                          <span key={label}>
                            {label} <span className={styles['mono']}>{value}</span>
                          </span>
                        ))}
                      </p>
                    )}
                  </div>
                </li>
              );
            })}
          </ul>
          {row.cannotTell.length > 0 && <CannotTell row={row} />}
        </div>
        {row.facts !== null && <Facts row={row} facts={row.facts} />}
      </div>
      <Actions item={item} />
    </section>
  );
}

function Reach({ row }: { readonly row: FleetRow }) {
  const { reach, checkedAt } = row;
  if (reach.kind !== 'unreachable' && reach.kind !== 'asks') return null;
  return (
    <p className={styles['reach']}>
      {reach.kind === 'asks' ? 'Waits for you' : 'Unreachable'} since {formatAbsolute(reach.since)}
      {reach.kind === 'asks' ? (
        '; it is not tried again by itself'
      ) : (
        <>
          , next try <RelativeTime at={reach.nextTryAt} />
        </>
      )}
      .{checkedAt !== null && <> The numbers are those of {formatAbsolute(checkedAt)}.</>}
    </p>
  );
}

function CannotTell({ row }: { readonly row: FleetRow }) {
  return (
    <dl className={styles['cannotTell']} aria-label="Cannot tell">
      {row.cannotTell.map(({ what, reason, unlockSql }) => (
        <div key={what}>
          <dt>{what}: cannot tell</dt>
          <dd>
            {reason} {unlockSql !== undefined && <code>{unlockSql}</code>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Facts({ row, facts }: { readonly row: FleetRow; readonly facts: FleetFacts }) {
  const accesses = facts.blocksHit + facts.blocksRead;
  const { perDay7, perDay30 } = row.growth;
  const lines: readonly (readonly [string, ReactNode])[] = [
    ['Server', `PostgreSQL ${facts.version}`],
    ['Fixes until', row.release?.endOfLife ?? 'not known'],
    ['Up for', formatDuration(facts.uptimeMs)],
    [
      'Role',
      facts.inRecovery ? `standby, ${lag(facts)}` : `primary, ${countOf(facts.standbys, 'standby', 'standbys')}`,
    ],
    ['Database', facts.databaseBytes === null ? 'cannot tell' : formatBytes(facts.databaseBytes)],
    [
      `${countOf(facts.databases, 'database')} together`,
      facts.allDatabasesBytes === null ? 'not measured' : formatBytes(facts.allDatabasesBytes),
    ],
    ['WAL on disk', facts.walBytes === null ? 'cannot tell' : formatBytes(facts.walBytes)],
    ['Growth a day, 7 days', perDay7 === null ? 'not yet known' : growth(perDay7)],
    ['Growth a day, 30 days', perDay30 === null ? 'not yet known' : growth(perDay30)],
    ['Oldest transaction id', `${formatCount(facts.oldestXidAge)} in ${facts.oldestXidDatabase}`],
    ['Oldest multixact', formatCount(facts.oldestMultixactAge)],
    ['Waiting for locks', countOf(facts.blockedSessions, 'session')],
    ['Prepared transactions', formatCount(facts.preparedTransactions)],
    [
      'Replication slots',
      `${formatCount(facts.slots)}${facts.mostRetainedSlot === null ? '' : `, the most keeps ${formatBytes(facts.mostRetainedSlot.bytes)}`}`,
    ],
    ['Cache hits', accesses === 0 ? 'none yet' : `${((facts.blocksHit / accesses) * 100).toFixed(1)} %`],
    [
      'Since statistics began',
      `${countOf(facts.deadlocks, 'deadlock')}, ${formatBytes(facts.tempBytes)} temporary, ${formatDuration(facts.statsAgeMs)}`,
    ],
  ];
  return (
    <dl className={styles['facts']}>
      {lines.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Actions({ item }: { readonly item: FleetItem }) {
  const { row, connection } = item;
  const asks = row.reach.kind === 'asks';
  const away = row.reach.kind === 'unreachable';
  return (
    <div className={styles['detailActions']}>
      {asks && (
        <Button size="small" look="primary" icon={KeyRound} onClick={() => void answerFor(connection)}>
          Answer and open
        </Button>
      )}
      <Button
        size="small"
        icon={RotateCw}
        disabled={row.checking !== 'no'}
        onClick={() => void refreshFleet([connection.id])}
      >
        Check now
      </Button>
      {!asks && (
        <Button size="small" icon={ExternalLink} onClick={() => void openFrom(connection)}>
          Open
        </Button>
      )}
      {!asks && !away && (
        <>
          <Button size="small" icon={HeartPulse} onClick={() => void reportOn(connection)}>
            Run health report
          </Button>
          {row.report !== null && (
            <Button size="small" look="quiet" onClick={() => void showReport(connection)}>
              See the last report
            </Button>
          )}
          <Button size="small" icon={Archive} onClick={() => void backUpFrom(connection)}>
            Back up now
          </Button>
          <Button size="small" icon={GitBranch} onClick={() => void showMigrations(connection)}>
            See migrations
          </Button>
        </>
      )}
      <span className={classNames(styles['dim'], styles['mono'])}>
        {connection.user}@{connection.host}:{connection.port}/{connection.database}
      </span>
    </div>
  );
}

function lag({ replayLagMs, receivesWal }: FleetFacts): string {
  if (replayLagMs === null) return receivesWal ? 'lag not known' : 'receives nothing';
  return replayLagMs === 0 ? 'up to date' : `${formatDuration(replayLagMs)} behind`;
}

function growth(perDay: number): string {
  return `${perDay < 0 ? '−' : '+'}${formatBytes(Math.abs(perDay))}`;
}
