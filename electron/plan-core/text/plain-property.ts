import { typedScalar } from '../json-keys.ts';
import type { JsonObject, JsonValue } from '../raw-plan.ts';
import { readProperty } from './property-line.ts';
import { splitList } from './quote-scan.ts';
import { GROUPING_LINES } from './reading-keys.ts';
import { LIST_SETTERS, SCALAR_SETTERS, SQL_SETTERS } from './set-known-key.ts';

/** How the value of a key is to be read; `sql` may go on in the next line while a quote or a bracket is open. */
type Kind = 'sql' | 'list' | 'scalar' | 'several';

type Known = {
  readonly key: string;
  readonly kind: Kind;
  readonly set: (target: JsonObject, value: JsonValue) => void;
};

/** The keys of nearly every line of a plan. Others are read the general way. */
const KNOWN = new Map<string, Known>([
  ...entriesOf('sql', SQL_SETTERS),
  ...entriesOf('list', LIST_SETTERS),
  ...entriesOf('scalar', SCALAR_SETTERS),
  ...['Buffers', 'Sort Method', 'Buckets', 'Batches', 'Heap Blocks'].map((key): [string, Known] => [
    key,
    { key, kind: 'several', set: () => {} },
  ]),
]);

function entriesOf(kind: Kind, setters: Readonly<Record<string, Known['set']>>): [string, Known][] {
  return Object.entries(setters).map(([key, set]) => [key, { key, kind, set }]);
}

/**
 * Reads one line of a node, where it is one of the commonest and whole.
 * @param start where the key begins
 * @param end where the line ends, which is not with a space
 * @returns false for anything else, which is to be read the general way
 */
export function readPlainProperty(source: string, start: number, end: number, properties: JsonObject): boolean {
  const colon = source.indexOf(':', start);
  if (colon === -1 || colon + 2 >= end || source.charCodeAt(colon + 1) !== 32) return false;
  const found = KNOWN.get(source.slice(start, colon));
  if (!found || isMargin(source.charCodeAt(colon + 2)) || mayBeNode(source, start, end)) return false;
  const { key, kind } = found;
  if ((kind === 'sql' || kind === 'list') && !isWhole(source, colon + 2, end)) return false;
  const value = source.slice(colon + 2, end);
  if (kind === 'sql') found.set(properties, value);
  else if (kind === 'list') {
    if (properties['Node Type'] === 'Aggregate' && mayBeGroupingSet(key, value, properties)) return false;
    found.set(properties, splitList(value));
  } else if (kind === 'scalar') found.set(properties, typedScalar(key, value));
  else readProperty(key, value, properties);
  return true;
}

/** Several lines with keys of one Aggregate, or `()`, are grouping sets. */
function mayBeGroupingSet(key: string, value: string, properties: JsonObject): boolean {
  if (key === 'Output') return false;
  return (
    key !== 'Group Key' ||
    value === '()' ||
    properties['Group Key'] !== undefined ||
    properties[GROUPING_LINES] !== undefined
  );
}

/** May it be white space, which a value neither begins nor ends with? */
export function isMargin(code: number): boolean {
  return code <= 32 || code > 126;
}

/** A condition may end like the numbers of a node: `width=4)`, `loops=1)`, `never executed)`. */
function mayBeNode(source: string, start: number, end: number): boolean {
  const last = source.charCodeAt(end - 2);
  const isDigit = last >= 48 && last <= 57;
  if (source.charCodeAt(end - 1) !== 41 || !(isDigit || isMargin(last) || last === 100)) return false;
  return /\((?:cost=|actual|never)/.test(source.slice(start, end));
}

/** No quote and no bracket is open at its end: see `scanQuotes`, which this is for one line, in local variables. */
function isWhole(source: string, start: number, end: number): boolean {
  let quote = 0;
  let depth = 0;
  for (let position = start; position < end; position += 1) {
    const code = source.charCodeAt(position);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 39 || code === 34) quote = code;
    else if (code === 40 || code === 91) depth += 1;
    else if ((code === 41 || code === 93) && depth > 0) depth -= 1;
  }
  return quote === 0 && depth === 0;
}
