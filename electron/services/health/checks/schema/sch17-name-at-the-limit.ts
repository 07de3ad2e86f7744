import { formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { foldBySchema, listedTables, nameList } from './fold-by-schema.ts';
import { matchingNames, whatMatches } from './names-by-relation.ts';
import { relationsSql, type RelationRow } from './relations.ts';

/** NAMEDATALEN less its end. */
const maxBytes = 63;

export const nameAtTheLimit: HealthCheck<RelationRow, 'listedTables'> = {
  id: 'SCH17',
  group: 'schema',
  basis: 'catalog',
  title: 'Names of 63 bytes',
  why: 'PostgreSQL keeps 63 bytes of a name and cuts the rest off, with no more than a notice. A name of exactly that length may be half of what was meant, and two long names may clash.',
  thresholds: { listedTables },
  sql: relationsSql,
  findings(rows, { limits }) {
    return foldBySchema(
      matchingNames(rows, isAtTheLimit),
      limits.listedTables,
      (row) => ({
        object: row.relation_name,
        relationOid: row.relation_oid,
        severity: 'info' as const,
        message: `In ${row.relation_name} these names are 63 bytes long and may have been cut off: ${whatMatches(row)}.`,
        evidence: [
          ...(row.own_name_matches ? [{ label: 'Name', value: row.bare_name }] : []),
          ...row.columns.map((column) => ({ label: 'Column', value: column })),
        ],
        caution: 'See whether the end is missing before renaming.',
        confidence: 'medium' as const,
        confidenceReason: 'A name can be 63 bytes long by chance.',
      }),
      (schema, ofSchema) => ({
        object: `schema ${schema}`,
        severity: 'info' as const,
        message: `${formatCount(ofSchema.length)} tables and views of schema ${schema} have names of 63 bytes, which may have been cut off.`,
        measure: ofSchema.length,
        evidence: [{ label: 'Tables and views', value: nameList(ofSchema.map((row) => row.relation_name)) }],
        confidence: 'medium' as const,
        confidenceReason: 'A name can be 63 bytes long by chance.',
      }),
    );
  },
};

function isAtTheLimit(name: string): boolean {
  // No character takes more than four bytes: shorter names are out without counting.
  return name.length * 4 >= maxBytes && Buffer.byteLength(name) === maxBytes;
}
