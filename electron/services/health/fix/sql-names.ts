/** One name as SQL writes it, quoted or not. */
export const identifier = String.raw`(?:"(?:[^"]|"")+"|[^\s".;(),]+)`;

/** A name with or without its schema. */
export const qualifiedName = String.raw`${identifier}(?:\.${identifier})?`;

/**
 * SQL in which no name and no string says anything: a word or a semicolon that is left is one of SQL itself. Pure.
 */
export function withoutQuoted(sql: string): string {
  return sql.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, (text) => (text.startsWith('"') ? 'quoted' : "''"));
}

/** The name that an identifier stands for. Pure. */
export function nameOf(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written.toLowerCase();
}
