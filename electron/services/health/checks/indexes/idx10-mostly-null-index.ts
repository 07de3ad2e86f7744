import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatPercent, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantTables } from '../../unlock-sql.ts';
import { concurrently } from './drop-index.ts';

interface Row {
  readonly index_oid: string;
  readonly schema_name: string;
  readonly index_name: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly can_read: boolean;
  readonly null_share: number | null;
  readonly is_unique: boolean;
  readonly size_bytes: string;
  readonly definition: string;
}

export const mostlyNullIndex: HealthCheck<Row> = {
  id: 'IDX10',
  group: 'indexes',
  basis: 'catalog',
  title: 'Indexes of mostly null values',
  why: 'Null entries are stored in a btree like others and are seldom searched for. A partial index with IS NOT NULL is smaller and is skipped when the column stays null.',
  requires: { privilege: 'SELECT on the tables: pg_stats shows only what the user may read' },
  // Run on PostgreSQL 13 to 18.
  sql: () => `
select
  index_class.oid::int8 as index_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(attribute.attname) as column_name,
  pg_catalog.has_column_privilege(table_class.oid, attribute.attnum, 'select')
    and not pg_catalog.row_security_active(table_class.oid) as can_read,
  stats.null_frac::float8 as null_share,
  ind.indisunique as is_unique,
  pg_catalog.pg_relation_size(index_class.oid) as size_bytes,
  pg_catalog.pg_get_indexdef(index_class.oid) as definition
from pg_catalog.pg_index as ind
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = ind.indrelid
  and attribute.attnum = ind.indkey[0]
  and not attribute.attnotnull
left join pg_catalog.pg_stats as stats
  on stats.schemaname = schema.nspname
  and stats.tablename = table_class.relname
  and stats.attname = attribute.attname
  and not stats.inherited
where ${isUserSchema('schema')}
  and index_class.relkind = 'i'
  and not index_class.relispartition
  and ind.indisvalid
  and ind.indpred is null
  and ind.indnkeyatts = 1
  and pg_catalog.pg_relation_size(index_class.oid) >= 1024 * 1024
  and ${isNotOfExtension('table_class.oid')}
order by size_bytes desc`,
  findings(rows, { facts }) {
    const hidden = rows.filter((row) => row.null_share === null && !row.can_read);
    const findings = rows.flatMap((row) =>
      row.null_share === null || row.null_share < 0.5
        ? []
        : [
            {
              object: row.index_name,
              relationOid: Number(row.index_oid),
              severity: 'info' as const,
              message: `${formatPercent(row.null_share)} of index ${row.index_name} (${formatBytes(row.size_bytes)}) are null values of ${row.column_name}.`,
              evidence: [
                { label: 'Table', value: row.table_name },
                { label: 'Share of nulls', value: formatPercent(row.null_share) },
                { label: 'Definition', value: row.definition },
              ],
              ...(row.is_unique
                ? {
                    caution:
                      'It is unique: make the partial index unique as well, and mind constraints that rest on it.',
                  }
                : {
                    fixSql: `${withNewName(concurrently(row.definition))} where ${row.column_name} is not null;\ndrop index concurrently ${row.index_name};`,
                    undoSql: `${concurrently(row.definition)};`,
                    lock: lockTexts.shareUpdateExclusive,
                    caution: 'Queries that search for null would no longer use it.',
                  }),
              confidence: 'medium' as const,
              confidenceReason: 'The share is an estimate of the last analyze.',
            },
          ],
    );
    if (hidden.length === 0) return findings;
    return cannotTell(
      `The share of nulls of ${plural(hidden.length, 'index', 'indexes')} cannot be read: ${facts.user} may not read the tables.`,
      {
        unlockSql: grantTables(
          hidden.map((row) => row.schema_name),
          facts,
        ),
        findings,
      },
    );
  },
};

/** Without a name PostgreSQL chooses a free one. */
function withNewName(definition: string): string {
  return definition.replace(/INDEX CONCURRENTLY (?:"(?:[^"]|"")+"|\S+) ON /, 'INDEX CONCURRENTLY ON ');
}
