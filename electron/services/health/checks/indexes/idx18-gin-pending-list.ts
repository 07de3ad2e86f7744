import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantRole } from '../../unlock-sql.ts';
import { quoteIdentifier, quoteLiteral } from '../../../../postgres/quote-identifier.ts';

interface Row {
  readonly index_oid: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly pending_bytes: number;
  readonly pending_rows: number;
  readonly limit_bytes: number;
}

export const ginPendingList: HealthCheck<Row, 'minBytes'> = {
  id: 'IDX18',
  group: 'indexes',
  basis: 'moment',
  title: 'GIN indexes with a long pending list',
  why: 'A GIN index takes new entries into a list first and sorts them in later, at vacuum or when the list is full. Each search reads the list from end to end, so a long one slows all of them; and one unlucky insert sorts it in.',
  thresholds: {
    // The usual gin_pending_list_limit.
    minBytes: { usual: 4 * 1024 ** 2, unit: 'bytes', label: 'Pending list from which it is reported' },
  },
  requires: { extension: 'pgstattuple', role: 'primary', privilege: 'pg_stat_scan_tables, part of pg_monitor' },
  unlockSql: (facts) => grantRole('pg_stat_scan_tables', facts),
  // Run on PostgreSQL 13 to 18. pgstatginindex reads one page. The list cannot be larger than the index.
  sql: (facts, { minBytes }) => `
with candidate as materialized (
  select
    index_class.oid,
    format('%I.%I', schema.nspname, index_class.relname) as index_name,
    format('%I.%I', schema.nspname, table_class.relname) as table_name,
    coalesce(
      substring(array_to_string(index_class.reloptions, ',') from '(?:^|,)gin_pending_list_limit=([0-9]+)')::int8 * 1024,
      pg_catalog.pg_size_bytes(pg_catalog.current_setting('gin_pending_list_limit'))
    ) as limit_bytes
  from pg_catalog.pg_class as index_class
  join pg_catalog.pg_index as ind on ind.indexrelid = index_class.oid
  join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
  join pg_catalog.pg_namespace as schema on schema.oid = index_class.relnamespace
  where index_class.relkind = 'i'
    and index_class.relam = 2742
    and index_class.relpersistence <> 't'
    and ind.indisvalid
    and ${relationSize('index_class.oid', 'index_class.relpages')} >= ${minBytes}
    and ${isUserSchema('schema')}
    and ${isNotOfExtension('table_class.oid')}
)
select
  candidate.oid::int8 as index_oid,
  candidate.index_name,
  candidate.table_name,
  (measured.pending_pages::int8 * pg_catalog.current_setting('block_size')::int4)::float8 as pending_bytes,
  measured.pending_tuples::float8 as pending_rows,
  candidate.limit_bytes::float8 as limit_bytes
from candidate
cross join lateral ${quoteIdentifier(facts.extensions.get('pgstattuple')?.schema ?? 'public')}.pgstatginindex(candidate.oid::regclass) as measured
where measured.pending_pages::int8 * pg_catalog.current_setting('block_size')::int4 > ${minBytes}
order by pending_bytes desc`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.index_name,
      relationOid: Number(row.index_oid),
      severity: 'info' as const,
      message: `Each search of GIN index ${row.index_name} reads its pending list of ${formatBytes(row.pending_bytes)} (${formatCount(row.pending_rows)} rows).`,
      measure: row.pending_bytes,
      evidence: [
        { label: 'Table', value: row.table_name },
        { label: 'Pending list', value: formatBytes(row.pending_bytes) },
        { label: 'gin_pending_list_limit', value: formatBytes(row.limit_bytes) },
      ],
      fixSql: `select pg_catalog.gin_clean_pending_list(${quoteLiteral(row.index_name)}::pg_catalog.regclass);`,
      lock: lockTexts.none,
      caution:
        'Needs the owner of the index. A smaller gin_pending_list_limit, or fastupdate = off, keeps the list short.',
    }));
  },
};
