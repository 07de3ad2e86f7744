import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { dropIndex } from './drop-index.ts';
import { hasDuty, haveSameEntries, indexKeysSql, type IndexKeysRow } from './index-keys.ts';

export const uniqueBesidePlain: HealthCheck<IndexKeysRow> = {
  id: 'IDX15',
  group: 'indexes',
  basis: 'catalog',
  title: 'Plain index beside a unique one',
  why: 'A unique index answers every search that a plain index on the same columns does. The plain one is a second copy to write and to keep in memory.',
  sql: ({ versionNum }) => indexKeysSql(versionNum),
  findings(rows) {
    const byTable = Map.groupBy(rows, (row) => row.table_oid);
    return rows.flatMap((plain) => {
      if (hasDuty(plain)) return [];
      const unique = byTable
        .get(plain.table_oid)
        ?.find((candidate) => candidate.is_unique && haveSameEntries(candidate, plain));
      if (unique === undefined) return [];
      return [
        {
          object: plain.index_name,
          relationOid: Number(plain.index_oid),
          severity: 'warning' as const,
          message: `Index ${plain.index_name} (${formatBytes(plain.size_bytes)}) has the same columns as the unique index ${unique.index_name}.`,
          evidence: [
            { label: 'Table', value: plain.table_name },
            { label: 'Plain', value: plain.definition },
            { label: 'Unique', value: unique.definition },
            { label: 'Scans of the plain one', value: formatCount(plain.scans) },
          ],
          ...dropIndex({ name: plain.index_name, definition: plain.definition, isPartitioned: plain.is_partitioned }),
          confidence: 'high' as const,
        },
      ];
    });
  },
};
