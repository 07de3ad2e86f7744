import type { MonacoApi } from './load-monaco.ts';
import { sqlKeywords } from './sql-keywords.ts';

/** Teaches Monaco PostgreSQL's SQL under the id `pgsql`, in the colours that `SqlBlock` uses too. */
export function registerSqlLanguage(monaco: MonacoApi): void {
  monaco.languages.register({ id: 'pgsql', aliases: ['PostgreSQL'] });
  monaco.languages.setLanguageConfiguration('pgsql', {
    comments: { lineComment: '--', blockComment: ['/*', '*/'] },
    brackets: [
      ['(', ')'],
      ['[', ']'],
    ],
    autoClosingPairs: [
      { open: '(', close: ')' },
      { open: '[', close: ']' },
      { open: "'", close: "'", notIn: ['string', 'comment'] },
      { open: '"', close: '"', notIn: ['string', 'comment'] },
    ],
    surroundingPairs: [
      { open: '(', close: ')' },
      { open: '[', close: ']' },
      { open: "'", close: "'" },
      { open: '"', close: '"' },
    ],
    wordPattern: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/,
  });
  monaco.languages.setMonarchTokensProvider('pgsql', {
    ignoreCase: true,
    keywords: [...sqlKeywords],
    tokenizer: {
      root: [
        [/--.*$/, 'comment'],
        [/\/\*/, 'comment', '@comment'],
        [/(?:e|u&|b|x)?'/, 'string', '@string'],
        [/\$[a-z_]\w*\$|\$\$/, { token: 'keyword', next: '@dollar.$0' }],
        [/"(?:[^"]|"")*"/, 'predefined'],
        [/\d+(?:\.\d+)?(?:e[+-]?\d+)?/, 'number'],
        [/\$\d+/, 'number'],
        [
          /[a-z_\u0080-\uffff][\w$\u0080-\uffff]*(?=\s*\()/,
          { cases: { '@keywords': 'keyword', '@default': 'predefined' } },
        ],
        [/[a-z_\u0080-\uffff][\w$\u0080-\uffff]*/, { cases: { '@keywords': 'keyword', '@default': 'identifier' } }],
        [/[()[\]]/, 'delimiter'],
        [/[;,.]/, 'delimiter'],
        [/[<>=!%&+\-*/|~^@#?:]+/, 'operator'],
      ],
      comment: [
        [/\/\*/, 'comment', '@push'],
        [/\*\//, 'comment', '@pop'],
        [/[^*/]+|./, 'comment'],
      ],
      string: [
        [/''/, 'string'],
        [/'/, 'string', '@pop'],
        [/[^']+/, 'string'],
      ],
      // The body between dollar quotes is mostly code: it is coloured as such until the same tag comes again.
      dollar: [
        [/\$[a-z_]\w*\$|\$\$/, { cases: { '$0==$S2': { token: 'keyword', next: '@pop' }, '@default': 'string' } }],
        { include: '@root' },
      ],
    },
  });
}
