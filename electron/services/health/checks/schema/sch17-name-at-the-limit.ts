import type { HealthCheck } from '../../health-check.ts';
import { namesSql, whatMatches, type NamesRow } from './names-by-table.ts';

export const nameAtTheLimit: HealthCheck<NamesRow> = {
  id: 'SCH17',
  group: 'schema',
  basis: 'catalog',
  title: 'Names of 63 bytes',
  why: 'PostgreSQL keeps 63 bytes of a name and cuts the rest off, with no more than a notice. A name of exactly that length may be half of what was meant, and two long names may clash.',
  sql: () => namesSql((name) => `octet_length(${name}::text) = 63`),
  findings(rows) {
    return rows.map((row) => ({
      object: row.relation_name,
      relationOid: Number(row.relation_oid),
      severity: 'info' as const,
      message: `In ${row.relation_name} these names are 63 bytes long and may have been cut off: ${whatMatches(row)}.`,
      evidence: [
        ...(row.own_name_matches ? [{ label: 'Name', value: row.bare_name }] : []),
        ...row.columns.map((column) => ({ label: 'Column', value: column })),
      ],
      caution: 'See whether the end is missing before renaming.',
      confidence: 'medium' as const,
      confidenceReason: 'A name can be 63 bytes long by chance.',
    }));
  },
};
