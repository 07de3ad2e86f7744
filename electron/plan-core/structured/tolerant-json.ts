import { PlanReadError } from '../plan-read-error.ts';
import type { JsonObject, JsonValue } from '../raw-plan.ts';
import { isJsonObject, setKey } from '../raw-plan.ts';

/** `owner` is the object around a list, and `key` then one that belongs to it: see {@link readTolerantJson}. */
type Frame = { readonly value: JsonObject | JsonValue[]; key: string | null; readonly owner: JsonObject | null };

/**
 * JSON read without recursion, and with what JSON.parse will not do: lists under a key that comes twice are merged
 * (before 12, `Workers` came twice), integers beyond a double stay text, a trailing comma is forgiven,
 * raw line breaks inside a string (wrapped or framed output) are let through, and a key inside a list belongs to the
 * object around it: a MERGE or ON CONFLICT of several targets prints `"Tuples Inserted": 1` inside its `Target Tables`.
 * @param end where the value ends in the source is put into `position`
 * @throws {PlanReadError} with the place
 */
export function readTolerantJson(source: string, start = 0): { value: JsonValue; end: number } {
  const stack: Frame[] = [];
  let position = start;
  for (;;) {
    position = skipSpace(source, position);
    const top = stack.at(-1);
    const character = source[position];
    if (character === undefined)
      throw PlanReadError.at('The JSON ends before it is whole: the plan is cut off', source, source.length);
    if (top && (character === '}' || character === ']')) {
      if ((character === ']') !== Array.isArray(top.value))
        throw PlanReadError.at(`Unexpected “${character}” in JSON`, source, position);
      if (top.key !== null) throw PlanReadError.at('Expected a value after a key in JSON', source, position);
      stack.pop();
      position += 1;
      if (!put(stack.at(-1), top.value)) return { value: top.value, end: position };
      position = skipComma(source, position);
      continue;
    }
    if (top && top.key === null && !Array.isArray(top.value)) {
      if (character !== '"') throw PlanReadError.at('Expected a key in JSON', source, position);
      const key = readString(source, position);
      position = skipSpace(source, key.end);
      if (source[position] !== ':') throw PlanReadError.at('Expected “:” after a key in JSON', source, position);
      top.key = key.value;
      position += 1;
      continue;
    }
    if (character === '{' || character === '[') {
      const owner = character === '[' && top && !Array.isArray(top.value) ? top.value : null;
      stack.push({ value: character === '{' ? {} : [], key: null, owner });
      position += 1;
      continue;
    }
    const scalar = readScalar(source, position);
    position = scalar.end;
    if (top?.owner && top.key === null && typeof scalar.value === 'string') {
      const next = skipSpace(source, position);
      if (source[next] === ':') {
        top.key = scalar.value;
        position = next + 1;
        continue;
      }
    }
    if (!put(top, scalar.value)) return { value: scalar.value, end: position };
    position = skipComma(source, position);
  }
}

/** Puts a value where the frame waits for one. False when there is no frame: the value is the whole. */
function put(frame: Frame | undefined, value: JsonValue): boolean {
  if (!frame) return false;
  const target = Array.isArray(frame.value) ? (frame.key === null ? null : frame.owner) : frame.value;
  if (Array.isArray(frame.value) && target === null) frame.value.push(value);
  else if (target !== null && frame.key !== null) {
    const present = Object.hasOwn(target, frame.key) ? target[frame.key] : undefined;
    if (frame.key === 'Workers' && Array.isArray(present) && Array.isArray(value)) mergeWorkers(present, value);
    else if (Array.isArray(present) && Array.isArray(value)) for (const item of value) present.push(item);
    else setKey(target, frame.key, value);
    frame.key = null;
  }
  return true;
}

function mergeWorkers(present: JsonValue[], more: readonly JsonValue[]): void {
  const byNumber = new Map(
    present
      .filter(isJsonObject)
      .map((worker): [JsonValue | undefined, JsonObject] => [worker['Worker Number'], worker]),
  );
  for (const worker of more) {
    const same = isJsonObject(worker) ? byNumber.get(worker['Worker Number']) : undefined;
    if (same && isJsonObject(worker)) Object.assign(same, worker);
    else present.push(worker);
  }
}

function skipSpace(source: string, start: number): number {
  let position = start;
  for (;;) {
    const code = source.charCodeAt(position);
    if (code === 32 || code === 9 || code === 10 || code === 13) position += 1;
    else return position;
  }
}

function skipComma(source: string, start: number): number {
  const position = skipSpace(source, start);
  const character = source[position];
  if (character === ',') return position + 1;
  if (character === undefined || character === '}' || character === ']') return position;
  throw PlanReadError.at(`Unexpected “${character}” in JSON`, source, position);
}

const SCALAR = /true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function readScalar(source: string, start: number): { value: JsonValue; end: number } {
  if (source[start] === '"') return readString(source, start);
  SCALAR.lastIndex = start;
  const text = SCALAR.exec(source)?.[0];
  if (text === undefined) throw PlanReadError.at(`Unexpected “${source.charAt(start)}” in JSON`, source, start);
  const end = start + text.length;
  if (text === 'true' || text === 'false') return { value: text === 'true', end };
  if (text === 'null') return { value: null, end };
  const number = Number(text);
  return { value: /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? text : number, end };
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function readString(source: string, start: number): { value: string; end: number } {
  let value = '';
  let copied = start + 1;
  for (let position = copied; position < source.length; position += 1) {
    const code = source.charCodeAt(position);
    if (code === 34) return { value: value + source.slice(copied, position), end: position + 1 };
    if (code !== 92) continue;
    value += source.slice(copied, position);
    const escaped = source.charAt(position + 1);
    if (escaped === 'u') {
      value += String.fromCharCode(Number.parseInt(source.slice(position + 2, position + 6), 16) || 0xfffd);
      position += 5;
    } else {
      value += ESCAPES[escaped] ?? escaped;
      position += 1;
    }
    copied = position + 1;
  }
  throw PlanReadError.at('The JSON ends inside a string: the plan is cut off', source, source.length);
}
