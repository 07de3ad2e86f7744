import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { dropIndex } from './drop-index.ts';
import { hasDuty, indexKeysSql, isPrefixOf, pairsByTable, type IndexKeysRow } from './index-keys.ts';

export const redundantIndex: HealthCheck<IndexKeysRow> = {
  id: 'IDX04',
  group: 'indexes',
  basis: 'catalog',
  title: 'Indexes that a longer index covers',
  why: 'An index on (a) is rarely needed beside one on (a, b): every search by a can use the longer one. The shorter one is smaller and may be a little faster, but it is written on every change.',
  sql: ({ versionNum }) => indexKeysSql(versionNum),
  findings(rows) {
    const coverOf = new Map<IndexKeysRow, IndexKeysRow>();
    for (const [first, second] of pairsByTable(rows)) {
      for (const [shorter, longer] of [
        [first, second],
        [second, first],
      ] as const) {
        if (hasDuty(shorter) || !isPrefixOf(shorter, longer)) continue;
        const known = coverOf.get(shorter);
        // The smallest index that covers it is the one that would take its place.
        if (known === undefined || Number(longer.size_bytes) < Number(known.size_bytes)) coverOf.set(shorter, longer);
      }
    }
    return [...coverOf].map(([shorter, longer]) => finding(shorter, longer));
  },
};

function finding(shorter: IndexKeysRow, longer: IndexKeysRow) {
  const muchSmaller = Number(longer.size_bytes) > 3 * Number(shorter.size_bytes);
  return {
    object: shorter.index_name,
    relationOid: Number(shorter.index_oid),
    severity: 'info' as const,
    message: `Index ${shorter.index_name} (${formatBytes(shorter.size_bytes)}) is the beginning of ${longer.index_name}, which can answer the same searches.`,
    evidence: [
      { label: 'Table', value: shorter.table_name },
      { label: 'Shorter', value: shorter.definition },
      { label: 'Longer', value: longer.definition },
      { label: 'Scans of the shorter', value: formatCount(shorter.scans) },
      { label: 'Scans of the longer', value: formatCount(longer.scans) },
      { label: 'Size of the longer', value: formatBytes(longer.size_bytes) },
    ],
    ...dropIndex({ name: shorter.index_name, definition: shorter.definition, isPartitioned: shorter.is_partitioned }),
    confidence: muchSmaller ? ('low' as const) : ('medium' as const),
    confidenceReason: muchSmaller
      ? 'The longer index is more than three times as large: hot lookups would read more pages.'
      : 'A hot lookup may be slightly faster with the shorter index.',
  };
}
