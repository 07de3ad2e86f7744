import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { dropIndex } from './drop-index.ts';
import { indexKeysSql, type IndexKeysRow } from './index-keys.ts';
import { planIndexes, type Replaceable } from './index-plan.ts';
import { relatedTo } from './related-relations.ts';

export const redundantIndex: HealthCheck<IndexKeysRow, 'muchLarger'> = {
  id: 'IDX04',
  group: 'indexes',
  basis: 'catalog',
  title: 'Indexes that a longer index covers',
  why: 'An index on (a) is rarely needed beside one on (a, b): every search by a can use the longer one. The shorter one is smaller and may be a little faster, but it is written on every change.',
  thresholds: {
    muchLarger: {
      usual: 3,
      unit: 'ratio',
      label: 'Size of the longer index, in shorter ones, from which doubt is due',
    },
  },
  sql: ({ versionNum }) => indexKeysSql(versionNum),
  findings: (rows, { limits }) => planIndexes(rows).prefixes.map((pair) => finding(pair, limits.muchLarger)),
};

function finding({ index: shorter, stays: longer }: Replaceable, muchLarger: number) {
  const isMuchSmaller = Number(longer.size_bytes) > muchLarger * Number(shorter.size_bytes);
  return {
    object: shorter.index_name,
    relationOid: Number(shorter.index_oid),
    severity: 'info' as const,
    message: `Index ${shorter.index_name} (${formatBytes(shorter.size_bytes)}) is the beginning of ${longer.index_name}, which can answer the same searches.`,
    measure: Number(shorter.size_bytes),
    evidence: [
      { label: 'Table', value: shorter.table_name },
      { label: 'Shorter', value: shorter.definition },
      { label: 'Longer', value: longer.definition },
      { label: 'Scans of the shorter', value: formatCount(shorter.scans) },
      { label: 'Scans of the longer', value: formatCount(longer.scans) },
      { label: 'Size of the longer', value: formatBytes(longer.size_bytes) },
    ],
    ...dropIndex({
      name: shorter.index_name,
      definition: shorter.definition,
      isPartitioned: shorter.is_partitioned,
      restore: shorter.restore,
    }),
    related: relatedTo(shorter, { oid: longer.index_oid, name: longer.index_name }),
    confidence: isMuchSmaller ? ('low' as const) : ('medium' as const),
    confidenceReason: isMuchSmaller
      ? `The longer index is more than ${formatCount(muchLarger)} times as large: hot lookups would read more pages.`
      : 'A hot lookup may be slightly faster with the shorter index.',
  };
}
