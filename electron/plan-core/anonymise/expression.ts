import type { NameBook } from './name-book.ts';
import { readSqlTokens, type SqlToken } from './sql-tokens.ts';
import {
  BUILT_IN_FUNCTIONS,
  BUILT_IN_TYPES,
  EXTRACT_FIELDS,
  KEYWORDS,
  LOWER_KEYWORDS,
  SYSTEM_COLUMNS,
  TYPE_TAILS,
} from './built-in-words.ts';

/**
 * What a text is: an expression, a statement for another server, the relations of a foreign join
 * (`(public.a x) INNER JOIN (public.b y)`), or the definition of a window.
 */
export type SqlKind = 'expression' | 'statement' | 'relations' | 'window';

/** Stands for what could not be read with certainty. */
export const HIDDEN = '(…)';

/** After these a statement names a relation. */
const BEFORE_RELATION = new Set(['FROM', 'JOIN', 'UPDATE', 'INTO', 'ONLY', 'TABLE']);

/**
 * SQL with another word for each name and each literal in it, numbers included; keywords, operators, built-in types and
 * functions stay, and what stands between them is one space. Lengths of types are left out: `character varying(20)`.
 * @returns {@link HIDDEN} for what cannot be read with certainty
 */
export function anonymiseSql(source: string, kind: SqlKind, book: NameBook): string {
  if (source.trim() === '') return '';
  if (source === HIDDEN) return HIDDEN;
  const tokens = readSqlTokens(source);
  return tokens ? new SqlWriter(tokens, kind, book).write() : HIDDEN;
}

class SqlWriter {
  readonly #tokens: readonly SqlToken[];
  readonly #kind: SqlKind;
  readonly #book: NameBook;
  #text = '';
  #next = 0;
  /** A name that comes now is that of a relation; after it, its alias may come. */
  #expects: 'nothing' | 'relation' | 'alias' = 'nothing';
  /** For each open bracket: does a SubPlan or an InitPlan stand in it? Its columns are PostgreSQL's own: `.col1`. */
  readonly #holdsSubplan: boolean[] = [];
  #closedSubplan = false;

  constructor(tokens: readonly SqlToken[], kind: SqlKind, book: NameBook) {
    this.#tokens = tokens;
    this.#kind = kind;
    this.#book = book;
    if (kind === 'relations') this.#expects = 'relation';
  }

  write(): string {
    for (let token = this.#at(0); token; token = this.#at(0)) {
      if (token.kind === 'word' || token.kind === 'quoted') this.#writeName(token);
      else if (token.kind === 'literal') this.#put(token, `'${this.#book.word('literal', token.value)}'`);
      else this.#writeSign(token);
    }
    return this.#text;
  }

  #at(offset: number): SqlToken | undefined {
    return this.#tokens[this.#next + offset];
  }

  /** The words of an uninterrupted text before the next token: is it that one? */
  #follows(...texts: readonly string[]): boolean {
    return texts.every((text, index) => this.#at(index - texts.length)?.text === text);
  }

  #put(token: SqlToken, text: string, taken = 1): void {
    // What stood between two words may have been left out: they stay two.
    const isApart = token.spaced || (wordEnds.test(this.#text) && wordBegins.test(text));
    this.#text += `${isApart && this.#text !== '' ? ' ' : ''}${text}`;
    this.#next += taken;
    if (token.kind !== 'punctuation' && this.#expects !== 'alias') this.#expects = 'nothing';
  }

  #writeSign(token: SqlToken): void {
    const { text } = token;
    if (text === '(') {
      this.#holdsSubplan.push(false);
      if (this.#kind === 'relations') this.#expects = 'relation';
    } else if (text === ')') {
      this.#closedSubplan = this.#holdsSubplan.pop() ?? false;
      this.#expects = 'nothing';
    } else if (text !== ',' || this.#kind !== 'relations') {
      if (this.#expects === 'alias') this.#expects = 'nothing';
    }
    this.#put(token, text);
  }

  #writeName(token: SqlToken): void {
    if (this.#follows('::')) this.#writeType();
    else if (token.kind === 'quoted' || !this.#writeKeyword(token)) this.#writeChain();
  }

  /** `a.b.c`, without white space: the names in it. */
  #chain(): SqlToken[] {
    const names: SqlToken[] = [];
    for (let offset = 0; ; offset += 2) {
      const name = this.#at(offset);
      if (!name || (name.kind !== 'word' && name.kind !== 'quoted')) break;
      names.push(name);
      const [dot, next] = [this.#at(offset + 1), this.#at(offset + 2)];
      if (dot?.text !== '.' || dot.spaced || !next || next.spaced) break;
      if (next.kind !== 'word' && next.kind !== 'quoted') break;
    }
    return names;
  }

  /** Puts the words of a chain, all of its dots between them. */
  #putChain(chain: readonly SqlToken[], words: readonly string[]): void {
    const [first] = chain;
    if (first) this.#put(first, words.join('.'), chain.length * 2 - 1);
  }

  /** A word that stays because of what it is or where it stands. True when it was written. */
  #writeKeyword(token: SqlToken): boolean {
    const { text } = token;
    const next = this.#at(1);
    if (text === 'SubPlan' || text === 'InitPlan') return this.#writeSubplan(token);
    if (this.#follows('.') || next?.text === '.') return false;
    const isSubplanNext = next?.text === 'SubPlan' || next?.text === 'InitPlan';
    const stays =
      KEYWORDS.has(text) ||
      LOWER_KEYWORDS.has(text) ||
      (isSubplanNext && (text === 'hashed' || text === 'rescan')) ||
      (text === 'alternatives' && next?.text === ':') ||
      (SYSTEM_COLUMNS.has(text) && next?.text !== '(') ||
      (this.#follows('EXTRACT', '(') && EXTRACT_FIELDS.has(text)) ||
      (this.#kind === 'relations' && (text === 'Aggregate' || (text === 'on' && this.#follows('Aggregate'))));
    if (!stays) return false;
    const expects = this.#expects;
    this.#put(token, text);
    if (this.#kind === 'statement' || this.#kind === 'relations') {
      const isComparison = text === 'FROM' && this.#at(-2)?.text === 'DISTINCT';
      if (BEFORE_RELATION.has(text) && !isComparison) this.#expects = 'relation';
      else this.#expects = text === 'AS' && expects === 'alias' ? 'alias' : 'nothing';
    }
    return true;
  }

  /** `SubPlan 2`, `InitPlan expr_1`. */
  #writeSubplan(token: SqlToken): boolean {
    const number = this.#at(1);
    if (number?.spaced !== true || (number.kind !== 'literal' && number.kind !== 'word')) return false;
    this.#holdsSubplan.splice(-1, 1, true);
    this.#put(token, token.text);
    this.#put(number, subplanWord(number.text, this.#book));
    return true;
  }

  #writeChain(): void {
    const chain = this.#chain();
    const names = chain.map(({ value }) => value);
    const after = this.#at(chain.length * 2 - 1);
    if (this.#follows('.'))
      this.#putChain(
        chain,
        names.map((name) => this.#field(name)),
      );
    else if (this.#expects === 'relation' && !(names.length === 2 && this.#book.knows('relation', names[0] ?? ''))) {
      this.#putChain(
        chain,
        this.#qualified(names, (name) => this.#book.word('relation', name)),
      );
      this.#expects = 'alias';
    } else if (this.#expects === 'alias' && names.length === 1) {
      this.#expects = 'nothing';
      this.#putChain(chain, this.#aliased(chain));
    } else if (this.#follows('OVER') || (this.#kind === 'window' && this.#next === 0))
      this.#putChain(
        chain,
        names.map((name) => this.#book.word('window', name)),
      );
    else if (this.#follows('COLLATE')) this.#putChain(chain, this.#collation(chain));
    else if (after?.text === '(' && !after.spaced) this.#putChain(chain, this.#function(chain));
    else if (this.#follows('OPERATOR', '('))
      this.#putChain(
        chain,
        names.map((name) => this.#book.word('schema', name)),
      );
    else this.#putChain(chain, this.#column(chain, after?.text === '.'));
  }

  #field(name: string): string {
    return this.#follows(')', '.') && this.#closedSubplan && /^col\d{1,4}$/.test(name)
      ? name
      : this.#book.word('column', name);
  }

  /** All but the last are a schema. */
  #qualified(names: readonly string[], last: (name: string) => string): string[] {
    return names.map((name, index) => (index === names.length - 1 ? last(name) : this.#book.word('schema', name)));
  }

  /** An alias that is built in keeps its quotes. */
  #aliased([token]: readonly SqlToken[]): string[] {
    if (!token) return [];
    const word = this.#book.word('relation', token.value, 'a');
    return [word === token.value ? token.text : word];
  }

  #collation(chain: readonly SqlToken[]): string[] {
    const names = this.#qualified(
      chain.map(({ value }) => value),
      (name) => this.#book.word('collation', name),
    );
    return names.map((word, index) => (word === chain[index]?.value ? chain[index].text : word));
  }

  #function(chain: readonly SqlToken[]): string[] {
    const names = chain.map(({ value }) => value);
    const isOwn = names.length > 1 && names.at(-2) !== 'pg_catalog';
    return this.#qualified(names, (name) =>
      !isOwn && BUILT_IN_FUNCTIONS.has(name) ? (chain.at(-1)?.text ?? '') : this.#book.word('function', name),
    );
  }

  /** `column`, `alias.column`, `alias.*`, `schema.relation.column`. */
  #column(chain: readonly SqlToken[], isWhole: boolean): string[] {
    const [first, ...rest] = chain;
    if (!first) return [];
    const columns = (tokens: readonly SqlToken[]) =>
      tokens.map(({ kind, value }) =>
        kind === 'word' && SYSTEM_COLUMNS.has(value) ? value : this.#book.word('column', value),
      );
    if (rest.length === 0 && !isWhole) return columns(chain);
    const [second, ...fields] = rest;
    if (!second || fields.length === 0 || this.#book.knows('relation', first.value))
      return [...this.#aliased([first]), ...columns(rest)];
    return [this.#book.word('schema', first.value), ...this.#aliased([second]), ...columns(fields)];
  }

  #writeType(): void {
    const chain = this.#chain();
    const names = chain.map(({ value }) => value);
    const isOwn = names.length > 1 && names.at(-2) !== 'pg_catalog';
    const isBuiltIn = !isOwn && BUILT_IN_TYPES.has(names.at(-1) ?? '');
    this.#putChain(
      chain,
      this.#qualified(names, (name) => (isBuiltIn ? (chain.at(-1)?.text ?? '') : this.#book.word('type', name))),
    );
    this.#skipLength();
    for (let token = this.#at(0); token && isBuiltIn && isTail(token); token = this.#at(0)) {
      this.#put(token, token.text);
      this.#skipLength();
    }
  }

  /** `(10,2)` right after a type, and whatever else stands in the brackets: `geometry(Point,4326)`. */
  #skipLength(): void {
    const bracket = this.#at(0);
    if (bracket?.text !== '(' || bracket.spaced) return;
    let depth = 0;
    do {
      const { text, kind } = this.#at(0) ?? { text: ')', kind: 'punctuation' };
      if (kind === 'punctuation' && text === '(') depth += 1;
      if (kind === 'punctuation' && text === ')') depth -= 1;
      this.#next += 1;
    } while (depth > 0);
  }
}

const wordEnds = /[\w$\u0080-\uFFFF]$/;
const wordBegins = /^[\w$\u0080-\uFFFF]/;

function isTail(token: SqlToken): boolean {
  return token.kind === 'word' && token.spaced && TYPE_TAILS.has(token.text);
}

/** What tells one SubPlan from the next: a number, or since 19 a name that PostgreSQL makes, `expr_1`. */
export function subplanWord(name: string, book: NameBook): string {
  return /^\d{1,6}$/.test(name) || /^(?:expr|exists|any|array|minmax|multiexpr|rowcompare)_\d{1,6}$/.test(name)
    ? name
    : book.word('subplan', name);
}
