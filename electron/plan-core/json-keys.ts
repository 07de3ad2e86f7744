import type { JsonValue } from './raw-plan.ts';

const BUFFER_SCOPES = {
  shared: ['Hit', 'Read', 'Dirtied', 'Written'],
  local: ['Hit', 'Read', 'Dirtied', 'Written'],
  temp: ['Read', 'Written'],
} as const;

/** The ten counters of 8 kB blocks, in the order of FORMAT JSON. */
export const BUFFER_KEYS: readonly string[] = Object.entries(BUFFER_SCOPES).flatMap(([scope, counters]) =>
  counters.map((counter) => bufferKey(scope, counter)),
);

/** `shared`, `hit` → `Shared Hit Blocks`. */
export function bufferKey(scope: string, counter: string): string {
  return `${capitalized(scope)} ${capitalized(counter)} Blocks`;
}

/** First letter in upper case. */
export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Keys whose value is a list of strings in FORMAT JSON and `a, b` in FORMAT TEXT. */
export const LIST_KEYS = new Set([
  'Output',
  'Sort Key',
  'Group Key',
  'Presorted Key',
  'Params Evaluated',
  'Conflict Arbiter Indexes',
  'Sort Methods Used',
  'Sampling Parameters',
]);

/** Keys whose value is a list of objects or of lists in FORMAT JSON; XML and YAML do not tell an empty one from an empty text. */
export const GROUP_LIST_KEYS: ReadonlySet<string> = new Set([
  'Plans',
  'Workers',
  'Triggers',
  'Target Tables',
  'Grouping Sets',
  'Hash Keys',
  'Group Keys',
  'Sort Methods Used',
  'Subplans',
  'Tasks',
  'Dependent Jobs',
  'Remote Plan',
  'PlannedStmt',
]);

/** Keys whose value is true or false in FORMAT JSON. */
export const BOOLEAN_KEYS = new Set([
  'Parallel Aware',
  'Async Capable',
  'Inner Unique',
  'Single Copy',
  'Disabled',
  'Inlining',
  'Optimization',
  'Expressions',
  'Deforming',
]);

/** Keys whose value is text even where it looks like a number. */
const TEXT_KEY =
  /^(?:(?:.* )?(?:Cond|Filter|Key|Name|Call|Type|Method|Text|Parameters)|Alias|Schema|Output|Order By|Relations?|Remote SQL|Format|Storage|Custom Plan Provider|Repeatable Seed|Cache Mode|Window|Item|Command|Operation|Strategy)$/;

/** A scalar that came without a type (FORMAT TEXT, XML), typed as FORMAT JSON would have it. */
export function typedScalar(key: string, text: string): JsonValue {
  if (BOOLEAN_KEYS.has(key)) {
    if (text === 'true') return true;
    if (text === 'false') return false;
  }
  if (key === 'Query Identifier') return integerOrText(text);
  if (isTextKey(key)) return text;
  return numberIn(text) ?? text;
}

const TEXT_KEYS = new Map<string, boolean>();

/** There are few keys and many values: what the expression says of a key is kept. */
function isTextKey(key: string): boolean {
  const known = TEXT_KEYS.get(key);
  if (known !== undefined) return known;
  const isText = !key.startsWith('Rows Removed') && TEXT_KEY.test(key);
  if (TEXT_KEYS.size < 1000) TEXT_KEYS.set(key, isText);
  return isText;
}

/** Up to so many digits a number is certain to be safe. */
const SAFE_DIGITS = 15;

/** The number that a text is, or undefined. Counts of few digits, which most are, are read without an expression. */
export function numberIn(text: string): number | undefined {
  const { length } = text;
  if (length > 0 && length <= SAFE_DIGITS) {
    let value = 0;
    let position = 0;
    for (; position < length; position += 1) {
      const digit = text.charCodeAt(position) - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (position === length) return value;
    const first = text.charCodeAt(0);
    if (first !== 45 && (first < 48 || first > 57)) return undefined;
  }
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

/** An int8 that a double cannot hold stays text. */
export function integerOrText(text: string): JsonValue {
  const value = Number(text);
  return /^-?\d+$/.test(text) && Number.isSafeInteger(value) ? value : text;
}
