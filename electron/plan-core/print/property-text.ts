import type { JsonObject, JsonValue } from '../raw-plan.ts';
import { isJsonObject, numberOf, stringOf } from '../raw-plan.ts';
import { targetOf } from './node-label.ts';
import { GROUPS, text } from './shared-lines.ts';

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

/** Keys whose line depends on more than their value. */
const CONDITIONAL: ReadonlySet<string> = new Set([...ONLY_WHEN_TRUE, ...ONLY_WHEN_POSITIVE, 'Peak Memory Usage']);

/** Of another server's statement, told on the node that holds its plan. */
const REMOTE_TIMES = new Set(['Planning Time', 'Execution Time']);

const GROUP_OF = new Map<string, number>();
/** Instead of a group: a line of its own; one that its value alone decides, as nearly every condition; or none. */
const ALONE = -1;
const PLAIN = -2;
const NONE = -3;

/** The lines of a node (or of a worker) below its first one, in the order of its keys; line breaks are left in them. */
export function propertyLines(properties: JsonObject, verbose: boolean): string[] {
  const lines: string[] = [];
  addProperties(lines, '', properties, verbose, (line) => void lines.push(line));
  return lines;
}

/** Adds these lines to others, each after a margin. */
export function addPropertyLines(lines: string[], margin: string, properties: JsonObject, verbose: boolean): void {
  addProperties(lines, margin, properties, verbose, (line) => addLine(lines, margin, line));
}

/** `add` is for lines that may have line breaks in them. */
function addProperties(
  lines: string[],
  margin: string,
  properties: JsonObject,
  verbose: boolean,
  add: (line: string) => void,
): void {
  let printed = 0;
  for (const key in properties) {
    const group = groupOf(key);
    if (group === NONE) continue;
    if (group >= 0) {
      // Planned Partitions, Tuples and the like also occur alone, under ON CONFLICT for one.
      if ((printed & (1 << group)) !== 0) continue;
      printed |= 1 << group;
      const line = GROUPS[group]?.print(properties) ?? null;
      if (line !== null) add(line);
      continue;
    }
    const value = properties[key] ?? null;
    if (group === PLAIN && typeof value === 'string' && value !== '' && !value.includes('\n'))
      lines.push(`${margin}${key}: ${value}`);
    else if (key !== 'Peak Memory Usage' || !isGroupedMemory(properties))
      for (const line of propertyLine(key, value, verbose)) add(line);
  }
}

/** Adds a line, or several where it has line breaks: they are lines of the text like any other. */
export function addLine(lines: string[], margin: string, line: string): void {
  if (line.includes('\n')) for (const part of `${margin}${line}`.split('\n')) lines.push(part);
  else lines.push(margin + line);
}

/** There are few keys and many nodes: what is said of a key is kept. */
function groupOf(key: string): number {
  const known = GROUP_OF.get(key);
  if (known !== undefined) return known;
  const found = GROUPS.findIndex(({ member }) => member(key));
  const isPlain = !CONDITIONAL.has(key) && !key.includes('\n');
  const group = found !== -1 ? found : SILENT.has(key) ? NONE : isPlain ? PLAIN : ALONE;
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

/** The lines of a ModifyTable's several targets. */
export function targetTableLines(properties: JsonObject): string[] {
  const targets = properties['Target Tables'];
  const operation = stringOf(properties['Operation']) ?? 'Update';
  return Array.isArray(targets) ? targets.filter(isJsonObject).map((target) => `${operation}${targetOf(target)}`) : [];
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
