import { parse } from 'yaml';
import { GROUP_LIST_KEYS, integerOrText, LIST_KEYS, numberIn } from './json-keys.ts';
import { PlanReadError } from './plan-read-error.ts';
import type { JsonObject, JsonValue, RawPlan } from './raw-plan.ts';
import { setKey } from './raw-plan.ts';
import type { SourceLine } from './source/source-lines.ts';
import { isClientTiming, isLogLine, isRowCount } from './source/source-lines.ts';
import { findStatements, readStatement } from './structured/read-statements.ts';

const DOCUMENT = /^[ \t]*(?:- )?(?:Plan|Query Text|Query Identifier):(?:\s|$)/;

/** The library holds a tree of its own with tokens, and recurses: only for what PostgreSQL itself did not print, and is small. */
const MAX_LIBRARY_CHARACTERS = 400_000;

/** Does the source hold what looks like FORMAT YAML? */
export function looksLikeYaml(lines: readonly SourceLine[]): boolean {
  return (
    lines.some((line) => DOCUMENT.test(line.text)) &&
    lines.some((line) => /(?:^|[\s{,'"-])Node Type['"]?:/.test(line.text))
  );
}

/**
 * Reads every plan of FORMAT YAML in a source. PostgreSQL prints a small part of YAML, one scalar a line,
 * which is read here line by line; anything richer goes to the library.
 * @throws {PlanReadError} no plan, or YAML that cannot be read
 */
export function readYamlPlans(lines: readonly SourceLine[]): RawPlan[] {
  const plans: RawPlan[] = [];
  for (const document of splitDocuments(lines)) {
    let index = 0;
    const value = readPrinted(() => document[index++]?.text ?? null) ?? readWithLibrary(document);
    plans.push(...findStatements(value).map((statement) => readStatement(statement, 'yaml')));
  }
  if (plans.length === 0)
    throw new PlanReadError('The YAML holds no plan: no “Plan” with a “Node Type”', lines[0]?.number ?? 1);
  return plans;
}

/** The fast way, for one document with nothing around it: lines are taken off the source as they are read. */
export function readWholeYaml(source: string): RawPlan[] {
  if (!/^(?:- )?(?:Plan|Query Text|Query Identifier):\s/.test(source) || source.includes('\r')) return [];
  let position = 0;
  const value = readPrinted(() => {
    if (position >= source.length) return null;
    const newline = source.indexOf('\n', position);
    const end = newline === -1 ? source.length : newline;
    const line = source.slice(position, end);
    position = end + 1;
    return line;
  });
  return value === null ? [] : findStatements(value).map((statement) => readStatement(statement, 'yaml'));
}

/** A document begins at its first key and ends where the client or the log speaks again. */
function splitDocuments(lines: readonly SourceLine[]): SourceLine[][] {
  const documents: SourceLine[][] = [];
  let current: SourceLine[] | null = null;
  for (const line of lines) {
    if (isRowCount(line.text) || isClientTiming(line.text) || isLogLine(line.text)) current = null;
    else if (current === null) {
      if (DOCUMENT.test(line.text)) documents.push((current = [line]));
    } else if (line.text !== '' && line.text.trim() !== '') current.push(line);
  }
  return documents;
}

type Frame = { readonly indent: number; readonly value: JsonObject | JsonValue[] };
type Pending = { readonly indent: number; readonly holder: JsonObject; readonly key: string };

const SPACE = 32;
const DASH = 45;
const QUOTE = 34;
/** What a bare key or value of PostgreSQL never begins with: YAML has a meaning for it, or it is a quote. */
const INDICATORS = new Set('"\'#[]{}&*!|>%@`-?,:'.split('').map((character) => character.charCodeAt(0)));

/**
 * Reads what PostgreSQL prints: one key or one list item a line, in one pass over the characters.
 * Returns null when a line is not of that kind.
 */
function readPrinted(nextLine: () => string | null): JsonValue | null {
  let line = nextLine();
  if (line === null) return null;
  const root: JsonObject | JsonValue[] = line.trimStart().startsWith('- ') ? [] : {};
  const stack: Frame[] = [{ indent: skipSpaces(line, 0), value: root }];
  let pending: Pending | null = null;
  for (; line !== null; line = nextLine()) {
    const text = line.trimEnd();
    if (text === '') continue;
    let indent = skipSpaces(text, 0);
    const isItem =
      text.charCodeAt(indent) === DASH && (text.length === indent + 1 || text.charCodeAt(indent + 1) === SPACE);
    if (pending && (indent > pending.indent || (isItem && indent === pending.indent))) {
      const value: JsonObject | JsonValue[] = isItem ? [] : {};
      setKey(pending.holder, pending.key, value);
      stack.push({ indent, value });
    }
    pending = null;
    let frame = stack.at(-1);
    while (stack.length > 1 && frame && frame.indent > indent) {
      stack.pop();
      frame = stack.at(-1);
    }
    let holder: JsonObject | null = null;
    if (!isItem && frame && Array.isArray(frame.value) && stack.length > 1) {
      const around = stack.at(-2);
      // PostgreSQL prints `Tuples Inserted: 1` among several Target Tables: it belongs to the node around them.
      if (around && around.indent < indent && frame.indent === indent && !Array.isArray(around.value))
        holder = around.value;
      else {
        // A list may stand in the column of its key: an entry at the same column then closes the list.
        stack.pop();
        frame = stack.at(-1);
      }
    }
    if (!frame || frame.indent !== indent) return null;
    let start = indent;
    if (isItem) {
      if (!Array.isArray(frame.value)) return null;
      start = skipSpaces(text, indent + 1);
      if (text[start] === '[' || keyEnd(text, start) === -1) {
        const scalar = readScalar(text.slice(start));
        if (scalar === undefined) return null;
        frame.value.push(scalar);
        continue;
      }
      const value: JsonObject = {};
      frame.value.push(value);
      indent = start;
      frame = { indent, value };
      stack.push(frame);
    }
    holder ??= Array.isArray(frame.value) ? null : frame.value;
    if (holder === null) return null;
    const end = keyEnd(text, start);
    if (end === -1) return null;
    const key = text.charCodeAt(start) === QUOTE ? readScalar(text.slice(start, end)) : text.slice(start, end);
    if (typeof key !== 'string') return null;
    const valueStart = skipSpaces(text, end + 1);
    const scalar = valueStart >= text.length ? null : readScalar(text.slice(valueStart));
    if (scalar === undefined) return null;
    const isGroup = valueStart >= text.length;
    setKey(holder, key, isGroup ? emptyGroup(key) : scalar);
    if (isGroup) pending = { indent, holder, key };
  }
  return root;
}

/** What FORMAT JSON has for a key with nothing after it and nothing below it. */
function emptyGroup(key: string): JsonValue {
  if (key === 'Settings') return {};
  return GROUP_LIST_KEYS.has(key) || LIST_KEYS.has(key) ? [] : null;
}

function skipSpaces(text: string, start: number): number {
  let position = start;
  while (text.charCodeAt(position) === SPACE) position += 1;
  return position;
}

/** The position of the colon after the key that begins at a position; -1 when there is no key. */
function keyEnd(text: string, start: number): number {
  const code = text.charCodeAt(start);
  let end: number;
  if (code === QUOTE) {
    end = start + 1;
    while (end < text.length && text.charCodeAt(end) !== QUOTE) end += text[end] === '\\' ? 2 : 1;
    end += 1;
    if (text[end] !== ':') return -1;
  } else {
    if (start >= text.length || (INDICATORS.has(code) && code !== DASH)) return -1;
    end = text.indexOf(':', start);
  }
  return end !== -1 && (end + 1 === text.length || text.charCodeAt(end + 1) === SPACE) ? end : -1;
}

/** Undefined for what PostgreSQL does not print. */
function readScalar(text: string): JsonValue | undefined {
  const code = text.charCodeAt(0);
  if (code === QUOTE || code === 91) {
    const last = text.length - 1;
    if (code === QUOTE && !text.includes('\\'))
      return last > 0 && text.indexOf('"', 1) === last ? text.slice(1, last) : undefined;
    try {
      const value: JsonValue = JSON.parse(text);
      return value;
    } catch {
      return undefined;
    }
  }
  if (code === DASH || (code >= 48 && code <= 57)) return numberOrInteger(text);
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null' || text === '~') return null;
  return /^[A-Za-z_][\w .$/-]*$/.test(text) ? text : undefined;
}

function numberOrInteger(text: string): JsonValue | undefined {
  if (text.length > 15 && /^-?\d+$/.test(text)) return integerOrText(text);
  return numberIn(text);
}

function readWithLibrary(lines: readonly SourceLine[]): JsonValue {
  const first = lines[0]?.number ?? 1;
  const source = lines.map((line) => line.text).join('\n');
  if (source.length > MAX_LIBRARY_CHARACTERS)
    throw new PlanReadError('The YAML is not as PostgreSQL prints it, and too large to be read otherwise', first);
  try {
    const value: JsonValue = parse(source, { schema: 'core', maxAliasCount: 0, uniqueKeys: false });
    return value;
  } catch (error) {
    const place =
      typeof error === 'object' && error !== null && 'linePos' in error && Array.isArray(error.linePos)
        ? error.linePos[0]
        : null;
    const line =
      typeof place === 'object' && place !== null && 'line' in place && typeof place.line === 'number'
        ? (lines[place.line - 1]?.number ?? first)
        : first;
    throw new PlanReadError(
      `The YAML cannot be read: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown error'}`,
      line,
    );
  }
}
