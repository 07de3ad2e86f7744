import { parse } from 'yaml';
import { integerOrText } from './json-keys.ts';
import { PlanReadError } from './plan-read-error.ts';
import type { JsonObject, JsonValue, RawPlan } from './raw-plan.ts';
import { setKey } from './raw-plan.ts';
import type { SourceLine } from './source/source-lines.ts';
import { isLogLine, isRowCount } from './source/source-lines.ts';
import { findStatements, readStatement } from './structured/read-statements.ts';

const DOCUMENT = /^[ \t]*(?:- )?(?:Plan|Query Text|Query Identifier):(?:\s|$)/;

/** The library holds a tree of its own with tokens, and recurses: only for what PostgreSQL itself did not print, and is small. */
const MAX_LIBRARY_CHARACTERS = 2_000_000;

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
    const value = readPrinted(document) ?? readWithLibrary(document);
    plans.push(...findStatements(value).map((statement) => readStatement(statement, 'yaml')));
  }
  if (plans.length === 0)
    throw new PlanReadError('The YAML holds no plan: no “Plan” with a “Node Type”', lines[0]?.number ?? 1);
  return plans;
}

/** A document begins at its first key and ends where the client or the log speaks again. */
function splitDocuments(lines: readonly SourceLine[]): SourceLine[][] {
  const documents: SourceLine[][] = [];
  let current: SourceLine[] | null = null;
  for (const line of lines) {
    if (isRowCount(line.text) || isLogLine(line.text)) current = null;
    else if (current === null && DOCUMENT.test(line.text)) documents.push((current = [line]));
    else if (line.text.trim() !== '') current?.push(line);
  }
  return documents;
}

type Frame = { readonly indent: number; readonly value: JsonObject | JsonValue[] };
type Pending = { readonly indent: number; readonly holder: JsonObject; readonly key: string };

const ENTRY = /^("(?:[^"\\]|\\.)*"|[^\s"'#[{&*!|>%@`-][^:]*?|-[^\s:][^:]*?):(?:\s+(.*?))?\s*$/;

/** Returns null when a line is not of the kind that PostgreSQL prints. */
function readPrinted(lines: readonly SourceLine[]): JsonValue | null {
  const first = lines[0];
  if (!first) return null;
  const root: JsonObject | JsonValue[] = first.text.trimStart().startsWith('- ') ? [] : {};
  const stack: Frame[] = [{ indent: first.text.length - first.text.trimStart().length, value: root }];
  let pending: Pending | null = null;
  for (const line of lines) {
    let indent = line.text.length - line.text.trimStart().length;
    let text = line.text.trim();
    const isItem = text.startsWith('- ') || text === '-';
    if (pending && (indent > pending.indent || (isItem && indent === pending.indent))) {
      const value: JsonObject | JsonValue[] = isItem ? [] : {};
      setKey(pending.holder, pending.key, value);
      stack.push({ indent, value });
    }
    pending = null;
    while (stack.length > 1 && (stack.at(-1)?.indent ?? 0) > indent) stack.pop();
    let frame = stack.at(-1);
    // A list may stand in the column of its key: an entry at the same column then closes the list.
    if (!isItem && frame && Array.isArray(frame.value) && stack.length > 1) {
      stack.pop();
      frame = stack.at(-1);
    }
    if (!frame || frame.indent !== indent) return null;
    if (isItem) {
      if (!Array.isArray(frame.value)) return null;
      const content = text.slice(1).trimStart();
      const entry = ENTRY.exec(content);
      if (!entry || content.startsWith('[')) {
        const scalar = readScalar(content);
        if (scalar === undefined) return null;
        frame.value.push(scalar);
        continue;
      }
      const value: JsonObject = {};
      frame.value.push(value);
      indent += text.length - content.length;
      text = content;
      frame = { indent, value };
      stack.push(frame);
    }
    if (Array.isArray(frame.value)) return null;
    const entry = ENTRY.exec(text);
    if (entry?.[1] === undefined) return null;
    const key = entry[1].startsWith('"') ? String(readScalar(entry[1])) : entry[1];
    const scalar = entry[2] === undefined || entry[2] === '' ? null : readScalar(entry[2]);
    if (scalar === undefined) return null;
    setKey(frame.value, key, scalar);
    if (scalar === null) pending = { indent, holder: frame.value, key };
  }
  return root;
}

/** Undefined for what PostgreSQL does not print. */
function readScalar(text: string): JsonValue | undefined {
  if (text.startsWith('"') || text.startsWith('[')) {
    try {
      const value: JsonValue = JSON.parse(text);
      return value;
    } catch {
      return undefined;
    }
  }
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null' || text === '~') return null;
  if (/^-?\d+$/.test(text)) return integerOrText(text);
  if (/^-?\d+\.\d+(?:[eE][+-]?\d+)?$/.test(text)) return Number(text);
  return /^[A-Za-z_][\w .$/-]*$/.test(text) ? text : undefined;
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
