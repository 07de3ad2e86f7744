import { useMemo, useSyncExternalStore } from 'react';

import { formatCount } from '../../lib/format-count.ts';
import { DataTable } from '../../ui/data-table.tsx';
import type { DataColumn } from '../../ui/data-table.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';

import { onBeat, shownMoments, shownVersion } from './activity-store.ts';
import styles from './activity.module.css';
import { charts, seriesOf, unitOf } from './charts/chart-definitions.ts';
import { timeLabel, valueLabel } from './charts/chart-scale.ts';
import type { ChartUnit } from './charts/chart-scale.ts';
import type { Moment } from './sample-memory.ts';

const shortTitles: Readonly<Record<string, string>> = {
  transactions: '',
  sessions: '',
  cache: 'Cache hits',
  blocks: 'Blocks read',
  rowsRead: 'Rows',
  rowsWritten: 'Rows',
  wal: 'WAL',
  temp: 'Temporary',
};

/** `Rows inserted`; what stands alone keeps its own name. */
function headerOf(chartId: string, label: string, isOnly: boolean): string {
  const title = shortTitles[chartId] ?? '';
  if (isOnly && title !== '') return title;
  if (label === 'blocks') return title;
  const words = title === '' || label === 'I/O time' ? label : `${title} ${label}`;
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** All digits of a count, and two of a share, so that numbers below each other can be compared. */
function exactLabel(unit: ChartUnit, value: number | null): string {
  if (unit === 'share' && value !== null) return `${(Math.floor(value * 10_000) / 100).toFixed(2)} %`;
  return unit === 'count' && value !== null && value >= 9.95 ? formatCount(Math.round(value)) : valueLabel(unit, value);
}

/** The numbers behind the charts, a column a line of them. */
export const numberColumns: readonly DataColumn<Moment>[] = [
  {
    id: 'time',
    header: 'Time',
    width: 92,
    value: ({ sample }) => sample.at,
    cell: ({ atMs, afterGap }) => (
      <span className={styles['time']} title={afterGap ? 'Nothing is known of the time before' : undefined}>
        {timeLabel(atMs, true)}
        {afterGap && ' ⌜'}
      </span>
    ),
  },
  ...charts.flatMap((chart) =>
    seriesOf(chart).map((series): DataColumn<Moment> => {
      const header = headerOf(chart.id, series.label, chart.series.length === 1);
      return {
        id: `${chart.id}.${series.id}`,
        header,
        width: Math.max(74, header.length * 6.6 + 26),
        align: 'right',
        value: ({ sample }) => series.value(sample),
        cell: ({ sample }) => {
          const value = series.value(sample);
          return (
            <span className={value === null || value === 0 ? styles['dim'] : undefined}>
              {exactLabel(unitOf(chart, series), value)}
            </span>
          );
        },
      };
    }),
  ),
  {
    id: 'deadlocks',
    header: 'Deadlocks',
    width: 86,
    align: 'right',
    value: ({ sample }) => sample.deadlocks,
    cell: ({ sample }) => (
      <span className={sample.deadlocks === null || sample.deadlocks === 0 ? styles['dim'] : undefined}>
        {valueLabel('count', sample.deadlocks)}
      </span>
    ),
  },
];

/** The moments that are shown, anew after each look. */
export function useMoments(): readonly Moment[] {
  const version = useSyncExternalStore(onBeat, shownVersion);
  // oxlint-disable-next-line react-hooks/exhaustive-deps -- The version stands for the moments, which change in place.
  return useMemo(() => [...shownMoments()], [version]);
}

/** What the charts show, as a table, newest first. */
export function NumbersView() {
  const moments = useMoments();
  return (
    <DataTable
      label="Numbers"
      columns={numberColumns}
      rows={moments}
      rowKey={({ atMs }) => String(atMs)}
      initialSort={{ columnId: 'time', descending: true }}
      empty={<EmptyState title="Nothing is known yet" />}
    />
  );
}
