/**
 * Where in a text the statement may begin instead: its name, which stands before it, may hold a colon. Only the parser can
 * tell which of them it is.
 */
export type LaterStarts = readonly number[];

const phase =
  /^(?:(statement|fastpath function call)(?: [^:]*)?|(parse|bind|execute fetch from|execute) ([\s\S]*?)): ([\s\S]*)$/;

/** Names of prepared statements are rarely longer, and rarely hold more colons. */
const longestName = 200;
const mostColons = 6;

export interface StatementPhase {
  readonly word: string;
  readonly text: string;
  /** Empty where there is nothing to choose from. */
  readonly later: { readonly laterStarts?: LaterStarts };
}

/** Reads `statement: select 1`, `execute name: select 1`. Null for what is none of that. */
export function readPhase(rest: string): StatementPhase | null {
  const found = phase.exec(rest);
  if (found === null) return null;
  const [, whole, word, name, text = ''] = found;
  const laterStarts = word === undefined || name === '<unnamed>' ? [] : startsIn(text);
  return { word: whole ?? word ?? '', text, later: laterStarts.length === 0 ? {} : { laterStarts } };
}

function startsIn(text: string): LaterStarts {
  const starts: number[] = [];
  let at = text.indexOf(': ');
  while (at !== -1 && at < longestName && starts.length < mostColons) {
    starts.push(at + 2);
    at = text.indexOf(': ', at + 2);
  }
  return starts;
}
