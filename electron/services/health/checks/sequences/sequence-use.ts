import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { plural } from '../../format-values.ts';
import { heldSentence, holders, obstaclesSql, type Obstacle } from '../../type-change-sql.ts';
import { cannotTell, type CheckOutcome, type HealthFacts, type SqlPart } from '../../health-check.ts';
import type { HealthFinding } from '#contract/health-model.ts';
import { grantSequences } from '../../unlock-sql.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';

/** A sequence, and one column that it feeds. A sequence without a column has one row, one with several has several. */
export interface SequenceUseRow {
  readonly sequence_oid: string;
  readonly schema_name: string;
  readonly sequence_name: string;
  readonly sequence_type: string;
  readonly can_read: boolean;
  /** Null where it was never used, or may not be read: `can_read` says which. */
  readonly last_value: string | null;
  /** What it hands out next, where it was set anew and not used since: `last_value` is then the number before. */
  readonly next_value?: string | null;
  /** Where it started; the end of its range where that is not said. */
  readonly start_value?: string;
  readonly min_value: string;
  readonly max_value: string;
  readonly increment: string;
  readonly cycles: boolean;
  /** True where it cycles and the column it feeds is a key of its own: numbers given out twice are refused there. */
  readonly feeds_key: boolean;
  readonly table_oid: string | null;
  readonly table_name: string | null;
  readonly column_name: string | null;
  /** What the column can hold: of a domain the type below it. */
  readonly column_type: 'smallint' | 'integer' | 'bigint' | 'other' | null;
  /** The type as the column has it, a domain by its name. */
  readonly declared_type: string | null;
  readonly has_domain: boolean;
  readonly is_identity: boolean;
  readonly table_bytes: string | null;
  /** What depends on the type of a column narrower than bigint. Null where less than a hundredth of it is used. */
  readonly obstacles: readonly Obstacle[] | null;
}

/** So many sequences are looked at by one statement, or a fifth of the locks that the server has room for. */
const maxSequences = 1000;

/** To look at a sequence locks it until the statement ends. Run on PostgreSQL 13 to 18. */
export const sequenceSlicesSql = `
select
  min(numbered.seqrelid::int8) as first_oid,
  max(numbered.seqrelid::int8) as last_oid
from (
  select
    sequence.seqrelid,
    (row_number() over (order by sequence.seqrelid) - 1) / greatest(1, least(
      ${maxSequences},
      pg_catalog.current_setting('max_locks_per_transaction')::int8
        * pg_catalog.current_setting('max_connections')::int8 / 5
    )) as slice
  from pg_catalog.pg_sequence as sequence
) as numbered
group by numbered.slice
order by numbered.slice`;

/** Keeps a query to the sequences of a slice. */
export function inSlice(oid: string, part: SqlPart | undefined): string {
  return part === 'slice' ? `and ${oid} between $1::oid and $2::oid` : '';
}

/**
 * What a sequence hands out next that was not used since it was made or set, for which pg_sequence_last_value has nothing:
 * only the sequence itself knows. It has to be opened by name, which USAGE on its schema allows.
 */
export function unusedValueSql(sequenceOid: string, schemaOid: string, name: string): string {
  return `case
    when pg_catalog.has_sequence_privilege(${sequenceOid}, 'select')
      and pg_catalog.has_schema_privilege(${schemaOid}, 'usage')
      then substring(
        query_to_xml('select last_value from ' || ${name}, true, false, '')::text
        from '<last_value>(-?[0-9]+)</last_value>'
      )
  end`;
}

/** A standby has no unlogged data: nobody can read such sequences there, and nobody needs them. */
export function existsHere(classAlias: string): string {
  return `not (${classAlias}.relpersistence = 'u' and pg_catalog.pg_is_in_recovery())`;
}

/** Rights to name what is in these schemas. */
export function grantSchemas(schemas: Iterable<string>, facts: HealthFacts): string {
  return [...new Set(schemas)]
    .map((schema) => `grant usage on schema ${quoteIdentifier(schema)} to ${quoteIdentifier(facts.user)};`)
    .join('\n');
}

/**
 * Sequences with the columns they feed: identity columns, and columns whose default calls nextval on them, owned or not.
 * Reading the last value needs USAGE or SELECT on the sequence; pg_monitor is not enough. A partition takes its numbers
 * from its parent's sequence and is not listed again.
 * Run on PostgreSQL 13 to 18.
 */
export function sequenceUseSql(part?: SqlPart): string {
  return `
with recursive below_domain as (
  select
    domain.oid as domain_oid,
    domain.typbasetype as type_oid
  from pg_catalog.pg_type as domain
  where domain.typtype = 'd'
  union all
  select
    below_domain.domain_oid,
    domain.typbasetype
  from below_domain
  join pg_catalog.pg_type as domain on domain.oid = below_domain.type_oid and domain.typtype = 'd'
),
sequence_use as materialized (
  select
    relation.oid::int8 as sequence_oid,
    schema.nspname::text as schema_name,
    format('%I.%I', schema.nspname, relation.relname) as sequence_name,
    pg_catalog.format_type(sequence.seqtypid, null) as sequence_type,
    reading.allowed as can_read,
    coalesce(reading.last_value, unused.next_value::numeric - sequence.seqincrement) as last_value,
    unused.next_value,
    sequence.seqstart as start_value,
    sequence.seqmin as min_value,
    sequence.seqmax as max_value,
    sequence.seqincrement as increment,
    sequence.seqcycle as cycles,
    sequence.seqcycle and exists (
      select
      from pg_catalog.pg_index as ind
      where ind.indrelid = fed.table_oid
        and ind.indisunique
        and ind.indpred is null
        and ind.indnkeyatts = 1
        and ind.indkey[0] = fed.attnum
    ) as feeds_key,
    fed.table_oid::int8 as table_oid,
    fed.table_name,
    fed.column_name,
    fed.column_type,
    fed.declared_type,
    coalesce(fed.has_domain, false) as has_domain,
    coalesce(fed.is_identity, false) as is_identity,
    fed.table_bytes,
    fed.attnum,
    fed.attname,
    fed.attinhcount
  from pg_catalog.pg_sequence as sequence
  join pg_catalog.pg_class as relation on relation.oid = sequence.seqrelid
  join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
  cross join lateral (
    select
      may.allowed,
      case
        when may.allowed then pg_catalog.pg_sequence_last_value(relation.oid)
      end as last_value
    from (select pg_catalog.has_sequence_privilege(relation.oid, 'usage, select') as allowed) as may
    -- Each is looked at once.
    offset 0
  ) as reading
  cross join lateral (
    select nullif(case
      when reading.allowed
        and reading.last_value is null
        then ${unusedValueSql('relation.oid', 'schema.oid', "format('%I.%I', schema.nspname, relation.relname)")}
    end::int8, sequence.seqstart) as next_value
    offset 0
  ) as unused
  left join lateral (
    select
      table_class.oid as table_oid,
      attribute.attnum,
      attribute.attname,
      attribute.attinhcount,
      format('%I.%I', table_schema.nspname, table_class.relname) as table_name,
      quote_ident(attribute.attname) as column_name,
      case
        when attribute.atttypid = 'int2'::regtype or domain.types && array['int2'::regtype::oid] then 'smallint'
        when attribute.atttypid = 'int4'::regtype or domain.types && array['int4'::regtype::oid] then 'integer'
        when attribute.atttypid = 'int8'::regtype or domain.types && array['int8'::regtype::oid] then 'bigint'
        else 'other'
      end as column_type,
      pg_catalog.format_type(attribute.atttypid, attribute.atttypmod) as declared_type,
      domain.types is not null as has_domain,
      feeding.is_identity,
      -- A partitioned table has no pages of its own.
      table_class.relpages::int8 * pg_catalog.current_setting('block_size')::int8 as table_bytes
    from (
      -- Defaults that name the sequence.
      select
        column_default.adrelid as table_oid,
        column_default.adnum as attnum,
        false as is_identity
      from pg_catalog.pg_depend as dependency
      join pg_catalog.pg_attrdef as column_default on column_default.oid = dependency.objid
      where dependency.refclassid = 'pg_catalog.pg_class'::regclass
        and dependency.refobjid = relation.oid
        -- Not by the index of those that depend: all defaults are there.
        and dependency.classid is not distinct from 'pg_catalog.pg_attrdef'::regclass
        and dependency.deptype = 'n'
      union
      -- Identity columns have no default; their sequence belongs to the column.
      select
        dependency.refobjid,
        dependency.refobjsubid,
        true
      from pg_catalog.pg_depend as dependency
      where dependency.classid = 'pg_catalog.pg_class'::regclass
        and dependency.objid = relation.oid
        and dependency.refclassid = 'pg_catalog.pg_class'::regclass
        and dependency.deptype = 'i'
        and dependency.refobjsubid > 0
    ) as feeding
    join pg_catalog.pg_class as table_class on table_class.oid = feeding.table_oid and not table_class.relispartition
    join pg_catalog.pg_namespace as table_schema on table_schema.oid = table_class.relnamespace
    join pg_catalog.pg_attribute as attribute
      on attribute.attrelid = feeding.table_oid
      and attribute.attnum = feeding.attnum
      and not attribute.attisdropped
    cross join lateral (
      select array_agg(below_domain.type_oid) as types
      from below_domain
      where below_domain.domain_oid = attribute.atttypid
    ) as domain
  ) as fed on true
  where ${isUserSchema('schema')}
    and relation.relpersistence <> 't'
    and ${existsHere('relation')}
    ${inSlice('sequence.seqrelid', part)}
    and ${isNotOfExtension('relation.oid')}
),
narrow as materialized (
  select distinct
    sequence_use.table_oid::oid as attrelid,
    sequence_use.attnum,
    sequence_use.attname,
    sequence_use.attinhcount
  from sequence_use
  where sequence_use.column_type in ('smallint', 'integer')
    and not sequence_use.has_domain
    -- Most have used hardly any numbers and need no room.
    and (
      sequence_use.min_value < 0
      or sequence_use.last_value >= case sequence_use.column_type when 'smallint' then 327 else 21474836 end
    )
)
select
  sequence_use.sequence_oid,
  sequence_use.schema_name,
  sequence_use.sequence_name,
  sequence_use.sequence_type,
  sequence_use.can_read,
  sequence_use.last_value,
  sequence_use.next_value,
  sequence_use.start_value,
  sequence_use.min_value,
  sequence_use.max_value,
  sequence_use.increment,
  sequence_use.cycles,
  sequence_use.feeds_key,
  sequence_use.table_oid,
  sequence_use.table_name,
  sequence_use.column_name,
  sequence_use.column_type,
  sequence_use.declared_type,
  sequence_use.has_domain,
  sequence_use.is_identity,
  sequence_use.table_bytes,
  case when narrow.attrelid is not null then coalesce(held.obstacles, '[]'::json) end as obstacles
from sequence_use
left join narrow
  on narrow.attrelid = sequence_use.table_oid::oid
  and narrow.attnum = sequence_use.attnum
left join (${obstaclesSql('narrow', 'integers')}
) as held on held.attrelid = narrow.attrelid and held.attnum = narrow.attnum
order by sequence_name, table_name, column_name`;
}

/** The share of a range that is used up, in the direction in which the sequence counts. */
export function usedShare(row: SequenceUseRow, limit: bigint, start = sequenceStart(row)): number {
  if (row.last_value === null) return 0;
  const range = limit - start;
  if (range === 0n) return 1;
  return Number(((BigInt(row.last_value) - start) * 1_000_000n) / range) / 1_000_000;
}

const columnLimits: Readonly<Record<string, bigint>> = { smallint: 32_767n, integer: 2_147_483_647n };

export function isDescending(row: SequenceUseRow): boolean {
  return row.increment.startsWith('-');
}

/** The value at which the column that the sequence feeds is full; undefined where the column is no obstacle. */
export function columnLimit(row: SequenceUseRow): bigint | undefined {
  const highest = columnLimits[row.column_type ?? ''];
  return highest !== undefined && isDescending(row) ? -highest - 1n : highest;
}

/** Where the sequence begins to count, as far as the column it feeds can hold it. */
export function columnStart(row: SequenceUseRow): bigint {
  const start = sequenceStart(row);
  const highest = columnLimits[row.column_type ?? ''];
  if (highest === undefined) return start;
  if (start > highest) return highest;
  return start < -highest - 1n ? -highest - 1n : start;
}

/** True where the sequence meets the one limit no later than the other. */
export function isReachedFirst(row: SequenceUseRow, limit: bigint, other: bigint): boolean {
  return isDescending(row) ? limit >= other : limit <= other;
}

/** Where the sequence began to count: its start, or the end of its range where it stands before that. */
export function sequenceStart(row: SequenceUseRow): bigint {
  const end = BigInt(isDescending(row) ? row.max_value : row.min_value);
  if (row.start_value === undefined) return end;
  const start = BigInt(row.start_value);
  const last = BigInt(row.last_value ?? row.start_value);
  return (isDescending(row) ? last > start : last < start) ? end : start;
}

/** Where the sequence itself ends. */
export function sequenceLimit(row: SequenceUseRow): bigint {
  return BigInt(isDescending(row) ? row.min_value : row.max_value);
}

/** One row a sequence: the checks that look at sequences alone want no repetition per column. */
export function distinctSequences(rows: readonly SequenceUseRow[]): SequenceUseRow[] {
  return [...new Map(rows.map((row) => [row.sequence_oid, row])).values()];
}

/** Unreadable sequences make "nothing found" a guess. */
export function withReadableSequences(
  findings: readonly HealthFinding[],
  rows: readonly SequenceUseRow[],
  facts: HealthFacts,
): CheckOutcome {
  const hidden = distinctSequences(rows).filter((row) => !row.can_read);
  if (hidden.length === 0) return findings;
  return cannotTell(
    `${facts.user} may not read ${plural(hidden.length, 'sequence')}: ${hidden
      .slice(0, 5)
      .map((row) => row.sequence_name)
      .join(', ')}${hidden.length > 5 ? ' …' : ''}.`,
    {
      unlockSql: grantSequences(
        hidden.map((row) => row.schema_name),
        facts,
      ),
      findings,
    },
  );
}

export const rewriteCaution =
  'Rewrites the table and its indexes. For a large table add a column of the wider type, fill it in batches and switch.';

/** What a column that becomes wider asks for besides. */
export const referencesCaution = 'Columns that reference it must grow as well (SEQ04).';

/** What keeps columns from becoming wider, as a sentence; undefined where PostgreSQL lets them. */
export function growthHeld(columns: readonly { readonly obstacles: readonly Obstacle[] | null }[]): string | undefined {
  const obstacles = columns.map((column) => column.obstacles);
  if (obstacles.includes(null)) return 'With so much room left what depends on the type was not looked up.';
  const names = holders(
    obstacles.flatMap((some) => some ?? []),
    'integers',
  );
  return names.length === 0 ? undefined : heldSentence(names);
}

export const domainCaution =
  'The type below a domain cannot be changed. Create a domain over bigint with the same constraints and give it to the column, which rewrites the table; columns that reference it must grow as well (SEQ04).';
