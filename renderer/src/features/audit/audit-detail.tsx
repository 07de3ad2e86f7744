import { Copy, X } from 'lucide-react';
import type { ReactNode } from 'react';

import type { AuditEntry } from '#contract/audit.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { formatCount } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { formatAbsolute } from '../../lib/relative-time.ts';
import { EnvironmentBadge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { IconButton } from '../../ui/icon-button.tsx';

import { OutcomeBadge } from './audit-columns.tsx';
import { copyEntry, selectEntry } from './audit-store.ts';
import { actionWords, outcomeWords } from './audit-words.ts';
import styles from './audit.module.css';

/** Everything about one entry, with its whole statement. */
export function AuditDetail({ entry }: { readonly entry: AuditEntry }) {
  const known: readonly (readonly [string, ReactNode])[] = [
    ['When', formatAbsolute(entry.at)],
    ['Took', entry.durationMs === null ? null : formatDuration(entry.durationMs)],
    ['Rows', entry.rows === null ? null : formatCount(entry.rows)],
    ['Who', entry.machine === null ? entry.actor : `${entry.actor} on ${entry.machine}`],
    ['Role', entry.role],
    ['Connection', entry.connectionName === null ? null : <Where key="where" entry={entry} />],
    ['Server', entry.server],
    ['Database', entry.database],
    ['About', entry.sql === null ? null : entry.subject],
    ['Steward', [entry.version, entry.host].filter((part) => part !== null).join(', ') || null],
    [
      'In the store',
      entry.recordedAt === null
        ? 'not yet, or not known here'
        : `${formatAbsolute(entry.recordedAt)} by ${entry.recordedBy ?? 'nobody known'}`,
    ],
    ['Entry', <code key="id">{entry.id}</code>],
  ];
  const facts = known.filter(([, value]) => value !== null);
  return (
    <article className={styles['detail']} aria-label="Entry">
      <header className={styles['detailHead']}>
        <h2>{actionWords[entry.action]}</h2>
        <OutcomeBadge outcome={entry.outcome} />
        {entry.outcome === 'unknown' && <span className={styles['dim']}>{outcomeWords.unknown.meaning}</span>}
        <span className={styles['space']} />
        <Button size="small" look="quiet" icon={Copy} onClick={() => void copyEntry(entry)}>
          Copy entry
        </Button>
        <IconButton icon={X} size="small" label="Close" onClick={() => selectEntry(null)} />
      </header>
      <div className={styles['detailBody']}>
        <dl className={styles['facts']}>
          {facts.map(([name, value]) => (
            <div key={name} className={styles['fact']}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <div className={styles['texts']}>
          {entry.error !== null && (
            <p className={styles['error']} role="note" aria-label="Error">
              {entry.error}
            </p>
          )}
          {entry.sql === null ? (
            <p className={styles['words']}>{entry.subject ?? 'Nothing was run on the server.'}</p>
          ) : (
            <SqlBlock sql={entry.sql} label="SQL of the entry" connectionId={entry.connectionId} />
          )}
          {entry.sqlOmitted > 0 && (
            <p className={styles['dim']}>
              {formatCount(entry.sqlOmitted)} more characters were not kept: an entry has a bounded length.
            </p>
          )}
        </div>
      </div>
    </article>
  );
}

function Where({ entry }: { readonly entry: AuditEntry }) {
  return (
    <span className={styles['where']}>
      {entry.connectionName}
      {entry.environment !== null && <EnvironmentBadge environment={entry.environment} />}
    </span>
  );
}
