import { isNotOfExtension, isUserSchema, relationSize } from '../../catalog-sql.ts';
import { formatBytes, formatCount } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
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

interface Row extends RootedRow {
  readonly is_sequence: boolean;
  readonly rows: number;
  readonly size_bytes: number;
  readonly comment: string | null;
  /** Other unlogged tables that its foreign keys point to: they have to be logged first. */
  readonly unlogged_targets: readonly string[];
}

export const unloggedTable: HealthCheck<Row> = {
  id: 'TAB16',
  group: 'tables',
  basis: 'catalog',
  title: 'Unlogged tables',
  why: 'An unlogged table is emptied after a crash, and does not exist on standbys or in a restore from WAL. Fine for caches, a loss for anything else.',
  // Run on PostgreSQL 13 to 18. A sequence of an unlogged table goes with it.
  sql: ({ inRecovery }) => `
with unlogged as materialized (
  select
    relation.*
  from pg_catalog.pg_class as relation
  where relation.relpersistence = 'u'
    and relation.relkind in ('r', 'm', 'S')
)
select
  table_class.oid::int8 as table_oid,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,${rootColumns},
  table_class.relkind = 'S' as is_sequence,
  greatest(table_class.reltuples, 0)::float8 as rows,
  (${inRecovery ? '0' : relationSize('table_class.oid', 'table_class.relpages')})::float8 as size_bytes,
  pg_catalog.obj_description(coalesce(root.oid, table_class.oid), 'pg_class') as comment,
  array(
    select distinct format('%I.%I', target_schema.nspname, target.relname)
    from pg_catalog.pg_constraint as foreign_key
    join unlogged as target on target.oid = foreign_key.confrelid
    join pg_catalog.pg_namespace as target_schema on target_schema.oid = target.relnamespace
    where foreign_key.conrelid = table_class.oid
      and foreign_key.contype = 'f'
      and foreign_key.confrelid <> table_class.oid
  ) as unlogged_targets
from unlogged as table_class
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace${rootJoins}
where ${isUserSchema('schema')}
  and not exists (
    select
    from pg_catalog.pg_depend as ownership
    join unlogged as owner_table on owner_table.oid = ownership.refobjid
    where table_class.relkind = 'S'
      and ownership.classid = 'pg_catalog.pg_class'::regclass
      and ownership.refclassid = 'pg_catalog.pg_class'::regclass
      and ownership.objid = table_class.oid
      and ownership.deptype in ('a', 'i')
  )
  and ${isNotOfExtension('table_class.oid')}
order by size_bytes desc, table_name`,
  findings(rows, { facts }) {
    return [
      ...families(rows.filter((row) => !row.is_sequence)).map((family) => tableFinding(family, facts.inRecovery)),
      ...rows.filter((row) => row.is_sequence).map(sequenceFinding),
    ];
  },
};

/** Tables whose rows come again, or are not meant to last. */
const passingName =
  /(?:^|_)(?:cached?|caches|imports?|rate_?limits?|scratch|sessions?|stage|staging|stg|temp|temporary|tmp|throttles?)(?:_|$)/i;

function tableFinding(family: Family<Row>, isSizeUnknown: boolean) {
  const size = total(family, (row) => row.size_bytes);
  const isPassing = passingName.test(family.name.replaceAll('"', '').split('.').at(-1) ?? '');
  const isMeant = isPassing || family.rows.some((row) => /unlogged|\bcache/i.test(row.comment ?? ''));
  const targets = [...new Set(family.rows.flatMap((row) => row.unlogged_targets))];
  return {
    object: family.name,
    relationOid: family.oid,
    severity: isMeant || (size === 0 && !isSizeUnknown) ? ('info' as const) : ('warning' as const),
    message: `${family.title} ${family.isPartitioned ? 'are' : 'is'} unlogged (${formatBytes(size)}): a crash empties ${family.isPartitioned ? 'them' : 'it'}.`,
    measure: size,
    evidence: [
      { label: 'Size', value: formatBytes(size) },
      { label: 'Rows (estimate)', value: formatCount(total(family, (row) => row.rows)) },
      ...partitionsEvidence(family, (row) => formatBytes(row.size_bytes)),
    ],
    ...(targets.length > 0
      ? {
          caution: `Foreign keys point to other unlogged tables, which have to be logged first: ${targets.join(', ')}.`,
        }
      : {
          fixSql: eachTable(family, (table) => `alter table ${table} set logged;`),
          undoSql: eachTable(family, (table) => `alter table ${table} set unlogged;`),
          lock: lockTexts.accessExclusiveRewrite,
          caution: 'Writes the whole content to WAL. Leave it if it is a cache that can be built again.',
        }),
  };
}

function sequenceFinding(row: Row) {
  return {
    object: row.table_name,
    relationOid: Number(row.table_oid),
    severity: 'warning' as const,
    message: `Sequence ${row.table_name} is unlogged: a crash resets it.`,
    evidence: [{ label: 'Owned by an unlogged table', value: 'no' }],
    fixSql: `alter sequence ${row.table_name} set logged;`,
    undoSql: `alter sequence ${row.table_name} set unlogged;`,
    lock: lockTexts.accessExclusiveShort,
  };
}
