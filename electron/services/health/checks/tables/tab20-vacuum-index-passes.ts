import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatBytes, formatCount, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantRole } from '../../unlock-sql.ts';

interface Row {
  readonly kind: 'running' | 'expected';
  readonly pid: number | null;
  readonly table_oid: string | null;
  readonly table_name: string | null;
  readonly passes: number;
  readonly dead_rows: number | null;
  readonly memory_bytes: number;
  readonly memory_setting: string;
}

export const vacuumIndexPasses: HealthCheck<Row, 'minPasses'> = {
  id: 'TAB20',
  group: 'tables',
  basis: 'moment',
  title: 'Vacuum that reads every index several times',
  why: 'Vacuum remembers dead rows in maintenance_work_mem. When it is full, all indexes of the table are read once, and then again for the next part: hours for large tables. More memory does it in one pass.',
  thresholds: {
    // pganalyze: more than one pass.
    minPasses: { usual: 2, unit: 'count', label: 'Passes over the indexes' },
  },
  requires: { role: 'primary' },
  // Run on PostgreSQL 13 to 18. Until 16 a dead row takes 6 bytes, and no more than 1 GB is used; 17 needs far less.
  sql: ({ versionNum }, { minPasses }) => `
with memory as (
  select
    case when autovacuum.setting = '-1' then 'maintenance_work_mem' else 'autovacuum_work_mem' end as name,
    case when autovacuum.setting = '-1' then maintenance.setting else autovacuum.setting end::int8 * 1024 as bytes
  from pg_catalog.pg_settings as autovacuum
  cross join pg_catalog.pg_settings as maintenance
  where autovacuum.name = 'autovacuum_work_mem'
    and maintenance.name = 'maintenance_work_mem'
)
select
  'running' as kind,
  progress.pid,
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  (progress.index_vacuum_count + case when progress.phase in ('scanning heap', 'vacuuming indexes') then 1 else 0 end)::int4 as passes,
  pg_catalog.pg_stat_get_dead_tuples(table_class.oid)::float8 as dead_rows,
  memory.bytes::float8 as memory_bytes,
  memory.name as memory_setting
from pg_catalog.pg_stat_progress_vacuum as progress
cross join memory
left join (
  pg_catalog.pg_class as table_class
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
) on table_class.oid = progress.relid
where progress.datname = current_database()
  and (progress.relid is null or progress.index_vacuum_count >= 1
    and progress.index_vacuum_count + case when progress.phase in ('scanning heap', 'vacuuming indexes') then 1 else 0 end >= ${minPasses})${
      versionNum >= 170_000
        ? ''
        : `
union all
select
  'expected',
  null,
  table_class.oid::int8,
  format('%I.%I', schema.nspname, table_class.relname),
  ceil(dead.rows * 6.0 / least(memory.bytes, 1073741823))::int4,
  dead.rows::float8,
  memory.bytes::float8,
  memory.name
from memory
cross join pg_catalog.pg_class as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
cross join lateral (select pg_catalog.pg_stat_get_dead_tuples(table_class.oid) as rows) as dead
where table_class.relkind in ('r', 'm')
  and table_class.relhasindex
  and table_class.relpersistence <> 't'
  and dead.rows * 6.0 / least(memory.bytes, 1073741823) > ${minPasses} - 1
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}`
    }
order by 1 desc, 4`,
  findings(rows, { facts }) {
    const masked = rows.filter((row) => row.kind === 'running' && row.table_oid === null);
    const running = new Set(rows.filter((row) => row.kind === 'running').map((row) => row.table_oid));
    const findings = rows
      .filter((row) => row.table_oid !== null && (row.kind === 'running' || !running.has(row.table_oid)))
      .map((row) => {
        const isAtMost = row.memory_bytes >= 1024 ** 3 - 1;
        return {
          object: row.table_name ?? '',
          relationOid: Number(row.table_oid),
          severity: 'warning' as const,
          message:
            row.kind === 'running'
              ? `Vacuum of ${row.table_name ?? ''} (pid ${row.pid ?? ''}) is in pass ${formatCount(row.passes)} over its indexes; its memory is ${formatBytes(row.memory_bytes)}.`
              : `The next vacuum of ${row.table_name ?? ''} will read its indexes about ${plural(row.passes, 'time')}: ${formatCount(row.dead_rows ?? 0)} dead rows do not fit in ${formatBytes(row.memory_bytes)}.`,
          measure: row.passes,
          evidence: [
            { label: 'Passes', value: formatCount(row.passes) },
            { label: 'Dead rows', value: formatCount(row.dead_rows ?? 0) },
            { label: row.memory_setting, value: formatBytes(row.memory_bytes) },
          ],
          ...(isAtMost || row.kind === 'running'
            ? {}
            : {
                fixSql: `set maintenance_work_mem = '1GB';\nvacuum ${row.table_name ?? ''};`,
                lock: lockTexts.shareUpdateExclusive,
                caution: 'Takes up to 1 GB of memory while it runs; the setting lasts for the session.',
              }),
          confidence: row.kind === 'running' ? ('high' as const) : ('medium' as const),
          ...(row.kind === 'running' ? {} : { confidenceReason: 'Dead rows are a count of the statistics system.' }),
        };
      });
    return masked.length === 0
      ? findings
      : cannotTell(`${plural(masked.length, 'vacuum')} of other users cannot be seen by ${facts.user}.`, {
          unlockSql: grantRole('pg_monitor', facts),
          findings,
        });
  },
};
