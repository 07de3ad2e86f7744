import { Workflow } from 'lucide-react';
import { useMemo } from 'react';

import type { LogPlan, LogReport } from '#contract/logs.ts';

import { countOf } from '../../lib/format-count.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { Duration } from '../../ui/quantity.tsx';

import { logTime, oneLine } from './log-words.ts';
import styles from './logs.module.css';
import { openLogPlan, selectRow, useLogs } from './logs-store.ts';
import { Nothing } from './tab-frame.tsx';

const columns: readonly DataColumn<LogPlan>[] = [
  {
    id: 'duration',
    header: 'Duration',
    width: 100,
    align: 'right',
    value: ({ durationMs }) => durationMs,
    cell: ({ durationMs }) => <Duration ms={durationMs} />,
  },
  {
    id: 'at',
    header: 'At',
    width: 182,
    value: ({ at }) => at,
    cell: ({ at }) => <span className={styles['clock']}>{logTime(at)}</span>,
  },
  {
    id: 'sql',
    header: 'Statement',
    width: 320,
    grow: true,
    value: ({ sql }) => sql,
    cell: ({ sql }) => <span className={styles['sql']}>{sql === null ? 'not in the log' : oneLine(sql)}</span>,
  },
  { id: 'user', header: 'User', width: 120, value: ({ user }) => user },
  { id: 'database', header: 'Database', width: 120, value: ({ database }) => database },
];

/** The slowest plans that auto_explain wrote; Enter or a double click opens one. */
export function PlansTab({ report, search }: { readonly report: LogReport; readonly search: string }) {
  const selected = useLogs((state) => state.selected.plans ?? null);
  const words = search.trim().toLowerCase();
  const rows = useMemo(
    () => report.planList.filter(({ sql }) => words === '' || (sql ?? '').toLowerCase().includes(words)),
    [report.planList, words],
  );
  const open = ({ number }: LogPlan) => void openLogPlan(report.id, number);
  return (
    <div className={styles['table']}>
      <DataTable
        label="Plans of the log"
        columns={columns}
        rows={rows}
        rowKey={({ number }) => String(number)}
        selectedKey={selected}
        onSelect={({ number }) => selectRow('plans', String(number))}
        onOpen={open}
        menuEntries={(plan) => [{ label: 'Open plan', icon: Workflow, onSelect: () => open(plan) }]}
        initialSort={{ columnId: 'duration', descending: true }}
        empty={
          <Nothing>
            {words === ''
              ? 'The log has no plans. “Not logged” tells how auto_explain is switched on.'
              : 'No plan has that in it.'}
          </Nothing>
        }
      />
      {report.planList.length > 0 && (
        <footer className={styles['foot']}>
          <span>Enter or a double click opens a plan.</span>
          {report.plans > report.planList.length && (
            <span>
              The {countOf(report.planList.length, 'slowest plan')} of {countOf(report.plans, 'plan')} are kept, at most
              five of a statement.
            </span>
          )}
        </footer>
      )}
    </div>
  );
}
