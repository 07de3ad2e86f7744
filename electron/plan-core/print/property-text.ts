import { BUFFER_KEYS, bufferKey } from '../json-keys.ts';
import type { JsonObject, JsonValue } from '../raw-plan.ts';
import { isJsonObject, numberOf, stringOf } from '../raw-plan.ts';
import { targetOf } from './node-label.ts';

/** Keys that the node's first line has told, or that FORMAT TEXT has no line for. */
const SILENT = new Set([
  'Node Type',
  'Strategy',
  'Partial Mode',
  'Parent Relationship',
  'Subplan Name',
  'Distributed Subplan',
  'Parallel Aware',
  'Async Capable',
  'Join Type',
  'Scan Direction',
  'Index Name',
  'Relation Name',
  'Schema',
  'Alias',
  'Function Name',
  'Table Function Name',
  'CTE Name',
  'Tuplestore Name',
  'Custom Plan Provider',
  'Command',
  'Operation',
  'Startup Cost',
  'Total Cost',
  'Plan Rows',
  'Plan Width',
  'Actual Startup Time',
  'Actual Total Time',
  'Actual Rows',
  'Actual Loops',
  'Plans',
  'Worker Number',
  'Workers',
]);
/** Printed only where they say something. */
const ONLY_WHEN_TRUE = new Set(['Inner Unique', 'Single Copy', 'Disabled']);
const ONLY_WHEN_POSITIVE = new Set([
  'Rows Removed by Filter',
  'Rows Removed by Join Filter',
  'Rows Removed by Index Recheck',
  'Rows Removed by Conflict Filter',
  'Subplans Removed',
]);

/** Of another server's statement, told on the node that holds its plan. */
const REMOTE_TIMES = new Set(['Planning Time', 'Execution Time']);

type GroupPrinter = (properties: JsonObject) => string[];

/** Keys of FORMAT JSON that share a line of FORMAT TEXT; printed where the first of them stands. */
const GROUPS: { readonly member: (key: string) => boolean; readonly print: GroupPrinter }[] = [
  { member: (key) => BUFFER_KEYS.includes(key), print: printBuffers },
  { member: (key) => key.includes('I/O ') && key.endsWith(' Time'), print: printIoTimings },
  { member: (key) => key.startsWith('WAL '), print: printWal },
  {
    member: (key) => key === 'Sort Method' || key === 'Sort Space Used' || key === 'Sort Space Type',
    print: printSort,
  },
  { member: (key) => /^(?:Original )?Hash (?:Buckets|Batches)$/.test(key), print: printHash },
  {
    member: (key) => key === 'Planned Partitions' || key === 'HashAgg Batches' || key === 'Disk Usage',
    print: printHashAggregate,
  },
  { member: (key) => key === 'Exact Heap Blocks' || key === 'Lossy Heap Blocks', print: printHeapBlocks },
  { member: (key) => /^Cache (?:Hits|Misses|Evictions|Overflows)$/.test(key), print: printMemoize },
  {
    member: (key) => key === 'Storage' || key === 'Maximum Storage',
    print: (own) => [`Storage: ${text(own['Storage'])}  Maximum Storage: ${text(own['Maximum Storage'])}kB`],
  },
  { member: (key) => /^Tuples (?:Inserted|Updated|Deleted|Skipped)$/.test(key), print: printTuples },
  {
    member: (key) => key === 'Sampling Method' || key === 'Sampling Parameters' || key === 'Repeatable Seed',
    print: printSampling,
  },
];
const GROUP_OF = new Map<string, number>();

/** The lines of a node (or of a worker) below its first one, in the order of its keys, without indentation. */
export function propertyLines(properties: JsonObject, verbose: boolean): string[] {
  const lines: string[] = [];
  let printed = 0;
  for (const key in properties) {
    const group = groupOf(key);
    if (group !== -1) {
      // Planned Partitions, Tuples and the like also occur alone, under ON CONFLICT for one.
      if ((printed & (1 << group)) !== 0) continue;
      printed |= 1 << group;
      for (const line of GROUPS[group]?.print(properties) ?? []) lines.push(line);
    } else if (!SILENT.has(key) && !(key === 'Peak Memory Usage' && isGroupedMemory(properties)))
      for (const line of propertyLine(key, properties[key] ?? null, verbose)) lines.push(line);
  }
  return lines;
}

function groupOf(key: string): number {
  const known = GROUP_OF.get(key);
  if (known !== undefined) return known;
  const group = GROUPS.findIndex(({ member }) => member(key));
  if (GROUP_OF.size < 1000) GROUP_OF.set(key, group);
  return group;
}

function isGroupedMemory(properties: JsonObject): boolean {
  return (
    properties['Hash Buckets'] !== undefined ||
    properties['HashAgg Batches'] !== undefined ||
    properties['Cache Hits'] !== undefined
  );
}

function propertyLine(key: string, value: JsonValue, verbose: boolean): string[] {
  if (ONLY_WHEN_TRUE.has(key)) return value === true && (verbose || key !== 'Inner Unique') ? [`${key}: true`] : [];
  if (ONLY_WHEN_POSITIVE.has(key)) return typeof value === 'number' && value > 0 ? [`${key}: ${value}`] : [];
  if (key === 'Grouping Sets' && Array.isArray(value))
    return value.flatMap((set) => (isJsonObject(set) ? groupingSet(set) : []));
  if (key === 'Target Tables' && Array.isArray(value)) return [];
  if ((key === 'Full-sort Groups' || key === 'Pre-sorted Groups') && isJsonObject(value))
    return [`${key}: ${sortGroups(value)}`];
  if (key === 'JIT' && isJsonObject(value)) return ['JIT:', ...jitLines(value).map((line) => `  ${line}`)];
  if (key === 'Triggers' && Array.isArray(value) && value.length === 0) return [];
  if (REMOTE_TIMES.has(key) && typeof value === 'number') return [`${key}: ${value.toFixed(3)} ms`];
  if (value === null || value === '') return [`${key}:`];
  return [`${key}: ${text(value)}`];
}

/** A value on one line: lists as `a, b`; what has no text form as JSON. */
export function text(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.map(String).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The lines of a ModifyTable's several targets. */
export function targetTableLines(properties: JsonObject): string[] {
  const targets = properties['Target Tables'];
  const operation = stringOf(properties['Operation']) ?? 'Update';
  return Array.isArray(targets) ? targets.filter(isJsonObject).map((target) => `${operation}${targetOf(target)}`) : [];
}

const BUFFER_SCOPES = (
  [
    ['shared', 'hit', 'read', 'dirtied', 'written'],
    ['local', 'hit', 'read', 'dirtied', 'written'],
    ['temp', 'read', 'written'],
  ] as const
).map(([scope, ...names]) => ({ scope, counters: names.map((name) => ({ name, key: bufferKey(scope, name) })) }));

function printBuffers(properties: JsonObject): string[] {
  let line = '';
  for (const { scope, counters } of BUFFER_SCOPES) {
    let listed = '';
    for (const { name, key } of counters) {
      const count = properties[key];
      if (typeof count === 'number' && count > 0) listed += ` ${name}=${count}`;
    }
    if (listed !== '') line += `${line === '' ? '' : ', '}${scope}${listed}`;
  }
  return line === '' ? [] : [`Buffers: ${line}`];
}

function printIoTimings(properties: JsonObject): string[] {
  const hasTemp = properties['Temp I/O Read Time'] !== undefined;
  const parts = ['', 'Shared ', 'Local ', 'Temp '].flatMap((scope) => {
    const times = ['Read', 'Write'].flatMap((verb) => {
      const time = numberOf(properties[`${scope}I/O ${verb} Time`]) ?? 0;
      return time > 0 ? [`${verb.toLowerCase()}=${time.toFixed(3)}`] : [];
    });
    const label = scope === '' ? (hasTemp ? 'shared ' : '') : scope.toLowerCase();
    return times.length === 0 ? [] : [`${label}${times.join(' ')}`];
  });
  return parts.length === 0 ? [] : [`I/O Timings: ${parts.join(', ')}`];
}

function printWal(properties: JsonObject): string[] {
  const names = [
    ['WAL Records', 'records'],
    ['WAL FPI', 'fpi'],
    ['WAL Bytes', 'bytes'],
    ['WAL Buffers Full', 'buffers full'],
  ] as const;
  const parts = names.flatMap(([key, name]) =>
    (numberOf(properties[key]) ?? 0) > 0 ? [`${name}=${text(properties[key])}`] : [],
  );
  return parts.length === 0 ? [] : [`WAL: ${parts.join(' ')}`];
}

function printSort(properties: JsonObject): string[] {
  const space =
    properties['Sort Space Used'] === undefined
      ? ''
      : `  ${text(properties['Sort Space Type'])}: ${text(properties['Sort Space Used'])}kB`;
  return [`Sort Method: ${text(properties['Sort Method'])}${space}`];
}

function printHash(properties: JsonObject): string[] {
  const originally = (key: string): string => {
    const original = properties[`Original ${key}`];
    return original === undefined || original === properties[key] ? '' : ` (originally ${text(original)})`;
  };
  // 9.x prints both origins when one differs; so does every version since.
  const changed = originally('Hash Buckets') !== '' || originally('Hash Batches') !== '';
  const origin = (key: string): string =>
    changed && properties[`Original ${key}`] !== undefined
      ? ` (originally ${text(properties[`Original ${key}`])})`
      : '';
  return [
    `Buckets: ${text(properties['Hash Buckets'])}${origin('Hash Buckets')}  Batches: ${text(properties['Hash Batches'])}${origin('Hash Batches')}  Memory Usage: ${text(properties['Peak Memory Usage'])}kB`,
  ];
}

function printHashAggregate(properties: JsonObject): string[] {
  const parts: string[] = [];
  const partitions = numberOf(properties['Planned Partitions']) ?? 0;
  if (partitions > 0) parts.push(`Planned Partitions: ${partitions}`);
  if (properties['HashAgg Batches'] !== undefined) {
    parts.push(
      `Batches: ${text(properties['HashAgg Batches'])}  Memory Usage: ${text(properties['Peak Memory Usage'])}kB`,
    );
    if ((numberOf(properties['HashAgg Batches']) ?? 0) > 1)
      parts.push(`Disk Usage: ${text(properties['Disk Usage'])}kB`);
  }
  return parts.length === 0 ? [] : [parts.join('  ')];
}

function printHeapBlocks(properties: JsonObject): string[] {
  const exact = numberOf(properties['Exact Heap Blocks']) ?? 0;
  const lossy = numberOf(properties['Lossy Heap Blocks']) ?? 0;
  if (exact <= 0 && lossy <= 0) return [];
  return [`Heap Blocks:${exact > 0 ? ` exact=${exact}` : ''}${lossy > 0 ? ` lossy=${lossy}` : ''}`];
}

function printMemoize(properties: JsonObject): string[] {
  if ((numberOf(properties['Cache Misses']) ?? 0) === 0) return [];
  const counts = ['Hits', 'Misses', 'Evictions', 'Overflows']
    .map((name) => `${name}: ${text(properties[`Cache ${name}`])}`)
    .join('  ');
  return [`${counts}  Memory Usage: ${text(properties['Peak Memory Usage'])}kB`];
}

function printTuples(properties: JsonObject): string[] {
  if (properties['Operation'] !== 'Merge') return [`Tuples Inserted: ${text(properties['Tuples Inserted'])}`];
  const parts = ['Inserted', 'Updated', 'Deleted', 'Skipped'].flatMap((name) => {
    const count = numberOf(properties[`Tuples ${name}`]) ?? 0;
    return count > 0 ? [`${name.toLowerCase()}=${count}`] : [];
  });
  return parts.length === 0 ? [] : [`Tuples: ${parts.join(' ')}`];
}

function printSampling(properties: JsonObject): string[] {
  const seed =
    properties['Repeatable Seed'] === undefined ? '' : ` REPEATABLE (${text(properties['Repeatable Seed'])})`;
  return [`Sampling: ${text(properties['Sampling Method'])} (${text(properties['Sampling Parameters'])})${seed}`];
}

function groupingSet(set: JsonObject): string[] {
  const sortKey = set['Sort Key'];
  const indent = sortKey === undefined ? '' : '  ';
  const lines = sortKey === undefined ? [] : [`Sort Key: ${text(sortKey)}`];
  for (const label of ['Hash Key', 'Group Key']) {
    const keys = set[`${label}s`];
    if (Array.isArray(keys))
      for (const key of keys)
        lines.push(`${indent}${label}: ${Array.isArray(key) && key.length === 0 ? '()' : text(key)}`);
  }
  return lines;
}

function sortGroups(groups: JsonObject): string {
  const methods = groups['Sort Methods Used'];
  const plural = Array.isArray(methods) && methods.length > 1 ? 's' : '';
  const spaces = ['Memory', 'Disk'].flatMap((kind) => {
    const space = groups[`Sort Space ${kind}`];
    return isJsonObject(space)
      ? [
          `  Average ${kind}: ${text(space['Average Sort Space Used'])}kB  Peak ${kind}: ${text(space['Peak Sort Space Used'])}kB`,
        ]
      : [];
  });
  return `${text(groups['Group Count'])}${methods === undefined ? '' : `  Sort Method${plural}: ${text(methods)}`}${spaces.join('')}`;
}

/** The lines under `JIT:`. */
export function jitLines(jit: JsonObject): string[] {
  const lines: string[] = [];
  if (jit['Functions'] !== undefined) lines.push(`Functions: ${text(jit['Functions'])}`);
  const options = jit['Options'];
  if (isJsonObject(options))
    lines.push(
      `Options: ${Object.entries(options)
        .map(([name, on]) => `${name} ${String(on)}`)
        .join(', ')}`,
    );
  const timing = jit['Timing'];
  if (isJsonObject(timing))
    lines.push(
      `Timing: ${Object.entries(timing)
        .map(([name, time]) => `${name} ${jitTime(time)}`)
        .join(', ')}`,
    );
  return lines;
}

function jitTime(time: JsonValue): string {
  if (!isJsonObject(time)) return `${(numberOf(time) ?? 0).toFixed(3)} ms`;
  return `${(numberOf(time['Total']) ?? 0).toFixed(3)} ms (Deform ${(numberOf(time['Deform']) ?? 0).toFixed(3)} ms)`;
}
