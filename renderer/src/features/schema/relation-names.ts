import { sqlKeywords } from '../../editor/sql-keywords.ts';

const keywords = new Set(sqlKeywords);

/** An identifier as SQL needs it: in double quotes, except where a plain lower-case word means the same. */
export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !keywords.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Schema and name, quoted where needed. Different relations never get the same, so it also serves as their identity. */
export function qualifiedName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** The statement that reads the first rows of a relation. */
export function selectRowsSql(relation: { readonly schema: string; readonly name: string }, limit: number): string {
  return `select *\nfrom ${qualifiedName(relation)}\nlimit ${limit};\n`;
}
