import { sqlTokens } from './sql-tokens.ts';

/** A statement as UTF-16 offsets in the text. */
export interface StatementRange {
  readonly start: number;
  readonly end: number;
}

/** Cuts a text at its semicolons, minding strings and comments; for text that PostgreSQL's parser does not accept. */
export function lexicalStatements(sql: string): StatementRange[] {
  const ranges: StatementRange[] = [];
  let start = 0;
  let at = 0;
  for (const { kind, text } of sqlTokens(sql)) {
    if (kind === 'other') {
      for (const { index } of text.matchAll(/;/g)) {
        pushTrimmed(ranges, sql, start, at + index);
        start = at + index + 1;
      }
    }
    at += text.length;
  }
  pushTrimmed(ranges, sql, start, sql.length);
  return ranges;
}

function pushTrimmed(ranges: StatementRange[], sql: string, start: number, end: number): void {
  const text = sql.slice(start, end);
  const from = start + (text.length - text.trimStart().length);
  const to = start + text.trimEnd().length;
  if (to > from) ranges.push({ start: from, end: to });
}

/** The statement that a cursor is in: the last one that begins at or before it, or the first one of all. */
export function statementAt<S extends StatementRange>(statements: readonly S[], offset: number): S | null {
  return statements.findLast((statement) => statement.start <= offset) ?? statements[0] ?? null;
}

/** The end of the word that begins at an offset, so that an error marks a word and not a single character. */
export function wordEnd(text: string, offset: number): number {
  const word = /^(?:[\w$.\u0080-\uffff]+|"[^"]*"?|'[^']*'?|\S)/.exec(text.slice(offset, offset + 200));
  return offset + (word?.[0].length ?? 1);
}

/** Line and column of an offset, both from 1, as editors count them. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
