import { sqlTokens } from '../../editor/sql-tokens.ts';
import { lexicalStatements, statementAt } from '../../editor/statement-at.ts';

/** A relation that a statement names, and the alias that it goes by. */
export interface NamedRelation {
  readonly schema: string | null;
  readonly name: string;
  readonly alias: string | null;
}

export type CompletionContext =
  /** In a comment or a string: nothing is offered. */
  | { readonly kind: 'none' }
  /** Behind a dot: columns of what the qualifier names, or relations of a schema. */
  | { readonly kind: 'member'; readonly qualifier: string; readonly relations: readonly NamedRelation[] }
  /** Where a relation is expected, after FROM, JOIN, INTO, UPDATE, TABLE. */
  | { readonly kind: 'relation' }
  /** Anywhere else: columns of the statement's relations, relations, keywords. */
  | { readonly kind: 'any'; readonly relations: readonly NamedRelation[] };

const identifier = '(?:"(?:[^"]|"")+"|[A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*)';
const named = new RegExp(
  `\\b(?:from|join|update|into|table|,)\\s+(?:only\\s+)?(?:(${identifier})\\s*\\.\\s*)?(${identifier})(?:\\s+(?:as\\s+)?(${identifier}))?`,
  'gi',
);
const listed = new RegExp(`,\\s*(?:(${identifier})\\s*\\.\\s*)?(${identifier})\\s+(?:as\\s+)?(${identifier})`, 'gi');
const notAnAlias =
  /^(where|join|on|using|left|right|full|inner|cross|natural|group|order|having|limit|offset|set|values|returning|union|except|intersect|window|for|fetch|select|default|lateral)$/i;

/** What can stand at a place of a text. */
export function completionContext(text: string, offset: number): CompletionContext {
  const statement = statementAt(lexicalStatements(text), offset);
  const start = statement === null ? offset : Math.min(statement.start, offset);
  const end = statement === null ? offset : Math.max(statement.end, offset);
  if (insideTextOrComment(text.slice(start, offset))) return { kind: 'none' };
  const before = text.slice(start, offset);
  const relations = namedRelations(text.slice(start, end));
  const member = new RegExp(`(${identifier})\\s*\\.\\s*${identifier.replace('+', '*')}?$`).exec(before);
  if (member !== null) return { kind: 'member', qualifier: unquoted(member[1] ?? ''), relations };
  if (new RegExp(`\\b(?:from|join|update|into|table|only)\\s+(?:${identifier})?$`, 'i').test(before))
    return { kind: 'relation' };
  return { kind: 'any', relations };
}

/** The relations that a statement names, in the order in which it does. */
export function namedRelations(statement: string): NamedRelation[] {
  const bare = sqlTokens(statement)
    .map(({ kind, text }) => (kind === 'comment' || kind === 'string' ? ' '.repeat(text.length) : text))
    .join('');
  const found = new Map<string, NamedRelation>();
  for (const pattern of [named, listed]) {
    for (const [, schema, name, alias] of bare.matchAll(pattern)) {
      if (name === undefined || notAnAlias.test(name)) continue;
      const relation: NamedRelation = {
        schema: schema === undefined ? null : unquoted(schema),
        name: unquoted(name),
        alias: alias === undefined || notAnAlias.test(alias) ? null : unquoted(alias),
      };
      const key = `${relation.schema ?? ''}.${relation.name}.${relation.alias ?? ''}`;
      if (!found.has(key)) found.set(key, relation);
    }
  }
  return [...found.values()];
}

/** An identifier as the catalog has it: folded to lower case, or without its quotes. */
export function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
}

/** An identifier as it must be written: in quotes where PostgreSQL would otherwise fold or refuse it. */
export function quotedWhereNeeded(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function insideTextOrComment(before: string): boolean {
  const last = sqlTokens(before).at(-1);
  if (last === undefined) return false;
  if (last.kind === 'comment') return !last.text.endsWith('*/') && !before.endsWith('\n');
  return (
    last.kind === 'string' && !(last.text.length > 1 && last.text.endsWith("'")) && !/\$\w*\$$/.test(last.text.slice(2))
  );
}
