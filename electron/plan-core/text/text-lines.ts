import type { SourceLine } from '../source/source-lines.ts';
import { isClientTiming, isLogLine, isRowCount } from '../source/source-lines.ts';
import { continuesNodeLine, readNodeName, readNodeSuffix, readTargetTable } from './node-line.ts';
import { splitProperty } from './property-line.ts';
import { isTriggerLine } from './statement-line.ts';
import type { QuoteState } from './quote-scan.ts';
import { scanQuotes } from './quote-scan.ts';

/** What a line of FORMAT TEXT is. */
export type TextLine = {
  kind: 'node' | 'property' | 'subplan' | 'target' | 'worker' | 'query' | 'end';
  /** Without indentation, arrow, and with its continuations. */
  text: string;
  /** Columns of indentation; of the arrow for a node. */
  column: number;
  hasArrow: boolean;
  /** The lines as they are shown. */
  shown: string[];
  /** 1-based line in the source. */
  sourceLine: number;
  /** 1-based column after the last character. */
  endColumn: number;
  open: boolean;
};

/** A quote may stay open over so many lines; beyond that it is a stray one. */
const MAX_CONTINUATIONS = 200;
/** Where quotes never close, the search for their ends is given up after so many lines in all. */
const MAX_FRUITLESS = 50_000;
const SUBPLAN = /^(?:(?:InitPlan|SubPlan)(?: [^:]*)?|CTE \S.*)$/;
const WORKER = /^Worker \d+:/;
const DEPARSED =
  /^(?:Output|Filter|One-Time Filter|Join Filter|Hash Cond|Merge Cond|Index Cond|Recheck Cond|TID Cond|Order By|Sort Key|Presorted Key|Group Key|Hash Key|Cache Key|Function Call|Table Function Call|Run Condition|Conflict Filter|Window|Sampling|Remote SQL|Query Parameters)$/;

/** Columns of leading white space; a tab stands for four, as editors that make tabs of them do. */
export function indentOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (character === ' ') columns += 1;
    else if (character === '\t') columns += 4;
    else break;
  }
  return columns;
}

/**
 * Puts wrapped lines and values of several lines together, and says what each is.
 * @param costs whether nodes carry `(cost=…)` or `(actual …)`; without them a root is known by its name alone
 */
export function readTextLines(lines: readonly SourceLine[], costs: boolean): TextLine[] {
  const result: TextLine[] = [];
  const width = wrapWidth(lines);
  const search = { fruitless: 0 };
  let afterBlank = true;
  let rootColumn = 0;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index];
    if (!line) break;
    if (line.text.trim() === '') {
      afterBlank = true;
      continue;
    }
    const previous = result.at(-1);
    const inPlan = previous !== undefined && previous.kind !== 'end' && previous.kind !== 'query';
    const read = classify(line, costs, inPlan, rootColumn);
    if (inPlan && !afterBlank && isContinuation(previous, line, read, costs)) {
      append(previous, line, '');
      continue;
    }
    if (!read) {
      // Unknown text ends a plan only where a log or a client says so; anything else is junk between its lines.
      afterBlank = true;
      continue;
    }
    afterBlank = false;
    if (read.kind === 'query') index = completeQuery(read, lines, index, costs);
    else if (read.kind !== 'end') index = completeLine(read, lines, index, width, costs, search);
    if (read.kind === 'node' && !read.hasArrow) rootColumn = read.column;
    result.push(read);
  }
  return result;
}

/** The width that the source was wrapped at: that of its widest lines, if several are as wide; no limit otherwise. */
function wrapWidth(lines: readonly SourceLine[]): number {
  let widest = 0;
  let count = 0;
  for (const { text } of lines) {
    if (text.length < widest) continue;
    count = text.length === widest ? count + 1 : 1;
    widest = text.length;
  }
  return count > 1 ? widest : Number.POSITIVE_INFINITY;
}

function isContinuation(previous: TextLine, line: SourceLine, own: TextLine | null, costs: boolean): boolean {
  // Wrapped between the costs and what was measured.
  if (previous.kind === 'node' && costs && /^\s*\((?:actual|never)\b/.test(line.text)) return true;
  if (previous.kind === 'node' && costs && !readNodeSuffix(previous.text)) {
    if (isBoundary(line.text)) return false;
    if (continuesNodeLine(line.text)) return true;
    return (
      own === null ||
      (own.kind === 'node' && !own.hasArrow && !readNodeName(readNodeSuffix(own.text)?.name ?? '').known)
    );
  }
  return (
    own === null &&
    (previous.kind === 'property' || previous.kind === 'worker' || previous.kind === 'node') &&
    !isBoundary(line.text)
  );
}

function isBoundary(text: string): boolean {
  return isRowCount(text) || isClientTiming(text) || isLogLine(text) || /^\s*(?:#|--|EXPLAIN\b|explain\b)/.test(text);
}

function append(target: TextLine, line: SourceLine, separator: '' | '\n'): void {
  target.text += separator + line.text;
  if (separator === '\n') target.shown.push(line.text);
  else target.shown[target.shown.length - 1] = `${target.shown.at(-1) ?? ''}${line.text}`;
}

/** Takes the following lines in while a quote or a bracket is open. Returns the index of the last line taken. */
function completeLine(
  read: TextLine,
  lines: readonly SourceLine[],
  start: number,
  width: number,
  costs: boolean,
  search: { fruitless: number },
): number {
  const first = lines[start];
  if (!first || !isScanned(read)) return start;
  const state: QuoteState = { quote: '', depth: 0 };
  scanQuotes(state, read.text);
  if (state.quote === '' && state.depth === 0 && !first.continued) return start;
  if (search.fruitless > MAX_FRUITLESS) {
    read.open = state.quote !== '' || state.depth > 0;
    return start;
  }
  const saved: TextLine = { ...read, shown: [...read.shown] };
  let last = first;
  for (let index = start + 1; index < lines.length && index - start <= MAX_CONTINUATIONS; index += 1) {
    const line = lines[index];
    if (!line) break;
    if (state.quote === '' && !last.continued && (isBoundary(line.text) || isWholeNode(line, costs))) break;
    const isNewline = last.continued || (state.quote !== '' && last.text.length < width);
    scanQuotes(state, line.text);
    append(read, line, isNewline ? '\n' : '');
    search.fruitless += 1;
    last = line;
    if (state.quote === '' && state.depth === 0 && !line.continued) {
      search.fruitless -= index - start;
      return index;
    }
  }
  Object.assign(read, saved, { open: state.quote !== '' || state.depth > 0 });
  return start;
}

/** A query goes on until the root of its plan; its parameters stand between the two. */
function completeQuery(read: TextLine, lines: readonly SourceLine[], start: number, costs: boolean): number {
  const query = [read.text];
  // Out of the middle of a log: its lines begin with a tab.
  const isTabbed = lines[start]?.text.startsWith('\t') ?? false;
  let index = start;
  for (let line = lines[index + 1]; line; line = lines[index + 1]) {
    const text = line.text.trim();
    if (isLogLine(line.text) || text.startsWith('Query Parameters:')) break;
    const suffix = costs ? readNodeSuffix(text) : null;
    if (suffix ? readNodeName(suffix.name).known : !costs && isBareRoot(text)) break;
    query.push(isTabbed ? line.text.replace(/^\t/, '') : line.text);
    index += 1;
  }
  read.text = query.join('\n').trimEnd();
  return index;
}

/** The reading of a single line inside of a plan, or null when it goes on in the next line or is none that stands for itself. */
export function readSingleLine(text: string, number: number): TextLine | null {
  const read = classify({ text, number, continued: false }, true, true, 0);
  if (!read || (read.kind === 'node' && !readNodeSuffix(read.text))) return null;
  if (!isScanned(read)) return read;
  const state: QuoteState = { quote: '', depth: 0 };
  scanQuotes(state, read.text);
  return state.quote === '' && state.depth === 0 ? read : null;
}

function isScanned(read: TextLine): boolean {
  if (read.kind === 'node' || read.kind === 'target') return true;
  if (read.kind !== 'property') return false;
  const key = splitProperty(read.text)?.key;
  return key !== undefined && DEPARSED.test(key);
}

function isWholeNode(line: SourceLine, costs: boolean): boolean {
  return costs && /^\s*->\s/.test(line.text) && readNodeSuffix(line.text) !== null;
}

function classify(line: SourceLine, costs: boolean, inPlan: boolean, rootColumn: number): TextLine | null {
  const text = line.text.trim();
  const make = (kind: TextLine['kind'], content: string, hasArrow = false): TextLine => ({
    kind,
    text: content,
    column: indentOf(line.text),
    hasArrow,
    shown: [line.text],
    sourceLine: line.number,
    endColumn: line.text.length + 1,
    open: false,
  });
  if (isRowCount(text) || isClientTiming(text)) return make('end', text);
  if (isLogLine(line.text)) return make('end', text);
  const arrow = /^->\s*/.exec(text);
  if (arrow && arrow[0].length < text.length)
    return make('node', line.text.slice(line.text.indexOf('->') + arrow[0].length), true);
  if (text.startsWith('Query Text:')) return make('query', text.slice(11).trimStart());
  if (text.startsWith('Query Parameters:')) return make('property', line.text.trimStart());
  if (isTriggerLine(text)) return inPlan ? make('property', text) : null;
  if (costs && readNodeSuffix(text)) return make('node', line.text.trimStart());
  if (!inPlan)
    return costs || !isBareRoot(text)
      ? startsCostedRoot(text)
        ? make('node', line.text.trimStart())
        : null
      : make('node', text);
  // A rule gives several plans: what stands no further right than a root is the root of the next.
  if (!costs && indentOf(line.text) <= rootColumn && isBareRoot(text)) return make('node', text);
  if (WORKER.test(text)) return make('worker', line.text.trimStart());
  if (SUBPLAN.test(text)) return make('subplan', text);
  if (readTargetTable(text)) return make('target', line.text.trimStart());
  if (splitProperty(text)) return make('property', line.text.trimStart());
  if (/^(?:Planning|JIT|JIT for worker \d+):$/.test(text)) return make('property', text);
  return costs || !isBareRoot(text) ? null : make('node', text);
}

/** A root whose line was wrapped before its numbers ended. */
function startsCostedRoot(text: string): boolean {
  if (text.length > 4000) return false;
  const start = /^(.*?)\s*\((?:cost=?|cos|co|c|actual.*)?[\d.]*$/.exec(text.replace(/\(cost=.*$/, '(cost='));
  return start?.[1] !== undefined && start[1] !== '' && readNodeName(start[1]).known;
}

function isBareRoot(text: string): boolean {
  return readNodeName(text).known;
}
