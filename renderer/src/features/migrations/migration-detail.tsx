import { useQuery } from '@tanstack/react-query';
import { CircleAlert, TriangleAlert } from 'lucide-react';
import type { CSSProperties } from 'react';

import type { MigrationEntry, MigrationSql } from '#contract/migrations.ts';

import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { FailureView } from '../../ui/failure-view.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';

import { cautionsOf, scriptOf } from './migration-words.ts';
import styles from './migrations.module.css';
import { SqlPane } from './sql-pane.tsx';

export interface MigrationDetailProps {
  readonly folder: string;
  readonly entry: MigrationEntry;
  readonly connectionId: string;
}

/** What a migration would do, and how to take it back, side by side. */
export function MigrationDetail({ folder, entry, connectionId }: MigrationDetailProps) {
  const { data, error, refetch } = useQuery({
    ...rpcQuery('migrations', 'sql', { folder, names: [entry.name] }),
    enabled: entry.file !== null,
  });
  if (entry.file === null) {
    return (
      <p className={styles['note']}>
        <CircleAlert size={15} className={styles['critical']} aria-hidden />
        It was applied, but its file is not in this folder any more: its SQL is not known, and it cannot be rolled back
        until the file is there again.
      </p>
    );
  }
  if (error !== null)
    return (
      <FailureView
        failure={{ ...failureOf(error), retryable: true }}
        title="The SQL could not be read"
        onRetry={() => void refetch()}
      />
    );
  const sql = data?.[0];
  if (sql === undefined) {
    return data === undefined ? (
      <div className={styles['panes']} role="status" aria-label="Reading the SQL">
        <div className={styles['pane']}>
          <SkeletonRows rows={5} label="Reading up" />
        </div>
        <div className={styles['pane']}>
          <SkeletonRows rows={5} label="Reading down" />
        </div>
      </div>
    ) : (
      <p className={styles['note']}>The file is not in this folder any more. Refresh the list.</p>
    );
  }
  return (
    <>
      <Cautions entry={entry} sql={sql} />
      {sql.error === null && (
        <div className={styles['panes']} style={paneHeight(sql)}>
          <SqlPane
            direction="up"
            name={entry.name}
            statements={sql.up}
            emptyWords="up() adds no SQL."
            connectionId={connectionId}
          />
          <SqlPane
            direction="down"
            name={entry.name}
            statements={sql.down}
            emptyWords={
              sql.reversible
                ? 'down() adds no SQL: rolling back only changes the tracking table.'
                : 'This migration cannot be rolled back.'
            }
            connectionId={connectionId}
          />
        </div>
      )}
    </>
  );
}

function Cautions({ entry, sql }: { readonly entry: MigrationEntry; readonly sql: MigrationSql }) {
  const cautions = [
    ...(entry.state === 'changed'
      ? ['The file was changed after it was applied: the database has what it said then.']
      : []),
    ...cautionsOf(sql),
  ];
  if (sql.error !== null) {
    return (
      <FailureView
        failure={{ code: 'tool_failed', message: sql.error, retryable: false }}
        title="Its SQL could not be built"
      />
    );
  }
  if (cautions.length === 0) return null;
  return (
    <ul className={styles['cautions']} aria-label="Cautions">
      {cautions.map((caution) => (
        <li key={caution} className={styles['caution']}>
          <TriangleAlert size={14} aria-hidden />
          {caution}
        </li>
      ))}
    </ul>
  );
}

/** As high as the longer side needs; longer than the window scrolls inside. */
function paneHeight(sql: MigrationSql): CSSProperties {
  const lines = Math.max(
    ...[sql.up, sql.down].map((statements) =>
      scriptOf(statements)
        .split('\n')
        .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 58)), 0),
    ),
  );
  return { height: Math.max(160, lines * 19 + 54) };
}
