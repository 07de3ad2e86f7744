import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount } from '../../format-values.ts';
import type { Threshold } from '../../health-check.ts';

/** What is everywhere in a schema is its convention: one line says it better than a hundred. Ours. */
export const listedTables: Threshold = {
  usual: 20,
  unit: 'count',
  label: 'Tables of one schema that are listed one by one',
};

/** At most so many names in one line of evidence. */
const maxNames = 40;

/** Names in one line: `a, b, c and 12 more`. */
export function nameList(names: readonly string[], most = maxNames): string {
  return names.length > most
    ? `${names.slice(0, most).join(', ')} and ${formatCount(names.length - most)} more`
    : names.join(', ');
}

/**
 * One finding for each row; one for a whole schema where more than `most` of its rows were found; one for all schemas in
 * which the same is found of a table of the same name.
 */
export function foldBySchema<Row extends { readonly schema_name: string }>(
  rows: readonly Row[],
  most: number,
  each: (row: Row) => HealthFinding,
  whole: (schema: string, rows: readonly Row[]) => HealthFinding,
): HealthFinding[] {
  return tellOnce(
    [...Map.groupBy(rows, (row) => row.schema_name)].flatMap(([schema, ofSchema]) => {
      const single = ofSchema.map(each);
      const together = whole(quoteIdentifier(schema), ofSchema);
      const told =
        ofSchema.length > most
          ? [{ ...together, ...membersOf(single) }]
          : single.map((finding) => ({ ...finding, partOf: together.object }));
      return told.map((finding) => ({ schema, finding }));
    }),
  );
}

/** Of more than so many nobody accepts each by its name, and the report would grow with them. Ours. */
const maxMembers = 2000;

/** The objects that one finding stands for instead of these. */
function membersOf(findings: readonly HealthFinding[]): Pick<HealthFinding, 'members'> {
  const members = [...new Set(findings.flatMap(({ object, members: own }) => own ?? [object]))];
  return members.length > maxMembers ? {} : { members };
}

/** From more schemas than this on, what is the same in them is one defect of what made them: one tenant each. Ours. */
const alikeSchemas = 5;

/**
 * One finding for all schemas in which the same is found of a table of the same name; the others as they are. A fix of
 * one of the schemas would make it different from all others, so it is shown and not offered. Pure.
 */
export function tellOnce(
  found: readonly { readonly schema: string; readonly finding: HealthFinding }[],
): HealthFinding[] {
  const alike = Map.groupBy(found, ({ schema, finding }) => {
    const inAny = (text: string) => withoutSchema(text, quoteIdentifier(schema));
    // Tables that are alike differ in their rows.
    return [finding.severity, inAny(finding.object), inAny(finding.message).replace(/ \([\d,]+ rows?\)/, '')].join(
      '\0',
    );
  });
  return [...alike.values()].flatMap((group) => {
    const schemas = [...new Set(group.map(({ schema }) => quoteIdentifier(schema)))];
    const [first] = group;
    if (first === undefined || schemas.length <= alikeSchemas) return group.map(({ finding }) => finding);
    const { fixSql, undoSql: _undo, lock: _lock, members: _members, partOf: _partOf, ...rest } = first.finding;
    return [
      {
        ...rest,
        ...membersOf(group.map(({ finding }) => finding)),
        object: withoutSchema(rest.object, quoteIdentifier(first.schema)),
        message: `The same in ${formatCount(schemas.length)} schemas: ${rest.message}`,
        measure: schemas.length,
        evidence: [
          { label: 'Schemas', value: nameList(schemas) },
          ...rest.evidence,
          ...(fixSql === undefined ? [] : [{ label: `SQL for ${schemas[0] ?? ''}`, value: fixSql }]),
        ],
        caution: [rest.caution, 'What makes these schemas should change all of them.'].filter(Boolean).join(' '),
      },
    ];
  });
}

/** `tenant_1.orders` → `*.orders`, `schema tenant_1` → `schema *`. */
function withoutSchema(text: string, schema: string): string {
  return text
    .replaceAll(`${schema}.`, (name, at: number) => (/[\p{L}\p{N}_$".]/u.test(text.charAt(at - 1)) ? name : '*.'))
    .replaceAll(`schema ${schema}`, 'schema *');
}
