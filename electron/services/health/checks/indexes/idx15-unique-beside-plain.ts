import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { dropIndex } from './drop-index.ts';
import { indexKeysSql, type IndexKeysRow } from './index-keys.ts';
import { planIndexes } from './index-plan.ts';
import { relatedTo } from './related-relations.ts';

export const uniqueBesidePlain: HealthCheck<IndexKeysRow> = {
  id: 'IDX15',
  group: 'indexes',
  basis: 'catalog',
  title: 'Plain index beside a unique one',
  why: 'A unique index answers every search that a plain index on the same columns does. The plain one is a second copy to write and to keep in memory.',
  sql: ({ versionNum }) => indexKeysSql(versionNum),
  findings: (rows) =>
    planIndexes(rows).besideUnique.map(({ index: plain, stays: unique }) => ({
      object: plain.index_name,
      relationOid: Number(plain.index_oid),
      severity: 'warning' as const,
      message: `Index ${plain.index_name} (${formatBytes(plain.size_bytes)}) has the same columns as the unique index ${unique.index_name}.`,
      measure: Number(plain.size_bytes),
      evidence: [
        { label: 'Table', value: plain.table_name },
        { label: 'Plain', value: plain.definition },
        { label: 'Unique', value: unique.definition },
        { label: 'Scans of the plain one', value: formatCount(plain.scans) },
      ],
      ...dropIndex({
        name: plain.index_name,
        definition: plain.definition,
        isPartitioned: plain.is_partitioned,
        restore: plain.restore,
      }),
      related: relatedTo(plain, { oid: unique.index_oid, name: unique.index_name }),
    })),
};
