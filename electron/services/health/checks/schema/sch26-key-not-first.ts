import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { primaryKeyOf, relationsSql, tablesOf, type RelationRow } from './relations.ts';

export const keyNotFirst: HealthCheck<RelationRow, 'listedTables'> = {
  id: 'SCH26',
  group: 'schema',
  basis: 'catalog',
  title: 'Primary keys that are not the first columns',
  why: 'Readers look for the key at the beginning of a table, and so do tools that show only the first columns. The order changes nothing for the server.',
  onlyWhenAsked: true,
  thresholds: { listedTables },
  sql: relationsSql,
  findings(rows, { limits }) {
    const found = tablesOf(rows).flatMap((row) => {
      const key = new Set(primaryKeyOf(row));
      const isFirst = row.columns.slice(0, key.size).every(([attnum]) => key.has(attnum));
      if (key.size === 0 || isFirst) return [];
      return [
        {
          ...row,
          key: row.columns.filter(([attnum]) => key.has(attnum)).map(([, name]) => quoteIdentifier(name)),
          first: row.columns.slice(0, key.size).map(([, name]) => quoteIdentifier(name)),
        },
      ];
    });
    return foldBySchema(
      found,
      limits.listedTables,
      (row) => ({
        object: row.relation_name,
        relationOid: Number(row.relation_oid),
        severity: 'info' as const,
        message: `The primary key of ${row.relation_name} (${row.key.join(', ')}) is not at its beginning, which is ${row.first.join(', ')}.`,
        evidence: [{ label: 'Primary key', value: row.key.join(', ') }],
        caution: 'The order of columns can only be changed by making the table again; not worth it for this alone.',
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `The primary keys of ${formatCount(ofSchema.length)} tables of schema ${schema} are not their first columns.`,
        measure: ofSchema.length,
        evidence: [{ label: 'Tables', value: nameList(ofSchema.map((row) => row.relation_name)) }],
      }),
    );
  },
};
