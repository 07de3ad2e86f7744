import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { dropIndex } from './drop-index.ts';

interface Row {
  readonly index_oid: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly size_bytes: string;
  readonly scans: string;
  readonly writes: string;
  readonly definition: string;
}

export const rarelyUsedIndex: HealthCheck<Row> = {
  id: 'IDX02',
  group: 'indexes',
  basis: 'catalog',
  title: 'Indexes written far more than read',
  why: 'An index that is scanned a few times while its table takes many thousands of writes may cost more than it gives. A rare scan can still be the one that a report depends on, so this asks for a look, not for a drop.',
  // Run on PostgreSQL 13 to 18. Updates that stay on the page (HOT) do not write indexes.
  sql: () => `
select
  index_class.oid::int8 as index_oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  pg_catalog.pg_relation_size(index_class.oid) as size_bytes,
  usage.idx_scan as scans,
  table_usage.n_tup_ins + table_usage.n_tup_upd - table_usage.n_tup_hot_upd as writes,
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
  and pg_catalog.pg_relation_size(index_class.oid) >= 10 * 1024 * 1024
  and usage.idx_scan between 1 and 999
  and table_usage.n_tup_ins + table_usage.n_tup_upd - table_usage.n_tup_hot_upd > greatest(10000, 1000 * usage.idx_scan)
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
    return rows.map((row) => ({
      object: row.index_name,
      relationOid: Number(row.index_oid),
      severity: 'info' as const,
      message: `Index ${row.index_name} was scanned ${formatCount(row.scans)} times against ${formatCount(row.writes)} index writes (${formatBytes(row.size_bytes)}).`,
      evidence: [
        { label: 'Table', value: row.table_name },
        { label: 'Size', value: formatBytes(row.size_bytes) },
        { label: 'Scans', value: formatCount(row.scans) },
        { label: 'Index writes', value: formatCount(row.writes) },
        { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
      ],
      ...dropIndex({ name: row.index_name, definition: row.definition, isPartitioned: false }),
      caution: 'Find the queries behind the scans before dropping it.',
      confidence: 'low' as const,
      confidenceReason: 'A count of scans does not say how much each one matters, and standbys count their own.',
    }));
  },
};
