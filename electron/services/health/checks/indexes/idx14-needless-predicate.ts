import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { replaceIndex, type Fix } from './drop-index.ts';
import { indexKeysSql, type IndexKeysRow } from './index-keys.ts';
import { planIndexes } from './index-plan.ts';

export const needlessPredicate: HealthCheck<IndexKeysRow> = {
  id: 'IDX14',
  group: 'indexes',
  basis: 'catalog',
  title: 'Partial indexes whose predicate is always true',
  why: 'A predicate that only says that a NOT NULL column is not null leaves no row out. Yet the planner uses the index only for queries that it can prove the predicate for, so it is used less than a whole index of the same size.',
  sql: ({ versionNum }) => indexKeysSql(versionNum),
  // Those that a whole index stands in for can go: IDX03, IDX04 and IDX15 say so.
  findings: (rows) =>
    planIndexes(rows).needless.map((row) => ({
      object: row.index_name,
      relationOid: Number(row.index_oid),
      severity: 'info' as const,
      message: `Partial index ${row.index_name} of ${row.table_name} leaves no row out: ${row.predicate ?? ''} is true for all.`,
      measure: Number(row.size_bytes),
      evidence: [
        { label: 'Definition', value: row.definition },
        { label: 'Size', value: formatBytes(row.size_bytes) },
      ],
      ...fixFor(row),
    })),
};

function fixFor(row: IndexKeysRow): Fix {
  if (row.constraint_name !== null) {
    return {
      caution: `The index is that of constraint ${row.constraint_name}: it becomes whole only where that one is dropped and added again without its predicate, which holds up all who use the table.`,
    };
  }
  return row.is_partitioned ? {} : replaceIndex(row, null);
}
