import type { PlanNode } from '#contract/plan-model.ts';
import { quoteIdentifier } from '../../../postgres/quote-identifier.ts';
import { stringOf } from '../raw-plan.ts';
import type { QuoteState } from '../text/quote-scan.ts';
import { readIdentifier, scanQuotes } from '../text/quote-scan.ts';

/** Columns of one relation that a condition compares: those with `=` first, then those with a range. */
export type IndexableColumns = {
  readonly equal: readonly string[];
  readonly range: readonly string[];
  /** No part of the condition is left out. */ readonly complete: boolean;
};

const SYSTEM_COLUMNS = new Set(['ctid', 'tableoid', 'xmin', 'xmax', 'cmin', 'cmax', 'oid']);

/**
 * Reads the columns out of a condition as EXPLAIN prints it: a conjunction of `(column op value)`.
 * A part that is anything else (OR, a function or cast of the column, `<>`, LIKE, a row, JSON) gives no column.
 * @param alias of the scanned relation, to tell its columns from those of an outer one
 */
export function readIndexableColumns(condition: string, alias: string | undefined): IndexableColumns {
  const equal = new Set<string>();
  const range = new Set<string>();
  let complete = true;
  for (const part of conjuncts(condition)) {
    const found = readComparison(part, alias);
    if (!found) complete = false;
    else if (found.isEqual) equal.add(found.column);
    else range.add(found.column);
  }
  for (const column of equal) range.delete(column);
  return { equal: [...equal], range: [...range], complete };
}

/** Takes off brackets that embrace the whole. */
function unwrap(text: string): string {
  let inner = text.trim();
  while (inner.startsWith('(') && closingBracket(inner) === inner.length - 1) inner = inner.slice(1, -1).trim();
  return inner;
}

function closingBracket(text: string): number {
  const state: QuoteState = { quote: '', depth: 0 };
  for (let position = 0; position < text.length; position += 1) {
    scanQuotes(state, text.charAt(position));
    if (state.depth === 0 && state.quote === '') return position;
  }
  return -1;
}

function conjuncts(condition: string): string[] {
  const inner = unwrap(condition);
  const parts: string[] = [];
  const state: QuoteState = { quote: '', depth: 0 };
  let start = 0;
  for (let position = 0; position < inner.length; position += 1) {
    if (state.quote === '' && state.depth === 0) {
      // BETWEEN and CASE are not printed like this at the top; an OR there makes the whole no conjunction.
      if (inner.startsWith(' OR ', position)) return [inner];
      if (inner.startsWith(' AND ', position)) {
        parts.push(inner.slice(start, position));
        start = position + 5;
        position += 4;
        continue;
      }
    }
    scanQuotes(state, inner.charAt(position));
  }
  parts.push(inner.slice(start));
  return parts;
}

function readComparison(part: string, alias: string | undefined): { column: string; isEqual: boolean } | null {
  const text = unwrap(part);
  const negated = /^NOT (\S.*)$/s.exec(text);
  if (negated?.[1] !== undefined) {
    const column = readColumn(negated[1], alias);
    return column?.rest === '' && !column.cast ? { column: column.name, isEqual: true } : null;
  }
  const left = readColumn(text, alias);
  if (!left) return null;
  if (left.rest === '') return left.cast ? null : { column: left.name, isEqual: true };
  if (left.rest === 'IS NULL') return left.cast ? null : { column: left.name, isEqual: true };
  const operator = /^(=|<=|>=|<|>) (\S.*)$/s.exec(left.rest);
  if (!operator) return null;
  const value = operator[2] ?? '';
  if (mentions(value, alias)) return null;
  // `(status)::text = 'paid'::text` is a varchar; `(id)::text = '5'::text` may be a number, which its index cannot serve.
  if (left.cast && !/^(?:ANY \()?'(?:[^']|'')*[^\d'.+-](?:[^']|'')*'::text/.test(value)) return null;
  return { column: left.name, isEqual: operator[1] === '=' };
}

/** A column at the beginning, bare, qualified by the alias, or as `(column)::text`; and what follows it. */
function readColumn(text: string, alias: string | undefined): { name: string; cast: boolean; rest: string } | null {
  const cast = /^\(([^()]+)\)::text(?: |$)/.exec(text);
  if (cast?.[1] !== undefined) {
    const inner = readColumn(cast[1], alias);
    return inner && inner.rest === ''
      ? { name: inner.name, cast: true, rest: text.slice(cast[0].length).trim() }
      : null;
  }
  let identifier = /^[A-Za-z_"\u0080-\uffff]/.test(text) ? readIdentifier(text, 0) : null;
  if (!identifier) return null;
  if (text[identifier.end] === '.') {
    if (alias === undefined || identifier.name !== alias) return null;
    identifier = readIdentifier(text, identifier.end + 1);
    if (!identifier) return null;
  }
  const isQuoted = text[identifier.end - 1] === '"';
  if (!isQuoted && !/^[\w$\u0080-\uffff]+$/.test(identifier.name)) return null;
  const next = text[identifier.end];
  if ((next !== undefined && next !== ' ') || (!isQuoted && SYSTEM_COLUMNS.has(identifier.name))) return null;
  if (!isQuoted && /^(?:true|false|null|case|row|array|current_\w+|session_user|user)$/i.test(identifier.name))
    return null;
  return { name: identifier.name, cast: false, rest: text.slice(identifier.end).trim() };
}

/** A value must not come from the relation itself: with an alias in sight that can be seen, without one only constants are safe. */
function mentions(value: string, alias: string | undefined): boolean {
  const bare = value.replaceAll(/'(?:[^']|'')*'/g, "''");
  if (alias !== undefined && new RegExp(`(?:^|[^\\w"])"?${escapePattern(alias.replaceAll('"', '""'))}"?\\.`).test(bare))
    return true;
  const words = bare.replaceAll(/::(?:"[^"]*"|[\w ]+?(?=[()[\],]|$|\s(?:AND|OR)\b))(?:\([\d,]*\))?(?:\[\])?/g, '');
  return (
    /(?:^|[^\w.$"])(?!ANY\b|ALL\b|ARRAY\b|InitPlan\b|SubPlan\b|true\b|false\b|NULL\b|now\b|CURRENT_\w+\b|LOCALTIME\w*\b)[A-Za-z_]\w*(?![\w.(])/.test(
      words,
    ) || /SubPlan/.test(words)
  );
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/**
 * `create index concurrently on schema.relation (…)` that serves a node's conditions, its filter above all.
 * @param keys of the node whose conditions are read, in order; the last is the one that must give a column
 * @returns undefined where the relation or its columns cannot be told with certainty
 */
export function indexSql(node: PlanNode, keys: readonly string[]): string | undefined {
  const wanted = stringOf(node.properties[keys.at(-1) ?? '']);
  if (node.relation === undefined || wanted === undefined) return undefined;
  const needed = readIndexableColumns(wanted, node.alias);
  if (needed.equal.length + needed.range.length === 0) return undefined;
  const equal = new Set<string>();
  const range = new Set<string>();
  for (const key of keys) {
    const condition = stringOf(node.properties[key]);
    if (condition === undefined) continue;
    const columns = readIndexableColumns(condition, node.alias);
    for (const column of columns.equal) equal.add(column);
    for (const column of columns.range) range.add(column);
  }
  for (const column of equal) range.delete(column);
  const [firstRange] = range;
  const columns = firstRange === undefined ? [...equal] : [...equal, firstRange];
  if (columns.length === 0 || columns.length > 4) return undefined;
  return `create index concurrently on ${relationName(node)} (${columns.map(quoteIdentifier).join(', ')});`;
}

/** The relation of a node, qualified where the plan tells the schema. */
export function relationName(node: PlanNode): string {
  const name = quoteIdentifier(node.relation ?? '');
  return node.schema === undefined ? name : `${quoteIdentifier(node.schema)}.${name}`;
}
