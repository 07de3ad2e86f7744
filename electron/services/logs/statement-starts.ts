import type { LaterStarts } from '../../plan-core/log/index.ts';
import type { NormalisedStatement } from '../../postgres/sql-parser/index.ts';
import { own } from './own-text.ts';
import { mostParsedText } from './statement-groups.ts';

/** Statements of that kind come again and again with the same text. */
const mostKnown = 500;

/**
 * A log writes `execute name: statement`, and nothing tells a colon of the name from the one behind it. The first text that
 * PostgreSQL parses is the statement.
 */
export class StatementStarts {
  readonly #normalise: (sql: string) => NormalisedStatement;
  readonly #known = new Map<string, number>();

  constructor(normalise: (sql: string) => NormalisedStatement) {
    this.#normalise = normalise;
  }

  /** The statement in a text. All of the text where no part of it can be parsed, such as one that was cut. */
  statementIn({ text, laterStarts }: { readonly text: string; readonly laterStarts?: LaterStarts }): string {
    if (laterStarts === undefined || text.length > mostParsedText) return text;
    let start = this.#known.get(text);
    if (start === undefined) {
      start = [0, ...laterStarts].find((at) => this.#normalise(text.slice(at)).fingerprint !== null) ?? 0;
      if (this.#known.size >= mostKnown) this.#known.clear();
      this.#known.set(own(text), start);
    }
    return text.slice(start);
  }
}
