import type { AuditEntry } from '#contract/audit.ts';

import { formatAbsolute, formatRelative } from '../../lib/relative-time.ts';
import { Badge, EnvironmentBadge } from '../../ui/badge.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { Duration } from '../../ui/quantity.tsx';

import { actionWords, isKnownByName, oneLine, outcomeWords, shortSubject } from './audit-words.ts';
import styles from './audit.module.css';

/** When, who, where, what, how it ended. */
export const auditColumns: readonly DataColumn<AuditEntry>[] = [
  {
    id: 'when',
    header: 'When',
    width: 156,
    value: (entry) => entry.at,
    cell: (entry) => (
      <time className={styles['when']} dateTime={entry.at} title={formatRelative(entry.at, Date.now())}>
        {formatAbsolute(entry.at)}
      </time>
    ),
  },
  {
    id: 'who',
    header: 'Who',
    width: 120,
    value: (entry) => entry.actor,
    cell: (entry) => (
      <span
        className={styles['text']}
        title={entry.machine === null ? entry.actor : `${entry.actor} on ${entry.machine}`}
      >
        {entry.actor}
        {entry.role !== null && entry.role !== entry.actor && <span className={styles['dim']}> as {entry.role}</span>}
      </span>
    ),
  },
  {
    id: 'where',
    header: 'Where',
    width: 210,
    value: (entry) => [entry.connectionName, entry.database].filter(Boolean).join(' / '),
    cell: (entry) => (
      <>
        {entry.environment !== null && <EnvironmentBadge environment={entry.environment} />}
        <span className={styles['text']} title={entry.server ?? ''}>
          <span className={styles['strong']}>{entry.connectionName ?? '–'}</span>
          {entry.database !== null && <span className={styles['dim']}> {entry.database}</span>}
        </span>
      </>
    ),
  },
  { id: 'action', header: 'Action', width: 146, value: (entry) => actionWords[entry.action] },
  {
    id: 'what',
    header: 'What',
    width: 220,
    grow: true,
    value: (entry) => entry.sql ?? entry.subject,
    cell: (entry) => <What entry={entry} />,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    width: 116,
    value: (entry) => outcomeWords[entry.outcome].word,
    cell: (entry) => <OutcomeBadge outcome={entry.outcome} />,
  },
  {
    id: 'duration',
    header: 'Took',
    width: 84,
    align: 'right',
    value: (entry) => entry.durationMs,
    cell: (entry) => <Duration ms={entry.durationMs} />,
  },
];

function What({ entry }: { readonly entry: AuditEntry }) {
  const { sql, subject, action } = entry;
  if (sql === null) return <span className={styles['text']}>{subject}</span>;
  const name = subject !== null && isKnownByName(action) ? shortSubject(subject) : null;
  return (
    <span className={styles['sql']}>
      {name !== null && <span className={styles['name']}>{name} </span>}
      {oneLine(sql)}
      {name === null && subject !== null && <span className={styles['about']}> {subject}</span>}
    </span>
  );
}

export function OutcomeBadge({ outcome }: Pick<AuditEntry, 'outcome'>) {
  const { word, icon, tone } = outcomeWords[outcome];
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  );
}
