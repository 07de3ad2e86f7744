import { sqlKeywords } from './sql-keywords.ts';

export type SqlTokenKind = 'keyword' | 'name' | 'string' | 'number' | 'comment' | 'other';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly text: string;
}

const keywords = new Set(sqlKeywords);

const lexer =
  /(--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|((?:[eExXbB]|[uU]&)?'(?:[^']|'')*(?:'|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\3\$|$))|("(?:[^"]|"")*(?:"|$))|(\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(\s+|[^\s])/g;

/** Cuts SQL into tokens for colouring what is only shown. It never fails: what it does not know is `other`. */
export function sqlTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const match of sql.matchAll(lexer)) {
    const [text, comment, string, , quoted, number, word] = match;
    const kind: SqlTokenKind =
      comment !== undefined
        ? 'comment'
        : string !== undefined
          ? 'string'
          : quoted !== undefined
            ? 'name'
            : number !== undefined
              ? 'number'
              : word !== undefined && keywords.has(word.toLowerCase())
                ? 'keyword'
                : 'other';
    const last = tokens.at(-1);
    if (last !== undefined && last.kind === kind) tokens[tokens.length - 1] = { kind, text: last.text + text };
    else tokens.push({ kind, text });
  }
  return tokens;
}
