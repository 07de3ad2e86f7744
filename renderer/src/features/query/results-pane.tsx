import { SquareTerminal } from 'lucide-react';
import { useState } from 'react';

import type { Failure } from '#contract/failure.ts';

import { lineAndColumn, wordEnd } from '../../editor/statement-at.ts';
import { ResultGrid } from '../../grid/result-grid.tsx';
import { countOf, formatCount } from '../../lib/format-count.ts';
import { formatDuration, formatElapsed } from '../../lib/format-duration.ts';
import { shortcutLabel } from '../../lib/keyboard-shortcut.ts';
import { useNow } from '../../lib/use-now.ts';
import { client } from '../../rpc/client.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { ProgressBar } from '../../ui/progress-bar.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import type { TabItem } from '../../ui/tabs.tsx';

import { MessagesView } from './messages-view.tsx';
import styles from './query.module.css';
import { failedStatement } from './run-state.ts';
import type { RunState, StatementRun } from './run-state.ts';

export interface ResultsPaneProps {
  readonly run: RunState | null;
  readonly onShowPosition: (start: number, end: number) => void;
}

/** What a run gave: its results side by side, its messages, its failure. */
export function ResultsPane({ run, onShowPosition }: ResultsPaneProps) {
  // A choice holds for its run; the next one shows what it gives.
  const [choice, setChoice] = useState<{ readonly runId: string; readonly value: string } | null>(null);
  if (run === null) {
    return (
      <EmptyState icon={SquareTerminal} title="No result yet">
        {shortcutLabel('Mod+Enter')} runs the selection or the statement at the cursor,{' '}
        {shortcutLabel('Mod+Shift+Enter')} all of them.
      </EmptyState>
    );
  }
  const results = run.statements.filter((statement) => statement.result !== null);
  const failed = failedStatement(run);
  const failure = run.failure ?? failed?.failure ?? null;
  const items = itemsOf(run, results, failure);
  const fallback = failure !== null ? 'error' : (results.at(-1)?.result?.resultId ?? 'messages');
  const chosen = choice?.runId === run.id ? choice.value : null;
  const value = chosen !== null && items.some((item) => item.value === chosen) ? chosen : fallback;
  const shown = results.find((statement) => statement.result?.resultId === value) ?? null;
  return (
    <section className={styles['results']} aria-label="Results">
      <div className={styles['resultBar']}>
        <Tabs
          label="Results"
          className={styles['resultTabs']}
          items={items}
          value={value}
          onValueChange={(next) => setChoice({ runId: run.id, value: next })}
        />
        <Summary run={run} statement={shown} />
      </div>
      <div className={styles['resultBody']}>
        {value === 'messages' &&
          (run.phase === 'running' && run.messages.length === 0 ? <Running run={run} /> : <MessagesView run={run} />)}
        {value === 'error' && failure !== null && (
          <RunFailure run={run} statement={failed} onShowPosition={onShowPosition} />
        )}
        {shown !== null && <StatementGrid statement={shown} />}
      </div>
    </section>
  );
}

function itemsOf(run: RunState, results: readonly StatementRun[], failure: Failure | null): TabItem<string>[] {
  const items: TabItem<string>[] = results.map((statement, index) => ({
    value: statement.result?.resultId ?? '',
    label: results.length === 1 ? 'Result' : `Result ${index + 1}`,
    count: formatCount(statement.result?.rows ?? 0),
  }));
  if (failure !== null) items.push({ value: 'error', label: failure.code === 'cancelled' ? 'Cancelled' : 'Error' });
  items.push({
    value: 'messages',
    label: 'Messages',
    count: run.messages.length > 0 ? formatCount(run.messages.length) : undefined,
  });
  return items;
}

function StatementGrid({ statement }: { readonly statement: StatementRun }) {
  const { result } = statement;
  if (result === null) return null;
  const { resultId, columns, rows } = result;
  return (
    <ResultGrid
      label="Result"
      sourceKey={resultId}
      columns={columns}
      rowCount={rows}
      fetchPage={async (offset, limit, signal) =>
        (await client.query.rows({ resultId, offset, limit }, { signal })).rows
      }
    />
  );
}

function Summary({ run, statement }: { readonly run: RunState; readonly statement: StatementRun | null }) {
  const running = run.phase === 'running';
  const now = useNow(running ? 200 : null);
  const rows = statement?.result?.rows;
  return (
    <p className={styles['summary']} role="status">
      {statement?.truncated === true && (
        <span className={styles['truncated']}>first {formatCount(rows ?? 0)} kept, the server has more</span>
      )}
      {rows !== undefined && statement?.truncated !== true && (
        <span>
          {countOf(rows, 'row')}
          {running && ' so far'}
        </span>
      )}
      <span>
        {running ? formatElapsed(now - run.startedAt) : formatDuration(statement?.durationMs ?? run.durationMs ?? 0)}
      </span>
    </p>
  );
}

function Running({ run }: { readonly run: RunState }) {
  const place = run.statements.length;
  const words =
    run.statementCount === null
      ? 'Sending…'
      : run.statementCount > 1
        ? `Running statement ${place} of ${run.statementCount}`
        : 'Running…';
  return (
    <div className={styles['waiting']}>
      <span style={{ width: 120 }}>
        <ProgressBar label={words} fraction={null} />
      </span>
      {words}
      {run.backendPid !== null && <span className={styles['dim']}>backend {run.backendPid}</span>}
    </div>
  );
}

interface RunFailureProps extends Omit<ResultsPaneProps, 'run'> {
  readonly run: RunState;
  readonly statement: StatementRun | null;
}

function RunFailure({ run, statement, onShowPosition }: RunFailureProps) {
  const failure = run.failure ?? statement?.failure ?? null;
  if (failure === null) return null;
  const offset = statement?.offset ?? null;
  const at = offset === null ? null : lineAndColumn(run.sql, offset);
  return (
    <div className={styles['failure']}>
      <FailureView
        failure={failure}
        {...(at === null ? {} : { title: `PostgreSQL reported an error at line ${at.line}, column ${at.column}` })}
        actions={
          offset === null ? undefined : (
            <Button
              size="small"
              onClick={() => onShowPosition(run.baseOffset + offset, run.baseOffset + wordEnd(run.sql, offset))}
            >
              Show in the editor
            </Button>
          )
        }
      />
    </div>
  );
}
