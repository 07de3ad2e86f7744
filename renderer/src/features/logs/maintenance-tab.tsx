import type { LogReport, LogVacuum } from '#contract/logs.ts';

import { formatCount } from '../../lib/format-count.ts';
import { formatDuration } from '../../lib/format-duration.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { Bytes, Duration } from '../../ui/quantity.tsx';

import { logTime } from './log-words.ts';
import styles from './logs.module.css';
import { Facts, Nothing } from './tab-frame.tsx';

type Checkpoint = LogReport['checkpoints']['last'][number] & { readonly key: string };

const count = (
  id: string,
  header: string,
  width: number,
  value: (row: LogVacuum) => number | null,
): DataColumn<LogVacuum> => ({
  id,
  header,
  width,
  align: 'right',
  value,
  cell: (row) => {
    const shown = value(row);
    return shown === null ? '–' : formatCount(shown);
  },
});

const vacuumColumns: readonly DataColumn<LogVacuum>[] = [
  { id: 'table', header: 'Table', width: 200, grow: true, value: ({ table }) => table },
  count('vacuums', 'Vacuums', 86, ({ vacuums }) => vacuums),
  count('analyzes', 'Analyzes', 86, ({ analyzes }) => analyzes),
  {
    id: 'time',
    header: 'Time',
    width: 84,
    align: 'right',
    value: ({ totalMs }) => totalMs,
    cell: ({ totalMs }) => <Duration ms={totalMs} />,
  },
  {
    id: 'max',
    header: 'Longest',
    width: 84,
    align: 'right',
    value: ({ maxMs }) => maxMs,
    cell: ({ maxMs }) => <Duration ms={maxMs} />,
  },
  count('removed', 'Removed', 90, ({ tuplesRemoved }) => tuplesRemoved),
  count('dead', 'Left dead', 90, ({ tuplesDead }) => tuplesDead),
  {
    id: 'wal',
    header: 'WAL',
    width: 84,
    align: 'right',
    value: ({ walBytes }) => walBytes,
    cell: ({ walBytes }) => <Bytes bytes={walBytes} />,
  },
  {
    id: 'last',
    header: 'Last',
    width: 182,
    value: ({ lastAt }) => lastAt,
    cell: ({ lastAt }) => <span className={styles['clock']}>{logTime(lastAt)}</span>,
  },
];

const checkpointColumns: readonly DataColumn<Checkpoint>[] = [
  {
    id: 'at',
    header: 'At',
    width: 182,
    value: ({ at }) => at,
    cell: ({ at }) => <span className={styles['clock']}>{logTime(at)}</span>,
  },
  { id: 'reason', header: 'Reason', width: 140, grow: true, value: ({ reason }) => reason },
  {
    id: 'buffers',
    header: 'Buffers',
    width: 90,
    align: 'right',
    value: ({ buffers }) => buffers,
    cell: ({ buffers }) => formatCount(buffers),
  },
  {
    id: 'write',
    header: 'Write',
    width: 84,
    align: 'right',
    value: ({ writeMs }) => writeMs,
    cell: ({ writeMs }) => <Duration ms={writeMs} />,
  },
  {
    id: 'sync',
    header: 'Sync',
    width: 84,
    align: 'right',
    value: ({ syncMs }) => syncMs,
    cell: ({ syncMs }) => <Duration ms={syncMs} />,
  },
  {
    id: 'total',
    header: 'Total',
    width: 84,
    align: 'right',
    value: ({ totalMs }) => totalMs,
    cell: ({ totalMs }) => <Duration ms={totalMs} />,
  },
  {
    id: 'distance',
    header: 'Distance',
    width: 90,
    align: 'right',
    value: ({ distanceBytes }) => distanceBytes,
    cell: ({ distanceBytes }) => <Bytes bytes={distanceBytes} />,
  },
];

/** Work of autovacuum by table, checkpoints, connections. */
export function MaintenanceTab({ report }: { readonly report: LogReport }) {
  const { checkpoints, connections } = report;
  const last = checkpoints.last.map((checkpoint, index): Checkpoint => ({ ...checkpoint, key: String(index) }));
  return (
    <div className={styles['maintenance']}>
      <section aria-label="Autovacuum">
        <h3>Autovacuum</h3>
        <div className={styles['half']}>
          <DataTable
            label="Work of autovacuum"
            columns={vacuumColumns}
            rows={report.vacuums}
            rowKey={({ table }) => table}
            initialSort={{ columnId: 'time', descending: true }}
            empty={<Nothing>No runs of autovacuum, or log_autovacuum_min_duration is off.</Nothing>}
          />
        </div>
      </section>
      <section aria-label="Checkpoints">
        <h3>Checkpoints</h3>
        <div className={styles['half']}>
          <DataTable
            label="Checkpoints"
            columns={checkpointColumns}
            rows={last}
            rowKey={({ key }) => key}
            initialSort={{ columnId: 'at', descending: true }}
            empty={<Nothing>No checkpoints, or log_checkpoints is off.</Nothing>}
          />
        </div>
      </section>
      <section className={styles['sums']} aria-label="In sum">
        <Facts
          facts={[
            [
              'Checkpoints',
              `${formatCount(checkpoints.count)}, ${formatCount(checkpoints.requested)} of them before their time`,
            ],
            ['Too frequent', formatCount(checkpoints.tooFrequent)],
            ['Longest checkpoint', checkpoints.count === 0 ? null : formatDuration(checkpoints.maxMs)],
            [
              'Connections',
              `${formatCount(connections.received)} received, ${formatCount(connections.authorized)} authorized, ${formatCount(connections.ended)} ended`,
            ],
            ['Mean session', connections.meanSessionMs === null ? null : formatDuration(connections.meanSessionMs)],
            [
              'Most from',
              connections.by
                .slice(0, 5)
                .map(
                  ({ user, database, client, count: times }) =>
                    `${[user, database, client].filter(Boolean).join(' · ') || 'unknown'} (${formatCount(times)})`,
                )
                .join(', '),
            ],
          ]}
        />
      </section>
    </div>
  );
}
