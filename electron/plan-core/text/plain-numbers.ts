import type { JsonObject } from '../raw-plan.ts';

/** The numbers at the end of a node's line: `(cost=0.00..35.50 rows=2550 width=4) (actual time=0.010..0.230 rows=12 loops=1)`. */
export type PlainNumbers = {
  startupCost: number;
  totalCost: number;
  planRows: number;
  planWidth: number;
  /** What follows the costs. */
  actual: 'none' | 'never' | 'timed';
  startupMs: number;
  totalMs: number;
  rows: number;
  loops: number;
  /** Rows were printed with decimals. */
  isFractional: boolean;
};

const COST = '  (cost=';
const ACTUAL = ' (actual time=';
const NEVER = ' (never executed)';
/** Up to so many digits a double holds the number that they are, and a quotient by a power of ten is the nearest one. */
const SAFE_DIGITS = 15;
const POWERS = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000];

/**
 * Reads the numbers as PostgreSQL prints them with COSTS on, by character codes: there are twenty thousand such lines
 * in a large plan, and the expressions of {@link readNodeSuffix} take three times as long for each.
 * @param start where the two spaces before `(cost=` are
 * @param end where the line ends; nothing may be left before it
 * @param numbers filled with what is found; one object serves all lines
 * @returns false for anything unusual, which the expressions are to read
 */
export function readPlainNumbers(text: string, start: number, end: number, numbers: PlainNumbers): boolean {
  const reader = new NumberReader(text, start);
  reader.skip(COST);
  numbers.startupCost = reader.number();
  reader.skip('..');
  numbers.totalCost = reader.number();
  reader.skip(' rows=');
  numbers.planRows = reader.number();
  reader.skip(' width=');
  numbers.planWidth = reader.number();
  reader.skip(')');
  numbers.actual = 'none';
  if (reader.failed || reader.position === end) return !reader.failed;
  if (text.startsWith(NEVER, reader.position)) {
    numbers.actual = 'never';
    return reader.position + NEVER.length === end;
  }
  numbers.actual = 'timed';
  reader.skip(ACTUAL);
  numbers.startupMs = reader.number();
  reader.skip('..');
  numbers.totalMs = reader.number();
  reader.skip(' rows=');
  numbers.rows = reader.number();
  numbers.isFractional = reader.hadDecimals;
  reader.skip(' loops=');
  numbers.loops = reader.number();
  const isCount = !reader.hadDecimals;
  reader.skip(')');
  return !reader.failed && isCount && reader.position === end;
}

/** Where the numbers of a line begin, or -1. */
export function findPlainNumbers(text: string, start: number): number {
  return text.indexOf(COST, start);
}

/** An object to be filled by {@link readPlainNumbers}. */
export function emptyNumbers(): PlainNumbers {
  return {
    startupCost: 0,
    totalCost: 0,
    planRows: 0,
    planWidth: 0,
    actual: 'none',
    startupMs: 0,
    totalMs: 0,
    rows: 0,
    loops: 0,
    isFractional: false,
  };
}

/** Puts the numbers under the names of FORMAT JSON. */
export function putNumbers(numbers: PlainNumbers, properties: JsonObject): void {
  properties['Startup Cost'] = numbers.startupCost;
  properties['Total Cost'] = numbers.totalCost;
  properties['Plan Rows'] = numbers.planRows;
  properties['Plan Width'] = numbers.planWidth;
  if (numbers.actual === 'none') return;
  if (numbers.actual === 'timed') {
    properties['Actual Startup Time'] = numbers.startupMs;
    properties['Actual Total Time'] = numbers.totalMs;
  }
  properties['Actual Rows'] = numbers.actual === 'never' ? 0 : numbers.rows;
  properties['Actual Loops'] = numbers.actual === 'never' ? 0 : numbers.loops;
}

/** Goes over a text from number to number. Once it failed, it stays failed. */
class NumberReader {
  failed = false;
  hadDecimals = false;
  position: number;
  readonly #text: string;

  constructor(text: string, position: number) {
    this.#text = text;
    this.position = position;
  }

  skip(word: string): void {
    if (!this.#text.startsWith(word, this.position)) this.failed = true;
    this.position += word.length;
  }

  /** `12` or `12.34`. */
  number(): number {
    const text = this.#text;
    let position = this.position;
    let value = 0;
    let digits = 0;
    let dot = -1;
    for (; ; position += 1) {
      const code = text.charCodeAt(position);
      if (code >= 48 && code <= 57) {
        value = value * 10 + (code - 48);
        digits += 1;
      } else if (code === 46 && dot === -1 && text.charCodeAt(position + 1) !== 46) dot = position;
      else break;
    }
    const decimals = dot === -1 ? 0 : position - dot - 1;
    const power = POWERS[decimals];
    const isEmpty = digits === decimals || (dot !== -1 && decimals === 0);
    if (isEmpty || digits > SAFE_DIGITS || power === undefined) this.failed = true;
    this.position = position;
    this.hadDecimals = dot !== -1;
    return decimals === 0 || power === undefined ? value : value / power;
  }
}
