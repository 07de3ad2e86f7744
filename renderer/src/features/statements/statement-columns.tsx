import type { StatementDeltasAnswer, StatementRow } from '#contract/statements.ts';

import { formatDuration, splitDuration } from '../../lib/format-duration.ts';
import { Badge } from '../../ui/badge.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { Bytes, Duration, Quantity, ShortCount } from '../../ui/quantity.tsx';

import { hitShare, percentWords, shortNumber, splitRate, statusWords } from './statement-words.ts';
import styles from './statements.module.css';

/** What a statement is and what it costs. Each number on the right with its unit dimmed. */
export function statementColumns(
  answer: Pick<StatementDeltasAnswer, 'covered' | 'tracksPlanning' | 'timesIo' | 'blockBytes'>,
  showsDatabase: boolean,
): readonly DataColumn<StatementRow>[] {
  const { spanMs } = answer.covered;
  const columns: readonly (DataColumn<StatementRow> | null)[] = [
    {
      id: 'sql',
      header: 'Statement',
      width: 260,
      grow: true,
      value: ({ sql }) => sql,
      cell: (row) => <Statement row={row} />,
    },
    showsDatabase
      ? {
          id: 'database',
          header: 'Database',
          width: 110,
          value: ({ database, databases }) => database ?? `${databases} databases`,
        }
      : null,
    {
      id: 'total',
      header: 'Total time',
      width: 136,
      align: 'right',
      value: ({ totalMs }) => totalMs,
      cell: (row) => <TotalTime row={row} />,
    },
    {
      id: 'calls',
      header: 'Calls',
      width: 122,
      align: 'right',
      value: ({ calls }) => calls,
      cell: ({ calls }) => <Calls calls={calls} spanMs={spanMs} />,
    },
    {
      id: 'mean',
      header: 'Mean ± deviation',
      width: 142,
      align: 'right',
      value: ({ meanMs }) => meanMs,
      cell: (row) => <Mean row={row} />,
    },
    {
      id: 'rows',
      header: 'Rows/call',
      width: 82,
      align: 'right',
      value: ({ rows, calls }) => (calls === 0 ? null : rows / calls),
      cell: ({ rows, calls }) => (calls === 0 ? '–' : <Quantity parts={shortNumber(rows / calls)} />),
    },
    {
      id: 'hit',
      header: 'Hit',
      width: 72,
      align: 'right',
      value: hitShare,
      cell: (row) => <Hit share={hitShare(row)} />,
    },
    {
      id: 'reads',
      header: answer.timesIo ? 'I/O time' : 'Read',
      width: 84,
      align: 'right',
      value: ({ ioMs, blocksRead }) => (answer.timesIo ? ioMs : blocksRead * answer.blockBytes),
      cell: ({ ioMs, blocksRead }) =>
        answer.timesIo ? <Duration ms={nothing(ioMs)} /> : <Bytes bytes={nothing(blocksRead * answer.blockBytes)} />,
    },
    {
      id: 'temp',
      header: 'Temp',
      width: 78,
      align: 'right',
      value: ({ tempBytes }) => tempBytes,
      cell: ({ tempBytes }) => <Bytes bytes={nothing(tempBytes)} />,
    },
    {
      id: 'wal',
      header: 'WAL',
      width: 78,
      align: 'right',
      value: ({ walBytes }) => walBytes,
      cell: ({ walBytes }) => <Bytes bytes={nothing(walBytes)} />,
    },
    answer.tracksPlanning
      ? {
          id: 'plan',
          header: 'Planning',
          width: 84,
          align: 'right',
          value: ({ planMs }) => planMs,
          cell: ({ planMs }) => <Duration ms={nothing(planMs)} />,
        }
      : null,
  ];
  return columns.filter((column) => column !== null);
}

/** A dash says "none" more quietly than a nought in every row. */
function nothing(value: number | null): number | null {
  return value === 0 ? null : value;
}

function Statement({ row }: { readonly row: StatementRow }) {
  // In a short window most statements are new: that is told where one is looked at.
  const status = row.status === 'new' ? null : statusWords[row.status];
  return (
    <>
      <span className={styles['sql']} title={row.sql ?? undefined}>
        {row.sql ?? <span className={styles['dim']}>query {row.queryId}: its text is not known</span>}
      </span>
      <span className={styles['marks']}>
        {row.smells.map(({ kind, label }) => (
          <Badge key={kind} tone={kind === 'regression' ? 'critical' : 'warning'}>
            {label}
          </Badge>
        ))}
        {row.nested === true && <Badge>inside functions</Badge>}
        {status !== null && (
          <span title={status.meaning}>
            <Badge>{status.word}</Badge>
          </span>
        )}
      </span>
    </>
  );
}

function TotalTime({ row }: { readonly row: StatementRow }) {
  return (
    <span className={styles['total']} title={row.share === null ? undefined : `${percentWords(row.share)} of all time`}>
      <span className={styles['track']} aria-hidden>
        {row.share !== null && (
          <span className={styles['fill']} style={{ width: `${Math.max(row.share > 0 ? 2 : 0, row.share * 100)}%` }} />
        )}
      </span>
      <span className={styles['totalNumber']}>
        <Duration ms={row.totalMs} />
      </span>
    </span>
  );
}

function Calls({ calls, spanMs }: { readonly calls: number; readonly spanMs: number | null }) {
  const rate = splitRate(calls, spanMs);
  return (
    <span className={styles['pair']}>
      <ShortCount count={calls} />
      <span className={styles['second']}>{rate === null ? '' : `${rate.value}${rate.unit}`}</span>
    </span>
  );
}

function Mean({ row: { meanMs, stddevMs, calls } }: { readonly row: StatementRow }) {
  if (meanMs === null) return <Duration ms={null} />;
  const deviation = stddevMs === null || calls < 2 ? null : splitDuration(stddevMs);
  return (
    <span
      className={styles['pair']}
      title={`${formatDuration(meanMs)} a call${stddevMs === null ? '; how far they spread cannot be told' : ''}`}
    >
      <Duration ms={meanMs} />
      <span className={styles['second']}>{deviation === null ? '' : `± ${deviation.value} ${deviation.unit}`}</span>
    </span>
  );
}

function Hit({ share }: { readonly share: number | null }) {
  if (share === null) return <Duration ms={null} />;
  const percent = share * 100;
  // 100 is said of nothing that read a block.
  const value = share === 1 ? '100' : Math.min(99.9, percent).toFixed(1);
  return <Quantity parts={{ value, unit: '%' }} />;
}
