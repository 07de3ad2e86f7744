import { isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { concurrently } from './drop-index.ts';

interface Row {
  readonly index_oid: string;
  readonly index_name: string;
  readonly bare_name: string;
  readonly table_name: string;
  readonly is_ready: boolean;
  readonly is_partition: boolean;
  readonly is_unique: boolean;
  readonly size_bytes: string;
  readonly definition: string;
  readonly builder_pid: number | null;
}

export const invalidIndex: HealthCheck<Row> = {
  id: 'IDX05',
  group: 'indexes',
  basis: 'moment',
  title: 'Invalid indexes',
  why: 'A concurrent build that failed leaves an index behind that no query uses, yet writes may still maintain it. If it was meant to be unique, nothing is enforced for sure.',
  // Run on PostgreSQL 13 to 18. An index that is being built now is invalid too, and is left alone: the progress view
  // shows every build, and an index lock is held even while it waits.
  sql: () => `
select
  index_class.oid::int8 as index_oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  index_class.relname::text as bare_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  ind.indisready as is_ready,
  index_class.relispartition as is_partition,
  ind.indisunique as is_unique,
  ${relationSize('index_class.oid', 'index_class.relpages')} as size_bytes,
  pg_catalog.pg_get_indexdef(index_class.oid) as definition,
  coalesce(
    (
      select min(progress.pid)
      from pg_catalog.pg_stat_progress_create_index as progress
      where progress.relid = ind.indrelid
        or progress.index_relid = ind.indexrelid
    ),
    (
      select min(lock.pid)
      from pg_catalog.pg_locks as lock
      where lock.locktype = 'relation'
        and lock.database = (select oid from pg_catalog.pg_database where datname = current_database())
        and lock.relation = ind.indrelid
        and lock.mode = 'ShareUpdateExclusiveLock'
        and lock.granted
        and not exists (
          select
          from pg_catalog.pg_stat_progress_vacuum as vacuum_progress
          where vacuum_progress.pid = lock.pid
        )
    )
  ) as builder_pid
from pg_catalog.pg_index as ind
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where (${isUserSchema('schema')} or schema.nspname = 'pg_toast')
  and index_class.relkind = 'i'
  and index_class.relpersistence <> 't'
  and not (ind.indisvalid and ind.indisready)
order by index_name`,
  findings(rows) {
    return rows
      .filter((row) => row.builder_pid === null)
      .map((row) => {
        const isLeftover = /_cc(?:new|old)\d*$/.test(row.bare_name);
        return {
          object: row.index_name,
          relationOid: Number(row.index_oid),
          severity: 'warning' as const,
          message: `Index ${row.index_name} on ${row.table_name} is invalid (${formatBytes(row.size_bytes)}): no query uses it${row.is_ready ? ', and writes still maintain it' : ''}.`,
          measure: Number(row.size_bytes),
          evidence: [
            { label: 'Definition', value: row.definition },
            { label: 'Maintained by writes', value: row.is_ready ? 'yes' : 'no' },
            { label: 'Size', value: formatBytes(row.size_bytes) },
            ...(isLeftover ? [{ label: 'Origin', value: 'left by a REINDEX CONCURRENTLY that failed' }] : []),
          ],
          ...(isLeftover
            ? { fixSql: `drop index concurrently ${row.index_name};`, undoSql: `${concurrently(row.definition)};` }
            : { fixSql: `reindex index concurrently ${row.index_name};` }),
          lock: lockTexts.shareUpdateExclusive,
          ...(row.is_unique && !isLeftover
            ? { caution: 'It is unique: rebuilding fails while duplicate rows exist.' }
            : {}),
        };
      });
  },
};
