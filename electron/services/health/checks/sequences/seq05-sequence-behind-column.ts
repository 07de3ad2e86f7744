import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { grantSequences, grantTables } from '../../unlock-sql.ts';

interface Row {
  readonly sequence_oid: string;
  readonly table_oid: string;
  readonly schema_name: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly sequence_name: string;
  readonly sequence_literal: string;
  readonly last_value: string | null;
  readonly can_read: boolean;
  /** The upper end of the column's histogram or its most common values, whichever is larger. */
  readonly highest_seen: string | null;
}

export const sequenceBehindColumn: HealthCheck<Row, 'minBehind'> = {
  id: 'SEQ05',
  group: 'sequences',
  basis: 'estimate',
  title: 'Sequences behind their column',
  why: 'After a restore or a bulk load the sequence may still stand where it began. The next inserts then collide with rows that exist: "duplicate key value violates unique constraint".',
  requires: { privilege: 'SELECT on the tables and sequences' },
  thresholds: {
    minBehind: { usual: 1, unit: 'count', label: 'Values behind that are reported' },
  },
  // Run on PostgreSQL 13 to 18. The largest value comes from the planner's statistics, so that no table is read: it is a
  // value the column had at the last analyze, never more than the true maximum of that moment.
  sql: () => `
select
  sequence_class.oid::int8 as sequence_oid,
  table_class.oid::int8 as table_oid,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, table_class.relname) as table_name,
  quote_ident(attribute.attname) as column_name,
  format('%I.%I', sequence_schema.nspname, sequence_class.relname) as sequence_name,
  quote_literal(format('%I.%I', sequence_schema.nspname, sequence_class.relname)) as sequence_literal,
  case
    when reading.allowed then pg_catalog.pg_sequence_last_value(sequence_class.oid)
  end as last_value,
  reading.allowed
    and pg_catalog.has_column_privilege(table_class.oid, attribute.attnum, 'select')
    and not pg_catalog.row_security_active(table_class.oid) as can_read,
  (
    select max(value::numeric)::text
    from pg_catalog.pg_stats as stats
    cross join lateral unnest(
      string_to_array(trim(both '{}' from stats.histogram_bounds::text), ',')
      || string_to_array(trim(both '{}' from stats.most_common_vals::text), ',')
    ) as value
    where stats.schemaname = schema.nspname
      and stats.tablename = table_class.relname
      and stats.attname = attribute.attname
  ) as highest_seen
from pg_catalog.pg_depend as ownership
join pg_catalog.pg_class as sequence_class on sequence_class.oid = ownership.objid and sequence_class.relkind = 'S'
join pg_catalog.pg_sequence as sequence on sequence.seqrelid = sequence_class.oid and sequence.seqincrement > 0
join pg_catalog.pg_namespace as sequence_schema on sequence_schema.oid = sequence_class.relnamespace
join pg_catalog.pg_class as table_class on table_class.oid = ownership.refobjid
join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = table_class.oid
  and attribute.attnum = ownership.refobjsubid
  and attribute.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
cross join lateral (
  select pg_catalog.has_sequence_privilege(sequence_class.oid, 'usage, select')
    and not (pg_catalog.pg_is_in_recovery() and sequence_class.relpersistence = 'u') as allowed
) as reading
where ownership.classid = 'pg_catalog.pg_class'::regclass
  and ownership.refclassid = 'pg_catalog.pg_class'::regclass
  and ownership.deptype in ('a', 'i')
  and not sequence.seqcycle
  and not table_class.relispartition
  and sequence_class.relpersistence <> 't'
  and ${isUserSchema('schema')}
  and ${isNotOfExtension('table_class.oid')}
order by table_name, column_name`,
  findings(rows, { facts, limits }) {
    const hidden = rows.filter((row) => !row.can_read);
    const findings = rows.flatMap((row) => {
      if (!row.can_read || row.highest_seen === null) return [];
      const last = BigInt(row.last_value ?? 0);
      const behind = BigInt(row.highest_seen) - last;
      if (behind <= 0n || Number(behind) < limits.minBehind) return [];
      return [
        {
          object: row.sequence_name,
          relationOid: Number(row.sequence_oid),
          severity: 'warning' as const,
          message: `Sequence ${row.sequence_name} stands at ${formatCount(row.last_value ?? 0)}, but ${row.table_name}.${row.column_name} already holds ${formatCount(row.highest_seen)}.`,
          measure: Number(behind),
          evidence: [
            { label: 'Last value', value: row.last_value === null ? 'not used yet' : formatCount(row.last_value) },
            { label: 'Highest value at the last analyze', value: formatCount(row.highest_seen) },
          ],
          // Never back: rows with the highest numbers may be gone.
          fixSql: `select pg_catalog.setval(${row.sequence_literal}, greatest((select max(${row.column_name}) from ${row.table_name}), (select last_value from ${row.sequence_name})));`,
          undoSql:
            row.last_value === null
              ? `alter sequence ${row.sequence_name} restart;`
              : `select pg_catalog.setval(${row.sequence_literal}, ${row.last_value});`,
          lock: lockTexts.none,
          confidence: 'medium' as const,
          confidenceReason:
            'The highest value is from the last analyze; its row may be gone, and the application may give out the numbers itself.',
        },
      ];
    });
    if (hidden.length === 0) return findings;
    const schemas = hidden.map((row) => row.schema_name);
    return cannotTell(
      `${facts.user} may not read ${plural(hidden.length, 'column or its sequence', 'columns or their sequences')}.`,
      {
        unlockSql: `${grantTables(schemas, facts)}\n${grantSequences(schemas, facts)}`,
        findings,
      },
    );
  },
};
