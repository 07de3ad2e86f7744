import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { dropDuplicate, type Fix } from './drop-index.ts';
import { indexKeysSql, type IndexKeysRow } from './index-keys.ts';
import { planIndexes, type Replaceable } from './index-plan.ts';
import { relatedTo } from './related-relations.ts';

export const duplicateIndex: HealthCheck<IndexKeysRow> = {
  id: 'IDX03',
  group: 'indexes',
  basis: 'catalog',
  title: 'Duplicate indexes',
  why: 'Two indexes with the same columns, operator classes, collations, order and predicate answer the same queries. The second one only costs writes, memory and space.',
  sql: ({ versionNum }) => indexKeysSql(versionNum),
  findings(rows) {
    const ofPartitions = (pair: Replaceable): string =>
      pair.index.root_oid === pair.index.table_oid ? `index ${pair.index.index_oid}` : `root ${pair.index.root_oid}`;
    return [...Map.groupBy(planIndexes(rows).duplicates, ofPartitions).values()].flatMap((pairs) =>
      pairs.length > 1 ? [findingOfPartitions(pairs)] : pairs.map(finding),
    );
  },
};

/** Partitions of one table mostly have the same duplicates, made by the same script. */
function findingOfPartitions(pairs: readonly Replaceable[]) {
  const root = pairs[0]?.index;
  const size = pairs.reduce((sum, { index }) => sum + Number(index.size_bytes), 0);
  const fixes = pairs.map(({ index }) => fixFor(index));
  const caution = fixes.find((fix) => fix.caution !== undefined)?.caution;
  return {
    object: root?.root_name ?? '',
    relationOid: Number(root?.root_oid),
    severity: 'warning' as const,
    message: `${formatCount(pairs.length)} indexes on partitions of ${root?.root_name ?? ''} (${formatBytes(size)} together) have the same columns, order and predicate as another one of the same partition.`,
    measure: size,
    evidence: pairs.slice(0, 20).map(({ index, stays }) => ({
      label: index.index_name,
      value: `same as ${stays.index_name}, which stays`,
    })),
    ...(fixes.every((fix) => fix.fixSql !== undefined)
      ? {
          fixSql: fixes.map((fix) => fix.fixSql).join('\n'),
          undoSql: fixes.map((fix) => fix.undoSql ?? '').join('\n'),
          lock: fixes[0]?.lock ?? lockTexts.accessExclusiveShort,
        }
      : {}),
    ...(caution === undefined ? {} : { caution }),
    related: [...new Map(pairs.flatMap(relatedOf).map((one) => [one.oid, one])).values()],
  };
}

function relatedOf({ stays }: Replaceable): { name: string; oid: number }[] {
  return stays.index_root_oid === null || stays.index_root_name === null
    ? []
    : [{ name: stays.index_root_name, oid: Number(stays.index_root_oid) }];
}

function finding({ index, stays }: Replaceable) {
  return {
    object: index.index_name,
    relationOid: Number(index.index_oid),
    severity: 'warning' as const,
    message: `Index ${index.index_name}${sizeOf(index)} has the same columns, order and predicate as ${stays.index_name}.`,
    measure: Number(index.size_bytes),
    evidence: [
      { label: 'Table', value: index.table_name },
      { label: 'Duplicate', value: index.definition },
      { label: 'Stays', value: stays.definition },
      { label: 'Scans of the duplicate', value: formatCount(index.scans) },
      { label: 'Scans of the one that stays', value: formatCount(stays.scans) },
    ],
    ...fixFor(index),
    related: relatedTo(
      index,
      { oid: stays.index_oid, name: stays.index_name },
      { oid: stays.index_root_oid, name: stays.index_root_name },
    ),
  };
}

function fixFor(index: IndexKeysRow): Fix {
  if (index.is_replica_identity)
    return { caution: 'It is the replica identity of the table; set another one before it goes.' };
  return index.is_clustered
    ? { ...dropDuplicate(index), caution: 'CLUSTER without an index name uses it; name the other one first.' }
    : dropDuplicate(index);
}

/** A partitioned index has no size of its own. */
function sizeOf(index: IndexKeysRow): string {
  return index.is_partitioned ? '' : ` (${formatBytes(index.size_bytes)})`;
}
