import type { JsonObject, JsonValue } from '../raw-plan.ts';

/**
 * Keys that nearly every node has, each set by its own constant name.
 *
 * V8 makes a hash table of an object that gets more than a dozen properties through computed names (`target[key] = …`),
 * and not through constant ones. Measured on a text of 20,000 nodes: as hash tables the properties of the nodes took
 * three times the memory, and reading them twice the time, most of it in the garbage collector.
 */

type Setter = (target: JsonObject, value: JsonValue) => void;

export const SQL_SETTERS: Readonly<Record<string, Setter>> = {
  Filter: (target, value) => void (target['Filter'] = value),
  'Join Filter': (target, value) => void (target['Join Filter'] = value),
  'Hash Cond': (target, value) => void (target['Hash Cond'] = value),
  'Merge Cond': (target, value) => void (target['Merge Cond'] = value),
  'Index Cond': (target, value) => void (target['Index Cond'] = value),
  'Recheck Cond': (target, value) => void (target['Recheck Cond'] = value),
  'Cache Key': (target, value) => void (target['Cache Key'] = value),
};

export const LIST_SETTERS: Readonly<Record<string, Setter>> = {
  Output: (target, value) => void (target['Output'] = value),
  'Sort Key': (target, value) => void (target['Sort Key'] = value),
  'Presorted Key': (target, value) => void (target['Presorted Key'] = value),
  'Group Key': (target, value) => void (target['Group Key'] = value),
};

export const SCALAR_SETTERS: Readonly<Record<string, Setter>> = {
  'Rows Removed by Filter': (target, value) => void (target['Rows Removed by Filter'] = value),
  'Rows Removed by Join Filter': (target, value) => void (target['Rows Removed by Join Filter'] = value),
  'Rows Removed by Index Recheck': (target, value) => void (target['Rows Removed by Index Recheck'] = value),
  'Heap Fetches': (target, value) => void (target['Heap Fetches'] = value),
  'Index Searches': (target, value) => void (target['Index Searches'] = value),
  'Workers Planned': (target, value) => void (target['Workers Planned'] = value),
  'Workers Launched': (target, value) => void (target['Workers Launched'] = value),
};

type Counter = { readonly word: string; readonly set: (target: JsonObject, count: number) => void };

/** Words of a `Buffers:` line in the order that PostgreSQL prints them. */
export const BUFFER_WORDS: readonly { readonly word: string; readonly counters: readonly Counter[] }[] = [
  {
    word: 'shared ',
    counters: [
      { word: 'hit=', set: (target, count) => void (target['Shared Hit Blocks'] = count) },
      { word: 'read=', set: (target, count) => void (target['Shared Read Blocks'] = count) },
      { word: 'dirtied=', set: (target, count) => void (target['Shared Dirtied Blocks'] = count) },
      { word: 'written=', set: (target, count) => void (target['Shared Written Blocks'] = count) },
    ],
  },
  {
    word: 'local ',
    counters: [
      { word: 'hit=', set: (target, count) => void (target['Local Hit Blocks'] = count) },
      { word: 'read=', set: (target, count) => void (target['Local Read Blocks'] = count) },
      { word: 'dirtied=', set: (target, count) => void (target['Local Dirtied Blocks'] = count) },
      { word: 'written=', set: (target, count) => void (target['Local Written Blocks'] = count) },
    ],
  },
  {
    word: 'temp ',
    counters: [
      { word: 'read=', set: (target, count) => void (target['Temp Read Blocks'] = count) },
      { word: 'written=', set: (target, count) => void (target['Temp Written Blocks'] = count) },
    ],
  },
];

/** What FORMAT TEXT leaves out because it is zero. */
export function fillBufferCounters(target: JsonObject): void {
  target['Shared Hit Blocks'] ??= 0;
  target['Shared Read Blocks'] ??= 0;
  target['Shared Dirtied Blocks'] ??= 0;
  target['Shared Written Blocks'] ??= 0;
  target['Local Hit Blocks'] ??= 0;
  target['Local Read Blocks'] ??= 0;
  target['Local Dirtied Blocks'] ??= 0;
  target['Local Written Blocks'] ??= 0;
  target['Temp Read Blocks'] ??= 0;
  target['Temp Written Blocks'] ??= 0;
}
