// Words that no plain identifier may be, those that may name functions included.
// https://www.postgresql.org/docs/current/sql-keywords-appendix.html
const reserved = new Set(
  (
    'all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column concurrently constraint ' +
    'create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user default deferrable desc ' +
    'distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull ' +
    'join lateral leading left like limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary ' +
    'references returning right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user ' +
    'using variadic verbose when where window with'
  ).split(' '),
);

/** An identifier as SQL needs it: in double quotes, except where a plain lower-case word means the same. */
export function quoteIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) && !reserved.has(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** Schema and name, quoted where needed. Different relations never get the same, so it also serves as their identity. */
export function qualifiedName({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** The statement that reads the first rows of a relation. */
export function selectRowsSql(relation: { readonly schema: string; readonly name: string }, limit: number): string {
  return `select *\nfrom ${qualifiedName(relation)}\nlimit ${limit};\n`;
}
