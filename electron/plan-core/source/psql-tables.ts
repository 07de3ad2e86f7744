import { displayWidth } from './display-width.ts';
import type { SourceLine } from './source-lines.ts';

/**
 * What psql prints around the rows of EXPLAIN, taken off by its geometry: every border and line style, `\x`, wrapped
 * cells, and the quotes of CSV. What does not fit the geometry to the column is left for others to guess at.
 * https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-META-COMMAND-PSET
 */

const SIDES = '|│║';
const NEWLINE_MARKS = '+↵';
const WRAP_MARKS = '.…';
const HEADER = /^[|│║]?\s*QUERY PLAN\s*[|│║]?$/;
const PLAIN_RULE = /^ *[-─═]{10,}$/;
const CLOSED_RULE = /^ *[+┌├╔╠][-─═]{10,}[+┐┤╗╣]$/;
const END_RULE = /^ *[+└├╚╠][-─═]+(?:[+┴╩┼╬][-─═]+)?[+┘┤╝╣]$/;
/** `-[ RECORD 1 ]---`, `* Record 1`, in any language. */
const RECORD = /^ *(?:[+┌├╔╠]?[-─═]\[ \S[^\]]{0,40} \d+ \][-─═+┬┼╦╬]*[+┐┤╗╣]?|\* \S{1,40} \d+) *$/;
const ROW_COUNT = /^\s*\(\d+ [^\s()]+\)\s*$/;
const NAME = 'QUERY PLAN';

type Reading = { readonly cells: SourceLine[]; readonly next: number };

/** Lines with the cells of psql's tables in place of the tables. `decoded` holds those cells, which nobody need touch again. */
export function readPsqlTables(lines: readonly SourceLine[]): { lines: SourceLine[]; decoded: Set<SourceLine> } {
  const result: SourceLine[] = [];
  const decoded = new Set<SourceLine>();
  for (let index = 0; index < lines.length;) {
    const line = lines[index];
    if (!line) break;
    const reading = mayBeginTable(line.text) ? readTable(lines, index) : null;
    if (!reading) {
      result.push(line);
      index += 1;
      continue;
    }
    for (const cell of reading.cells) {
      result.push(cell);
      decoded.add(cell);
    }
    index = reading.next;
  }
  return { lines: result, decoded };
}

function isRow(text: string): boolean {
  return text.trim() !== '' && !ROW_COUNT.test(text);
}

/** Trimmed first: two runs of spaces side by side would be tried in every division. */
function isHeader(text: string): boolean {
  return text.includes(NAME) && HEADER.test(text.trim());
}

function mayBeginTable(text: string): boolean {
  return text.includes(NAME) || (text.length < 1000 && RECORD.test(text));
}

function readTable(lines: readonly SourceLine[], start: number): Reading | null {
  const text = lines[start]?.text ?? '';
  if (RECORD.test(text)) return readRecord(lines, start);
  if (/^QUERY PLAN[|,]/.test(text)) return readUnalignedRecords(lines, start);
  if (isHeader(text)) {
    const rule = lines[start + 1]?.text.trimEnd() ?? '';
    if (PLAIN_RULE.test(rule)) return readOpenTable(lines, start + 2, rule);
    if (CLOSED_RULE.test(rule)) return readClosedTable(lines, start + 2, rule);
  }
  return /^(["']?)QUERY PLAN\1$/.test(text.trim()) ? readCsv(lines, start + 1) : null;
}

/** Puts the pieces of wrapped cells together, and marks those that go on after a newline. */
class CellWriter {
  readonly cells: SourceLine[] = [];
  #last: SourceLine | null = null;
  #isWrapped = false;

  /** The text of one line of a cell, and the mark that followed it. */
  add(text: string, mark: string, number: number): void {
    const isWrapped = mark !== '' && WRAP_MARKS.includes(mark);
    const piece = isWrapped ? text : text.trimEnd();
    if (this.#isWrapped && this.#last) this.#last.text += piece;
    else this.cells.push((this.#last = { text: piece, number, continued: false }));
    if (mark !== '' && NEWLINE_MARKS.includes(mark)) this.#last.continued = true;
    this.#isWrapped = isWrapped;
  }
}

/** Borders 0 and 1: a mark stands in the last column, which no cell without one reaches. */
function readOpenTable(lines: readonly SourceLine[], start: number, rule: string): Reading | null {
  const margin = rule.length - rule.trimStart().length;
  const rows: SourceLine[] = [];
  let next = start;
  for (let line = lines[next]; line && isRow(line.text) && !isHeader(line.text); line = lines[next]) {
    rows.push(line);
    next += 1;
  }
  const texts = rows.map(({ text }) => text.slice(margin));
  const isPadded = texts.every((text) => text.startsWith(' ') || WRAP_MARKS.includes(text.charAt(0)));
  const width = rule.length - margin + (isPadded ? 0 : 1);
  const writer = new CellWriter();
  for (const [index, text] of texts.entries()) {
    const ownWidth = displayWidth(text);
    if (ownWidth > width && text.trimEnd().length > width) return null;
    const last = text.charAt(text.length - 1);
    const mark = ownWidth === width && isMark(last) ? last : '';
    writer.add(text.slice(isPadded ? 1 : 0, mark === '' ? undefined : -1), mark, rows[index]?.number ?? 0);
  }
  return rows.length === 0 ? null : { cells: writer.cells, next };
}

/** Border 2: a side at both ends, the marks inside of them. */
function readClosedTable(lines: readonly SourceLine[], start: number, rule: string): Reading | null {
  const margin = rule.length - rule.trimStart().length;
  const width = rule.length - margin;
  const writer = new CellWriter();
  let next = start;
  for (let line = lines[next]; line && !END_RULE.test(line.text.trimEnd()); line = lines[next]) {
    const text = line.text.slice(margin).trimEnd();
    if (displayWidth(text) !== width || !isSide(text.charAt(0)) || !isSide(text.charAt(text.length - 1))) return null;
    const last = text.charAt(text.length - 2);
    writer.add(text.slice(2, -2), isMark(last) ? last : '', line.number);
    next += 1;
  }
  return next === start || next >= lines.length ? null : { cells: writer.cells, next: next + 1 };
}

function isMark(character: string): boolean {
  return character !== '' && (NEWLINE_MARKS + WRAP_MARKS).includes(character);
}

function isSide(character: string): boolean {
  return character !== '' && SIDES.includes(character);
}

/** One record of `\x`. Its name stands before the first line of the value only, so a line without it goes on. */
function readRecord(lines: readonly SourceLine[], start: number): Reading | null {
  const header = lines[start]?.text ?? '';
  const margin = header.length - header.trimStart().length;
  const parts: { value: SourceLine; separator: string }[] = [];
  let next = start + 1;
  for (let line = lines[next]; line; line = lines[next]) {
    const text = line.text.slice(margin);
    const part = readRecordLine(text, parts.length === 0);
    if (!part) break;
    parts.push({ value: { text: part.value, number: line.number, continued: false }, separator: part.separator });
    next += 1;
  }
  if (parts.length === 0) return null;
  const writer = new CellWriter();
  for (const [index, { value }] of parts.entries()) {
    const following = parts[index + 1];
    if (!following) writer.add(value.text, '', value.number);
    // The old style marks the line that goes on, at its left.
    else if (following.separator === ';' || following.separator === ':')
      writer.add(value.text, following.separator === ';' ? '.' : '+', value.number);
    else if (isMark(value.text.charAt(value.text.length - 1)))
      writer.add(value.text.slice(0, -1), value.text.charAt(value.text.length - 1), value.number);
    else writer.add(value.text, '+', value.number);
  }
  if (END_RULE.test(lines[next]?.text.trimEnd() ?? '')) next += 1;
  return { cells: writer.cells, next };
}

function readRecordLine(line: string, isFirst: boolean): { value: string; separator: string } | null {
  const isClosed = isSide(line.charAt(0));
  const text = isClosed ? line.trimEnd().slice(2, -1) : line;
  if (text.slice(0, NAME.length) !== (isFirst ? NAME : ' '.repeat(NAME.length))) return null;
  const found = /^.{10} ([|│║:;])[ .…]?(.*)$/.exec(text) ?? (isClosed ? null : /^.{10}([ .…])(.*)$/.exec(text));
  if (!found) return null;
  const value = found[2] ?? '';
  // Without a mark a cell of a closed frame ends with a space.
  return { separator: found[1] ?? '', value: isClosed && value.endsWith(' ') ? value.trimEnd() : value };
}

/** `\x` without alignment, or as CSV: the name before every row. */
function readUnalignedRecords(lines: readonly SourceLine[], start: number): Reading | null {
  const separator = lines[start]?.text.charAt(NAME.length) ?? '';
  const cells: SourceLine[] = [];
  let next = start;
  for (let line = lines[next]; line; line = lines[next]) {
    if (!line.text.startsWith(NAME + separator)) break;
    line.text = line.text.slice(NAME.length + 1);
    const field = separator === ',' ? readField(lines, next) : null;
    if (field) for (const cell of field.cells) cells.push(cell);
    else cells.push(line);
    next = field?.next ?? next + 1;
    // An empty line parts the records.
    while (lines[next]?.text === '') next += 1;
  }
  return { cells, next };
}

/** Rows under a header without a rule: the quoted ones are fields of CSV, the others are as they are. */
function readCsv(lines: readonly SourceLine[], start: number): Reading | null {
  const cells: SourceLine[] = [];
  let quoted = 0;
  let next = start;
  for (let line = lines[next]; line && isRow(line.text); line = lines[next]) {
    const field = readField(lines, next);
    // pgAdmin does not double the quotes inside: such a copy is for others to read.
    if (!field && /^(["']).*\1$/.test(line.text)) return null;
    if (field) quoted += 1;
    for (const cell of field?.cells ?? [line]) cells.push(cell);
    next = field?.next ?? next + 1;
  }
  return quoted === 0 ? null : { cells, next };
}

/** A field in quotes, which may hold lines; null where the next quote does not end the line that it is on. */
function readField(lines: readonly SourceLine[], start: number): Reading | null {
  const quote = lines[start]?.text.charAt(0);
  if (quote !== '"' && quote !== "'") return null;
  const cells: SourceLine[] = [];
  for (let index = start; index < lines.length; index += 1) {
    const line = lines[index];
    if (!line) break;
    const text = index === start ? line.text.slice(1) : line.text;
    const end = closingQuote(text, quote);
    if (end !== -1 && text.slice(end + 1).trim() !== '') return null;
    const value = (end === -1 ? text : text.slice(0, end)).replaceAll(quote + quote, quote);
    cells.push({ text: value, number: line.number, continued: end === -1 });
    if (end !== -1) return { cells, next: index + 1 };
  }
  return null;
}

function closingQuote(text: string, quote: string): number {
  for (let at = text.indexOf(quote); at !== -1; at = text.indexOf(quote, at + 2)) if (text[at + 1] !== quote) return at;
  return -1;
}
