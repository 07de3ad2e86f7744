import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Camera, Copy, ListTree, ScrollText, SearchX, SquareTerminal, Timer } from 'lucide-react';
import { useDeferredValue, useLayoutEffect, useMemo } from 'react';
import type { ReactNode } from 'react';

import type { StatementDeltasAnswer, StatementRow, StatementWindow } from '#contract/statements.ts';

import { countOf, formatCountShort } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { formatAbsolute } from '../../lib/relative-time.ts';
import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import type { MenuEntry } from '../../ui/menu.tsx';
import { Page } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { SplitPane } from '../../ui/split-pane.tsx';
import { runCommand, runCommandWith, useCommands } from '../../workbench/commands.ts';
import { ConnectionGate } from '../../workbench/connection-gate.tsx';
import type { OpenConnection } from '../../workbench/connection-gate.tsx';
import { rememberState } from '../../workbench/remember-state.ts';

import { CoverageNotes } from './coverage-notes.tsx';
import { SetupGuide } from './setup-steps.tsx';
import { statementColumns } from './statement-columns.tsx';
import { StatementDetail } from './statement-detail.tsx';
import { hasPlan, orderColumns, percentWords } from './statement-words.ts';
import { takeSnapshot } from './statements-actions.ts';
import { statementsMemory } from './statements-memory.ts';
import { lookAtConnection, showStatements, statementKey, useStatements } from './statements-store.ts';
import { StatementsToolbar } from './statements-toolbar.tsx';
import styles from './statements.module.css';
import { useStatementWatch } from './use-statement-watch.ts';

void rememberState('statements.view', useStatements, statementsMemory);

/** Which statements cost most, and what changed. */
export function StatementsView() {
  return (
    <ConnectionGate purpose="to see its slow queries">
      {(connection) => <StatementsPage key={connection.id} connection={connection} />}
    </ConnectionGate>
  );
}

function StatementsPage({ connection }: { readonly connection: OpenConnection }) {
  const connectionId = connection.id;
  const { data: state, error, isFetching, refetch } = useQuery(rpcQuery('statements', 'state', { connectionId }));
  const title = `Slow queries of ${connection.name}`;
  if (state?.kind === 'ready' || state?.kind === 'partial') return <Statements connection={connection} title={title} />;
  let content: ReactNode;
  if (state?.kind === 'missing')
    content = (
      <SetupGuide state={state} connectionId={connectionId} checking={isFetching} onCheck={() => void refetch()} />
    );
  else {
    const failure = error === null ? (state?.failure ?? null) : failureOf(error);
    content =
      failure === null ? (
        <SkeletonRows rows={10} label="Looking for statistics of statements" />
      ) : (
        <FailureView
          className={styles['failure']}
          title="Statistics of statements could not be read"
          failure={{ ...failure, retryable: true }}
          onRetry={() => void refetch()}
        />
      );
  }
  return (
    <Page
      title={title}
      padded={false}
      summary={`${connection.database} on PostgreSQL ${connection.state.server.version}`}
    >
      {content}
    </Page>
  );
}

function Statements({ connection, title }: { readonly connection: OpenConnection; readonly title: string }) {
  const connectionId = connection.id;
  useLayoutEffect(() => lookAtConnection(connectionId), [connectionId]);
  const watchFailure = useStatementWatch(connectionId);
  const { ownDatabase, taking } = useStatements();
  // Each call with its values is in the log, where the server was told to write it.
  const importsLogs = useCommands().some(({ id }) => id === 'logs.import');
  const search = useDeferredValue(useStatements((state) => state.search)).trim();
  const window = useWindow();
  const deltas = useQuery({
    ...rpcQuery('statements', 'deltas', { connectionId, window, ownDatabase, ...(search === '' ? {} : { search }) }),
    placeholderData: keepPreviousData,
  });
  const { data: snapshots } = useQuery(rpcQuery('statements', 'snapshots', { connectionId }));
  const { data } = deltas;
  return (
    <Page
      title={title}
      padded={false}
      summary={data === undefined ? 'Looking at the counters' : <Headline answer={data} />}
      actions={
        <div className={styles['actions']}>
          {importsLogs && (
            <Button icon={ScrollText} onClick={() => void runCommand('logs.import')}>
              Import a server log…
            </Button>
          )}
          <Button icon={Camera} disabled={taking} onClick={() => void takeSnapshot(connectionId)}>
            {taking ? 'Taking…' : 'Take snapshot now'}
          </Button>
        </div>
      }
    >
      <div className={styles['body']}>
        <StatementsToolbar snapshots={snapshots ?? []} database={connection.database} />
        {watchFailure !== null && (
          <FailureView
            className={styles['failure']}
            title="The last snapshot could not be taken. It is tried again every minute"
            failure={watchFailure}
          />
        )}
        {deltas.error !== null && (
          <FailureView
            className={styles['failure']}
            failure={failureOf(deltas.error)}
            onRetry={() => void deltas.refetch()}
          />
        )}
        {data === undefined && deltas.error === null && <SkeletonRows rows={12} label="Reading the counters" />}
        {data !== undefined && (
          <>
            <CoverageNotes notes={data.notes} connectionId={connectionId} />
            <Table answer={data} window={window} connectionId={connectionId} filtered={search !== ''} />
          </>
        )}
      </div>
    </Page>
  );
}

function useWindow(): StatementWindow {
  const { choice, from, to } = useStatements();
  return useMemo(() => {
    if (choice === 'reset') return { kind: 'reset' };
    if (choice !== 'between') return { kind: 'last', minutes: Number(choice) };
    return from === null || to === null || from === to ? { kind: 'reset' } : { kind: 'between', from, to };
  }, [choice, from, to]);
}

function Headline({ answer: { covered, totals } }: { readonly answer: StatementDeltasAnswer }) {
  const time = (at: string) => formatAbsolute(at).slice(0, 16);
  const period =
    covered.from === null
      ? `Everything up to ${time(covered.to)}`
      : `${covered.fromId === null ? 'Since reset: ' : ''}${time(covered.from)} to ${timeAfter(covered.from, covered.to)}`;
  return (
    <span className={styles['headline']}>
      {period}
      {covered.spanMs !== null && ` (${formatDuration(covered.spanMs).replace('.0 ', ' ')})`} ·{' '}
      {countOf(totals.statements, 'statement')} · {formatCountShort(totals.calls)} calls ·{' '}
      <strong>{formatDuration(totals.totalMs)}</strong> in total
      {totals.topShare !== null && totals.statements > 10 && ` · the first ten took ${percentWords(totals.topShare)}`}
      {totals.smells > 0 && (
        <>
          {' · '}
          <span className={styles['warn']}>{countOf(totals.smells, 'statement')} to look at</span>
        </>
      )}
    </span>
  );
}

/** Without the date where it is the same day. */
function timeAfter(from: string, to: string): string {
  const [start, end] = [formatAbsolute(from), formatAbsolute(to)];
  return start.slice(0, 10) === end.slice(0, 10) ? end.slice(11, 16) : end.slice(0, 16);
}

interface TableProps {
  readonly answer: StatementDeltasAnswer;
  readonly window: StatementWindow;
  readonly connectionId: string;
  readonly filtered: boolean;
}

function Table({ answer, window, connectionId, filtered }: TableProps) {
  const { order, ownDatabase, selected, detailHeight } = useStatements();
  const { covered, tracksPlanning, timesIo, blockBytes } = answer;
  const columns = useMemo(
    () => statementColumns({ covered, tracksPlanning, timesIo, blockBytes }, !ownDatabase),
    [covered, tracksPlanning, timesIo, blockBytes, ownDatabase],
  );
  const sorted = orderColumns[order];
  const table = (
    <div className={styles['list']}>
      <div className={styles['table']}>
        <DataTable
          // The order starts it anew; a click on a header changes it from there.
          key={`${order} ${ownDatabase} ${tracksPlanning}`}
          label="Statements"
          columns={columns}
          rows={answer.rows}
          rowKey={statementKey}
          selectedKey={selected === null ? null : statementKey(selected)}
          onSelect={({ queryId, nested }) => showStatements({ selected: { queryId, nested } })}
          menuEntries={(row) => rowMenu(row, connectionId)}
          initialSort={{ columnId: columns.some(({ id }) => id === sorted) ? sorted : 'total', descending: true }}
          empty={<NothingRan filtered={filtered} />}
        />
      </div>
      {answer.omitted > 0 && (
        <footer className={styles['foot']}>
          The {countOf(answer.rows.length, 'statement')} that lead by any of the orders; {answer.omitted} more cost
          less. Search finds them too.
        </footer>
      )}
    </div>
  );
  return (
    <div className={styles['place']}>
      <SplitPane
        direction="vertical"
        fixed="second"
        size={detailHeight}
        onSizeChange={(next) => showStatements({ detailHeight: next })}
        min={160}
        minRest={150}
        label="Height of the statement"
        first={table}
        second={
          selected && (
            <StatementDetail
              key={statementKey(selected)}
              connectionId={connectionId}
              window={window}
              ownDatabase={ownDatabase}
              selected={selected}
            />
          )
        }
      />
    </div>
  );
}

function NothingRan({ filtered }: { readonly filtered: boolean }) {
  if (filtered)
    return (
      <EmptyState
        icon={SearchX}
        title="Nothing matches"
        actions={<Button onClick={() => showStatements({ search: '' })}>Show all</Button>}
      >
        No statement of this window has that in its text.
      </EmptyState>
    );
  return (
    <EmptyState
      icon={Timer}
      title="Nothing ran in this window"
      actions={<Button onClick={() => showStatements({ choice: 'reset' })}>Show everything since reset</Button>}
    >
      A snapshot is taken every minute while this is open. Come back in a minute, or let something run.
    </EmptyState>
  );
}

function rowMenu({ sql, queryId, nested }: StatementRow, connectionId: string): readonly MenuEntry[] {
  const select = () => showStatements({ selected: { queryId, nested } });
  if (sql === null) return [{ label: 'Show its numbers', icon: Timer, onSelect: select }];
  // A row has the beginning of its text only: what needs the whole of it is asked for first.
  const whole = async (): Promise<{ readonly sql: string; readonly explainable: boolean } | null> => {
    const { wholeStatement } = await import('./whole-statement.ts');
    return wholeStatement(connectionId, { queryId, nested });
  };
  return [
    {
      label: 'Explain',
      icon: ListTree,
      disabled: !hasPlan(sql),
      onSelect: () =>
        void whole().then((found) =>
          found?.explainable === true
            ? runCommandWith('plans.explain', {
                connectionId,
                sql: found.sql,
                analyze: false,
                title: `Plan of query ${queryId.slice(-6)}`,
              })
            : select(),
        ),
    },
    {
      label: 'Open as query',
      icon: SquareTerminal,
      onSelect: () =>
        void whole().then((found) => found && runCommandWith('query.open', { sql: found.sql, connectionId })),
    },
    {
      label: 'Copy statement',
      icon: Copy,
      onSelect: () =>
        void whole().then(async (found) => {
          if (found !== null) await (await import('./whole-statement.ts')).copyStatement(found.sql);
        }),
    },
  ];
}
