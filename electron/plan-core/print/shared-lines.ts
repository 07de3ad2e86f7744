import { BUFFER_KEYS, bufferKey } from '../json-keys.ts';
import type { JsonObject, JsonValue } from '../raw-plan.ts';
import { numberOf } from '../raw-plan.ts';

/** Null where there is nothing to say. */
type GroupPrinter = (properties: JsonObject) => string | null;

/** Keys of FORMAT JSON that share a line of FORMAT TEXT; printed where the first of them stands. */
export const GROUPS: { readonly member: (key: string) => boolean; readonly print: GroupPrinter }[] = [
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
    print: (own) => `Storage: ${text(own['Storage'])}  Maximum Storage: ${text(own['Maximum Storage'])}kB`,
  },
  { member: (key) => /^Tuples (?:Inserted|Updated|Deleted|Skipped)$/.test(key), print: printTuples },
  {
    member: (key) => key === 'Sampling Method' || key === 'Sampling Parameters' || key === 'Repeatable Seed',
    print: printSampling,
  },
];
/** A value on one line: lists as `a, b`; what has no text form as JSON. */
export function text(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.map(String).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const BUFFER_SCOPES = (
  [
    ['shared', 'hit', 'read', 'dirtied', 'written'],
    ['local', 'hit', 'read', 'dirtied', 'written'],
    ['temp', 'read', 'written'],
  ] as const
).map(([scope, ...names]) => ({ scope, counters: names.map((name) => ({ name, key: bufferKey(scope, name) })) }));

function printBuffers(properties: JsonObject): string | null {
  let line = '';
  for (const { scope, counters } of BUFFER_SCOPES) {
    let listed = '';
    for (const { name, key } of counters) {
      const count = properties[key];
      if (typeof count === 'number' && count > 0) listed += ` ${name}=${count}`;
    }
    if (listed !== '') line += `${line === '' ? '' : ', '}${scope}${listed}`;
  }
  return line === '' ? null : `Buffers: ${line}`;
}

function printIoTimings(properties: JsonObject): string | null {
  const hasTemp = properties['Temp I/O Read Time'] !== undefined;
  const parts = ['', 'Shared ', 'Local ', 'Temp '].flatMap((scope) => {
    const times = ['Read', 'Write'].flatMap((verb) => {
      const time = numberOf(properties[`${scope}I/O ${verb} Time`]) ?? 0;
      return time > 0 ? [`${verb.toLowerCase()}=${time.toFixed(3)}`] : [];
    });
    const label = scope === '' ? (hasTemp ? 'shared ' : '') : scope.toLowerCase();
    return times.length === 0 ? [] : [`${label}${times.join(' ')}`];
  });
  return parts.length === 0 ? null : `I/O Timings: ${parts.join(', ')}`;
}

function printWal(properties: JsonObject): string | null {
  const names = [
    ['WAL Records', 'records'],
    ['WAL FPI', 'fpi'],
    ['WAL Bytes', 'bytes'],
    ['WAL Buffers Full', 'buffers full'],
  ] as const;
  const parts = names.flatMap(([key, name]) =>
    (numberOf(properties[key]) ?? 0) > 0 ? [`${name}=${text(properties[key])}`] : [],
  );
  return parts.length === 0 ? null : `WAL: ${parts.join(' ')}`;
}

function printSort(properties: JsonObject): string {
  const space =
    properties['Sort Space Used'] === undefined
      ? ''
      : `  ${text(properties['Sort Space Type'])}: ${text(properties['Sort Space Used'])}kB`;
  return `Sort Method: ${text(properties['Sort Method'])}${space}`;
}

function printHash(properties: JsonObject): string {
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
  return `Buckets: ${text(properties['Hash Buckets'])}${origin('Hash Buckets')}  Batches: ${text(properties['Hash Batches'])}${origin('Hash Batches')}  Memory Usage: ${text(properties['Peak Memory Usage'])}kB`;
}

function printHashAggregate(properties: JsonObject): string | null {
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
  return parts.length === 0 ? null : parts.join('  ');
}

function printHeapBlocks(properties: JsonObject): string | null {
  const exact = numberOf(properties['Exact Heap Blocks']) ?? 0;
  const lossy = numberOf(properties['Lossy Heap Blocks']) ?? 0;
  if (exact <= 0 && lossy <= 0) return null;
  return `Heap Blocks:${exact > 0 ? ` exact=${exact}` : ''}${lossy > 0 ? ` lossy=${lossy}` : ''}`;
}

function printMemoize(properties: JsonObject): string | null {
  if ((numberOf(properties['Cache Misses']) ?? 0) === 0) return null;
  const counts = ['Hits', 'Misses', 'Evictions', 'Overflows']
    .map((name) => `${name}: ${text(properties[`Cache ${name}`])}`)
    .join('  ');
  return `${counts}  Memory Usage: ${text(properties['Peak Memory Usage'])}kB`;
}

function printTuples(properties: JsonObject): string | null {
  if (properties['Operation'] !== 'Merge') return `Tuples Inserted: ${text(properties['Tuples Inserted'])}`;
  const parts = ['Inserted', 'Updated', 'Deleted', 'Skipped'].flatMap((name) => {
    const count = numberOf(properties[`Tuples ${name}`]) ?? 0;
    return count > 0 ? [`${name.toLowerCase()}=${count}`] : [];
  });
  return parts.length === 0 ? null : `Tuples: ${parts.join(' ')}`;
}

function printSampling(properties: JsonObject): string {
  const seed =
    properties['Repeatable Seed'] === undefined ? '' : ` REPEATABLE (${text(properties['Repeatable Seed'])})`;
  return `Sampling: ${text(properties['Sampling Method'])} (${text(properties['Sampling Parameters'])})${seed}`;
}
