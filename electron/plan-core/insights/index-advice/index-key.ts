import { quoteIdentifier } from '../../../postgres/quote-identifier.ts';
import { readIdentifier } from '../../text/quote-scan.ts';
import { closingBracket, unwrap } from './split-condition.ts';

/** What an index can hold of one operand: a column of the relation, or an immutable expression of it. */
export type IndexKey = {
  /** As CREATE INDEX takes it: `status`, `"Order"`, `lower(email)`, `((data ->> 'kind'::text))`. */
  readonly sql: string;
  readonly column: string;
  /** The column's type was told by a cast that changes nothing for a varchar: `(status)::text`. */
  readonly castTo?: string;
  readonly isExpression: boolean;
};

const SYSTEM_COLUMNS = new Set(['ctid', 'tableoid', 'xmin', 'xmax', 'cmin', 'cmax', 'oid']);
const NO_COLUMNS = /^(?:true|false|null|case|row|array|current_\w+|localtime\w*|session_user|user)$/i;
/** Immutable functions of one text column, whatever the locale; https://www.postgresql.org/docs/current/functions-string.html */
const IMMUTABLE_FUNCTIONS = new Set(['lower', 'upper', 'md5', 'btrim', 'ltrim', 'rtrim', 'length', 'reverse']);

/**
 * Reads an operand as EXPLAIN prints it.
 * @param alias of the scanned relation, to tell its columns from those of another one
 */
export function readIndexKey(operand: string, alias: string | undefined): IndexKey | null {
  const text = unwrap(operand);
  const column = readColumn(text, alias);
  if (column !== null) return { sql: quoteIdentifier(column), column, isExpression: false };
  return readCast(text, alias) ?? readFunction(text, alias) ?? readJsonField(text, alias);
}

/** A column, bare or qualified by the alias, and nothing after it. */
function readColumn(text: string, alias: string | undefined): string | null {
  let identifier = /^[A-Za-z_"\u0080-\uffff]/.test(text) ? readIdentifier(text, 0) : null;
  if (!identifier) return null;
  if (text[identifier.end] === '.') {
    if (alias === undefined || identifier.name !== alias) return null;
    identifier = readIdentifier(text, identifier.end + 1);
  }
  if (!identifier || identifier.end !== text.length) return null;
  if (text.endsWith('"')) return identifier.name;
  if (!/^[\w$\u0080-\uffff]+$/.test(identifier.name)) return null;
  return SYSTEM_COLUMNS.has(identifier.name) || NO_COLUMNS.test(identifier.name) ? null : identifier.name;
}

/** `(column)::type`: the key is the column itself, and the reader must know whether its index serves the cast. */
function readCast(text: string, alias: string | undefined): IndexKey | null {
  const end = text.startsWith('(') ? closingBracket(text) : -1;
  const type = end === -1 ? null : /^::([a-z][a-z ]*(?:\(\d+\))?)$/.exec(text.slice(end + 1));
  if (type?.[1] === undefined) return null;
  const column = readColumn(unwrap(text.slice(0, end + 1)), alias);
  return column === null ? null : { sql: quoteIdentifier(column), column, castTo: type[1], isExpression: false };
}

function readFunction(text: string, alias: string | undefined): IndexKey | null {
  const [, name, inner] = /^([a-z_\d]+)(\(.*\))$/s.exec(text) ?? [];
  if (name === undefined || inner === undefined || closingBracket(inner) !== inner.length - 1) return null;
  if (name === 'to_tsvector') {
    // Only with a configuration named is it immutable.
    const [, configuration, argument] = /^\(('[a-z_]+'::regconfig), (.*)\)$/s.exec(inner) ?? [];
    const key = argument === undefined ? null : readIndexKey(argument, alias);
    if (!key || key.isExpression || (key.castTo !== undefined && key.castTo !== 'text')) return null;
    return { sql: `to_tsvector(${configuration ?? ''}, ${castOf(key)})`, column: key.column, isExpression: true };
  }
  if (!IMMUTABLE_FUNCTIONS.has(name)) return null;
  const key = readIndexKey(inner, alias);
  if (!key || key.isExpression || (key.castTo !== undefined && key.castTo !== 'text')) return null;
  return { sql: `${name}(${castOf(key)})`, column: key.column, isExpression: true };
}

function castOf(key: IndexKey): string {
  return key.castTo === undefined ? key.sql : `(${key.sql})::${key.castTo}`;
}

/** `data ->> 'kind'::text`, of json and jsonb. */
function readJsonField(text: string, alias: string | undefined): IndexKey | null {
  const [, operand, operator, field] =
    /^(\S+|"(?:[^"]|"")+") (->>|#>>) ('(?:[^']|'')*'::text(?:\[\])?)$/s.exec(text) ?? [];
  const column = operand === undefined ? null : readColumn(operand, alias);
  if (column === null) return null;
  return { sql: `((${quoteIdentifier(column)} ${operator ?? ''} ${field ?? ''}))`, column, isExpression: true };
}

/** Does an operand name a column of the relation? With an alias in sight that can be seen, without one only constants are safe. */
export function mentionsRelation(operand: string, alias: string | undefined): boolean {
  const bare = operand.replaceAll(/'(?:[^']|'')*'/g, "''");
  if (alias !== undefined && new RegExp(`(?:^|[^\\w"])"?${escapePattern(alias.replaceAll('"', '""'))}"?\\.`).test(bare))
    return true;
  const words = bare.replaceAll(
    /::(?:"[^"]*"\.)?(?:"[^"]*"|[\w. ]+?(?=[()[\],]|$|\s(?:AND|OR)\b))(?:\([\d,]*\))?(?:\[\])?/g,
    '',
  );
  return (
    /(?:^|[^\w.$"])(?!ANY\b|ALL\b|ARRAY\b|InitPlan\b|SubPlan\b|ROW\b|AT\b|TIME\b|ZONE\b|true\b|false\b|NULL\b|now\b|CURRENT_\w+\b|LOCALTIME\w*\b)[A-Za-z_]\w*(?![\w.(])/.test(
      words,
    ) || /SubPlan|\b(?:random|clock_timestamp|timeofday|nextval|gen_random_uuid)\(/.test(words)
  );
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
