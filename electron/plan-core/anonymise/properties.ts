import type { JsonObject, JsonValue } from '../raw-plan.ts';
import { stringOf } from '../raw-plan.ts';
import { anonymiseSql, subplanWord } from './expression.ts';
import type { NameBook } from './name-book.ts';
import type { TextKind } from './property-kinds.ts';
import { isKnownKey, isMeasure, isPlain, rankOf, textKindOf } from './property-kinds.ts';
import { BUILT_IN_FUNCTIONS } from './built-in-words.ts';

/** So deep does nothing go that EXPLAIN prints below a node or a statement. */
const DEEPEST = 12;
const BUILT_IN_PROVIDERS = new Set([
  'Citus Adaptive',
  'Citus INSERT ... SELECT',
  'Citus MERGE INTO ...',
  'ColumnarScan',
  'ChunkAppend',
  'ConstraintAwareAppend',
  'ChunkDispatch',
  'ModifyHypertable',
  'DecompressChunk',
  'ColumnarIndexScan',
  'VectorAgg',
  'SkipScan',
  'GapFill',
]);

/**
 * An object of a plan with other words for its names, expressions and literals. Numbers and EXPLAIN's own words stay;
 * a key that EXPLAIN does not print, and what is neither number nor word, is left out. The order of keys stays.
 */
export function anonymiseObject(object: JsonObject, book: NameBook, depth = 0): JsonObject {
  const told = new Map<string, JsonValue>();
  const keys = Object.keys(object).filter(isKnownKey);
  for (const key of keys.toSorted((left, right) => rankOf(left) - rankOf(right))) {
    const value = anonymiseValue(key, object[key] ?? null, object, book, depth);
    if (value !== undefined) told.set(key, value);
  }
  const result: JsonObject = {};
  for (const key of withGroupingFirst(keys)) {
    const value = told.get(key);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

const BEFORE_GROUPING = ['Output', 'Actual Loops', 'Plan Width', 'Node Type'];

/** The reader of FORMAT TEXT has them last, for it must have seen all of their lines; EXPLAIN prints them first. */
function withGroupingFirst(keys: readonly string[]): readonly string[] {
  const grouping: readonly string[] = keys.filter((key) => key === 'Group Key' || key === 'Grouping Sets');
  if (grouping.length === 0) return keys;
  const others = keys.filter((key) => !grouping.includes(key));
  const at = others.indexOf(BEFORE_GROUPING.find((key) => others.includes(key)) ?? '') + 1;
  return others.toSpliced(others[at] === 'Disabled' ? at + 1 : at, 0, ...grouping);
}

function anonymiseValue(
  key: string,
  value: JsonValue,
  owner: JsonObject,
  book: NameBook,
  depth: number,
): JsonValue | undefined {
  if (value === null || typeof value === 'boolean') return value;
  const kind = textKindOf(key);
  if (typeof value === 'number') return kind ? anonymiseText(kind, String(value), owner, book) : value;
  if (typeof value === 'string') return kind ? anonymiseText(kind, value, owner, book) : plainText(value);
  if (depth > DEEPEST) return undefined;
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => anonymiseValue(key, item, owner, book, depth + 1) ?? []);
    // An empty list is a line of FORMAT TEXT all the same, which would be read as something else.
    return items.length > 0 || value.length === 0 ? items : undefined;
  }
  return kind ? undefined : anonymiseObject(value, book, depth + 1);
}

/** Counters are text in some readers' output; an enumeration is a word of EXPLAIN's. */
function plainText(text: string): string | undefined {
  return text === '' || isPlain(text) || /^-?\d{1,15}(?:\.\d{1,3})?$/.test(text) ? text : undefined;
}

function anonymiseText(kind: TextKind, text: string, owner: JsonObject, book: NameBook): string | undefined {
  switch (kind.kind) {
    case 'sql':
      return anonymiseSql(text, kind.sql, book);
    case 'name':
      return book.word(kind.space, text, kind.prefix);
    case 'function':
      return functionWord(text, owner, book);
    case 'samplingMethod':
      return /^(?:system|bernoulli|system_rows|system_time)$/.test(text) ? text : book.word('function', text);
    case 'nodeType':
      return nodeType(text, book);
    case 'provider':
      return BUILT_IN_PROVIDERS.has(text) ? text : book.word('provider', text);
    case 'subplan':
      return subplanName(text, owner, book);
    case 'measure':
      return isMeasure(text) ? text : undefined;
  }
}

/** Old versions print `Subquery Scan alias`. */
function nodeType(text: string, book: NameBook): string {
  if (isMeasure(text)) return text;
  const space = text.lastIndexOf(' ');
  const type = text.slice(0, Math.max(0, space));
  return isMeasure(type) ? `${type} ${book.word('relation', text.slice(space + 1), 'a')}` : book.word('nodeType', text);
}

/** With a schema that is not PostgreSQL's, a function is not PostgreSQL's either. */
export function functionWord(name: string, owner: JsonObject, book: NameBook): string {
  const schema = stringOf(owner['Schema']) ?? 'pg_catalog';
  return schema === 'pg_catalog' && BUILT_IN_FUNCTIONS.has(name) ? name : book.word('function', name);
}

/** `CTE name`, `InitPlan 1 (returns $0,$1)`, `SubPlan expr_1`; up to 8.3 there was but one word. */
function subplanName(text: string, owner: JsonObject, book: NameBook): string {
  if (text === 'InitPlan' || text === 'SubPlan') return text;
  if (text.startsWith('CTE ')) return `CTE ${book.word('relation', text.slice(4), 'cte')}`;
  const found = /^(InitPlan|SubPlan) (\w+)( \(returns \$\d{1,5}(?:,\s?\$\d{1,5})*\))?$/.exec(text);
  if (found?.[2] !== undefined) return `${found[1] ?? ''} ${subplanWord(found[2], book)}${found[3] ?? ''}`;
  return `${owner['Parent Relationship'] === 'InitPlan' ? 'InitPlan' : 'SubPlan'} ${book.word('subplan', text)}`;
}
