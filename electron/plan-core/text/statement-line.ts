import { integerOrText } from '../json-keys.ts';
import type { JsonObject, JsonValue } from '../raw-plan.ts';
import { setKey } from '../raw-plan.ts';
import { readProperty, splitProperty } from './property-line.ts';

/** A group of the statement whose lines follow its own: `Planning:`, `JIT:`, `Serialization: …`. */
export type StatementGroup = {
  readonly keys: ReadonlySet<string>;
  readonly target: JsonObject;
  readonly isJit: boolean;
};

const TIMES: Record<string, string> = {
  'Planning Time': 'Planning Time',
  'Planning time': 'Planning Time',
  'Execution Time': 'Execution Time',
  'Execution time': 'Execution Time',
  'Total runtime': 'Total Runtime',
  'Total Runtime': 'Total Runtime',
};
const GROUP_KEYS = new Set(['Buffers', 'I/O Timings', 'Memory']);
const JIT_KEYS = new Set([
  'Functions',
  'Options',
  'Timing',
  'Generation Time',
  'Inlining',
  'Inlining Time',
  'Optimization',
  'Optimization Time',
  'Emission Time',
]);
const TRIGGER = /^Trigger\b(.*): (?:time=([\d.]+) )?calls=(\d+)\s*$/;

/** Is it a line about firing a trigger? Names of triggers are printed without quotes, so anything may be in them. */
export function isTriggerLine(text: string): boolean {
  return TRIGGER.test(text);
}

/**
 * Reads a line about the statement as a whole.
 * @returns the group that the next lines belong to, null when there is none, undefined when the line is about a node
 */
export function readStatementLine(
  text: string,
  statement: JsonObject,
  group: StatementGroup | null,
): StatementGroup | null | undefined {
  const trigger = TRIGGER.exec(text);
  if (trigger) {
    listOf(statement, 'Triggers').push(readTrigger(trigger));
    return null;
  }
  const property = splitProperty(text);
  if (!property) return undefined;
  const { key, value } = property;
  if (group?.keys.has(key)) {
    if (group.isJit) readJitLine(key, value, group.target);
    else readProperty(key, value, group.target);
    return group;
  }
  const time = Object.hasOwn(TIMES, key) ? TIMES[key] : undefined;
  if (time !== undefined) {
    const milliseconds = /^([\d.]+)\s*ms/.exec(value)?.[1];
    if (milliseconds !== undefined) statement[time] = Number(milliseconds);
    return null;
  }
  if (key === 'Planning' && value === '') return groupOf(statement, 'Planning', GROUP_KEYS);
  if (key === 'JIT' && value === '') return { keys: JIT_KEYS, target: objectOf(statement, 'JIT'), isJit: true };
  if (key === 'Serialization') return readSerialization(value, statement);
  if (key === 'Settings') {
    setKey(statement, 'Settings', readSettings(value));
    return null;
  }
  if (key === 'Query Identifier') {
    statement[key] = integerOrText(value);
    return null;
  }
  if (key === 'Query Parameters') {
    statement[key] = value;
    return null;
  }
  return undefined;
}

function groupOf(statement: JsonObject, key: string, keys: ReadonlySet<string>): StatementGroup {
  return { keys, target: objectOf(statement, key), isJit: false };
}

function objectOf(target: JsonObject, key: string): JsonObject {
  const value: JsonObject = {};
  target[key] = value;
  return value;
}

function listOf(target: JsonObject, key: string): JsonValue[] {
  const present = target[key];
  if (Array.isArray(present)) return present;
  const list: JsonValue[] = [];
  target[key] = list;
  return list;
}

/** ` name for constraint c on t`: the relation is taken off when all triggers are known. */
function readTrigger(found: RegExpExecArray): JsonObject {
  const trigger: JsonObject = { 'Trigger Name': (found[1] ?? '').trim() };
  if (found[2] !== undefined) trigger['Time'] = Number(found[2]);
  trigger['Calls'] = Number(found[3]);
  return trigger;
}

/** `Serialization: time=4.690 ms  output=5kB  format=text`, since 17. */
function readSerialization(value: string, statement: JsonObject): StatementGroup {
  const group = groupOf(statement, 'Serialization', GROUP_KEYS);
  const time = /time=([\d.]+) ms/.exec(value)?.[1];
  if (time !== undefined) group.target['Time'] = Number(time);
  const output = /output=(\d+)kB/.exec(value)?.[1];
  if (output !== undefined) group.target['Output Volume'] = Number(output);
  const format = /format=(\w+)/.exec(value)?.[1];
  if (format !== undefined) group.target['Format'] = format;
  return group;
}

/** `a = 'x', b = 'it''s'`. */
function readSettings(value: string): JsonObject {
  const settings: JsonObject = {};
  for (const [, name, setting] of value.matchAll(/(?<![\w.])([\w.]+) = '((?:[^']|'')*)'/g)) {
    if (name !== undefined) setKey(settings, name, (setting ?? '').replaceAll("''", "'"));
  }
  return settings;
}

/** One line under `JIT:`, of the statement or of a worker. */
export function readJitLine(key: string, value: string, target: JsonObject): void {
  if (key === 'Functions') target[key] = Number(value);
  else if (key === 'Options') {
    const options: JsonObject = {};
    for (const [, name, setting] of value.matchAll(/(\w+) (true|false)/g))
      if (name !== undefined) setKey(options, name, setting === 'true');
    target[key] = options;
  } else if (key === 'Timing') {
    const timing: JsonObject = {};
    for (const [, name, time, deform] of value.matchAll(/(\w+) ([\d.]+) ms(?: \(Deform ([\d.]+) ms\))?/g)) {
      if (name !== undefined)
        setKey(timing, name, deform === undefined ? Number(time) : { Deform: Number(deform), Total: Number(time) });
    }
    target[key] = timing;
  } else readProperty(key, value, target);
}
