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
  /** Null for a sequence that is not used since it was made or set. */
  readonly last_value: string | null;
  /** What an unused sequence hands out first; null for one that is in use. */
  readonly first_value: string | null;
  readonly max_value: string;
  readonly increment: string;
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
  fed.*,
  -- Of a sequence that was set and not used since, only the sequence itself knows where it stands.
  case
    when fed.can_read
      and fed.last_value is null
      and fed.highest_seen is not null
      and pg_catalog.has_sequence_privilege(fed.sequence_oid::oid, 'select')
      and pg_catalog.has_schema_privilege(fed.sequence_schema, 'usage')
      then substring(
        query_to_xml('select last_value from ' || fed.sequence_name, true, false, '')::text
        from '<last_value>(-?[0-9]+)</last_value>'
      )
  end as first_value
from (
  select
    sequence_class.oid::int8 as sequence_oid,
    table_class.oid::int8 as table_oid,
    schema.nspname::text as schema_name,
    format('%I.%I', schema.nspname, table_class.relname) as table_name,
    quote_ident(attribute.attname) as column_name,
    sequence_schema.oid as sequence_schema,
    format('%I.%I', sequence_schema.nspname, sequence_class.relname) as sequence_name,
    quote_literal(format('%I.%I', sequence_schema.nspname, sequence_class.relname)) as sequence_literal,
    case
      when reading.allowed then pg_catalog.pg_sequence_last_value(sequence_class.oid)
    end as last_value,
    sequence.seqmax as max_value,
    sequence.seqincrement as increment,
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
  from (
    -- The columns that own a sequence, and those whose default calls nextval on it.
    select
      ownership.objid as sequence_oid,
      ownership.refobjid as table_oid,
      ownership.refobjsubid as attnum
    from pg_catalog.pg_depend as ownership
    where ownership.classid = 'pg_catalog.pg_class'::regclass
      and ownership.refclassid = 'pg_catalog.pg_class'::regclass
      and ownership.deptype in ('a', 'i')
      and ownership.refobjsubid > 0
      and ownership.objid in (select any_sequence.seqrelid from pg_catalog.pg_sequence as any_sequence)
    union
    select
      dependency.refobjid,
      default_of.adrelid,
      default_of.adnum
    from pg_catalog.pg_depend as dependency
    join pg_catalog.pg_attrdef as default_of on default_of.oid = dependency.objid
    where dependency.classid = 'pg_catalog.pg_attrdef'::regclass
      and dependency.refclassid = 'pg_catalog.pg_class'::regclass
      and dependency.deptype = 'n'
      and dependency.refobjsubid = 0
  ) as feeding
  join pg_catalog.pg_class as sequence_class on sequence_class.oid = feeding.sequence_oid and sequence_class.relkind = 'S'
  join pg_catalog.pg_sequence as sequence on sequence.seqrelid = sequence_class.oid and sequence.seqincrement > 0
  join pg_catalog.pg_namespace as sequence_schema on sequence_schema.oid = sequence_class.relnamespace
  join pg_catalog.pg_class as table_class on table_class.oid = feeding.table_oid
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = table_class.oid
    and attribute.attnum = feeding.attnum
    and attribute.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
  cross join lateral (
    select pg_catalog.has_sequence_privilege(sequence_class.oid, 'usage, select')
      and not (pg_catalog.pg_is_in_recovery() and sequence_class.relpersistence = 'u') as allowed
  ) as reading
  left join pg_catalog.pg_attrdef as column_default
    on column_default.adrelid = attribute.attrelid
    and column_default.adnum = attribute.attnum
  where not sequence.seqcycle
    and (
      -- Identity, or numbers that the application fetches.
      column_default.oid is null
      -- A default that computes something else out of the number, or takes it elsewhere, says nothing about the sequence.
      or pg_catalog.pg_get_expr(column_default.adbin, column_default.adrelid)
        ~ '^nextval\\(''([^'']|'''')*''::regclass\\)(::[a-z]+)?$'
      and exists (
        select
        from pg_catalog.pg_depend as dependency
        where dependency.classid = 'pg_catalog.pg_attrdef'::regclass
          and dependency.objid = column_default.oid
          and dependency.refobjid = sequence_class.oid
      )
    )
    -- A column that borrows the sequence collides only where it is unique.
    and (
      exists (
        select
        from pg_catalog.pg_depend as ownership
        where ownership.classid = 'pg_catalog.pg_class'::regclass
          and ownership.objid = sequence_class.oid
          and ownership.refobjid = table_class.oid
          and ownership.refobjsubid = attribute.attnum
          and ownership.deptype in ('a', 'i')
      )
      or exists (
        select
        from pg_catalog.pg_index as ind
        where ind.indrelid = table_class.oid
          and ind.indisunique
          and ind.indnkeyatts = 1
          and ind.indkey[0] = attribute.attnum
      )
    )
    and not table_class.relispartition
    and sequence_class.relpersistence <> 't'
    and ${isUserSchema('schema')}
    and ${isNotOfExtension('table_class.oid')}
) as fed
order by sequence_name, table_name, column_name`,
  findings(rows, { facts, limits }) {
    const isHidden = (row: Row): boolean =>
      !row.can_read || (row.highest_seen !== null && row.last_value === null && row.first_value === null);
    const hidden = rows.filter(isHidden);
    const known = rows.filter((row) => row.highest_seen !== null && !isHidden(row));
    const sequences = new Map<string, Row[]>();
    for (const row of known) sequences.set(row.sequence_oid, [...(sequences.get(row.sequence_oid) ?? []), row]);
    const findings = [...sequences.values()].flatMap((columns) => {
      // One sequence may feed several columns; the highest of them decides.
      const row = columns.reduce((first, other) => (highestOf(other) > highestOf(first) ? other : first));
      const highest = highestOf(row);
      const step = BigInt(row.increment);
      const next = row.last_value === null ? BigInt(row.first_value ?? 1) : BigInt(row.last_value) + step;
      const behind = highest - (next - step);
      // The numbers between two steps are handed out by the application, as Hibernate's pooled optimizers do.
      if (highest < next || Number(behind) < limits.minBehind) return [];
      return [
        {
          object: row.sequence_name,
          relationOid: Number(row.sequence_oid),
          severity: 'warning' as const,
          message: `Sequence ${row.sequence_name} ${row.last_value === null ? `will hand out ${formatCount(next.toString())} first` : `stands at ${formatCount(row.last_value)}`}, but ${row.table_name}.${row.column_name} already holds ${formatCount(highest.toString())}.`,
          measure: Number(behind),
          evidence: [
            { label: 'Last value', value: row.last_value === null ? 'not used yet' : formatCount(row.last_value) },
            { label: 'Highest value at the last analyze', value: formatCount(highest.toString()) },
          ],
          ...fixOf(row, columns),
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

function highestOf(row: Row): bigint {
  return BigInt(row.highest_seen ?? 0);
}

function fixOf(
  row: Row,
  columns: readonly Row[],
): { fixSql?: string; undoSql?: string; lock?: string; caution?: string } {
  if (highestOf(row) > BigInt(row.max_value))
    return { caution: 'The column holds more than the sequence can reach: its numbers may come from elsewhere.' };
  const highest = columns.map((column) => `(select max(${column.column_name}) from ${column.table_name})`).join(', ');
  return {
    // Never back: rows with the highest numbers may be gone.
    fixSql: `select pg_catalog.setval(${row.sequence_literal}, greatest(${highest}, (select last_value from ${row.sequence_name})));`,
    undoSql:
      row.last_value === null
        ? `select pg_catalog.setval(${row.sequence_literal}, ${row.first_value ?? 1}, false);`
        : `select pg_catalog.setval(${row.sequence_literal}, ${row.last_value});`,
    lock: lockTexts.none,
  };
}
