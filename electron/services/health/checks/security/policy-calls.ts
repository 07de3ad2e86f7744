/** A call in an expression as PostgreSQL prints it. */
export interface PrintedCall {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

const kinds = ['word', 'text', 'open', 'close', 'comma', 'dot', 'other'] as const;

interface Token {
  readonly kind: (typeof kinds)[number];
  readonly text: string;
  readonly start: number;
}

const tokenPattern =
  /(?<text>'(?:[^']|'')*')|(?<word>"(?:[^"]|"")*"|[\p{L}_][\p{L}\p{N}_$]*)|(?<open>\()|(?<close>\))|(?<comma>,)|(?<dot>\.)|(?<other>[^\s])/gu;

/**
 * Calls of `current_setting` with texts alone, and of the named functions without arguments, that stand outside any
 * subquery. Takes what `pg_get_expr()` prints, such as
 * `((tenant)::text = current_setting('app.tenant'::text))` or `(a = ( SELECT f() AS f))`.
 */
export function callsPerRow(expression: string, ownFunctions: readonly string[]): PrintedCall[] {
  const tokens = tokensOf(expression);
  const own = new Set(ownFunctions);
  const calls: PrintedCall[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token?.kind === 'open' && /^(?:select|values|with)$/i.test(tokens[at + 1]?.text ?? '')) {
      // Whatever is in a subquery is its own matter.
      at = closing(tokens, at);
      continue;
    }
    if (token?.kind !== 'word' || tokens[at + 1]?.kind !== 'open') continue;
    const end = closing(tokens, at + 1);
    const inside = tokens.slice(at + 2, end);
    const name = bareName(token.text);
    const qualified = tokens[at - 1]?.kind === 'dot';
    const isSetting = name === 'current_setting' && !qualified && isConstant(inside);
    const isOwn = own.has(name) && inside.length === 0;
    const last = tokens[end];
    if ((!isSetting && !isOwn) || last === undefined) continue;
    const start = (qualified ? tokens[at - 2] : token)?.start ?? token.start;
    calls.push({ start, end: last.start + 1, text: expression.slice(start, last.start + 1) });
    at = end;
  }
  return calls;
}

/** The expression with each such call as a subquery of its own. */
export function wrapCalls(expression: string, ownFunctions: readonly string[]): string {
  return callsPerRow(expression, ownFunctions).reduceRight(
    (text, call) => `${text.slice(0, call.start)}(select ${call.text})${text.slice(call.end)}`,
    expression,
  );
}

function tokensOf(expression: string): Token[] {
  return [...expression.matchAll(tokenPattern)].map((match) => {
    return {
      kind: kinds.find((kind) => match.groups?.[kind] !== undefined) ?? 'other',
      text: match[0],
      start: match.index,
    };
  });
}

/** The token that closes the parenthesis opened at this one; the last where the text is cut off. */
function closing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at]?.kind === 'open') depth += 1;
    if (tokens[at]?.kind === 'close') depth -= 1;
    if (depth === 0) return at;
  }
  return tokens.length - 1;
}

/** Texts, casts and truth values: nothing of the row. */
function isConstant(tokens: readonly Token[]): boolean {
  return tokens.every(
    ({ kind, text }) => kind === 'text' || kind === 'comma' || text === ':' || /^(?:text|true|false)$/.test(text),
  );
}

function bareName(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word;
}
