import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { dropDuplicate } from './drop-index.ts';
import { hasDuty, haveSameEntries, indexKeysSql, type IndexKeysRow } from './index-keys.ts';

export const duplicateIndex: HealthCheck<IndexKeysRow> = {
  id: 'IDX03',
  group: 'indexes',
  basis: 'catalog',
  title: 'Duplicate indexes',
  why: 'Two indexes with the same columns, operator classes, collations, order and predicate answer the same queries. The second one only costs writes, memory and space.',
  sql: ({ versionNum }) => indexKeysSql(versionNum),
  findings(rows) {
    return [...Map.groupBy(rows, (row) => row.table_oid).values()].flatMap((indexes) => {
      // The first of each kind in this order is the one to keep.
      const kept: IndexKeysRow[] = [];
      return indexes
        .toSorted((left, right) => rankToKeep(left) - rankToKeep(right))
        .flatMap((index) => {
          const twin = kept.find((candidate) => areDuplicates(candidate, index));
          if (twin !== undefined) return [finding(index, twin)];
          kept.push(index);
          return [];
        });
    });
  },
};

/** Uniqueness counts too: a unique index beside a plain one is IDX15. */
function areDuplicates(left: IndexKeysRow, right: IndexKeysRow): boolean {
  return (
    haveSameEntries(left, right) &&
    left.is_unique === right.is_unique &&
    left.nulls_not_distinct === right.nulls_not_distinct &&
    left.is_immediate === right.is_immediate
  );
}

function rankToKeep(row: IndexKeysRow): number {
  if (row.is_primary) return 0;
  if (row.referencing_keys > 0) return 1;
  if (row.is_replica_identity) return 2;
  return row.constraint_name === null ? 4 : 3;
}

function finding(index: IndexKeysRow, twin: IndexKeysRow) {
  return {
    object: index.index_name,
    relationOid: Number(index.index_oid),
    severity: 'warning' as const,
    message: `Index ${index.index_name} (${formatBytes(index.size_bytes)}) has the same columns, order and predicate as ${twin.index_name}.`,
    evidence: [
      { label: 'Table', value: index.table_name },
      { label: 'Duplicate', value: index.definition },
      { label: 'Stays', value: twin.definition },
      { label: 'Scans of the duplicate', value: formatCount(index.scans) },
      { label: 'Scans of the one that stays', value: formatCount(twin.scans) },
    ],
    ...(hasDuty(index) && index.is_replica_identity
      ? { caution: 'It is the replica identity of the table; set another one before it goes.' }
      : dropDuplicate(index)),
    confidence: 'high' as const,
  };
}
