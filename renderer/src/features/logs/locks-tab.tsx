import { useMemo } from 'react';

import type { LogLockWait, LogReport } from '#contract/logs.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { countOf } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { Badge } from '../../ui/badge.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { Duration } from '../../ui/quantity.tsx';

import { logTime, oneLine } from './log-words.ts';
import styles from './logs.module.css';
import { selectRow, useLogs } from './logs-store.ts';
import { DetailSide, Nothing, TabFrame } from './tab-frame.tsx';

type Wait = LogLockWait & { readonly key: string };

const outcomes = {
  acquired: ['got it', 'neutral'],
  waiting: ['end unknown', 'warning'],
  failed: ['gave up', 'warning'],
  deadlock: ['deadlock', 'critical'],
} as const;

const columns: readonly DataColumn<Wait>[] = [
  {
    id: 'waited',
    header: 'Waited',
    width: 92,
    align: 'right',
    value: ({ waitedMs }) => waitedMs,
    cell: ({ waitedMs }) => <Duration ms={waitedMs} />,
  },
  {
    id: 'outcome',
    header: 'Outcome',
    width: 110,
    value: ({ outcome }) => outcome,
    cell: ({ outcome }) => <Badge tone={outcomes[outcome][1]}>{outcomes[outcome][0]}</Badge>,
  },
  { id: 'mode', header: 'Mode', width: 150, value: ({ mode }) => mode },
  { id: 'object', header: 'On', width: 220, value: ({ object }) => object },
  {
    id: 'sql',
    header: 'Statement',
    width: 240,
    grow: true,
    value: ({ sql }) => sql,
    cell: ({ sql }) => <span className={styles['sql']}>{sql === null ? '–' : oneLine(sql)}</span>,
  },
  { id: 'pid', header: 'Process', width: 80, align: 'right', value: ({ pid }) => pid },
  { id: 'holders', header: 'Held by', width: 90, align: 'right', value: ({ holders }) => holders.join(', ') },
  {
    id: 'at',
    header: 'At',
    width: 182,
    value: ({ at }) => at,
    cell: ({ at }) => <span className={styles['clock']}>{logTime(at)}</span>,
  },
];

/** Who waited for a lock longer than deadlock_timeout, and deadlocks. */
export function LocksTab({ report, search }: { readonly report: LogReport; readonly search: string }) {
  const selectedKey = useLogs((state) => state.selected.locks ?? null);
  const words = search.trim().toLowerCase();
  const all = useMemo(() => report.locks.map((wait, index): Wait => ({ ...wait, key: String(index) })), [report.locks]);
  const rows = useMemo(
    () =>
      all.filter(
        ({ sql, object, mode }) => words === '' || `${sql ?? ''} ${object} ${mode}`.toLowerCase().includes(words),
      ),
    [all, words],
  );
  const selected = all.find(({ key }) => key === selectedKey);
  return (
    <div className={styles['stack']}>
      {report.deadlockDetails.length > 0 && (
        <details className={styles['deadlocks']}>
          <summary>{countOf(report.deadlocks, 'deadlock')}</summary>
          {report.deadlockDetails.map(({ at, detail }, index) => (
            // Deadlocks do not change places.
            <section key={index}>
              <span className={styles['clock']}>{logTime(at)}</span>
              <p className={styles['error']}>{detail === '' ? 'The log has no details.' : detail}</p>
            </section>
          ))}
        </details>
      )}
      <div className={styles['rest']}>
        <TabFrame
          table={
            <DataTable
              label="Lock waits of the log"
              columns={columns}
              rows={rows}
              rowKey={({ key }) => key}
              selectedKey={selectedKey}
              onSelect={({ key }) => selectRow('locks', key)}
              initialSort={{ columnId: 'waited', descending: true }}
              empty={
                <Nothing>
                  {words === ''
                    ? 'Nobody waited for a lock, or log_lock_waits is off: see “Not logged”.'
                    : 'No wait has that in it.'}
                </Nothing>
              }
            />
          }
          detail={
            selected === undefined ? null : (
              <article className={styles['detailColumns']} aria-label="Lock wait">
                <div className={styles['detailMain']}>
                  {selected.sql !== null && (
                    <SqlBlock
                      sql={selected.sql}
                      label="Statement that waited"
                      connectionId={report.connectionId}
                      maxHeight={170}
                    />
                  )}
                  {selected.context !== null && <p className={styles['words']}>{selected.context}</p>}
                </div>
                <DetailSide
                  tab="locks"
                  facts={[
                    ['Waited', formatDuration(selected.waitedMs)],
                    ['Mode', selected.mode],
                    ['On', selected.object],
                    ['Process', String(selected.pid)],
                    ['Held by', selected.holders.join(', ')],
                    ['User', selected.user],
                    ['Database', selected.database],
                    ['At', logTime(selected.at)],
                  ]}
                />
              </article>
            )
          }
        />
      </div>
    </div>
  );
}
