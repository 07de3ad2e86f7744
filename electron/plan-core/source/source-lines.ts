import { withoutDecorations } from './line-decorations.ts';
import { readPsqlTables } from './psql-tables.ts';

/** One line of a source with what a client added taken off. */
export type SourceLine = {
  text: string;
  /** 1-based line in the source. */
  readonly number: number;
  /** psql marked it with `+` or `↵`: the value goes on in the next line, after a newline. */
  continued: boolean;
};

const FRAME_CHARACTERS = '─━═│┃║┌┐└┘├┤┬┴┼╒╓╔╕╖╗╘╙╚╛╜╝╞╟╠╡╢╣╤╥╦╧╨╩╪╫╬╴╶╷╵';
/** So many lines tell what a client does to each. */
const SAMPLE = 2000;
const BORDER = new RegExp(`^\\s*[-+|=${FRAME_CHARACTERS}]{3,}[-+|=\\s${FRAME_CHARACTERS}]*$`);
const FRAME_SIDES = '|│┃║';

/** Splits a source into lines; psql frames, header, quotes around each line are taken off. Frames become empty lines. */
export function splitSource(source: string): SourceLine[] {
  const split = source.replace(/^\uFEFF/, '').split(source.includes('\r') ? /\r\n|\n|\r/ : '\n');
  const raw = withoutDecorations(split).map((text, index): SourceLine => ({
    text: text.includes('\u00A0') ? text.replaceAll('\u00A0', ' ') : text,
    number: index + 1,
    continued: false,
  }));
  const { lines, decoded } = readPsqlTables(raw);
  const others = decoded.size === 0 ? lines : lines.filter((line) => !decoded.has(line));
  removeQuotes(others);
  removeFrames(others);
  return lines;
}

/** `"line",` of a list, `'line' +` of a program: what follows the quotes of nearly every line. */
const AFTER_QUOTE = /(["'])\s*[,;+]\s*$/;

/** pgAdmin and CSV copies put each line in quotes; some paste only the closing one. */
function removeQuotes(lines: SourceLine[]): void {
  const sample = lines.slice(0, SAMPLE).filter(({ text }) => text.trim() !== '');
  const followed = sample.filter(({ text }) => /^\s*["']/.test(text) && AFTER_QUOTE.test(text)).length;
  if (followed > 0 && followed >= (sample.length - 1) * 0.8)
    for (const line of lines) line.text = line.text.replace(AFTER_QUOTE, '$1');
  for (const quote of ['"', "'"]) {
    let filled = 0;
    let closed = 0;
    let quoted = 0;
    for (const { text } of lines.slice(0, SAMPLE)) {
      const trimmed = text.trim();
      if (trimmed === '') continue;
      filled += 1;
      if (!trimmed.endsWith(quote)) continue;
      const isQuoted = trimmed.length > 1 && trimmed.startsWith(quote);
      if (isQuoted) quoted += 1;
      // A line that ends with a quoted name has opened its quote, too.
      if (isQuoted || (trimmed.split(quote).length - 1) % 2 === 1) closed += 1;
    }
    if (filled === 0 || closed < filled * 0.8) continue;
    const bothSides = quoted >= filled * 0.6;
    // Copies that do not double the quotes inside of a line have single ones there.
    const isDoubled = !lines.some(({ text }) => hasSingleInside(text.trim(), quote));
    if (filled === 1 && !bothSides) continue;
    for (const line of lines) {
      const trimmed = line.text.trim();
      if (!trimmed.endsWith(quote)) continue;
      if (bothSides && trimmed.length > 1 && trimmed.startsWith(quote))
        line.text = isDoubled ? trimmed.slice(1, -1).replaceAll(quote + quote, quote) : trimmed.slice(1, -1);
      else line.text = line.text.trimEnd().slice(0, -1);
    }
    return;
  }
}

function hasSingleInside(trimmed: string, quote: string): boolean {
  return (
    trimmed.length > 1 &&
    trimmed.startsWith(quote) &&
    trimmed.endsWith(quote) &&
    trimmed
      .slice(1, -1)
      .replaceAll(quote + quote, '')
      .includes(quote)
  );
}

const BORDER_END = new Set([...`-+|=${FRAME_CHARACTERS}`].map((character) => character.charCodeAt(0)));
const BRACKET_END = new Set([41]);

/** A quick no for nearly every line, before an expression is asked. */
function mayEndIn(text: string, codes: ReadonlySet<number>): boolean {
  const code = text.charCodeAt(text.length - 1);
  return code <= 32 || code > 127 || codes.has(code);
}

function isSide(character: string | undefined): boolean {
  return character !== undefined && character !== '' && FRAME_SIDES.includes(character);
}

/** psql's header: `QUERY PLAN` and at most a side of the frame and quotes around it. Null for any other line. */
function readHeader(text: string): 'closed' | 'open' | 'none' | null {
  if (!text.includes('QUERY PLAN')) return null;
  const trimmed = text.trim();
  const [left, right] = [isSide(trimmed[0]), isSide(trimmed.at(-1))];
  const title = trimmed.slice(left ? 1 : 0, right && trimmed.length > 1 ? -1 : undefined).trim();
  if (!/^["']?QUERY PLAN["']?$/.test(title)) return null;
  return left ? 'closed' : right ? 'open' : 'none';
}

function removeFrames(lines: SourceLine[]): void {
  let framed = 0;
  let filled = 0;
  let continued = 0;
  for (const { text } of lines.slice(0, SAMPLE)) {
    const trimmed = text.trim();
    if (trimmed === '') continue;
    filled += 1;
    const closed = isSide(trimmed.at(-1));
    if (closed && isSide(trimmed[0])) framed += 1;
    const mark = (closed ? trimmed.slice(0, -1).trimEnd() : trimmed).at(-1);
    if (mark === '+' || mark === '↵') continued += 1;
  }
  if (filled === 0) return;
  const mostlyFramed = framed >= filled * 0.6;
  let frame: 'closed' | 'open' | 'none' = mostlyFramed ? 'closed' : 'none';
  let inTable = mostlyFramed || continued >= filled * 0.6;
  let width = 0;
  for (const line of lines) {
    const header = readHeader(line.text);
    if (header !== null) {
      frame = header;
      width = 0;
      line.text = '';
      continue;
    }
    if (mayEndIn(line.text, BORDER_END) && BORDER.test(line.text)) {
      width = Math.max(width, line.text.trim().replace(/^[+┌├╔╠╟╒╞]|[+┐┤╗╣╢╕╡]$/g, '').length);
      line.text = '';
      inTable = true;
      continue;
    }
    if (frame !== 'none') removeSides(line, frame);
    if (inTable) removeContinuationMark(line, width);
  }
}

function removeSides(line: SourceLine, frame: 'closed' | 'open'): void {
  const trimmed = line.text.trimEnd();
  if (!isSide(trimmed.at(-1))) return;
  if (frame === 'open') {
    line.text = trimmed.slice(0, -1).trimEnd();
    return;
  }
  const start = trimmed.length - trimmed.trimStart().length;
  if (isSide(trimmed[start]) && start < trimmed.length - 1) line.text = trimmed.slice(start + 1, -1);
}

/** psql puts the mark in the last column of the table, or right after it. */
function removeContinuationMark(line: SourceLine, width: number): void {
  const trimmed = line.text.trimEnd();
  if (!trimmed.endsWith('+') && !trimmed.endsWith('↵')) return;
  if (width > 0 && trimmed.length < width - 1) return;
  line.text = trimmed.slice(0, -1).trimEnd();
  line.continued = true;
}

const ROW_COUNT = /^\s*\(\d+ [^\s()]+\)\s*$/;
const CLIENT_TIMING = /^\s*(?:Time|Temps|Zeit|Tiempo|Tempo|Время)\s?:\s*[\d.,]+\s*ms/;
const LOG_LINE =
  /^(?!\s*Query Text:).*?\b(?:LOG|ERROR|WARNING|NOTICE|STATEMENT|DETAIL|HINT|CONTEXT|FATAL|PANIC|INFO|DEBUG\d?): {2}/;

/** `(12 rows)`, in any language. */
export function isRowCount(text: string): boolean {
  return mayEndIn(text, BRACKET_END) && ROW_COUNT.test(text);
}

/** psql's `\timing`. */
export function isClientTiming(text: string): boolean {
  return CLIENT_TIMING.test(text);
}

/** A line of the server's log, by the severity after its prefix. */
export function isLogLine(text: string): boolean {
  // Two spaces follow the severity: a quick no for nearly every line.
  return text.includes(':  ') && text.charCodeAt(0) !== 9 && LOG_LINE.test(text);
}

/** `duration: 12.3 ms  plan:`, which auto_explain puts before a plan. */
export function autoExplainDuration(text: string): number | null {
  const found = /duration: ([\d.]+) ms\s+plan:/.exec(text);
  return found ? Number(found[1]) : null;
}
