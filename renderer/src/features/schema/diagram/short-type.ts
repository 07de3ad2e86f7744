// https://www.postgresql.org/docs/current/datatype.html#DATATYPE-TABLE: the aliases that people write.
const aliases: readonly (readonly [RegExp, string])[] = [
  [/^character varying/, 'varchar'],
  [/^character\b/, 'char'],
  [/^timestamp(\(\d\))? with time zone/, 'timestamptz$1'],
  [/^timestamp(\(\d\))? without time zone/, 'timestamp$1'],
  [/^time(\(\d\))? with time zone/, 'timetz$1'],
  [/^time(\(\d\))? without time zone/, 'time$1'],
  [/^double precision/, 'float8'],
  [/^real\b/, 'float4'],
  [/^bigint\b/, 'int8'],
  [/^integer\b/, 'int4'],
  [/^smallint\b/, 'int2'],
  [/^boolean\b/, 'bool'],
  [/^bit varying/, 'varbit'],
];

/** A type as short as people write it: `timestamptz` for `timestamp with time zone`, and no name of the table's own schema. */
export function shortType(type: string, ownSchema: string): string {
  if (type.startsWith(`${ownSchema}.`)) return type.slice(ownSchema.length + 1);
  for (const [long, short] of aliases) if (long.test(type)) return type.replace(long, short);
  return type;
}
