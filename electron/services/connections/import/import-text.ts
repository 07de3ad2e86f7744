import { StewardError } from '../../../postgres/failure.ts';

/** How much of a file is read: as much as the contract lets through. */
export const mostBytes = 5_000_000;

/** The text without the mark that some editors of Windows put in front. */
export function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Whether a text has bytes in it that no text file has. */
export function looksBinary(text: string): boolean {
  return text.includes('\u0000');
}

/** What is thrown for a file that nobody would write by hand. */
export function tooLong(fileName: string): StewardError {
  return StewardError.of('bad_input', `${fileName} is longer than 5 MB, which is too much for such a file`);
}

/** The bytes of a file as text. Throws `bad_input` where they are not UTF-8 or too many. */
export function decodeText(bytes: Uint8Array, fileName: string): string {
  if (bytes.length > mostBytes) throw tooLong(fileName);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw StewardError.of('bad_input', `${fileName} is not written in UTF-8`, {
      hint: 'Save it as UTF-8 and try again.',
    });
  }
}

/** Anything that JSON can say. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonRecord;
/** An object of JSON. Only own keys count, so `__proto__` is a key like any other. */
export type JsonRecord = ReadonlyMap<string, JsonValue>;

/** Reads JSON whose outermost value is an object. Throws `bad_input` naming the line where it breaks off. */
export function parseJsonRecord(text: string, what: string): JsonRecord {
  const source = withoutByteOrderMark(text);
  if (source.length > mostBytes) throw tooLong(what);
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (error) {
    throw StewardError.of('bad_input', `${what} is not JSON: ${wordsOf(error, source)}`);
  }
  const record = recordOf(toMaps(value, 0));
  if (record === undefined) throw StewardError.of('bad_input', `${what} is JSON, but not an object { … }`);
  return record;
}

export function recordOf(value: JsonValue | undefined): JsonRecord | undefined {
  return value instanceof Map ? value : undefined;
}

/** A text, or a number or boolean as text; undefined for everything else and for nothing but blanks. */
export function textOf(value: JsonValue | undefined): string | undefined {
  const text = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return typeof text === 'string' && text.trim() !== '' ? text.trim() : undefined;
}

/** A whole number, also where it is written as text. */
export function wholeNumberOf(value: JsonValue | undefined): number | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** True for true, 1, "1" and "true". */
export function isTrue(value: JsonValue | undefined): boolean {
  return ['true', '1'].includes(textOf(value)?.toLowerCase() ?? '');
}

/** Objects become maps. What lies deeper than any such file goes becomes null. */
function toMaps(value: unknown, depth: number): JsonValue {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null || depth > 20) return null;
  if (Array.isArray(value)) return value.map((item) => toMaps(item, depth + 1));
  return new Map(Object.entries(value).map(([key, item]) => [key, toMaps(item, depth + 1)]));
}

/** The parser's words without the piece of text that it repeats, which may hold a password; with the line instead. */
function wordsOf(error: unknown, source: string): string {
  const message = error instanceof Error ? error.message : '';
  const position = /position (\d+)/.exec(message)?.[1];
  const at = position === undefined ? source.length : Number(position);
  const line = source.slice(0, at).split('\n').length;
  const reason = /^(Unexpected end|Unterminated string|Expected|Bad control character|Bad escaped character)/.exec(
    message,
  )?.[1];
  return `${(reason ?? 'something unexpected').toLowerCase()} in line ${line}`;
}
