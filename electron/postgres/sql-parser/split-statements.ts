import { loadModule, parseSync, scanSync } from 'libpg-query';

import { isAnalyze } from './statement-impact.ts';

/** A statement's range in the text it was found in, in UTF-16 code units, without its semicolon. */
export interface StatementRange {
  readonly start: number;
  readonly end: number;
  /** It writes rows or changes definitions, as far as its outermost shape tells. Functions it calls are not looked into. */
  readonly changesData: boolean;
  /** `changesData`, or it writes a file on the server's machine. */
  readonly mayWrite: boolean;
  /** The parser's name for it, for example `SelectStmt`; undefined where the text has a syntax error. */
  readonly kind: string | undefined;
}

export interface ParsedSql {
  readonly statements: readonly StatementRange[];
  readonly error: { readonly message: string; readonly offset: number } | null;
}

const readingKinds = new Set([
  'SelectStmt',
  'ExplainStmt',
  'VariableShowStmt',
  'VariableSetStmt',
  'TransactionStmt',
  'DeclareCursorStmt',
  'FetchStmt',
  'ClosePortalStmt',
  'DiscardStmt',
]);

/** Loads the parser; needed once before the functions below. About 90 ms the first time. */
export async function loadSqlParser(): Promise<void> {
  await loadModule();
}

/** Splits SQL with PostgreSQL's own parser. Text with a syntax error is split at its semicolons, and the error told. */
export function parseSql(sql: string): ParsedSql {
  if (sql.trim() === '') return { statements: [], error: null };
  const toUtf16 = utf16Offsets(sql);
  try {
    const { stmts = [] } = parseSync(sql) as { stmts?: readonly RawStatement[] };
    const statements = stmts.map((raw): StatementRange => {
      const from = raw.stmt_location ?? 0;
      const start = toUtf16(from);
      const end = raw.stmt_len === undefined || raw.stmt_len === 0 ? sql.length : toUtf16(from + raw.stmt_len);
      const [kind, body] = Object.entries(raw.stmt)[0] ?? [];
      return {
        ...trimmedRange(sql, start, end),
        kind,
        changesData: changesData(kind, body),
        mayWrite: mayWrite(kind, body),
      };
    });
    return { statements, error: null };
  } catch (error) {
    const details = (error as { sqlDetails?: { message: string; cursorPosition: number } }).sqlDetails;
    // "SELECT" of comments alone: nothing to run, and no error.
    if (!details) return { statements: splitAtSemicolons(sql, toUtf16), error: null };
    const offset = Math.min(sql.length, codePointToUtf16(sql, Math.max(0, details.cursorPosition)));
    return { statements: splitAtSemicolons(sql, toUtf16), error: { message: details.message, offset } };
  }
}

interface RawStatement {
  readonly stmt_location?: number;
  readonly stmt_len?: number;
  readonly stmt: Readonly<Record<string, unknown>>;
}

function changesData(kind: string | undefined, body: unknown): boolean {
  if (kind === undefined) return true;
  if (kind === 'SelectStmt') return hasWritingPart(body);
  if (kind === 'ExplainStmt') {
    const explain = body as Readonly<Record<string, unknown>>;
    const [inner, query] = Object.entries(explain['query'] ?? {})[0] ?? [];
    return isAnalyze(explain) && changesData(inner, query);
  }
  if (kind === 'CopyStmt') {
    const copy = body as { is_from?: boolean; is_program?: boolean };
    return copy.is_from === true || copy.is_program === true;
  }
  return !readingKinds.has(kind);
}

function mayWrite(kind: string | undefined, body: unknown): boolean {
  const toFile = kind === 'CopyStmt' && (body as { filename?: string }).filename !== undefined;
  return toFile || changesData(kind, body);
}

/** A SELECT writes when it has INTO or a data-changing WITH query, anywhere inside. */
function hasWritingPart(body: unknown): boolean {
  const open: unknown[] = [body];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (
        key === 'InsertStmt' ||
        key === 'UpdateStmt' ||
        key === 'DeleteStmt' ||
        key === 'MergeStmt' ||
        key === 'intoClause'
      )
        return true;
      open.push(inner);
    }
  }
  return false;
}

/** For text that does not parse: at semicolons outside strings, comments and parentheses. */
function splitAtSemicolons(sql: string, toUtf16: (bytes: number) => number): StatementRange[] {
  let tokens: readonly { start: number; end: number; tokenName: string }[];
  try {
    tokens = scanSync(sql).tokens;
  } catch {
    // An unterminated string or comment: the scanner gives nothing, so the server is to say what is wrong with the whole.
    return [{ ...trimmedRange(sql, 0, sql.length), changesData: true, mayWrite: true, kind: undefined }];
  }
  const ranges: StatementRange[] = [];
  let start = 0;
  let empty = true;
  for (const token of [
    ...tokens,
    { start: Buffer.byteLength(sql), end: Buffer.byteLength(sql), tokenName: 'ASCII_59' },
  ]) {
    if (token.tokenName === 'SQL_COMMENT' || token.tokenName === 'C_COMMENT') continue;
    if (token.tokenName !== 'ASCII_59') {
      empty = false;
      continue;
    }
    const end = toUtf16(token.start);
    if (!empty) ranges.push({ ...trimmedRange(sql, start, end), changesData: true, mayWrite: true, kind: undefined });
    start = toUtf16(token.end);
    empty = true;
  }
  return ranges;
}

function trimmedRange(sql: string, start: number, end: number): { start: number; end: number } {
  while (start < end && /\s/.test(sql.charAt(start))) start += 1;
  while (end > start && /\s/.test(sql.charAt(end - 1))) end -= 1;
  return { start, end };
}

/** The parser counts UTF-8 bytes, editors count UTF-16 code units. */
function utf16Offsets(sql: string): (bytes: number) => number {
  if (Buffer.byteLength(sql) === sql.length) return (bytes) => bytes;
  // One entry for every 1024 code units keeps this small and each look-up short.
  const step = 1024;
  const marks: number[] = [0];
  let bytes = 0;
  for (let index = 0; index < sql.length; index += 1) {
    if (index > 0 && index % step === 0) marks.push(bytes);
    bytes += utf8Length(sql, index);
  }
  return (target) => {
    let low = 0;
    let high = marks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((marks[middle] ?? 0) <= target) low = middle;
      else high = middle - 1;
    }
    let position = marks[low] ?? 0;
    let index = low * step;
    while (position < target && index < sql.length) {
      position += utf8Length(sql, index);
      index += 1;
    }
    return index;
  };
}

/** UTF-8 bytes that the code unit at `index` adds; the second half of a surrogate pair adds none. */
function utf8Length(sql: string, index: number): number {
  const unit = sql.charCodeAt(index);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit >= 0xd800 && unit <= 0xdbff) return 4;
  if (unit >= 0xdc00 && unit <= 0xdfff) return 0;
  return 3;
}

/** PostgreSQL counts error positions in characters. */
export function codePointToUtf16(text: string, codePoints: number): number {
  let index = 0;
  for (let count = 0; count < codePoints && index < text.length; count += 1) {
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}
