/** A piece of deparsed SQL. */
export type SqlToken = {
  readonly kind: 'word' | 'quoted' | 'literal' | 'parameter' | 'operator' | 'punctuation';
  /** As it stands in the source. */
  readonly text: string;
  /** What it stands for: a name without its quotes, the content of a literal. */
  readonly value: string;
  /** White space stands before it. */
  readonly spaced: boolean;
};

const WORD = /[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*/y;
const NUMBER =
  /(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|\.\d[\d_]*(?:[eE][+-]?\d+)?)/y;
const PARAMETER = /\$\d{1,5}(?!\d)/y;
const DOLLAR_QUOTE = /\$(?:[A-Za-z_\u0080-\uFFFF][\w\u0080-\uFFFF]*)?\$/y;
const OPERATOR = /[-+*/<>=~!@#%^&|`?]+/y;
const SPACE = /[ \t\n\r\f\v]+/y;
const OPENING: Readonly<Record<string, string>> = { ')': '(', ']': '[' };

/**
 * Reads SQL as EXPLAIN prints it into tokens, by the rules of PostgreSQL's own lexer.
 * @returns null where it cannot be read with certainty: a quote or a bracket that does not close, a comment, a character
 * that stands nowhere in SQL, a number or a string that runs into a word
 */
export function readSqlTokens(source: string): SqlToken[] | null {
  const tokens: SqlToken[] = [];
  const open: string[] = [];
  let position = 0;
  while (position < source.length) {
    const space = match(SPACE, source, position);
    position += space.length;
    if (position === source.length) break;
    const read = readToken(source, position, tokens.at(-1));
    if (!read) return null;
    const { end, kind, value } = read;
    const text = source.slice(position, end);
    if (text === '(' || text === '[') open.push(text);
    else if (kind === 'punctuation' && OPENING[text] !== undefined && open.pop() !== OPENING[text]) return null;
    tokens.push({ kind, text, value, spaced: space !== '' });
    position = end;
  }
  return open.length === 0 ? tokens : null;
}

type Read = { readonly kind: SqlToken['kind']; readonly end: number; readonly value: string };

function readToken(source: string, start: number, previous: SqlToken | undefined): Read | null {
  const character = source.charAt(start);
  if (character === "'") return readString(source, start, false);
  if (character === '"') return readQuoted(source, start);
  if (character === '$') return readDollar(source, start);
  // A dot between a name and a number is none of the number's; the two are no SQL, and safe either way.
  const isPath = character === '.' && previous !== undefined && /^(?:word|quoted|punctuation)$/.test(previous.kind);
  const number = isPath ? '' : match(NUMBER, source, start);
  if (number !== '') {
    const end = start + number.length;
    return match(WORD, source, end) === '' && source[end] !== "'" && source[end] !== '"'
      ? { kind: 'literal', end, value: number }
      : null;
  }
  const word = match(WORD, source, start);
  if (word !== '') return readWord(source, start, word);
  if (source.startsWith('::', start) || source.startsWith(':=', start))
    return { kind: 'punctuation', end: start + 2, value: '' };
  if ('()[],.:'.includes(character)) return { kind: 'punctuation', end: start + 1, value: '' };
  const operator = match(OPERATOR, source, start);
  return operator === '' || operator.includes('--') || operator.includes('/*')
    ? null
    : { kind: 'operator', end: start + operator.length, value: '' };
}

/** A word, or the letter before a string: `E'…'`, `B'…'`, `X'…'`, `N'…'`, `U&'…'`. */
function readWord(source: string, start: number, word: string): Read | null {
  const end = start + word.length;
  const next = source[end];
  if (next === "'") return /^[EBXN]$/i.test(word) ? readString(source, end, /^e$/i.test(word)) : null;
  if (next === '"') return null;
  if (/^U$/i.test(word) && next === '&') {
    if (source[end + 1] === "'") return readString(source, end + 1, false);
    if (source[end + 1] === '"') return readQuoted(source, end + 1);
  }
  return { kind: 'word', end, value: word };
}

/** Quotes are doubled inside; with `escapes` a backslash takes the next character along. */
function readString(source: string, start: number, escapes: boolean): Read | null {
  for (let position = start + 1; position < source.length; position += 1) {
    const character = source[position];
    if (escapes && character === '\\') position += 1;
    else if (character === "'") {
      if (source[position + 1] === "'") position += 1;
      else return closed(source, 'literal', position + 1, source.slice(start + 1, position).replaceAll("''", "'"));
    }
  }
  return null;
}

function readQuoted(source: string, start: number): Read | null {
  for (let position = start + 1; position < source.length; position += 1) {
    if (source[position] !== '"') continue;
    if (source[position + 1] === '"') position += 1;
    else if (position === start + 1) return null;
    else return closed(source, 'quoted', position + 1, source.slice(start + 1, position).replaceAll('""', '"'));
  }
  return null;
}

function readDollar(source: string, start: number): Read | null {
  const parameter = match(PARAMETER, source, start);
  if (parameter !== '') return closed(source, 'parameter', start + parameter.length, parameter);
  const delimiter = match(DOLLAR_QUOTE, source, start);
  if (delimiter === '') return null;
  const from = start + delimiter.length;
  const end = source.indexOf(delimiter, from);
  return end === -1 ? null : closed(source, 'literal', end + delimiter.length, source.slice(from, end));
}

/** What closes a quote must not run into a word or another quote: then it was another quote that closed. */
function closed(source: string, kind: SqlToken['kind'], end: number, value: string): Read | null {
  return /^[\w$'"\\\u0080-\uFFFF]/.test(source.slice(end, end + 1)) ? null : { kind, end, value };
}

function match(pattern: RegExp, source: string, position: number): string {
  pattern.lastIndex = position;
  return pattern.exec(source)?.[0] ?? '';
}
