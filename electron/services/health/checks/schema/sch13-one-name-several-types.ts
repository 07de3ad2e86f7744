import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { nameList } from './fold-by-schema.ts';
import { isOfMigrationTool, printedType, relationsSql, tablesOf, type RelationRow } from './relations.ts';

/** Names that mean another thing in each table. */
const generic = new Set(
  `action active address alias amount attributes author balance body bytes category class code color comment comments
  config configuration content contents context count country currency data date day default delta description detail
  details direction display duration email enabled end error event expires expression extra factor field fields file
  filter filters flag flags format frequency from function group groups hash height hour icon id identifier image index
  info input interval ip item items key keys kind label labels language last_update length level limit line link list
  locale location log max message meta metadata method min mode model month name note notes number object offset options
  order ordering output owner parameters params parent path payload percent period permission phone points position
  preferences price priority properties quantity query range rank rate rating raw reason ref reference region resource
  result results role root rule rules scale schedule schema scope score section sequence seq service settings shape size
  slug sort sort_order source start state states status step stop subject subtype suffix sum summary tag tags target
  template term text threshold time timestamp title to token total type types unit units uri url user users uuid value
  values version visibility visible volume weight width year zip`.split(/\s+/),
);

/** Types between which a difference is one of taste. */
const sameThing: Readonly<Record<string, string>> = { varchar: 'text', bpchar: 'text', citext: 'text', name: 'text' };

/** Types of users begin here: enums and domains of one name differ on purpose. */
const firstUserOid = 16_384;

export const oneNameSeveralTypes: HealthCheck<RelationRow, 'minTables'> = {
  id: 'SCH13',
  group: 'schema',
  basis: 'catalog',
  title: 'Columns of one name and different types',
  why: 'The same name promises the same kind of value. Where one table holds it as a number and another as text, joins need casts, indexes go unused, and values are copied with errors.',
  thresholds: {
    minTables: { usual: 2, unit: 'count', label: 'Fewest tables that share the name of a column' },
  },
  sql: relationsSql,
  // Lengths, and varchar beside text, are no difference. Names as general as `value` mean another thing in each table.
  findings(rows, { limits }) {
    const isNarrow = narrowReferences(rows);
    const tables = tablesOf(rows).filter((row) => !row.inherits && !isOfMigrationTool(row.bare_name));
    return [...Map.groupBy(tables, (row) => row.schema_name)].flatMap(([schema, ofSchema]) => {
      const uses = ofSchema.flatMap((row) =>
        row.columns
          .filter(
            ([attnum, name, typeOid]) =>
              isTelling(name) && typeOid < firstUserOid && !isNarrow.has(`${row.relation_oid}.${String(attnum)}`),
          )
          .map(([, name, , typeName]) => ({ name, type: comparedType(name, typeName), table: row.relation_name })),
      );
      return [...Map.groupBy(uses, (use) => use.name)].flatMap(([name, ofName]) => {
        const types = [...Map.groupBy(ofName, (use) => use.type)].toSorted(
          (left, right) => right[1].length - left[1].length,
        );
        if (types.length < 2 || ofName.length < limits.minTables) return [];
        const [usual, ...others] = types;
        const different = others.reduce((sum, [, of]) => sum + of.length, 0);
        return [
          {
            object: `${quoteIdentifier(schema)}: ${quoteIdentifier(name)}`,
            severity: 'info' as const,
            message: `Column ${quoteIdentifier(name)} is ${printedType(usual?.[0] ?? '')} in ${tablesText(usual?.[1] ?? [])}, but ${others.map(([type, of]) => `${printedType(type)} in ${tablesText(of)}`).join(', ')}.`,
            measure: different,
            evidence: types.map(([type, of]) => ({
              label: printedType(type),
              value: nameList(of.map((use) => use.table)),
            })),
            caution: 'Changing a type rewrites the table under ACCESS EXCLUSIVE.',
            confidence: 'medium' as const,
            confidenceReason: 'The columns may have nothing but the name in common.',
          },
        ];
      });
    });
  },
};

const integerBytes: Readonly<Record<string, number>> = { int2: 2, int4: 4, int8: 8 };

/** Columns, as `relation oid.number`, that refer to a wider one by a foreign key: SEQ04 tells them. */
function narrowReferences(rows: readonly RelationRow[]): ReadonlySet<string> {
  const bytes = new Map<string, number>(
    rows.flatMap((row) =>
      row.columns.flatMap(([attnum, , , typeName]) => {
        const size = integerBytes[typeName];
        return size === undefined ? [] : [[`${row.relation_oid}.${String(attnum)}`, size] as const];
      }),
    ),
  );
  return new Set(
    rows.flatMap((row) =>
      row.references.flatMap(([attnums, targetOid, targetAttnums]) =>
        attnums.flatMap((attnum, at) => {
          const own = `${row.relation_oid}.${String(attnum)}`;
          const target = bytes.get(`${String(targetOid)}.${String(targetAttnums[at])}`) ?? 0;
          return (bytes.get(own) ?? Infinity) < target ? [own] : [];
        }),
      ),
    ),
  );
}

/** A name that says whose value it is: of two words, or with an id in it, and no kind or grade of something. */
function isTelling(name: string): boolean {
  const lower = name.toLowerCase();
  if (
    generic.has(lower) ||
    /(?:type|kind|class|status|state|level|mode|model|reason|error_code|exit_code)$/.test(lower)
  )
    return false;
  return /[a-z0-9][_ ][a-z0-9]/.test(lower) || /[a-z]id$/.test(lower) || /[a-z][A-Z]/.test(name);
}

/** The width of an integer matters where it is a key; a count is as wide as it has to be. */
function comparedType(name: string, typeName: string): string {
  const isNumberOnly = /^int[248]$/.test(typeName) && !/id$/i.test(name);
  return isNumberOnly ? 'int4' : (sameThing[typeName] ?? typeName);
}

function tablesText(uses: readonly { readonly table: string }[]): string {
  const [first] = uses;
  return uses.length === 1 && first !== undefined ? first.table : `${formatCount(uses.length)} tables`;
}
