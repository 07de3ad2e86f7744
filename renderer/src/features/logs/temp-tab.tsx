import { useMemo } from 'react';

import type { LogReport, LogTempFile } from '#contract/logs.ts';

import { formatBytes } from '../../lib/format-bytes.ts';
import { countOf, formatCount } from '../../lib/format-count.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { Bytes } from '../../ui/quantity.tsx';

import { logTime, oneLine } from './log-words.ts';
import styles from './logs.module.css';
import { searchLog, selectRow, showReportTab } from './logs-store.ts';
import { Nothing } from './tab-frame.tsx';

const columns: readonly DataColumn<LogTempFile>[] = [
  {
    id: 'sql',
    header: 'Statement',
    width: 320,
    grow: true,
    value: ({ sql }) => sql,
    cell: ({ sql }) => <span className={styles['sql']}>{sql === null ? 'not in the log' : oneLine(sql)}</span>,
  },
  {
    id: 'total',
    header: 'Total',
    width: 90,
    align: 'right',
    value: ({ totalBytes }) => totalBytes,
    cell: ({ totalBytes }) => <Bytes bytes={totalBytes} />,
  },
  {
    id: 'files',
    header: 'Files',
    width: 80,
    align: 'right',
    value: ({ files }) => files,
    cell: ({ files }) => formatCount(files),
  },
  {
    id: 'max',
    header: 'Largest',
    width: 90,
    align: 'right',
    value: ({ maxBytes }) => maxBytes,
    cell: ({ maxBytes }) => <Bytes bytes={maxBytes} />,
  },
  {
    id: 'last',
    header: 'Last',
    width: 182,
    value: ({ lastAt }) => lastAt,
    cell: ({ lastAt }) => <span className={styles['clock']}>{logTime(lastAt)}</span>,
  },
];

/** Statements that wrote temporary files: sorts and hashes that did not fit into work_mem. */
export function TempTab({ report, search }: { readonly report: LogReport; readonly search: string }) {
  const words = search.trim().toLowerCase();
  const rows = useMemo(
    () => report.temp.filter(({ sql }) => words === '' || (sql ?? '').toLowerCase().includes(words)),
    [report.temp, words],
  );
  return (
    <div className={styles['table']}>
      <DataTable
        label="Temporary files of the log"
        columns={columns}
        rows={rows}
        rowKey={({ fingerprint }) => fingerprint ?? 'none'}
        onOpen={({ fingerprint }) => {
          if (fingerprint === null) return;
          searchLog('');
          selectRow('statements', fingerprint);
          showReportTab('statements');
        }}
        initialSort={{ columnId: 'total', descending: true }}
        empty={
          <Nothing>
            {words === ''
              ? 'No temporary files, or log_temp_files is off: see “Not logged”.'
              : 'No statement has that in it.'}
          </Nothing>
        }
      />
      {report.tempFiles > 0 && (
        <footer className={styles['foot']}>
          <span>
            {countOf(report.tempFiles, 'file')}, {formatBytes(report.tempBytes)} in sum.
          </span>
        </footer>
      )}
    </div>
  );
}
