import type { ActivitySample } from '#contract/activity.ts';

import type { ChartUnit } from './chart-scale.ts';

/** Lines are told apart by stroke as well as by colour. */
export type Stroke = 'solid' | 'dashed' | 'dotted';

export interface Series {
  readonly id: string;
  readonly label: string;
  /** A custom property of `tokens.css`. */
  readonly color: string;
  readonly stroke: Stroke;
  readonly value: (sample: ActivitySample) => number | null;
  /** Has an axis of its own on the right, in this unit. */
  readonly rightUnit?: ChartUnit;
  /** What stands in place of a dash where the server does not count this. */
  readonly missing?: string;
  /** Its name and value are shown only while there is any. */
  readonly isRare?: boolean;
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly unit: ChartUnit;
  /** `stack`: series stand on each other. */
  readonly kind: 'lines' | 'stack';
  readonly series: readonly Series[];
  /** With `stack`: a part of the first series, marked inside of it. */
  readonly marked?: Series;
}

/** What is drawn, in the order of reading. */
export const charts: readonly Chart[] = [
  {
    id: 'transactions',
    title: 'Transactions a second',
    unit: 'count',
    kind: 'lines',
    series: [
      line('commits', 'commits', '--accent', 'solid', (sample) => sample.commits),
      line('rollbacks', 'rollbacks', '--critical', 'dashed', (sample) => sample.rollbacks),
    ],
  },
  {
    id: 'sessions',
    title: 'Sessions',
    unit: 'whole',
    kind: 'stack',
    series: [
      line('active', 'active', '--good', 'solid', ({ sessions }) => sessions.active),
      line('idleInTransaction', 'in transaction', '--warning', 'dashed', ({ sessions }) => sessions.idleInTransaction),
      line('idle', 'idle', '--unknown', 'dotted', ({ sessions }) => sessions.idle),
      { ...line('hidden', 'hidden', '--info', 'dotted', ({ sessions }) => sessions.hidden), isRare: true },
    ],
    marked: { ...line('waiting', 'waiting', '--critical', 'solid', ({ sessions }) => sessions.waiting), isRare: true },
  },
  {
    id: 'cache',
    title: 'Cache hits',
    unit: 'share',
    kind: 'lines',
    series: [line('cacheHit', 'of block accesses', '--good', 'solid', (sample) => sample.cacheHit)],
  },
  {
    id: 'blocks',
    title: 'Blocks read a second',
    unit: 'count',
    kind: 'lines',
    series: [
      line('blocksRead', 'blocks', '--info', 'solid', (sample) => sample.blocksRead),
      {
        ...line('ioTime', 'I/O time', '--warning', 'dashed', ioTime),
        rightUnit: 'ms',
        missing: 'track_io_timing is off',
      },
    ],
  },
  {
    id: 'rowsRead',
    title: 'Rows read a second',
    unit: 'count',
    kind: 'lines',
    series: [
      line('returned', 'returned', '--info', 'solid', (sample) => sample.tuplesReturned),
      line('fetched', 'fetched', '--warning', 'dashed', (sample) => sample.tuplesFetched),
    ],
  },
  {
    id: 'rowsWritten',
    title: 'Rows written a second',
    unit: 'count',
    kind: 'lines',
    series: [
      line('inserted', 'inserted', '--good', 'solid', (sample) => sample.tuplesInserted),
      line('updated', 'updated', '--accent', 'dashed', (sample) => sample.tuplesUpdated),
      line('deleted', 'deleted', '--critical', 'dotted', (sample) => sample.tuplesDeleted),
    ],
  },
  {
    id: 'wal',
    title: 'WAL a second',
    unit: 'bytes',
    kind: 'lines',
    series: [line('walBytes', 'written', '--accent', 'solid', (sample) => sample.walBytes)],
  },
  {
    id: 'temp',
    title: 'Temporary files a second',
    unit: 'bytes',
    kind: 'lines',
    series: [line('tempBytes', 'written', '--warning', 'solid', (sample) => sample.tempBytes)],
  },
];

function line(id: string, label: string, color: string, stroke: Stroke, value: Series['value']): Series {
  return { id, label, color, stroke, value };
}

function ioTime({ ioReadMs, ioWriteMs }: ActivitySample): number | null {
  return ioReadMs === null && ioWriteMs === null ? null : (ioReadMs ?? 0) + (ioWriteMs ?? 0);
}

/** All series of a chart, the marked one last. */
export function seriesOf({ series, marked }: Chart): readonly Series[] {
  return marked === undefined ? series : [...series, marked];
}

/** The unit of a series of a chart. */
export function unitOf(chart: Chart, series: Series): ChartUnit {
  return series.rightUnit ?? chart.unit;
}
