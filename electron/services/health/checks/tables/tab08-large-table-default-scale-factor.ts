import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { tableParameter, vacuumThreshold } from './autovacuum-thresholds.ts';

interface Row {
  readonly table_oid: string;
  readonly table_name: string;
  readonly rows: number;
  readonly scale_factor: number;
  readonly threshold: number;
  readonly size_bytes: string;
}

export const largeTableDefaultScaleFactor: HealthCheck<Row> = {
  id: 'TAB08',
  group: 'tables',
  basis: 'statistics',
  title: 'Large tables with a coarse autovacuum threshold',
  why: 'Autovacuum starts after a share of the table has changed. On a large table that share is millions of dead rows, so vacuum comes seldom and takes long. A smaller factor makes it come often and finish soon.',
  // Run on PostgreSQL 13 to 18.
  sql: ({ versionNum }) => `
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  table_class.reltuples::float8 as rows,
  ${tableParameter('autovacuum_vacuum_scale_factor')} as scale_factor,
  ${vacuumThreshold(versionNum)} as threshold,
  pg_catalog.pg_relation_size(table_class.oid) as size_bytes
from pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and table_class.relkind = 'r'
  and table_class.reltuples >= 10000000
  and ${tableParameter('autovacuum_vacuum_scale_factor')} >= 0.1
  and ${isNotOfExtension('table_class.oid')}
order by table_class.reltuples desc`,
  findings(rows) {
    return rows.map((row) => ({
      object: row.table_name,
      relationOid: Number(row.table_oid),
      severity: 'info' as const,
      message: `Autovacuum of ${row.table_name} starts only after ${formatCount(row.threshold)} of its ${formatCount(row.rows)} rows are dead.`,
      evidence: [
        { label: 'autovacuum_vacuum_scale_factor', value: String(row.scale_factor) },
        { label: 'Rows (estimate)', value: formatCount(row.rows) },
        { label: 'Size', value: formatBytes(row.size_bytes) },
      ],
      fixSql: `alter table ${row.table_name} set (autovacuum_vacuum_scale_factor = 0.01);`,
      undoSql: `alter table ${row.table_name} reset (autovacuum_vacuum_scale_factor);`,
      lock: lockTexts.shareUpdateExclusive,
      confidence: 'medium' as const,
      confidenceReason: 'A table that is never updated or deleted from does not need it.',
    }));
  },
};
