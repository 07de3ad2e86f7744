import { isNextNumberAlone, isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { existsHere, grantSchemas, inSlice, sequenceSlicesSql, unusedValueSql } from './sequence-use.ts';
import { grantSequences, grantTables } from '../../unlock-sql.ts';

interface Row {
  readonly sequence_oid: string;
  readonly table_oid: string;
  readonly schema_name: string;
  readonly sequence_schema_name: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly sequence_name: string;
  readonly sequence_literal: string;
  /** Null for a sequence that is not used since it was made or set. */
  readonly last_value: string | null;
  /** What an unused sequence hands out first; null for one that is in use. */
  readonly first_value: string | null;
  /** Where it ends, in the direction in which it counts. */
  readonly limit_value: string;
  readonly increment: string;
  readonly can_read: boolean;
  /** True where row security hides the statistics of the table from this user, whatever is granted. */
  readonly is_secured: boolean;
  /**
   * Values of the column that the statistics know, ascending, where some of them are beyond the sequence; else empty.
   * Null without statistics.
   */
  readonly known_values: readonly string[] | null;
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
  sql: (_facts, _limits, part) => `
with filled as materialized (
  select
    table_class.oid,
    table_class.relname,
    schema.nspname
  from pg_catalog.pg_class as table_class
  join pg_catalog.pg_namespace as schema on schema.oid = table_class.relnamespace
  where table_class.relkind in ('r', 'p', 'f')
    and not table_class.relispartition
    -- What had no pages has no statistics to compare with; TRUNCATE leaves those of what it took away.
    and (
      table_class.relpages > 0
      or table_class.relkind = 'p' and exists (
        select
        from pg_catalog.pg_partition_tree(table_class.oid) as tree
        join pg_catalog.pg_class as partition on partition.oid = tree.relid
        where partition.relpages > 0
      )
    )
    and ${isUserSchema('schema')}
    and ${isNotOfExtension('table_class.oid')}
)
select
  fed.*,
  case
    when fed.last_value is null
      or fed.increment > 0 and fed.known[cardinality(fed.known)] > fed.last_value
      or fed.increment < 0 and fed.known[1] < fed.last_value then fed.known::text[]
    when fed.known is not null then '{}'::text[]
  end as known_values,
  -- Of a sequence that was set and not used since, only the sequence itself knows where it stands.
  case
    when fed.can_read
      and fed.last_value is null
      and fed.known is not null
      then ${unusedValueSql('fed.sequence_oid::oid', 'fed.sequence_schema', 'fed.sequence_name')}
  end as first_value
from (
  select
    sequence_class.oid::int8 as sequence_oid,
    filled.oid::int8 as table_oid,
    filled.nspname::text as schema_name,
    format('%I.%I', filled.nspname, filled.relname) as table_name,
    quote_ident(attribute.attname) as column_name,
    sequence_schema.oid as sequence_schema,
    sequence_schema.nspname::text as sequence_schema_name,
    format('%I.%I', sequence_schema.nspname, sequence_class.relname) as sequence_name,
    quote_literal(format('%I.%I', sequence_schema.nspname, sequence_class.relname)) as sequence_literal,
    case when reading.allowed then pg_catalog.pg_sequence_last_value(sequence_class.oid) end as last_value,
    case when sequence.seqincrement > 0 then sequence.seqmax else sequence.seqmin end as limit_value,
    sequence.seqincrement as increment,
    reading.allowed
      and pg_catalog.has_column_privilege(filled.oid, attribute.attnum, 'select')
      and not pg_catalog.row_security_active(filled.oid) as can_read,
    pg_catalog.row_security_active(filled.oid) as is_secured,
    (
      select array_agg(distinct value::numeric order by value::numeric)
      from pg_catalog.pg_stats as stats
      cross join lateral unnest(
        string_to_array(trim(both '{}' from stats.histogram_bounds::text), ',')
        || string_to_array(trim(both '{}' from stats.most_common_vals::text), ',')
      ) as value
      where stats.schemaname = filled.nspname
        and stats.tablename = filled.relname
        and stats.attname = attribute.attname
    ) as known
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
      and ownership.refobjid in (select filled.oid from filled)
      and ownership.refobjsubid > 0
      and ownership.objid in (select any_sequence.seqrelid from pg_catalog.pg_sequence as any_sequence)
      ${inSlice('ownership.objid', part)}
    union
    select
      dependency.refobjid,
      default_of.adrelid,
      default_of.adnum
    from pg_catalog.pg_depend as dependency
    join pg_catalog.pg_attrdef as default_of on default_of.oid = dependency.objid
    where default_of.adrelid in (select filled.oid from filled)
      and dependency.classid = 'pg_catalog.pg_attrdef'::regclass
      and dependency.refclassid = 'pg_catalog.pg_class'::regclass
      and dependency.deptype = 'n'
      and dependency.refobjsubid = 0
      ${inSlice('dependency.refobjid', part)}
  ) as feeding
  join pg_catalog.pg_class as sequence_class on sequence_class.oid = feeding.sequence_oid and sequence_class.relkind = 'S'
  join pg_catalog.pg_sequence as sequence on sequence.seqrelid = sequence_class.oid
  join pg_catalog.pg_namespace as sequence_schema on sequence_schema.oid = sequence_class.relnamespace
  join filled on filled.oid = feeding.table_oid
  join pg_catalog.pg_attribute as attribute
    on attribute.attrelid = filled.oid
    and attribute.attnum = feeding.attnum
    and attribute.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
  cross join lateral (
    select pg_catalog.has_sequence_privilege(sequence_class.oid, 'usage, select') as allowed
  ) as reading
  left join pg_catalog.pg_attrdef as column_default
    on column_default.adrelid = attribute.attrelid
    and column_default.adnum = attribute.attnum
  where not sequence.seqcycle
    and (
      -- Identity, or numbers that the application fetches.
      column_default.oid is null
      -- A default that computes something else out of the number, or takes it elsewhere, says nothing about the sequence.
      or ${isNextNumberAlone('column_default', 'sequence_class.oid')}
    )
    -- A column that borrows the sequence collides only where it is unique.
    and (
      exists (
        select
        from pg_catalog.pg_depend as ownership
        where ownership.classid = 'pg_catalog.pg_class'::regclass
          and ownership.objid = sequence_class.oid
          and ownership.refobjid = filled.oid
          and ownership.refobjsubid = attribute.attnum
          and ownership.deptype in ('a', 'i')
      )
      or exists (
        select
        from pg_catalog.pg_index as ind
        where ind.indrelid = filled.oid
          and ind.indisunique
          and ind.indnkeyatts = 1
          and ind.indkey[0] = attribute.attnum
      )
    )
    and sequence_class.relpersistence <> 't'
    and ${existsHere('sequence_class')}
) as fed
order by sequence_name, table_name, column_name`,
  slicesSql: sequenceSlicesSql,
  findings(rows, { facts, limits }) {
    const isHidden = (row: Row): boolean =>
      !row.can_read || (row.known_values !== null && row.last_value === null && row.first_value === null);
    const hidden = rows.filter(isHidden);
    const known = rows.filter((row) => !isHidden(row));
    const findings = [...Map.groupBy(known, (row) => row.sequence_oid).values()].flatMap((columns) => {
      // One sequence may feed several columns; the one that has got furthest decides.
      const [worst] = columns
        .flatMap((row) => collisionOf(row) ?? [])
        .toSorted((left, right) => (left.behind < right.behind ? 1 : -1));
      return worst === undefined || Number(worst.behind) < limits.minBehind ? [] : [finding(worst, columns)];
    });
    if (hidden.length === 0) return findings;
    const secured = hidden.filter((row) => row.is_secured);
    const granted = hidden.filter((row) => !row.is_secured);
    const tables = granted.map((row) => row.schema_name);
    const sequences = granted.map((row) => row.sequence_schema_name);
    return cannotTell(
      [
        ...(granted.length === 0
          ? []
          : [
              `${facts.user} may not read ${plural(granted.length, 'column or its sequence', 'columns or their sequences')}.`,
            ]),
        ...(secured.length === 0
          ? []
          : [
              `Row security hides ${plural(secured.length, 'column')} from ${facts.user}: only a role with BYPASSRLS sees their statistics.`,
            ]),
      ].join(' '),
      {
        ...(granted.length === 0
          ? {}
          : {
              unlockSql: [
                grantSchemas([...tables, ...sequences], facts),
                grantTables(tables, facts),
                grantSequences(sequences, facts),
              ].join('\n'),
            }),
        findings,
      },
    );
  },
};

interface Collision {
  readonly row: Row;
  /** What the sequence hands out next. */
  readonly next: bigint;
  readonly behind: bigint;
  /** The last value that stands in its way: of a descending sequence the lowest. */
  readonly furthest: bigint;
  /** Far beyond the other values, or at the end of the sequence: it cannot go there. */
  readonly isOutlier: boolean;
}

/** So many numbers ahead, what stands in the way is not met soon. */
const soon = 1000n;
/** Servers that share out their numbers step by as many as there are of them; pools of an application take more at once. */
const mostServers = 10n;

/** The values that the sequence is going to meet; undefined where there are none. */
function collisionOf(row: Row): Collision | undefined {
  // Counting down is counting up with the signs turned round.
  const sign = isDescending(row) ? -1n : 1n;
  const step = BigInt(row.increment) * sign;
  const next = row.last_value === null ? BigInt(row.first_value ?? 1) * sign : BigInt(row.last_value) * sign + step;
  const known = (row.known_values ?? []).map((value) => BigInt(value) * sign);
  const values = isDescending(row) ? known.toReversed() : known;
  const gaps = values.slice(1).map((value, at) => value - (values[at] ?? value));
  const usualGap = gaps.toSorted((left, right) => (left < right ? -1 : 1))[Math.floor(gaps.length / 2)] ?? 1n;
  const near = usualGap * 2n > soon * step ? usualGap * 2n : soon * step;
  // The numbers between two steps belong to another server, or are handed out by the application.
  const isMet = (value: bigint): boolean => value >= next && (step > mostServers || (value - next) % step === 0n);
  const met = values.filter(isMet);
  const [nearest, furthest] = [met[0], met.at(-1)];
  if (nearest === undefined || furthest === undefined || nearest - next > near) return undefined;
  return {
    row,
    next: next * sign,
    furthest: furthest * sign,
    behind: furthest - (next - step),
    isOutlier: furthest - (met.at(-2) ?? next) > near || furthest + soon * step > BigInt(row.limit_value) * sign,
  };
}

function isDescending(row: Row): boolean {
  return row.increment.startsWith('-');
}

function finding({ row, next, behind, furthest, isOutlier }: Collision, columns: readonly Row[]) {
  const stands =
    row.last_value === null
      ? `will hand out ${formatCount(next.toString())} first`
      : `stands at ${formatCount(row.last_value)}`;
  const extreme = isDescending(row) ? 'lowest' : 'highest';
  return {
    object: row.sequence_name,
    relationOid: Number(row.sequence_oid),
    severity: 'warning' as const,
    message: `Sequence ${row.sequence_name} ${stands}, but ${row.table_name}.${row.column_name} already holds ${formatCount(furthest.toString())}.`,
    measure: Number(behind),
    evidence: [
      { label: 'Last value', value: row.last_value === null ? 'not used yet' : formatCount(row.last_value) },
      {
        label: `${isDescending(row) ? 'Lowest' : 'Highest'} value at the last analyze`,
        value: formatCount(furthest.toString()),
      },
    ],
    ...(isOutlier
      ? {
          caution: `A few values are far ${isDescending(row) ? 'below' : 'above'} the others. Beyond them the sequence would waste most of its numbers: look where they come from, and set it to the ${extreme} of the others.`,
        }
      : fixOf(row, columns)),
    confidence: 'medium' as const,
    confidenceReason: `The ${extreme} value is from the last analyze; its row may be gone, and the application may give out the numbers itself.`,
  };
}

function fixOf(row: Row, columns: readonly Row[]): { fixSql: string; undoSql: string; lock: string } {
  const [furthest, inColumn] = isDescending(row) ? ['least', 'min'] : ['greatest', 'max'];
  const ends = columns
    .map((column) => `(select ${inColumn}(${column.column_name}) from ${column.table_name})`)
    .join(', ');
  const last = `(select last_value from ${row.sequence_name})`;
  // Never back: rows with the highest numbers may be gone. A sequence with steps keeps its place between them.
  const target = ['1', '-1'].includes(row.increment)
    ? `${furthest}(${ends}, ${last})`
    : `${last} + greatest(0, ceil((${furthest}(${ends}) - ${last})::numeric / ${row.increment}))::bigint * ${row.increment}`;
  return {
    fixSql: `select pg_catalog.setval(${row.sequence_literal}, ${target});`,
    undoSql:
      row.last_value === null
        ? `select pg_catalog.setval(${row.sequence_literal}, ${row.first_value ?? 1}, false);`
        : `select pg_catalog.setval(${row.sequence_literal}, ${row.last_value});`,
    lock: lockTexts.none,
  };
}
