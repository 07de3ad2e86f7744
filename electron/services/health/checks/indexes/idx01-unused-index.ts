import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount, formatDuration } from '../../format-values.ts';
import type { HealthCheck, HealthFacts } from '../../health-check.ts';
import { dropIndex } from './drop-index.ts';

interface Row {
  readonly index_oid: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly size_bytes: string;
  readonly scans: string;
  readonly last_scan: string | null;
  readonly idle_ms: number | null;
  readonly writes: string;
  readonly definition: string;
}

const quietDays = 30;
const dayMs = 86_400_000;

export const unusedIndex: HealthCheck<Row> = {
  id: 'IDX01',
  group: 'indexes',
  basis: 'catalog',
  title: 'Unused indexes',
  why: 'Every index is written on each insert and on most updates, and takes room in memory and backups. One that no query reads is cost without use. Scans are counted per server: a standby may use an index that the primary does not.',
  // Run on PostgreSQL 13 to 18. Unique, constraint and replica identity indexes work without being scanned, and so does
  // one that leads with the columns of a foreign key: deleting the referenced row searches it.
  sql: ({ versionNum }) => `
select
  index_class.oid::int8 as index_oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  pg_catalog.pg_relation_size(index_class.oid) as size_bytes,
  usage.idx_scan as scans,
  ${versionNum >= 160_000 ? 'usage.last_idx_scan::text' : 'null::text'} as last_scan,
  ${versionNum >= 160_000 ? 'extract(epoch from clock_timestamp() - usage.last_idx_scan)::float8 * 1000' : 'null::float8'} as idle_ms,
  table_usage.n_tup_ins + table_usage.n_tup_upd + table_usage.n_tup_del as writes,
  pg_catalog.pg_get_indexdef(index_class.oid) as definition
from pg_catalog.pg_index as ind
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_stat_all_indexes as usage on usage.indexrelid = index_class.oid
join pg_catalog.pg_stat_all_tables as table_usage on table_usage.relid = table_class.oid
where ${isUserSchema('schema')}
  and index_class.relkind = 'i'
  and not index_class.relispartition
  and ind.indisvalid
  and not ind.indisunique
  and not ind.indisexclusion
  and not (ind.indisreplident and table_class.relreplident = 'i')
  and not ind.indisclustered
  and pg_catalog.pg_relation_size(index_class.oid) >= 1024 * 1024
  and (usage.idx_scan = 0${versionNum >= 160_000 ? ` or usage.last_idx_scan < clock_timestamp() - interval '${quietDays} days'` : ''})
  and not exists (
    select
    from pg_catalog.pg_constraint as foreign_key
    where foreign_key.contype = 'f'
      and foreign_key.conrelid = ind.indrelid
      and ind.indkey[0] = any (foreign_key.conkey)
  )
  and ${isNotOfExtension('table_class.oid')}
order by size_bytes desc, index_name`,
  findings(rows, { facts }) {
    return rows.map((row) => {
      const since =
        row.idle_ms === null
          ? `since statistics began${facts.statsResetAt === null ? '' : ` ${formatDuration(facts.statsAgeMs)} ago`}`
          : `for ${formatDuration(row.idle_ms)}`;
      return {
        object: row.index_name,
        relationOid: Number(row.index_oid),
        severity: 'info' as const,
        message: `Index ${row.index_name} has not been used ${since} (${formatCount(row.scans)} scans, ${formatBytes(row.size_bytes)}).`,
        evidence: [
          { label: 'Table', value: row.table_name },
          { label: 'Size', value: formatBytes(row.size_bytes) },
          { label: 'Scans', value: formatCount(row.scans) },
          ...(row.last_scan === null ? [] : [{ label: 'Last scan', value: row.last_scan }]),
          { label: 'Rows written to the table', value: formatCount(row.writes) },
          { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
          { label: 'Standbys attached', value: String(facts.attachedStandbys) },
        ],
        ...dropIndex({ name: row.index_name, definition: row.definition, isPartitioned: false }),
        ...confidenceIn(row, facts),
      };
    });
  },
};

function confidenceIn(row: Row, facts: HealthFacts): { confidence: 'low' | 'medium'; confidenceReason: string } {
  const quietMs = row.idle_ms ?? facts.statsAgeMs;
  if (quietMs < quietDays * dayMs) {
    return {
      confidence: 'low',
      confidenceReason: `Statistics cover at most ${formatDuration(quietMs)}; a monthly job would not have shown up.`,
    };
  }
  if (facts.attachedStandbys > 0 || facts.inRecovery) {
    return {
      confidence: 'low',
      confidenceReason: 'Other servers of this cluster count their own scans; check them too.',
    };
  }
  return { confidence: 'medium', confidenceReason: 'A standby that is not attached now could still use it.' };
}
