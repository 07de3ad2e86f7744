import { BOOLEAN_KEYS, bufferKey, capitalized, LIST_KEYS, typedScalar } from '../json-keys.ts';
import type { JsonObject } from '../raw-plan.ts';
import { setKey } from '../raw-plan.ts';
import { splitList } from './quote-scan.ts';
import { BUFFER_WORDS } from './set-known-key.ts';

/** Up to so many digits a number is certain to be safe. */
const SAFE_DIGITS = 15;
const SPACE = 32;
const COMMA = 44;
/** No key is longer; a colon further right belongs to something else. */
const LONGEST_KEY = 63;

/** Splits a line without its indentation into key and value; null when it has no key. Keys are as FORMAT TEXT prints them. */
export function splitProperty(line: string): { key: string; value: string } | null {
  const first = line.charCodeAt(0) | 32;
  if (first < 97 || first > 122) return null;
  const end = line.length;
  for (let position = 1; position < end && position <= LONGEST_KEY; position += 1) {
    const code = line.charCodeAt(position);
    if (code === 58) {
      if (position + 1 === end) return { key: line.slice(0, position), value: '' };
      if (isSpace(line.charCodeAt(position + 1)))
        return { key: line.slice(0, position), value: line.slice(position + 1).trim() };
      return null;
    }
    if (!isKeyCharacter(code)) return null;
  }
  return null;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** Letters, digits, and ` _/()-`. */
function isKeyCharacter(code: number): boolean {
  const letter = code | 32;
  return (
    (letter >= 97 && letter <= 122) ||
    (code >= 47 && code <= 57) ||
    code === 32 ||
    code === 40 ||
    code === 41 ||
    code === 45 ||
    code === 95
  );
}

type PropertyReader = (value: string, target: JsonObject) => void;

/** Keys of FORMAT TEXT that hold several keys of FORMAT JSON. */
const READERS: Record<string, PropertyReader> = {
  Buffers: readBuffers,
  'I/O Timings': readIoTimings,
  WAL: readWal,
  'Sort Method': (value, target) => readSort(`Sort Method: ${value}`, target),
  Buckets: readHash,
  Batches: (value, target) => readHashAggregate(`Batches: ${value}`, target),
  'Planned Partitions': (value, target) => readHashAggregate(`Planned Partitions: ${value}`, target),
  'Heap Blocks': readHeapBlocks,
  Hits: readMemoize,
  Estimates: readMemoizeEstimates,
  'Full-sort Groups': (value, target) => readSortGroups('Full-sort Groups', value, target),
  'Pre-sorted Groups': (value, target) => readSortGroups('Pre-sorted Groups', value, target),
  Tuples: readTuples,
  Storage: readStorage,
  Sampling: readSampling,
  Memory: readPlannerMemory,
};

/** Puts one line of FORMAT TEXT into an object under the names of FORMAT JSON. */
export function readProperty(key: string, value: string, target: JsonObject): void {
  const reader = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
  if (reader) {
    reader(value, target);
    return;
  }
  if (LIST_KEYS.has(key)) setKey(target, key, splitList(value));
  else setKey(target, key, BOOLEAN_KEYS.has(key) ? value === 'true' : typedScalar(key, value));
}

/** `shared hit=5 read=2, temp read=1 written=1`, in PostgreSQL's order by character codes; any other by its words. */
function readBuffers(value: string, target: JsonObject): void {
  let position = 0;
  for (const scope of BUFFER_WORDS) {
    if (!value.startsWith(scope.word, position)) continue;
    position += scope.word.length;
    let separator = SPACE;
    for (const counter of scope.counters) {
      if (separator !== SPACE || !value.startsWith(counter.word, position)) continue;
      position += counter.word.length;
      const start = position;
      let count = 0;
      for (let code = value.charCodeAt(position); code >= 48 && code <= 57; code = value.charCodeAt(++position))
        count = count * 10 + (code - 48);
      if (position === start || position - start > SAFE_DIGITS) return readBufferWords(value, target);
      counter.set(target, count);
      if (position === value.length) return;
      separator = value.charCodeAt(position);
      position += 1;
    }
    if (separator !== COMMA || value.charCodeAt(position) !== SPACE) break;
    position += 1;
  }
  readBufferWords(value, target);
}

function readBufferWords(value: string, target: JsonObject): void {
  for (const part of value.split(',')) {
    const [scope, ...counters] = part.trim().split(/\s+/);
    if (scope === undefined) continue;
    for (const counter of counters) {
      const [name, count] = counter.split('=');
      if (name && count !== undefined) target[bufferKey(scope, name)] = Number(count);
    }
  }
}

/** `read=` (to 14), `shared/local read=` (15, 16), `shared read=` (17); temporary files have a scope of their own since 15. */
function readIoTimings(value: string, target: JsonObject): void {
  let prefix = '';
  for (const word of value.split(/[\s,]+/)) {
    const [name, time] = word.split('=');
    if (name === undefined || name === '') continue;
    if (time === undefined) prefix = name === 'shared/local' ? '' : `${capitalized(name)} `;
    else target[`${prefix}I/O ${capitalized(name)} Time`] = Number(time);
  }
}

function readWal(value: string, target: JsonObject): void {
  for (const [, name, count] of value.matchAll(/\b((?:buffers )?[a-z]+)=(\d+)/g)) {
    const key = name === 'fpi' ? 'FPI' : (name ?? '').split(' ').map(capitalized).join(' ');
    target[`WAL ${key}`] = Number(count);
  }
}

function readSort(text: string, target: JsonObject): void {
  const sort = /^Sort Method:\s*(.{0,80}?)\s+(Memory|Disk):\s*(\d+)\s*kB/.exec(text);
  if (!sort) {
    target['Sort Method'] = text.slice(12).trim();
    return;
  }
  target['Sort Method'] = sort[1] ?? '';
  target['Sort Space Used'] = Number(sort[3]);
  target['Sort Space Type'] = sort[2] ?? '';
}

function readHash(value: string, target: JsonObject): void {
  const hash =
    /^(\d+)(?: \(originally (\d+)\))?\s+Batches: (\d+)(?: \(originally (\d+)\))?\s+Memory Usage: (\d+)\s*kB/.exec(
      value,
    );
  if (!hash) {
    setKey(target, 'Buckets', value);
    return;
  }
  target['Hash Buckets'] = Number(hash[1]);
  target['Original Hash Buckets'] = Number(hash[2] ?? hash[1]);
  target['Hash Batches'] = Number(hash[3]);
  target['Original Hash Batches'] = Number(hash[4] ?? hash[3]);
  target['Peak Memory Usage'] = Number(hash[5]);
}

function readHashAggregate(text: string, target: JsonObject): void {
  const partitions = /(?:^|\s)Planned Partitions:\s*(\d+)/.exec(text);
  if (partitions) target['Planned Partitions'] = Number(partitions[1]);
  const batches = /(?:^|\s)Batches:\s*(\d+)/.exec(text);
  if (batches) target['HashAgg Batches'] = Number(batches[1]);
  const memory = /(?:^|\s)Memory Usage:\s*(\d+)/.exec(text);
  if (memory) target['Peak Memory Usage'] = Number(memory[1]);
  const disk = /(?:^|\s)Disk Usage:\s*(\d+)/.exec(text);
  if (disk) target['Disk Usage'] = Number(disk[1]);
  else if ('HashAgg Batches' in target) target['Disk Usage'] = 0;
}

function readHeapBlocks(value: string, target: JsonObject): void {
  target['Exact Heap Blocks'] = Number(/exact=(\d+)/.exec(value)?.[1] ?? 0);
  target['Lossy Heap Blocks'] = Number(/lossy=(\d+)/.exec(value)?.[1] ?? 0);
}

function readMemoize(value: string, target: JsonObject): void {
  const memoize = /^(\d+)\s+Misses: (\d+)\s+Evictions: (\d+)\s+Overflows: (\d+)(?:\s+Memory Usage: (\d+)\s*kB)?/.exec(
    value,
  );
  if (!memoize) {
    setKey(target, 'Hits', value);
    return;
  }
  target['Cache Hits'] = Number(memoize[1]);
  target['Cache Misses'] = Number(memoize[2]);
  target['Cache Evictions'] = Number(memoize[3]);
  target['Cache Overflows'] = Number(memoize[4]);
  if (memoize[5] !== undefined) target['Peak Memory Usage'] = Number(memoize[5]);
}

/** Since 19. */
function readMemoizeEstimates(value: string, target: JsonObject): void {
  const found = /capacity=(\d+)\s+distinct keys=(\d+)\s+lookups=(\d+)\s+hit percent=([\d.]+)%/.exec(value);
  if (!found) {
    setKey(target, 'Estimates', value);
    return;
  }
  target['Estimated Capacity'] = Number(found[1]);
  target['Estimated Distinct Lookup Keys'] = Number(found[2]);
  target['Estimated Lookups'] = Number(found[3]);
  target['Estimated Hit Percent'] = Number(found[4]);
}

/** `Full-sort Groups: 1  Sort Method: quicksort  Average Memory: 30kB  Peak Memory: 30kB`. */
function readSortGroups(key: string, value: string, target: JsonObject): void {
  const groups: JsonObject = { 'Group Count': Number(/^\d+/.exec(value)?.[0] ?? 0) };
  const methods = /Sort Methods?: (.*?)(?:\s{2}|$)/.exec(value)?.[1];
  if (methods !== undefined) groups['Sort Methods Used'] = splitList(methods);
  for (const [, kind, average, peak] of value.matchAll(/Average (\w+): (\d+)kB\s+Peak \w+: (\d+)kB/g)) {
    groups[`Sort Space ${kind ?? ''}`] = {
      'Average Sort Space Used': Number(average),
      'Peak Sort Space Used': Number(peak),
    };
  }
  target[key] = groups;
}

/** MERGE: `inserted=1 updated=2 deleted=3 skipped=4`, zeros left out. */
function readTuples(value: string, target: JsonObject): void {
  for (const action of ['inserted', 'updated', 'deleted', 'skipped']) {
    target[`Tuples ${capitalized(action)}`] = Number(new RegExp(`${action}=(\\d+)`).exec(value)?.[1] ?? 0);
  }
}

/** Since 18: `Storage: Memory  Maximum Storage: 17kB`. */
function readStorage(value: string, target: JsonObject): void {
  const storage = /^(\w+)\s+Maximum Storage: (\d+)\s*kB/.exec(value);
  target['Storage'] = storage?.[1] ?? value;
  if (storage) target['Maximum Storage'] = Number(storage[2]);
}

/** `Sampling: bernoulli ('10'::real) REPEATABLE ('0'::double precision)`. */
function readSampling(value: string, target: JsonObject): void {
  const sampling = /^(\S+) \((.*?)\)(?: REPEATABLE \((.*)\))?$/.exec(value);
  if (!sampling) {
    setKey(target, 'Sampling', value);
    return;
  }
  target['Sampling Method'] = sampling[1] ?? '';
  target['Sampling Parameters'] = splitList(sampling[2] ?? '');
  if (sampling[3] !== undefined) target['Repeatable Seed'] = sampling[3];
}

/** `Memory: used=6kB  allocated=8kB`, under `Planning:`, since 17. */
function readPlannerMemory(value: string, target: JsonObject): void {
  const memory = /^used=(\d+)\s*kB\s+allocated=(\d+)\s*kB/.exec(value);
  if (!memory) {
    setKey(target, 'Memory', value);
    return;
  }
  target['Memory Used'] = Number(memory[1]);
  target['Memory Allocated'] = Number(memory[2]);
}
