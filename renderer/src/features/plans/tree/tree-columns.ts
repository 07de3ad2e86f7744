import { formatBytes } from '../../../lib/format-bytes.ts';
import { formatCount } from '../../../lib/format-count.ts';
import { formatDuration } from '../../../lib/format-duration.ts';

import { farOff, formatFactor } from '../plan-heat.ts';
import { formatCost } from '../plan-marks.ts';
import { actualRowsOf, expectedRowsOf, isLoose, ownBlocksOf } from '../reader/plan-index.ts';
import type { PlanIndex } from '../reader/plan-index.ts';
import type { Spread } from '../reader/sibling-runs.ts';

/** A column of numbers in the tree. */
export interface TreeColumn {
  readonly id: string;
  readonly header: string;
  /** What it means, in words, for the list of columns. */
  readonly meaning: string;
  readonly width: number;
  /** What it is sorted by; null where the plan does not tell. */
  readonly value: (index: PlanIndex, id: number) => number | null;
  readonly text: (value: number, index: PlanIndex, id: number) => string;
  readonly tone?: (index: PlanIndex, id: number) => 'warning' | 'dim' | null;
  /** Of a run of alike siblings. */
  readonly spread?: (index: PlanIndex, run: PlanIndex['runs'][number]) => Spread | null;
}

const count = (value: number) => formatCount(value);
const duration = (value: number) => formatDuration(value);
const dim = () => 'dim' as const;

/** Every column that there is, in the order in which they stand. */
export const treeColumns: readonly TreeColumn[] = [
  {
    id: 'self',
    header: 'Self time',
    meaning: 'Time of the node alone; own cost where it was not timed',
    width: 82,
    value: (index, id) => (index.plan.nodes[id]?.neverExecuted === true ? null : (index.own[id] ?? null)),
    text: (value, index, id) =>
      isLoose(index, id)
        ? `≤ ${ownText(value + (index.plan.nodes[id]?.roundingMs ?? 0), index)}`
        : ownText(value, index),
    spread: (_, run) => run.own,
  },
  {
    id: 'total',
    header: 'Total time',
    meaning: 'Time of the node with everything below it',
    width: 84,
    value: (index, id) => index.plan.nodes[id]?.totalMs ?? null,
    text: duration,
  },
  {
    id: 'cpu',
    header: 'All processes',
    meaning: 'Time summed over the leader and the workers',
    width: 98,
    value: (index, id) => index.plan.nodes[id]?.cpuMs ?? null,
    text: duration,
    tone: dim,
  },
  {
    id: 'loops',
    header: 'Loops',
    meaning: 'How often the node ran',
    width: 72,
    value: (index, id) => (index.plan.analyzed ? (index.plan.nodes[id]?.loops ?? null) : null),
    text: count,
  },
  {
    id: 'rows',
    header: 'Rows',
    meaning: 'Rows that the node gave, over all loops',
    width: 84,
    value: (index, id) => nodeValue(index, id, actualRowsOf),
    text: count,
    spread: (_, run) => run.rows,
  },
  {
    id: 'expected',
    header: 'Expected',
    meaning: 'Rows that the planner expected',
    width: 84,
    value: (index, id) => nodeValue(index, id, expectedRowsOf),
    text: count,
    tone: dim,
  },
  {
    id: 'off',
    header: 'Off by',
    meaning: 'How far the planner’s rows were off',
    width: 64,
    value: (index, id) => nodeValue(index, id, (node) => (node.neverExecuted ? null : (node.estimateFactor ?? null))),
    text: (value) => formatFactor(value) ?? '–',
    tone: (index, id) => ((index.plan.nodes[id]?.estimateFactor ?? 0) >= farOff ? 'warning' : 'dim'),
  },
  {
    id: 'removed',
    header: 'Removed',
    meaning: 'Rows that its filters threw away',
    width: 80,
    value: (index, id) =>
      nodeValue(index, id, (node) => {
        const { rowsRemovedByFilter: filter, rowsRemovedByJoinFilter: join, rowsRemovedByIndexRecheck: recheck } = node;
        return filter === undefined && join === undefined && recheck === undefined
          ? null
          : (filter ?? 0) + (join ?? 0) + (recheck ?? 0);
      }),
    text: count,
  },
  {
    id: 'blocks',
    header: 'Blocks',
    meaning: '8 kB blocks that the node touched itself',
    width: 74,
    value: (index, id) =>
      nodeValue(index, id, (node) => {
        const blocks = ownBlocksOf(node);
        return blocks === null || blocks.hit + blocks.read === 0 ? null : blocks.hit + blocks.read;
      }),
    text: count,
    spread: (_, run) => run.blocks,
  },
  {
    id: 'read',
    header: 'Read',
    meaning: 'Blocks that were not in shared buffers',
    width: 70,
    value: (index, id) => nodeValue(index, id, (node) => ownBlocksOf(node)?.read ?? null),
    text: count,
  },
  {
    id: 'temp',
    header: 'Temporary',
    meaning: 'Bytes written to temporary files',
    width: 86,
    value: (index, id) => nodeValue(index, id, (node) => node.selfBuffers?.tempWritten ?? null),
    text: (value) => (value === 0 ? '–' : formatBytes(value * 8192)),
  },
  {
    id: 'io',
    header: 'I/O time',
    meaning: 'Time spent reading and writing blocks (track_io_timing)',
    width: 78,
    value: (index, id) => index.measures.io?.[id] ?? null,
    text: duration,
  },
  {
    id: 'wal',
    header: 'WAL',
    meaning: 'Bytes of WAL that the node wrote',
    width: 74,
    value: (index, id) => index.measures.wal?.[id] ?? null,
    text: (value) => (value === 0 ? '–' : formatBytes(value)),
  },
  {
    id: 'cost',
    header: 'Cost',
    meaning: 'The planner’s cost, with everything below',
    width: 84,
    value: (index, id) => index.plan.nodes[id]?.totalCost ?? null,
    text: formatCost,
    tone: dim,
  },
  {
    id: 'width',
    header: 'Width',
    meaning: 'Bytes that the planner expects in a row',
    width: 62,
    value: (index, id) => index.plan.nodes[id]?.planWidth ?? null,
    text: count,
    tone: dim,
  },
];

export const defaultColumns: readonly string[] = ['self', 'rows', 'expected', 'off', 'blocks'];

/** Whether a plan tells anything for a column. */
export function hasColumn(index: PlanIndex, column: TreeColumn): boolean {
  return index.plan.nodes.some(({ id }) => column.value(index, id) !== null);
}

/** The header of a column; the first one is about cost where nothing was timed. */
export function headerOf(column: TreeColumn, index: PlanIndex): string {
  return column.id === 'self' && index.metric === 'cost' ? 'Own cost' : column.header;
}

/** A number of a column as it is shown. */
export function cellText(column: TreeColumn, index: PlanIndex, id: number): string {
  const value = column.value(index, id);
  return value === null ? '–' : column.text(value, index, id);
}

function ownText(value: number, index: PlanIndex): string {
  return index.metric === 'time' ? formatDuration(value) : formatCost(value);
}

function nodeValue(
  index: PlanIndex,
  id: number,
  valueOf: (node: PlanIndex['plan']['nodes'][number]) => number | null,
): number | null {
  const node = index.plan.nodes[id];
  return node === undefined ? null : valueOf(node);
}
