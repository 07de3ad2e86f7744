import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';

interface Row {
  readonly statistics_name: string;
  readonly table_oid: string;
  readonly table_name: string;
  readonly columns: string;
  readonly can_read: boolean;
  readonly has_data: boolean;
  readonly rows: number;
}

export const missingStatistics: HealthCheck<Row, 'minRows'> = {
  id: 'TAB23',
  group: 'tables',
  basis: 'catalog',
  title: 'Extended statistics without data',
  why: 'Extended statistics tell the planner that columns depend on each other. Created, they are empty until the next analyze, and the planner goes on multiplying shares as if the columns were independent.',
  thresholds: {
    minRows: { usual: 1000, unit: 'rows', label: 'Rows of the smallest table that is looked at' },
  },
  requires: { privilege: 'membership in the role that owns the table: pg_stats_ext shows nothing else' },
  // Run on PostgreSQL 13 to 18. Which columns depend on each other is known only after such statistics were gathered, so
  // missing objects cannot be told; missing data can.
  // Until 14 the row of the data exists from the start, and only the counts of distinct values are always filled.
  sql(facts, { minRows }) {
    const since15 = facts.versionNum >= 150_000;
    return `
select
  format('%I.%I', statistics_schema.nspname, statistics.stxname) as statistics_name,
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  pg_catalog.pg_get_statisticsobjdef(statistics.oid) as columns,
  ${
    facts.isSuperuser
      ? 'true'
      : `pg_catalog.pg_has_role(table_class.relowner, 'usage') and not pg_catalog.row_security_active(table_class.oid)`
  } as can_read,
  exists (
    select
    ${
      facts.isSuperuser
        ? `from pg_catalog.pg_statistic_ext_data as data
    where data.stxoid = statistics.oid${since15 ? '' : '\n      and data.stxdndistinct is not null'}`
        : `from pg_catalog.pg_stats_ext as shown
    where shown.statistics_schemaname = statistics_schema.nspname
      and shown.statistics_name = statistics.stxname${since15 ? '' : '\n      and shown.n_distinct is not null'}`
    }
  ) as has_data,
  table_class.reltuples::float8 as rows
from pg_catalog.pg_statistic_ext as statistics
join pg_catalog.pg_namespace as statistics_schema on statistics_schema.oid = statistics.stxnamespace
join pg_catalog.pg_class as table_class on table_class.oid = statistics.stxrelid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
where ${isUserSchema('schema')}
  and table_class.reltuples >= ${minRows}${since15 ? '' : '\n  and statistics.stxkind operator(pg_catalog.@>) \'{d}\'::"char"[]'}
  and ${isNotOfExtension('table_class.oid')}
order by statistics_name`;
  },
  findings(rows, { facts }) {
    const hidden = rows.filter((row) => !row.can_read);
    const empty = rows.filter((row) => row.can_read && !row.has_data);
    const findings = [...Map.groupBy(empty, (row) => row.table_oid).values()].flatMap((objects) => {
      const [first] = objects;
      if (first === undefined) return [];
      const names = objects.map((row) => row.statistics_name).join(', ');
      return [
        {
          object: first.table_name,
          relationOid: Number(first.table_oid),
          severity: 'info' as const,
          message: `Extended statistics ${names} of ${first.table_name} have no data: the table was not analyzed since they were created.`,
          measure: objects.length,
          evidence: objects.map((row) => ({ label: row.statistics_name, value: row.columns })),
          fixSql: `analyze ${first.table_name};`,
          lock: lockTexts.shareUpdateExclusive,
        },
      ];
    });
    return hidden.length === 0
      ? findings
      : cannotTell(
          `${plural(hidden.length, 'object', 'objects')} of extended statistics cannot be read: only the owner of the table sees the data, and ${facts.user} is not.`,
          { findings },
        );
  },
};
