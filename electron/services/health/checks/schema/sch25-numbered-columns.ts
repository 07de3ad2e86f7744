import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { printedType, relationsSql, tablesOf, type RelationRow } from './relations.ts';

interface NumberedSet {
  readonly stem: string;
  readonly typeName: string;
  readonly columns: readonly string[];
}

export const numberedColumns: HealthCheck<RelationRow, 'minColumns' | 'listedTables'> = {
  id: 'SCH25',
  group: 'schema',
  basis: 'catalog',
  title: 'Numbered columns',
  why: 'Columns such as phone1, phone2, phone3 are a list in disguise: the next value needs a new column, and every search has to ask all of them. A child table or an array holds any number.',
  thresholds: {
    // SchemaCrawler and SchemaSpy report from two; address1 and address2 are too common for that.
    minColumns: { usual: 3, unit: 'count', label: 'Fewest numbered columns that are reported' },
    listedTables,
  },
  sql: relationsSql,
  // Of one type, numbered without a gap from 0 or 1.
  findings(rows, { limits }) {
    const found = tablesOf(rows).flatMap((row) => {
      const sets = numberedSets(row, limits.minColumns);
      return row.inherits || sets.length === 0 ? [] : [{ ...row, sets }];
    });
    return foldBySchema(
      found,
      limits.listedTables,
      (row) => ({
        object: row.relation_name,
        relationOid: Number(row.relation_oid),
        severity: 'info' as const,
        message: `Table ${row.relation_name} has numbered columns: ${row.sets.map(setText).join(', ')}.`,
        measure: row.sets.reduce((sum, set) => sum + set.columns.length, 0),
        evidence: row.sets.map((set) => ({
          label: `${set.stem}… ${printedType(set.typeName)}`,
          value: nameList(set.columns),
        })),
        confidence: 'medium' as const,
        confidenceReason: 'Fixed sets, such as the lines of an address, are fine as columns.',
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `${formatCount(ofSchema.length)} tables of schema ${schema} have numbered columns.`,
        measure: ofSchema.length,
        evidence: [{ label: 'Tables', value: nameList(ofSchema.map((row) => row.relation_name)) }],
        confidence: 'medium' as const,
        confidenceReason: 'Fixed sets, such as the lines of an address, are fine as columns.',
      }),
    );
  },
};

function numberedSets(row: RelationRow, minColumns: number): NumberedSet[] {
  const numbered = row.columns.flatMap(([, name, , typeName]) => {
    const [, stem, number] = /^(.*\D)(\d{1,3})$/s.exec(name) ?? [];
    return stem === undefined ? [] : [{ name, stem, number: Number(number), typeName }];
  });
  return [...Map.groupBy(numbered, ({ stem, typeName }) => `${typeName} ${stem}`).values()].flatMap((group) => {
    const ordered = group.toSorted((left, right) => left.number - right.number);
    const [first] = ordered;
    const withoutGap = ordered.every(({ number }, at) => number === (first?.number ?? 0) + at);
    if (first === undefined || ordered.length < minColumns || first.number > 1 || !withoutGap) return [];
    return [{ stem: first.stem, typeName: first.typeName, columns: ordered.map(({ name }) => quoteIdentifier(name)) }];
  });
}

function setText(set: NumberedSet): string {
  return `${set.columns[0] ?? ''} to ${set.columns.at(-1) ?? ''}`;
}
