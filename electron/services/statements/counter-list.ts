import type { StatementCounter } from '#contract/statements.ts';

import type { StatementGroup } from './group-statements.ts';
import {
  deviationOf,
  meanOf,
  momentsTogether,
  type EntryDelta,
  type Extreme,
  type Moments,
} from './statement-deltas.ts';
import { counterAt, counterOf, type CounterName, type SnapshotEntry } from './statement-snapshot.ts';

type Group = StatementCounter['group'];
type Unit = StatementCounter['unit'];

const sums: readonly (readonly [CounterName, string, Group, Unit])[] = [
  ['rows', 'Rows', 'Execution', 'count'],
  ['sharedHit', 'Hit', 'Shared blocks', 'blocks'],
  ['sharedRead', 'Read', 'Shared blocks', 'blocks'],
  ['sharedDirtied', 'Dirtied', 'Shared blocks', 'blocks'],
  ['sharedWritten', 'Written', 'Shared blocks', 'blocks'],
  ['readMs', 'Time of reading, with local blocks', 'Shared blocks', 'ms'],
  ['writeMs', 'Time of writing, with local blocks', 'Shared blocks', 'ms'],
  ['localHit', 'Hit', 'Local blocks', 'blocks'],
  ['localRead', 'Read', 'Local blocks', 'blocks'],
  ['localDirtied', 'Dirtied', 'Local blocks', 'blocks'],
  ['localWritten', 'Written', 'Local blocks', 'blocks'],
  ['tempRead', 'Read', 'Temporary blocks', 'blocks'],
  ['tempWritten', 'Written', 'Temporary blocks', 'blocks'],
  ['tempReadMs', 'Time of reading', 'Temporary blocks', 'ms'],
  ['tempWriteMs', 'Time of writing', 'Temporary blocks', 'ms'],
  ['walRecords', 'Records', 'WAL', 'count'],
  ['walFpi', 'Full page images', 'WAL', 'count'],
  ['walBytes', 'Volume', 'WAL', 'bytes'],
  ['walBuffersFull', 'Buffers found full', 'WAL', 'count'],
  ['jitFunctions', 'Functions', 'JIT', 'count'],
  ['jitGenerationMs', 'Generating', 'JIT', 'ms'],
  ['jitInlinings', 'Inlinings', 'JIT', 'count'],
  ['jitInliningMs', 'Inlining', 'JIT', 'ms'],
  ['jitOptimizations', 'Optimizations', 'JIT', 'count'],
  ['jitOptimizationMs', 'Optimizing', 'JIT', 'ms'],
  ['jitEmissions', 'Emissions', 'JIT', 'count'],
  ['jitEmissionMs', 'Emitting', 'JIT', 'ms'],
  ['jitDeforms', 'Deformings compiled', 'JIT', 'count'],
  ['jitDeformMs', 'Compiling deforming', 'JIT', 'ms'],
  ['parallelPlanned', 'Workers planned', 'Parallel', 'count'],
  ['parallelLaunched', 'Workers launched', 'Parallel', 'count'],
];

/** Every number of a statement: before, after, and of the window. What the server's version does not count is left out. Pure. */
export function counterList(group: StatementGroup): StatementCounter[] {
  const before = group.parts.flatMap((part) => (part.before === null ? [] : [part.before]));
  const after = group.parts.map((part) => part.entry);
  // Since a reset there is nothing before; where it began anew, what was before is not part of the window.
  const counters: StatementCounter[] = [
    ...timeCounters(group, { before, after }, 'Execution'),
    ...sums.map(([name, label, area, unit]) => ({
      name,
      label,
      group: area,
      unit,
      before: sumOf(before, name),
      after: sumOf(after, name),
      delta: orNull(group.values[counterAt[name]]),
    })),
    ...(group.planning.count > 0 || sumOf(after, 'plans') !== 0
      ? timeCounters(group, { before, after }, 'Planning')
      : []),
  ];
  return counters.filter(({ after: value }) => value !== null);
}

interface Both {
  readonly before: readonly SnapshotEntry[];
  readonly after: readonly SnapshotEntry[];
}

function timeCounters(group: StatementGroup, both: Both, area: 'Execution' | 'Planning'): StatementCounter[] {
  const isPlanning = area === 'Planning';
  const [count, total, deviation, min, max] = (
    isPlanning
      ? ['plans', 'planMs', 'stddevPlanMs', 'minPlanMs', 'maxPlanMs']
      : ['calls', 'totalMs', 'stddevMs', 'minMs', 'maxMs']
  ) as [CounterName, CounterName, CounterName, CounterName, CounterName];
  const moments = isPlanning ? group.planning : group.execution;
  const [then, now] = [momentsOf(both.before, count, total, deviation), momentsOf(both.after, count, total, deviation)];
  const line = (
    name: string,
    label: string,
    unit: Unit,
    [before, after, delta]: readonly [number | null, number | null, number | null],
  ): StatementCounter => ({ name, label, group: area, unit, before, after, delta });
  const extreme = (which: 'min' | 'max', name: CounterName): readonly [number | null, number | null, number | null] => [
    edgeOf(both.before, name, which),
    edgeOf(both.after, name, which),
    isPlanning ? null : exactly(which === 'min' ? group.min : group.max),
  ];
  return [
    line(count, isPlanning ? 'Plans' : 'Calls', 'count', [then && then.count, now && now.count, moments.count]),
    line(total, 'Total time', 'ms', [then && then.total, now && now.total, moments.total]),
    line(`${total}Mean`, 'Mean', 'ms', [then && meanOf(then), now && meanOf(now), meanOf(moments)]),
    line(deviation, 'Standard deviation', 'ms', [
      then && deviationOf(then),
      now && deviationOf(now),
      deviationOf(moments),
    ]),
    line(min, 'Shortest', 'ms', extreme('min', min)),
    line(max, 'Longest', 'ms', extreme('max', max)),
  ];
}

function momentsOf(
  entries: readonly SnapshotEntry[],
  count: CounterName,
  total: CounterName,
  deviation: CounterName,
): Moments | null {
  if (entries.length === 0) return null;
  return entries
    .map((entry) => ({
      count: counterOf(entry, count),
      total: counterOf(entry, total),
      squares: counterOf(entry, deviation) ** 2 * counterOf(entry, count),
    }))
    .reduce(momentsTogether);
}

function edgeOf(entries: readonly SnapshotEntry[], name: CounterName, which: 'min' | 'max'): number | null {
  const values = entries
    .filter((entry) => counterOf(entry, name.includes('Plan') ? 'plans' : 'calls') > 0)
    .map((entry) => counterOf(entry, name));
  return values.length === 0 ? null : Math[which](...values);
}

function exactly({ value, exact }: Extreme): number | null {
  return exact && Number.isFinite(value) ? value : null;
}

function sumOf(entries: readonly SnapshotEntry[], name: CounterName): number | null {
  if (entries.length === 0) return null;
  return orNull(entries.reduce((sum, entry) => sum + counterOf(entry, name), 0));
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** Who ran it, and where. */
export function partNames(
  { entry }: EntryDelta,
  names: { readonly users: Readonly<Record<string, string>>; readonly databases: Readonly<Record<string, string>> },
): { readonly user: string; readonly database: string } {
  return {
    user: names.users[String(entry.userId)] ?? `role ${entry.userId}`,
    database: names.databases[String(entry.databaseId)] ?? `database ${entry.databaseId}`,
  };
}
