import { useQuery } from '@tanstack/react-query';
import { Copy, SquareTerminal } from 'lucide-react';
import { useDeferredValue, useMemo } from 'react';

import type { LogReport, LogStatement } from '#contract/logs.ts';

import { copyText } from '../../lib/copy-text.ts';
import { countOf, formatCount } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { failureOf } from '../../rpc/failure.ts';
import { rpcQuery } from '../../rpc/queries.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { Bytes, Duration } from '../../ui/quantity.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { showFailureToast } from '../../ui/toast.tsx';
import { runCommandWith } from '../../workbench/commands.ts';

import { oneLine } from './log-words.ts';
import styles from './logs.module.css';
import { selectRow, useLogs } from './logs-store.ts';
import { StatementDetail } from './statement-detail.tsx';
import { Nothing, TabFrame } from './tab-frame.tsx';

function columnsFor(totalMs: number): readonly DataColumn<LogStatement>[] {
  const duration = (
    id: string,
    header: string,
    value: (row: LogStatement) => number | null,
  ): DataColumn<LogStatement> => ({
    id,
    header,
    width: 84,
    align: 'right',
    value,
    cell: (row) => <Duration ms={value(row)} />,
  });
  return [
    {
      id: 'sql',
      header: 'Statement',
      width: 320,
      grow: true,
      value: ({ sql }) => sql,
      cell: ({ sql }) => <span className={styles['sql']}>{oneLine(sql)}</span>,
    },
    {
      id: 'total',
      header: 'Total',
      width: 134,
      align: 'right',
      value: (row) => row.totalMs,
      cell: (row) => <Share ms={row.totalMs} of={totalMs} />,
    },
    {
      id: 'calls',
      header: 'Calls',
      width: 84,
      align: 'right',
      value: ({ calls }) => calls,
      cell: ({ calls }) => formatCount(calls),
    },
    duration('mean', 'Mean', ({ meanMs }) => meanMs),
    duration('median', 'Median', ({ medianMs }) => medianMs),
    duration('p95', 'p95', ({ p95Ms }) => p95Ms),
    duration('p99', 'p99', ({ p99Ms }) => p99Ms),
    duration('max', 'Max', ({ maxMs }) => maxMs),
    {
      id: 'temp',
      header: 'Temp',
      width: 76,
      align: 'right',
      value: ({ tempBytes }) => tempBytes,
      cell: ({ tempBytes }) => <Bytes bytes={tempBytes === 0 ? null : tempBytes} />,
    },
  ];
}

/** A part of the whole, as a number with a bar. */
function Share({ ms, of }: { readonly ms: number; readonly of: number }) {
  const share = of === 0 ? 0 : ms / of;
  return (
    <span className={styles['share']} title={`${(share * 100).toFixed(1)} % of the time of all statements`}>
      <span className={styles['shareBar']} aria-hidden>
        <span style={{ width: `${Math.min(100, share * 100)}%` }} />
      </span>
      <Duration ms={ms} />
    </span>
  );
}

/** Statements by the time that they took in sum. */
export function StatementsTab({ report, search }: { readonly report: LogReport; readonly search: string }) {
  const { data, error, refetch } = useQuery({
    ...rpcQuery('logs', 'statements', { id: report.id }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const selected = useLogs((state) => state.selected.statements ?? null);
  const words = useDeferredValue(search.trim().toLowerCase());
  const columns = useMemo(() => columnsFor(report.totalMs), [report.totalMs]);
  const rows = useMemo(() => (words === '' ? data : data?.filter((row) => matches(row, words))), [data, words]);
  if (error !== null) return <FailureView failure={failureOf(error)} onRetry={() => void refetch()} />;
  if (rows === undefined) return <SkeletonRows rows={8} label="Reading statements" />;
  return (
    <TabFrame
      table={
        <>
          <DataTable
            label="Statements of the log"
            columns={columns}
            rows={rows}
            rowKey={({ fingerprint }) => fingerprint}
            selectedKey={selected}
            onSelect={({ fingerprint }) => selectRow('statements', fingerprint)}
            initialSort={{ columnId: 'total', descending: true }}
            menuEntries={({ sql }) => [
              {
                label: 'Open in a query tab',
                icon: SquareTerminal,
                onSelect: () => void runCommandWith('query.open', { sql }),
              },
              { label: 'Copy SQL', icon: Copy, onSelect: () => void copyText(sql).catch(showFailureToast) },
            ]}
            empty={
              <Nothing>
                {words === ''
                  ? 'The log has no durations of statements. “Not logged” tells how the server writes them.'
                  : 'No statement has that in it.'}
              </Nothing>
            }
          />
          {(report.leftOut.statements > 0 || report.bareDurations.count > 0) && (
            <footer className={styles['foot']}>
              {report.leftOut.statements > 0 && (
                <span>
                  Not listed, but in the totals: {countOf(report.leftOut.statements, 'statement')} with{' '}
                  {countOf(report.leftOut.calls, 'call')}, {formatDuration(report.leftOut.totalMs)}.
                </span>
              )}
              {report.bareDurations.count > 0 && (
                <span>
                  {countOf(report.bareDurations.count, 'duration')} without a statement:{' '}
                  {formatDuration(report.bareDurations.totalMs)}.
                </span>
              )}
            </footer>
          )}
        </>
      }
      detail={selected === null ? null : <StatementDetail key={selected} report={report} fingerprint={selected} />}
    />
  );
}

function matches(row: LogStatement, words: string): boolean {
  return (
    row.sql.toLowerCase().includes(words) ||
    [...row.users, ...row.databases, ...row.applications].some((name) => name.toLowerCase().includes(words))
  );
}
