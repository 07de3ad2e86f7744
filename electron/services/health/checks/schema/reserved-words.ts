/** What `pg_get_keywords()` of 13 to 18 says is reserved (R), also where functions and types may be called so (T). */
const reservedWords = new Set(
  `
  all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation
  column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze
  from full grant group having ilike in initially inner intersect into is isnull join lateral leading left like
  limit localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
  references returning right select session_user similar some symmetric system_user table tablesample then to
  trailing true union unique user using variadic verbose when where window with
`
    .trim()
    .split(/\s+/),
);

/** Reserved later than 13, and since when. */
const reservedSince: Readonly<Record<string, number>> = { system_user: 160_000 };

/** True where a name is a reserved word of that version, and works as a name of a table or column only in quotes. */
export function isReservedWord(name: string, versionNum: number): boolean {
  return reservedWords.has(name) && versionNum >= (reservedSince[name] ?? 0);
}
