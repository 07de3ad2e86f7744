import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly relation_oid: string;
  readonly relation_name: string;
  readonly kind: string;
  readonly rows: number;
  readonly size_bytes: string;
}

export const unloggedTable: HealthCheck<Row> = {
  id: 'TAB16',
  group: 'tables',
  basis: 'statistics',
  title: 'Unlogged tables',
  why: 'An unlogged table is emptied after a crash, and does not exist on standbys or in a restore from WAL. Fine for caches, a loss for anything else.',
  // Run on PostgreSQL 13 to 18. On a standby an unlogged relation has no size.
  sql: () => `
select
  relation.oid::int8 as relation_oid,
  format('%I.%I', schema.nspname, relation.relname) as relation_name,
  case when relation.relkind = 'S' then 'Sequence' else 'Table' end as kind,
  greatest(relation.reltuples, 0)::float8 as rows,
  pg_catalog.pg_relation_size(relation.oid) as size_bytes
from pg_catalog.pg_class as relation
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
where ${isUserSchema('schema')}
  and relation.relpersistence = 'u'
  and (
    relation.relkind in ('r', 'm')
    or relation.relkind = 'S' and not exists (
      select
      from pg_catalog.pg_depend as ownership
      join pg_catalog.pg_class as owner_table on owner_table.oid = ownership.refobjid
      where ownership.classid = 'pg_catalog.pg_class'::regclass
        and ownership.refclassid = 'pg_catalog.pg_class'::regclass
        and ownership.objid = relation.oid
        and ownership.deptype in ('a', 'i')
        and owner_table.relpersistence = 'u'
    )
  )
  and ${isNotOfExtension('relation.oid')}
order by size_bytes desc, relation_name`,
  findings(rows) {
    return rows.map((row) => {
      const word = row.kind === 'Sequence' ? 'sequence' : 'table';
      return {
        object: row.relation_name,
        relationOid: Number(row.relation_oid),
        severity: 'warning' as const,
        message: `${row.kind} ${row.relation_name} is unlogged (${formatBytes(row.size_bytes)}): a crash ${word === 'table' ? 'empties' : 'resets'} it.`,
        evidence: [
          { label: 'Size', value: formatBytes(row.size_bytes) },
          ...(word === 'table' ? [{ label: 'Rows (estimate)', value: formatCount(row.rows) }] : []),
        ],
        fixSql: `alter ${word} ${row.relation_name} set logged;`,
        undoSql: `alter ${word} ${row.relation_name} set unlogged;`,
        lock: lockTexts.accessExclusiveRewrite,
        caution: 'Writes the whole content to WAL. Leave it if it is a cache that can be built again.',
        confidence: 'high' as const,
      };
    });
  },
};
