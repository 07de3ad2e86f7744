import { PlanReadError } from './plan-read-error.ts';
import type { RawPlan } from './raw-plan.ts';
import { addNode, readLine } from './read-text.ts';
import type { OpenPlan } from './text/open-plan.ts';
import { closePlan, openPlan } from './text/open-plan.ts';
import { PlainLabels } from './text/plain-label.ts';
import type { PlainNumbers } from './text/plain-numbers.ts';
import { emptyNumbers, findPlainNumbers, readPlainNumbers } from './text/plain-numbers.ts';
import { isMargin, readPlainProperty } from './text/plain-property.ts';
import { GROUPING_LINES } from './text/reading-keys.ts';
import { readSingleLine } from './text/text-lines.ts';

/** With these a source is, or may be, something else than one plan of FORMAT TEXT as PostgreSQL prints it. */
const FOREIGN = ['\r', '\u00A0', '\u0000', 'QUERY PLAN', 'Node Type', 'Plan"', 'duration: ', '<explain', '</td>'];
/** So many lines tell what a client does to each: as in source-lines.ts. */
const SAMPLE = 2000;
/** More lines are refused, which is for the others to say. */
const MOST_LINES = 5_000_000;

const SPACE = 32;
const DASH = 45;
const GREATER = 62;

/**
 * The fast way for what PostgreSQL itself printed: one plan, nothing before, around or between its lines, none wrapped.
 * Goes over the source once and makes no objects of its lines: measured on 20,000 nodes, those of the general way are
 * half of its time, most of it in the garbage collector.
 * @returns null for anything else. The general way then begins anew, and gives the same for what both can read.
 */
export function readPlainText(source: string): RawPlan | null {
  if (!isLetter(source.charCodeAt(0)) || !source.includes('->')) return null;
  if (FOREIGN.some((mark) => source.includes(mark)) || hasSeverity(source)) return null;
  let end = source.length;
  while (source.charCodeAt(end - 1) === 10) end -= 1;
  try {
    return new PlainReader(source, end).read();
  } catch (error) {
    // The general way tells where the plan is wrong.
    if (error instanceof PlanReadError) return null;
    throw error;
  }
}

class PlainReader {
  readonly #source: string;
  readonly #end: number;
  readonly #labels = new PlainLabels();
  readonly #numbers: PlainNumbers = emptyNumbers();
  /** Lines of the sample that end as a client's mark or a quote may. */
  #marked = 0;

  constructor(source: string, end: number) {
    this.#source = source;
    this.#end = end;
  }

  read(): RawPlan | null {
    const source = this.#source;
    let open: OpenPlan | null = null;
    let number = 0;
    for (let start = 0; start < this.#end;) {
      const newline = source.indexOf('\n', start);
      const end = newline === -1 ? this.#end : newline;
      number += 1;
      if (number > MOST_LINES || isMargin(source.charCodeAt(end - 1))) return null;
      if (number <= SAMPLE && isMark(source.charCodeAt(end - 1))) this.#marked += 1;
      if (open === null) {
        open = this.#readRoot(end);
        if (open === null) return null;
      } else if (!this.#readLine(open, start, end, number)) return null;
      start = end + 1;
    }
    if (open === null || this.#marked * 2 >= Math.min(number, SAMPLE)) return null;
    return closePlan(open, this.#end === source.length ? source : source.slice(0, this.#end));
  }

  #readRoot(end: number): OpenPlan | null {
    const root = readSingleLine(this.#source.slice(0, end), 1);
    if (root?.kind !== 'node' || root.hasArrow) return null;
    const open = openPlan({}, root);
    if (!open.isKnown) return null;
    readLine(open, root);
    return open;
  }

  #readLine(open: OpenPlan, start: number, end: number, number: number): boolean {
    const source = this.#source;
    let first = start;
    while (source.charCodeAt(first) === SPACE) first += 1;
    const code = source.charCodeAt(first);
    open.lineCount = number;
    if (code === DASH) {
      if (source.charCodeAt(first + 1) !== GREATER) return false;
      if (this.#readNode(open, first, end, first - start)) return true;
    } else if (!isLetter(code)) return false;
    else if (isInNode(open)) {
      const { nodes } = open.plan;
      const owner = open.stack[open.stack.length - 1]?.node ?? nodes.length - 1;
      const node = nodes[owner];
      if (node && readPlainProperty(source, first, end, node.properties)) {
        if (owner === nodes.length - 1) node.endLine = number;
        return true;
      }
    }
    return readOther(open, source.slice(start, end), number) && !hasSecondGrouping(open);
  }

  #readNode(open: OpenPlan, arrow: number, end: number, column: number): boolean {
    const source = this.#source;
    let label = arrow + 2;
    while (source.charCodeAt(label) === SPACE) label += 1;
    const suffix = findPlainNumbers(source, label);
    if (suffix === -1 || isMargin(source.charCodeAt(label)) || isMargin(source.charCodeAt(suffix - 1))) return false;
    const name = source.slice(label, suffix);
    // In a quoted name, which may be wrapped, anything may stand.
    if (suffix > end || name.includes('"') || name.includes('(')) return false;
    const numbers = this.#numbers;
    if (!readPlainNumbers(source, suffix, end, numbers)) return false;
    if (numbers.actual === 'timed' && numbers.isFractional) open.isFractional = true;
    addNode(open, this.#labels.read(name, numbers), column, true, open.lineCount);
    return true;
  }
}

/** Any other line, read the general way if it stands for itself. */
function readOther(open: OpenPlan, text: string, number: number): boolean {
  const line = readSingleLine(text, number);
  if (!line || line.kind === 'end' || line.kind === 'query' || (line.kind === 'node' && !line.hasArrow)) return false;
  open.lineCount = number - 1;
  open.text.length = 0;
  readLine(open, line);
  return true;
}

/** A second line with keys of an Aggregate, whose first was taken for the only one. */
function hasSecondGrouping({ plan }: OpenPlan): boolean {
  const properties = plan.nodes[plan.nodes.length - 1]?.properties ?? {};
  return properties[GROUPING_LINES] !== undefined && properties['Group Key'] !== undefined;
}

/** Is the next property one of a node, and not of a worker, of another server's plan, or of the statement? */
function isInNode(open: OpenPlan): boolean {
  return (
    open.worker === null && open.group === null && !open.inStatement && !open.hasRemote && open.remotePlanAt === null
  );
}

/** Holds `LOG:  `, `DEBUG1:  ` or the like: a line of the server's log, or a value that looks like one. */
function hasSeverity(source: string): boolean {
  for (let at = source.indexOf(':  '); at !== -1; at = source.indexOf(':  ', at + 1)) {
    const code = source.charCodeAt(at - 1);
    if ((code >= 65 && code <= 90) || (isDigit(code) && source.charCodeAt(at - 2) === 71)) return true;
  }
  return false;
}

/** Quotes, psql's marks of lines that go on, sides of frames. */
function isMark(code: number): boolean {
  return code === 34 || code === 39 || code === 43 || code === 124;
}

function isLetter(code: number): boolean {
  const letter = code | 32;
  return letter >= 97 && letter <= 122;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
