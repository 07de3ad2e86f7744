import type { QuoteState } from '../../text/quote-scan.ts';
import { scanQuotes } from '../../text/quote-scan.ts';

/** `left operator right` of a condition; `right` is empty for IS NULL and its like. */
export type Comparison = { readonly left: string; readonly operator: string; readonly right: string };

const OPERATOR =
  /^ (IS NOT NULL|IS NULL|IS NOT TRUE|IS NOT FALSE|IS TRUE|IS FALSE|<>|<=|>=|=|<|>|~~\*|!~~\*|!~~|~~|@>|<@|&&|@@|\?\||\?&|\?|<<=|>>=|~\*|!~\*|!~|~|\^@)(?: |$)/;

/** Takes off brackets that embrace the whole. */
export function unwrap(text: string): string {
  let inner = text.trim();
  while (inner.startsWith('(') && closingBracket(inner) === inner.length - 1) inner = inner.slice(1, -1).trim();
  return inner;
}

/** Where the bracket that the text begins with is closed; -1 where it is not. */
export function closingBracket(text: string): number {
  const state: QuoteState = { quote: '', depth: 0 };
  for (let position = 0; position < text.length; position += 1) {
    scanQuotes(state, text.charAt(position));
    if (state.depth === 0 && state.quote === '') return position;
  }
  return -1;
}

/** The parts that ` AND ` or ` OR ` joins at the top of a condition; the whole where there is none. */
export function splitAt(word: 'AND' | 'OR', condition: string): string[] {
  const inner = unwrap(condition);
  const between = ` ${word} `;
  const parts: string[] = [];
  const state: QuoteState = { quote: '', depth: 0 };
  let start = 0;
  for (let position = 0; position < inner.length; position += 1) {
    if (state.quote === '' && state.depth === 0) {
      // PostgreSQL puts brackets around every AND and OR, so a CASE at the top is all that could hide one.
      if (inner.startsWith('CASE ', position)) return [inner];
      if (inner.startsWith(between, position)) {
        parts.push(inner.slice(start, position));
        start = position + between.length;
        position = start - 1;
        continue;
      }
    }
    scanQuotes(state, inner.charAt(position));
  }
  parts.push(inner.slice(start));
  return parts;
}

/** Splits one comparison at the operator outside of all brackets: PostgreSQL brackets every inner one. */
export function splitComparison(part: string): Comparison | null {
  const text = unwrap(part);
  const state: QuoteState = { quote: '', depth: 0 };
  for (let position = 0; position < text.length; position += 1) {
    if (state.quote === '' && state.depth === 0 && text[position] === ' ') {
      const [whole, operator] = OPERATOR.exec(text.slice(position, position + 16)) ?? [];
      if (whole !== undefined && operator !== undefined)
        return { left: text.slice(0, position), operator, right: text.slice(position + whole.length).trim() };
    }
    scanQuotes(state, text.charAt(position));
  }
  return null;
}
