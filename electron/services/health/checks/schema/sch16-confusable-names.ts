import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import type { HealthCheck } from '../../health-check.ts';
import { relationsSql, type RelationRow } from './relations.ts';

export const confusableNames: HealthCheck<RelationRow> = {
  id: 'SCH16',
  group: 'schema',
  basis: 'catalog',
  title: 'Names that are easily confused',
  why: 'Two names that differ only in capitals, blanks or underscores look the same to a reader. Sooner or later one is written where the other was meant, and both exist.',
  sql: relationsSql,
  findings(rows) {
    const relations = [...Map.groupBy(rows, (row) => row.schema_name)].flatMap(([schema, ofSchema]) =>
      [...alike(ofSchema, (row) => row.bare_name)].map((group) => ({
        object: group[0]?.relation_name ?? quoteIdentifier(schema),
        ...(group[0] === undefined ? {} : { relationOid: Number(group[0].relation_oid) }),
        severity: 'info' as const,
        message: `In schema ${quoteIdentifier(schema)} the names ${group.map((row) => quoteIdentifier(row.bare_name)).join(' and ')} differ only in capitals, blanks or underscores.`,
        evidence: group.map((row) => ({
          label: row.kind === 'v' || row.kind === 'm' ? 'View' : 'Table',
          value: row.relation_name,
        })),
        caution: 'Renaming breaks every query that uses the name: change the applications with it.',
      })),
    );
    const columns = rows.flatMap((row) =>
      [...alike(row.columns, ([, name]) => name)].map((group) => ({
        object: row.relation_name,
        relationOid: Number(row.relation_oid),
        severity: 'info' as const,
        message: `In ${row.relation_name} the columns ${group.map(([, name]) => quoteIdentifier(name)).join(' and ')} differ only in capitals, blanks or underscores.`,
        evidence: group.map(([, name, , typeName]) => ({ label: quoteIdentifier(name), value: typeName })),
        caution: 'See whether both are in use before one goes.',
      })),
    );
    return [...relations, ...columns];
  },
};

/** Groups of two and more whose names are the same to the eye. Linear in the number of names. */
function alike<Item>(items: readonly Item[], nameOf: (item: Item) => string): Item[][] {
  return [...Map.groupBy(items, (item) => lookOf(nameOf(item))).values()].filter((group) => group.length > 1);
}

/** A separator between two digits counts: `v1_12` and `v11_2` are different. */
function lookOf(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/(?<!\d)[\s_-]+|[\s_-]+(?!\d)/gu, '');
}
