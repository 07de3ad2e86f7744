export type SqlTokenKind = 'keyword' | 'name' | 'string' | 'number' | 'comment' | 'other';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  readonly text: string;
}

const keywords = new Set(
  (
    'add all alter always analyze and any array as asc authorization begin between bigint boolean both by bytea cascade case cast char character ' +
    'check cluster collate column comment commit concurrently constraint create cross current_date current_timestamp current_user cycle database date ' +
    'declare default deferrable deferred delete desc detach attach disable distinct do domain double drop each else enable end enum except exclude ' +
    'execute exists explain extension false fetch filter first for force foreign from full function generated grant group having identity if ilike ' +
    'immutable in include increment index inherit initially inner insert instead int integer intersect interval into is isnull join json jsonb key ' +
    'language last lateral leading left level like limit local lock logged materialized merge minvalue maxvalue natural no none not nothing notnull ' +
    'null nulls numeric of off offset on only option or order outer over overriding owned owner parallel partition policy precision primary ' +
    'privileges procedure public publication range read real recursive references refresh reindex release rename replace reset restart restrict ' +
    'returning returns revoke right role rollback row rows rule savepoint schema security select sequence serializable session set setof share show ' +
    'smallint some stable start statement statistics storage stored strict subscription table tablespace temp temporary text then time timestamp ' +
    'timestamptz to trailing transaction trigger true truncate type union unique unlogged update user using uuid vacuum valid validate values varchar ' +
    'varying verbose view virtual volatile when where window with within without work write zone'
  ).split(' '),
);

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
