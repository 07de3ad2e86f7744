import { counterNames, summedPlaces } from './statement-snapshot.ts';
import {
  extremeOf,
  momentsTogether,
  type DeltaStatus,
  type EntryDelta,
  type Extreme,
  type Moments,
} from './statement-deltas.ts';

/** One statement of all its users and databases together. */
export interface StatementGroup {
  readonly queryId: string;
  readonly nested: boolean | null;
  /** The least certain of its parts. */
  readonly status: DeltaStatus;
  readonly values: Float64Array;
  readonly execution: Moments;
  readonly planning: Moments;
  readonly min: Extreme;
  readonly max: Extreme;
  readonly parts: readonly EntryDelta[];
}

/** From the most certain to the least. */
const statuses: readonly DeltaStatus[] = ['difference', 'whole', 'new', 'restarted', 'nearly'];

/** Puts the lines of each statement together. What runs inside functions stays apart from what clients send. Pure. */
export function groupStatements(entries: readonly EntryDelta[]): StatementGroup[] {
  const groups = new Map<string, EntryDelta[]>();
  for (const delta of entries) {
    const key = groupKey(delta.entry);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [delta]);
    else group.push(delta);
  }
  return [...groups.values()].map(together);
}

/** Names a statement of all its users and databases. */
export function groupKey({ queryId, nested }: Pick<StatementGroup, 'queryId' | 'nested'>): string {
  return `${queryId}/${nested === true ? 'n' : 't'}`;
}

/** Several lines of one statement as one. At least one. */
export function together(parts: readonly EntryDelta[]): StatementGroup {
  const [first] = parts;
  if (first === undefined) throw new Error('a statement has at least one line');
  const { queryId, nested } = first.entry;
  if (parts.length === 1) {
    const { status, values, execution, planning, min, max } = first;
    return { queryId, nested, status, values, execution, planning, min, max, parts };
  }
  const values = new Float64Array(counterNames.length).fill(Number.NaN);
  for (const at of summedPlaces) {
    values[at] = parts.reduce((sum, part) => sum + (part.values[at] ?? Number.NaN), 0);
  }
  return {
    queryId,
    nested,
    status: statuses[Math.max(...parts.map(({ status }) => statuses.indexOf(status)))] ?? 'difference',
    values,
    execution: parts.map(({ execution }) => execution).reduce(momentsTogether),
    planning: parts.map(({ planning }) => planning).reduce(momentsTogether),
    min: extremeOf(
      parts.map(({ min }) => min),
      'min',
    ),
    max: extremeOf(
      parts.map(({ max }) => max),
      'max',
    ),
    parts,
  };
}
