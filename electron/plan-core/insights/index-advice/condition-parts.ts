import { quoteIdentifier } from '../../../postgres/quote-identifier.ts';
import { splitList } from '../../text/quote-scan.ts';
import type { IndexKey } from './index-key.ts';
import { mentionsRelation, readIndexKey } from './index-key.ts';
import type { Comparison } from './split-condition.ts';
import { splitAt, splitComparison, unwrap } from './split-condition.ts';

/** One part of a conjunction, by what an index can do for it. */
export type ConditionPart =
  /** `column = value`; `literal` where the value is a constant of text, `isJoin` where it comes from another relation. */
  | { readonly kind: 'equal'; readonly key: IndexKey; readonly literal?: string; readonly isJoin: boolean }
  /** `column = ANY (values)`: finds them all, but out of order. */
  | { readonly kind: 'list'; readonly key: IndexKey }
  | { readonly kind: 'range'; readonly key: IndexKey; readonly isJoin: boolean }
  /** `LIKE 'abc%'`: the key carries its operator class. */
  | { readonly kind: 'prefix'; readonly key: IndexKey }
  /** `LIKE '%abc%'`. */
  | { readonly kind: 'trigram'; readonly key: IndexKey }
  /** A condition without a value: IS NULL, IS NOT NULL, a boolean column. It can be the predicate of a partial index. */
  | { readonly kind: 'flag'; readonly key: IndexKey; readonly predicate: string }
  /** `ROW(a, b) > ROW(1, 2)`. */
  | { readonly kind: 'row'; readonly keys: readonly IndexKey[] }
  | { readonly kind: 'contains'; readonly key: IndexKey; readonly method: 'gin' | 'gist' }
  /** An index serves it only when the condition is written in another way. */
  | { readonly kind: 'rewritten'; readonly part: ConditionPart; readonly rewrite: string }
  | { readonly kind: 'either'; readonly arms: readonly (readonly ConditionPart[])[] }
  /** The column is converted before it is compared, which its index cannot follow. */
  | { readonly kind: 'cast'; readonly key: IndexKey }
  | { readonly kind: 'other' };

const OTHER: ConditionPart = { kind: 'other' };
const COMMUTED: Readonly<Record<string, string>> = {
  '=': '=',
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
  '&&': '&&',
  '@>': '<@',
  '<@': '@>',
};

/**
 * Reads a condition as EXPLAIN prints it.
 * @param alias of the scanned relation, to tell its columns from those of an outer one
 * @returns a part for each of the conjunction; what no index serves is `other`
 */
export function readCondition(condition: string, alias: string | undefined): ConditionPart[] {
  return splitAt('AND', condition).map((part) => readPart(part, alias));
}

function readPart(part: string, alias: string | undefined): ConditionPart {
  const text = unwrap(part);
  const arms = splitAt('OR', text);
  if (arms.length > 1) return { kind: 'either', arms: arms.map((arm) => readCondition(arm, alias)) };
  const flag = readFlag(text, alias);
  if (flag) return flag;
  const comparison = splitComparison(text);
  if (!comparison) return OTHER;
  const row = readRow(comparison, alias);
  if (row) return row;
  const key = readIndexKey(comparison.left, alias);
  if (key) return mentionsRelation(comparison.right, alias) ? OTHER : readComparison(key, comparison);
  return readCommuted(comparison, alias);
}

/** `active`, `NOT active`, `deleted_at IS NULL`. */
function readFlag(text: string, alias: string | undefined): ConditionPart | null {
  const [, negated] = /^NOT (\S.*)$/s.exec(text) ?? [];
  const bare = readIndexKey(negated ?? text, alias);
  if (bare)
    return bare.isExpression || bare.castTo !== undefined
      ? null
      : { kind: 'flag', key: bare, predicate: negated === undefined ? bare.sql : `not ${bare.sql}` };
  const comparison = splitComparison(text);
  if (!comparison?.operator.startsWith('IS ')) return null;
  const key = readIndexKey(comparison.left, alias);
  if (!key || key.isExpression || key.castTo !== undefined) return OTHER;
  return { kind: 'flag', key, predicate: `${key.sql} ${comparison.operator.toLowerCase()}` };
}

/** Keyset pagination: `ROW(created_at, id) < ROW('…'::timestamptz, 7)`. */
function readRow(comparison: Comparison, alias: string | undefined): ConditionPart | null {
  const [, left] = /^ROW\((.*)\)$/s.exec(comparison.left) ?? [];
  if (left === undefined || !/^[<>]=?$/.test(comparison.operator) || mentionsRelation(comparison.right, alias))
    return null;
  const keys = splitList(left).map((item) => readIndexKey(item, alias));
  return keys.every((key) => key !== null) ? { kind: 'row', keys } : null;
}

function readCommuted({ left, operator, right }: Comparison, alias: string | undefined): ConditionPart {
  const [, array] = /^ANY (\(.*\))$/s.exec(right) ?? [];
  if (operator === '=' && array !== undefined) {
    // `'x' = ANY (tags)` is served by no index; `tags @> ARRAY['x']` is.
    const key = readIndexKey(array, alias);
    if (!key || key.isExpression || key.castTo !== undefined || mentionsRelation(left, alias)) return OTHER;
    const part: ConditionPart = { kind: 'contains', key, method: 'gin' };
    return { kind: 'rewritten', part, rewrite: `${key.sql} @> ARRAY[${left}]` };
  }
  const commuted = COMMUTED[operator];
  const key = commuted === undefined ? null : readIndexKey(right, alias);
  if (!key || commuted === undefined || mentionsRelation(left, alias)) return OTHER;
  return readComparison(key, { left: right, operator: commuted, right: left });
}

function readComparison(key: IndexKey, { operator, right }: Comparison): ConditionPart {
  if (operator === '@>' || operator === '<@' || operator === '&&' || operator.startsWith('?') || operator === '@@')
    return readContains(key, operator, right);
  if (operator === '~~') return readPattern(key, right);
  if (operator === '~~*') return readTrigram(key, right);
  const isEqual = operator === '=';
  // An index is of one collation, and the plan does not tell the column’s.
  if ((!isEqual && !/^[<>]=?$/.test(operator)) || / COLLATE /.test(right)) return OTHER;
  if (key.castTo === 'date') return readDateCast(key, operator, right);
  if (key.castTo !== undefined && !(key.castTo === 'text' && isTextValue(right))) return { kind: 'cast', key };
  const isJoin = isOfOtherRelation(right);
  if (!isEqual) return { kind: 'range', key, isJoin };
  if (/^ANY\b/.test(right)) return { kind: 'list', key };
  const literal = /^'(?:[^']|'')*'::(?!json|date|timestamp|numeric|integer|bigint|uuid)[\w". ]+$/.test(right)
    ? right
    : undefined;
  return { kind: 'equal', key, isJoin, ...(literal === undefined ? {} : { literal }) };
}

/** A value that another relation of the plan gives: `o.id`; not `'a.b'`, `$1` or `(InitPlan 1).col1`. */
function isOfOtherRelation(value: string): boolean {
  const bare = value.replaceAll(/'(?:[^']|'')*'/g, '').replaceAll(/\((?:InitPlan|SubPlan) [^)]*\)\.col\d+/g, '');
  return /[A-Za-z_"]\w*"?\.["A-Za-z_]/.test(bare.replaceAll(/::[\w."]+/g, ''));
}

/**
 * `(status)::text = 'paid'::text` is a varchar, whose own index serves it. The same cast of a number, a date or a uuid
 * is a conversion, which it cannot serve; the constant tells them apart.
 */
function isTextValue(value: string): boolean {
  const [, first] = /^(?:ANY \()?'((?:[^']|'')*)'::text/.exec(value) ?? [];
  if (first === undefined) return /^(?:ANY \()?\$\d+/.test(value) || /\)::text\)?$/.test(value);
  if (/^[{}]?[\d\s'.,:+/-]*[{}]?$/.test(first)) return false;
  if (/^\{?[\da-f]{8}-[\da-f]{4}-/i.test(first) || /^\d{4}-\d\d-\d\d/.test(first)) return false;
  return !/^[{[].*[:"].*[}\]]$/.test(first) || value.startsWith('ANY');
}

/** The day of a timestamp. An index on `(column)::date` is not allowed for timestamptz; a range serves both types. */
function readDateCast(key: IndexKey, operator: string, value: string): ConditionPart {
  const plain = { sql: key.sql, column: key.column, isExpression: false };
  const rewrite =
    operator === '='
      ? `${key.sql} >= ${value} AND ${key.sql} < ${value} + 1`
      : operator === '<=' || operator === '>'
        ? `${key.sql} ${operator === '>' ? '>=' : '<'} ${value} + 1`
        : `${key.sql} ${operator} ${value}`;
  if (/^ANY\b/.test(value)) return OTHER;
  return { kind: 'rewritten', part: { kind: 'range', key: plain, isJoin: false }, rewrite };
}

function readContains(key: IndexKey, operator: string, value: string): ConditionPart {
  if (key.castTo !== undefined) return OTHER;
  const [, type] = /::([a-z\d_ ]+(?:\[\])?)$/.exec(value) ?? [];
  const isArray = type?.endsWith('[]') === true || value.startsWith('ARRAY[');
  if (operator === '@@')
    return /tsquery/.test(value) || key.sql.startsWith('to_tsvector(')
      ? { kind: 'contains', key, method: 'gin' }
      : OTHER;
  if (operator.startsWith('?')) return { kind: 'contains', key, method: 'gin' };
  if (isArray) return { kind: 'contains', key, method: 'gin' };
  if (type === 'jsonb')
    // https://www.postgresql.org/docs/current/datatype-json.html#JSON-INDEXING: smaller and faster for @>.
    return operator === '@>'
      ? { kind: 'contains', key: { ...key, sql: `${key.sql} jsonb_path_ops` }, method: 'gin' }
      : OTHER;
  if (type?.endsWith('range') === true) return { kind: 'contains', key, method: 'gist' };
  // A single value is contained in a range only.
  const isValue = /^(?:date|timestamp with(?:out)? time zone|integer|bigint|numeric)$/.test(type ?? '');
  return operator === '@>' && (isValue || /^\d+$/.test(value)) ? { kind: 'contains', key, method: 'gist' } : OTHER;
}

/** A pattern that begins with letters is a range of the text, for an operator class that compares byte by byte. */
function readPattern(key: IndexKey, value: string): ConditionPart {
  const [, pattern] = /^'((?:[^']|'')*)'::text$/.exec(value) ?? [];
  if (pattern === undefined || (key.castTo !== undefined && key.castTo !== 'text')) return OTHER;
  if (/^[%_]/.test(pattern)) return readTrigram(key, value);
  const family = key.castTo === 'text' ? 'varchar_pattern_ops' : 'text_pattern_ops';
  return { kind: 'prefix', key: { ...key, sql: `${key.sql} ${family}` } };
}

/** Three letters in a row are what pg_trgm can look up. */
function readTrigram(key: IndexKey, value: string): ConditionPart {
  const [, pattern] = /^'((?:[^']|'')*)'::text$/.exec(value) ?? [];
  if (pattern === undefined || (key.castTo !== undefined && key.castTo !== 'text')) return OTHER;
  return /[\p{L}\d]{3}/u.test(pattern) ? { kind: 'trigram', key: { ...key, sql: `${key.sql} gin_trgm_ops` } } : OTHER;
}

/** A sort key: a plain column with its direction, as CREATE INDEX takes it. */
export function readSortKey(sortKey: string, alias: string | undefined): string | null {
  const [, operand, order] = /^(.*?)((?: DESC)?(?: NULLS (?:FIRST|LAST))?)$/s.exec(sortKey) ?? [];
  const key = operand === undefined ? null : readIndexKey(operand, alias);
  if (!key || (key.castTo !== undefined && key.castTo !== 'text')) return null;
  return `${key.isExpression ? key.sql : quoteIdentifier(key.column)}${(order ?? '').toLowerCase()}`;
}
