import { isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import {
  alterSystem,
  serverRows,
  settingEvidence,
  settingsSql,
  type SettingRow,
  withHiddenValues,
} from '../../setting-row.ts';
import {
  eachTable,
  families,
  partitionsEvidence,
  rootColumns,
  rootJoins,
  total,
  type Family,
  type RootedRow,
} from './partition-families.ts';

interface ServerRow {
  readonly kind: 'server';
  readonly setting: SettingRow;
}

interface TableRow extends RootedRow {
  readonly kind: 'table' | 'toast';
  readonly dead_rows: number;
  readonly size_bytes: number;
}

type Row = ServerRow | TableRow;
type Limit = 'smallBytes' | 'fewDeadRows';

export const autovacuumOff: HealthCheck<Row, Limit> = {
  id: 'TAB04',
  group: 'tables',
  basis: 'catalog',
  title: 'Autovacuum switched off',
  why: 'Autovacuum removes dead rows, keeps planner statistics fresh and prevents transaction id wraparound. Where it is off, bloat grows and plans go wrong, until the emergency vacuum comes at the worst time.',
  thresholds: {
    smallBytes: { usual: 1024 ** 2, unit: 'bytes', label: 'Table below which it is no warning' },
    fewDeadRows: { usual: 1000, unit: 'rows', label: 'Dead rows below which it is no warning for a small table' },
  },
  // Run on PostgreSQL 13 to 18. A TOAST table without parameters of its own follows its table's.
  sql: (facts) => `
with off as materialized (
  select
    any_table.oid,
    any_table.relkind,
    any_table.relpages
  from pg_catalog.pg_class as any_table
  where any_table.reloptions is not null
    and any_table.relkind in ('r', 'm', 't')
    and exists (
      select
      from pg_catalog.pg_options_to_table(any_table.reloptions) as option
      where option.option_name = 'autovacuum_enabled'
        and not option.option_value::bool
    )
)
select
  'server' as kind,
  pg_catalog.row_to_json(server_setting) as setting,
  null::int8 as table_oid,
  null as table_name,
  null::int8 as root_oid,
  null as root_name,
  null::float8 as dead_rows,
  null::float8 as size_bytes
from (${settingsSql(['autovacuum', 'track_counts'], facts)}
) as server_setting
union all
select
  case when off.relkind = 't' then 'toast' else 'table' end,
  null,
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,${rootColumns},
  pg_catalog.pg_stat_get_dead_tuples(off.oid)::float8,
  (${relationSize('off.oid', 'off.relpages')})::float8
from off
join pg_catalog.pg_class as table_class
  on table_class.oid = case when off.relkind = 't'
    then (select parent.oid from pg_catalog.pg_class as parent where parent.reltoastrelid = off.oid)
    else off.oid end
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace${rootJoins}
where table_class.relpersistence <> 't'
  and ${isUserSchema('schema')}
order by 1, 4`,
  findings(rows, { limits }) {
    const settings = rows.flatMap((row) => (row.kind === 'server' ? [row.setting] : []));
    const findings = [
      ...serverRows(settings)
        .filter(({ setting }) => setting === 'off')
        .map(serverFinding),
      ...(['table', 'toast'] as const).flatMap((kind) =>
        families(rows.filter((row): row is TableRow => row.kind === kind)).map((family) =>
          tableFinding(family, kind, limits),
        ),
      ),
    ];
    return withHiddenValues(findings, settings);
  },
};

function serverFinding(row: SettingRow) {
  return {
    object: row.name,
    severity: 'critical' as const,
    message: `${row.name} is off: autovacuum does not work on this server.`,
    evidence: [settingEvidence(row)],
    ...alterSystem(row, 'on'),
  };
}

function tableFinding(family: Family<TableRow>, kind: 'table' | 'toast', limits: Readonly<Record<Limit, number>>) {
  const parameter = kind === 'toast' ? 'toast.autovacuum_enabled' : 'autovacuum_enabled';
  const what = family.isPartitioned ? family.phrase : `table ${family.phrase}`;
  const dead = total(family, (row) => row.dead_rows);
  const size = total(family, (row) => row.size_bytes);
  const isSmall = size < limits.smallBytes && dead < limits.fewDeadRows;
  return {
    object: family.name,
    relationOid: family.oid,
    severity: isSmall ? ('info' as const) : ('warning' as const),
    message: `Autovacuum is off for ${kind === 'toast' ? `the TOAST table of ${family.phrase}` : what} (${formatCount(dead)} dead rows, ${formatBytes(size)}).`,
    measure: dead,
    evidence: [
      { label: parameter, value: 'false' },
      { label: 'Dead rows', value: formatCount(dead) },
      ...partitionsEvidence(family, (row) => formatCount(row.dead_rows)),
    ],
    fixSql: eachTable(family, (table) => `alter table ${table} reset (${parameter});`),
    undoSql: eachTable(family, (table) => `alter table ${table} set (${parameter} = false);`),
    lock: lockTexts.shareUpdateExclusive,
  };
}
