import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Copy, ListTree, SquareTerminal, X } from 'lucide-react';
import { Suspense, useEffect, useState } from 'react';

import type { StatementDetail as Detail, StatementWindow } from '#contract/statements.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { countOf } from '../../lib/format-count.ts';
import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { IconButton } from '../../ui/icon-button.tsx';
import { Duration, ShortCount } from '../../ui/quantity.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { runCommandWith, useIsHandled } from '../../workbench/commands.ts';

import { CounterTable } from './counter-table.tsx';
import { SeriesLines } from './series-lines.tsx';
import { useStatementSlot } from './statement-slots.ts';
import type { StatementSlot } from './statement-slots.ts';
import { hasPlan, percentWords, statusWords } from './statement-words.ts';
import { showStatements } from './statements-store.ts';
import type { SelectedStatement } from './statements-store.ts';
import styles from './statements.module.css';
import { copyStatement } from './whole-statement.ts';

export interface StatementDetailProps {
  readonly connectionId: string;
  readonly window: StatementWindow;
  readonly ownDatabase: boolean;
  readonly selected: SelectedStatement;
}

/** Everything about one statement: its text, its numbers, who runs it, what they hint at, what to do. */
export function StatementDetail({ connectionId, window, ownDatabase, selected }: StatementDetailProps) {
  const { data, error, refetch } = useQuery({
    ...rpcQuery('statements', 'statement', { connectionId, window, ownDatabase, ...selected }),
    placeholderData: keepPreviousData,
  });
  return (
    <article className={styles['detail']} aria-label="Statement">
      <header className={styles['detailHead']}>
        <h2>Statement</h2>
        <span className={styles['queryId']}>{selected.queryId}</span>
        {selected.nested === true && <Badge>inside functions</Badge>}
        <span className={styles['space']} />
        {data !== undefined && data.sql !== null && (
          <Actions detail={data} sql={data.sql} connectionId={connectionId} />
        )}
        <IconButton icon={X} size="small" label="Close" onClick={() => showStatements({ selected: null })} />
      </header>
      {error !== null && <FailureView failure={failureOf(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows rows={5} label="Reading the statement" />}
      {data !== undefined && <Body detail={data} connectionId={connectionId} />}
    </article>
  );
}

function Actions({
  detail,
  sql,
  connectionId,
}: {
  readonly detail: Detail;
  readonly sql: string;
  readonly connectionId: string;
}) {
  const explains = useIsHandled('plans.explain');
  const refusal = !hasPlan(sql)
    ? 'A utility command has no plan'
    : detail.sqlOmitted > 0
      ? 'Its text is too long to be kept whole'
      : !detail.explainable
        ? 'It runs in another database: open a connection to that one'
        : null;
  return (
    <>
      {explains && (
        <span title={refusal ?? undefined}>
          <Button
            size="small"
            look="primary"
            icon={ListTree}
            disabled={refusal !== null}
            onClick={() =>
              void runCommandWith('plans.explain', {
                connectionId,
                sql,
                analyze: false,
                title: `Plan of query ${detail.queryId.slice(-6)}`,
              })
            }
          >
            Explain
          </Button>
        </span>
      )}
      <Button
        size="small"
        icon={SquareTerminal}
        onClick={() => void runCommandWith('query.open', { sql, connectionId })}
      >
        Open as query
      </Button>
      <Button size="small" icon={Copy} onClick={() => void copyStatement(sql)}>
        Copy
      </Button>
    </>
  );
}

function Body({ detail, connectionId }: { readonly detail: Detail; readonly connectionId: string }) {
  const laidOut = useLaidOut(detail.sql);
  const { sql } = detail;
  return (
    <div className={styles['detailBody']}>
      <div className={styles['words']}>
        {detail.smells.map((smell) => (
          <section key={smell.kind} className={styles['smell']} data-kind={smell.kind} aria-label={smell.label}>
            <Badge tone={smell.kind === 'regression' ? 'critical' : 'warning'}>{smell.label}</Badge>
            <div>
              <p className={styles['smellText']}>{smell.message}</p>
              <p className={styles['advice']}>{smell.advice}</p>
            </div>
          </section>
        ))}
        {laidOut === null ? (
          <p className={styles['quiet']}>The server has lost its text. It keeps statements and their texts apart.</p>
        ) : (
          <SqlBlock sql={laidOut} label="Whole statement" connectionId={connectionId} />
        )}
        {detail.sqlOmitted > 0 && (
          <p className={styles['quiet']}>{countOf(detail.sqlOmitted, 'more character')} were not kept.</p>
        )}
        {sql !== null && (
          <>
            <Slot name="samples" connectionId={connectionId} queryId={detail.queryId} sql={sql} />
            <Slot name="index-trial" connectionId={connectionId} queryId={detail.queryId} sql={sql} />
          </>
        )}
        <Parts detail={detail} />
      </div>
      <div className={styles['numbers']}>
        <SeriesLines series={detail.series} />
        {detail.row === null && (
          <p className={styles['quiet']}>It did not run in this window: these are its numbers since they were reset.</p>
        )}
        {detail.row !== null && statusWords[detail.row.status] !== null && (
          <p className={styles['quiet']}>{statusWords[detail.row.status]?.meaning}.</p>
        )}
        <CounterTable counters={detail.counters} />
      </div>
    </div>
  );
}

function Slot({
  name,
  ...props
}: {
  readonly name: StatementSlot;
  readonly connectionId: string;
  readonly queryId: string;
  readonly sql: string;
}) {
  const Part = useStatementSlot(name);
  return Part === null ? null : (
    <Suspense fallback={null}>
      <Part {...props} />
    </Suspense>
  );
}

function Parts({ detail: { parts } }: { readonly detail: Detail }) {
  if (parts.length === 0) return null;
  const totalMs = parts.reduce((sum, part) => sum + part.totalMs, 0);
  return (
    <table className={styles['parts']} aria-label="By user and database">
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col">Database</th>
          <th scope="col">Calls</th>
          <th scope="col">Total</th>
          <th scope="col">Mean</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        {parts.map((part) => (
          <tr key={`${part.user}\n${part.database}`}>
            <td>{part.user}</td>
            <td>{part.database}</td>
            <td>
              <ShortCount count={part.calls} />
            </td>
            <td>
              <Duration ms={part.totalMs} />
            </td>
            <td>
              <Duration ms={part.meanMs} />
            </td>
            <td className={styles['dim']}>{totalMs === 0 ? '–' : percentWords(part.totalMs / totalMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The statement on several lines. Long ones stay as they are: laying them out would hold up the window. */
function useLaidOut(sql: string | null): string | null {
  const [laidOut, setLaidOut] = useState<{ readonly sql: string; readonly text: string } | null>(null);
  useEffect(() => {
    if (sql === null || sql.length > 2000) return;
    let wanted = true;
    void import('sql-formatter')
      .then(({ format }) => {
        const text = format(sql, {
          language: 'postgresql',
          keywordCase: 'lower',
          functionCase: 'preserve',
          tabWidth: 2,
        });
        if (wanted) setLaidOut({ sql, text });
      })
      // What it cannot read stays as the server has it.
      .catch(() => {});
    return () => {
      wanted = false;
    };
  }, [sql]);
  return laidOut !== null && laidOut.sql === sql ? laidOut.text : sql;
}
