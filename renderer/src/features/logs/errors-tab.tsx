import { CircleAlert, TriangleAlert } from 'lucide-react';
import { useMemo } from 'react';

import type { LogError, LogReport } from '#contract/logs.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { formatCount } from '../../lib/format-count.ts';
import { Badge } from '../../ui/badge.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';

import { logTime } from './log-words.ts';
import styles from './logs.module.css';
import { selectRow, useLogs } from './logs-store.ts';
import { DetailSide, Nothing, TabFrame } from './tab-frame.tsx';

const columns: readonly DataColumn<LogError>[] = [
  {
    id: 'severity',
    header: 'Severity',
    width: 104,
    value: ({ severity }) => severity,
    cell: ({ severity }) => (
      <Badge
        tone={severity === 'WARNING' ? 'warning' : 'critical'}
        icon={severity === 'WARNING' ? TriangleAlert : CircleAlert}
      >
        {severity}
      </Badge>
    ),
  },
  {
    id: 'count',
    header: 'Count',
    width: 80,
    align: 'right',
    value: ({ count }) => count,
    cell: ({ count }) => formatCount(count),
  },
  {
    id: 'sqlstate',
    header: 'SQLSTATE',
    width: 92,
    value: ({ sqlstate }) => sqlstate,
    cell: ({ sqlstate }) => <span className={styles['clock']}>{sqlstate ?? '–'}</span>,
  },
  {
    id: 'shape',
    header: 'Message',
    width: 320,
    grow: true,
    value: ({ shape }) => shape,
    cell: ({ shape }) => <span className={styles['message']}>{shape}</span>,
  },
  { id: 'users', header: 'Users', width: 130, value: ({ users }) => users.join(', ') },
  {
    id: 'last',
    header: 'Last',
    width: 182,
    value: ({ lastAt }) => lastAt,
    cell: ({ lastAt }) => <span className={styles['clock']}>{logTime(lastAt)}</span>,
  },
];

const keyOf = ({ severity, sqlstate, shape }: LogError) => `${severity} ${sqlstate ?? ''} ${shape}`;

/** What failed: messages that are alike are one row. */
export function ErrorsTab({ report, search }: { readonly report: LogReport; readonly search: string }) {
  const selectedKey = useLogs((state) => state.selected.errors ?? null);
  const words = search.trim().toLowerCase();
  const rows = useMemo(
    () =>
      report.errorGroups.filter(
        ({ shape, sqlstate, samples }) =>
          words === '' ||
          shape.toLowerCase().includes(words) ||
          (sqlstate ?? '').toLowerCase() === words ||
          samples.some(({ sql, message }) => `${message} ${sql ?? ''}`.toLowerCase().includes(words)),
      ),
    [report.errorGroups, words],
  );
  const selected = report.errorGroups.find((group) => keyOf(group) === selectedKey);
  return (
    <TabFrame
      table={
        <DataTable
          label="Errors of the log"
          columns={columns}
          rows={rows}
          rowKey={keyOf}
          selectedKey={selectedKey}
          onSelect={(group) => selectRow('errors', keyOf(group))}
          initialSort={{ columnId: 'count', descending: true }}
          empty={<Nothing>{words === '' ? 'Nothing failed.' : 'No message has that in it.'}</Nothing>}
        />
      }
      detail={selected === undefined ? null : <ErrorDetail group={selected} report={report} />}
    />
  );
}

function ErrorDetail({ group, report }: { readonly group: LogError; readonly report: LogReport }) {
  return (
    <article className={styles['detailColumns']} aria-label="Error">
      <div className={styles['detailMain']}>
        {group.samples.map((sample) => (
          <section key={sample.line} className={styles['sample']}>
            <div className={styles['sampleHead']}>
              <span className={styles['clock']}>{logTime(sample.at)}</span>
              <span className={styles['text']}>
                {[sample.user, sample.database].filter((name) => name !== null).join(' · ')}
              </span>
              <span className={styles['space']} />
              <span className={styles['dim']}>line {formatCount(sample.line)}</span>
            </div>
            <p className={styles['error']}>{sample.message}</p>
            {sample.detail !== null && <p className={styles['words']}>{sample.detail}</p>}
            {sample.context !== null && <p className={styles['words']}>{sample.context}</p>}
            {sample.sql !== null && (
              <SqlBlock
                sql={sample.sql}
                label="Statement that failed"
                connectionId={report.connectionId}
                maxHeight={120}
              />
            )}
          </section>
        ))}
      </div>
      <DetailSide
        tab="errors"
        facts={[
          ['Count', formatCount(group.count)],
          ['SQLSTATE', group.sqlstate],
          ['First', logTime(group.firstAt)],
          ['Last', logTime(group.lastAt)],
          ['Users', group.users.join(', ')],
          ['Databases', group.databases.join(', ')],
          ['Applications', group.applications.join(', ')],
        ]}
      />
    </article>
  );
}
