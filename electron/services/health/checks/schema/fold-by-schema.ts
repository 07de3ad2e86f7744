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

/** One finding for each row; one for a whole schema where more than `most` of its rows were found. */
export function foldBySchema<Row extends { readonly schema_name: string }>(
  rows: readonly Row[],
  most: number,
  each: (row: Row) => HealthFinding,
  whole: (schema: string, rows: readonly Row[]) => HealthFinding,
): HealthFinding[] {
  return [...Map.groupBy(rows, (row) => row.schema_name)].flatMap(([schema, ofSchema]) =>
    ofSchema.length > most ? [whole(quoteIdentifier(schema), ofSchema)] : ofSchema.map(each),
  );
}
