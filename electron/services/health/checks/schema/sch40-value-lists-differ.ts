import type { HealthFinding } from '#contract/health-model.ts';
import { quoteIdentifier } from '../../../../postgres/quote-identifier.ts';
import { isNotOfExtension, isUserSchema } from '../../catalog-sql.ts';
import { formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { nameList } from './fold-by-schema.ts';

interface Row {
  /** A check of one column with a list, a column of an enum type, or a domain that adds nothing to its type. */
  readonly kind: 'check' | 'enum' | 'domain';
  readonly schema_name: string;
  readonly object_name: string;
  readonly object_oid: string;
  readonly column_name: string | null;
  readonly definition: string;
  readonly labels: readonly string[] | null;
}

interface ValueList {
  readonly table: string;
  readonly tableOid: number;
  readonly source: string;
  readonly values: ReadonlySet<string>;
}

const relationOf = (oid: string): string => `join pg_catalog.pg_class as relation
  on relation.oid = ${oid}
  and relation.relkind in ('r', 'p')
  and not relation.relispartition
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace`;

const isUserTable = `${isUserSchema('schema')}
  and ${isNotOfExtension('relation.oid')}`;

export const valueListsDiffer: HealthCheck<Row, 'overlapShare'> = {
  id: 'SCH40',
  group: 'schema',
  basis: 'catalog',
  title: 'Lists of values that have drifted apart, and domains without a rule',
  why: 'Where two tables list the allowed values of one column in checks or enums, a new value has to be added to each. A list that has all values of another but for a few is usually the same list, and one table was forgotten.',
  thresholds: {
    overlapShare: { usual: 0.5, unit: 'ratio', label: 'Share of the longer list that the shorter one has' },
  },
  // Run on PostgreSQL 13 to 18. Only constraints that hold an = ANY list are printed.
  sql: () => `
select
  'check' as kind,
  schema.nspname::text as schema_name,
  format('%I.%I', schema.nspname, relation.relname) as object_name,
  relation.oid::int8 as object_oid,
  attribute.attname::text as column_name,
  pg_catalog.pg_get_constraintdef(own_check.oid) as definition,
  null::text[] as labels
from pg_catalog.pg_constraint as own_check
${relationOf('own_check.conrelid')}
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = own_check.conrelid
  and attribute.attnum = own_check.conkey[1]
where own_check.contype = 'c'
  and cardinality(own_check.conkey) = 1
  and own_check.conislocal
  and own_check.conbin::text like '%SCALARARRAYOPEXPR%'
  and ${isUserTable}
union all
select
  'enum',
  schema.nspname::text,
  format('%I.%I', schema.nspname, relation.relname),
  relation.oid::int8,
  attribute.attname::text,
  pg_catalog.format_type(attribute.atttypid, null),
  enum.labels
from (
  select
    label.enumtypid,
    array_agg(label.enumlabel::text order by label.enumsortorder) as labels
  from pg_catalog.pg_enum as label
  group by label.enumtypid
) as enum
-- Columns are found by what they depend on, for which there is an index.
join pg_catalog.pg_depend as use
  on use.refclassid = 'pg_catalog.pg_type'::regclass
  and use.refobjid = enum.enumtypid
  and use.classid = 'pg_catalog.pg_class'::regclass
join pg_catalog.pg_attribute as attribute
  on attribute.attrelid = use.objid
  and attribute.attnum = use.objsubid
  and attribute.atttypid = enum.enumtypid
  and not attribute.attisdropped
${relationOf('attribute.attrelid')}
where ${isUserTable}
union all
select
  'domain',
  schema.nspname::text,
  format('%I.%I', schema.nspname, type.typname),
  type.oid::int8,
  null,
  pg_catalog.format_type(type.typbasetype, type.typtypmod),
  null
from pg_catalog.pg_type as type
join pg_catalog.pg_namespace as schema on schema.oid = type.typnamespace
where type.typtype = 'd'
  and not type.typnotnull
  and type.typdefault is null
  and type.typtypmod = -1
  and ${isUserSchema('schema')}
  and type.oid not in (select rule.contypid from pg_catalog.pg_constraint as rule)
  and ${isNotOfExtension('type.oid', 'pg_type')}
order by 1, 3, 5`,
  findings(rows, { limits }) {
    const lists = rows.flatMap((row) => listOf(row) ?? []);
    const drifted = [...Map.groupBy(lists, ({ key }) => key).values()].flatMap((ofColumn) =>
      driftFinding(ofColumn[0]?.row, ofColumn, limits.overlapShare),
    );
    const domains = rows.filter((row) => row.kind === 'domain');
    return [
      ...drifted,
      ...[...Map.groupBy(domains, (row) => row.schema_name)].map(([schema, ofSchema]) =>
        domainFinding(quoteIdentifier(schema), ofSchema),
      ),
    ];
  },
};

function listOf(row: Row): (ValueList & { readonly key: string; readonly row: Row }) | undefined {
  if (row.kind === 'domain' || row.column_name === null) return undefined;
  const values = row.kind === 'enum' ? row.labels : listedValues(row.definition);
  if (values === null || values === undefined || values.length < 2) return undefined;
  return {
    key: `${row.schema_name}\0${row.column_name.toLowerCase()}`,
    row,
    table: row.object_name,
    tableOid: Number(row.object_oid),
    source: row.kind === 'enum' ? `${row.object_name} (type ${row.definition})` : row.object_name,
    values: new Set(values),
  };
}

/** The texts of a check that is one list and nothing else: `CHECK ((a = ANY (ARRAY['x'::text, 'y'::text])))`. */
export function listedValues(definition: string): string[] | undefined {
  const literal = /'((?:[^']|'')*)'/g;
  const frame = definition.replaceAll(literal, "''");
  // What is left without the texts has to be one comparison with one array: no AND, OR, NOT or second comparison.
  if (!/^CHECK \(\([^=<>~]* = ANY \([^=<>~]*\)\)(?: NOT VALID)?(?: NO INHERIT)?$/.test(frame)) return undefined;
  if (/\b(?:AND|OR|NOT\b(?! VALID))\b/.test(frame) || !frame.includes("''")) return undefined;
  return [...definition.matchAll(literal)].map(([, text = '']) => text.replaceAll("''", "'"));
}

function driftFinding(first: Row | undefined, lists: readonly ValueList[], overlapShare: number): HealthFinding[] {
  if (first === undefined) return [];
  const different = [...Map.groupBy(lists, (list) => [...list.values].toSorted().join('\0')).values()];
  const [drift] = different
    .map((whole) => ({ whole, behind: different.filter((part) => lagsBehind(part[0], whole[0], overlapShare)) }))
    .filter(({ behind }) => behind.length > 0)
    .toSorted(
      (left, right) =>
        right.behind.length - left.behind.length ||
        (right.whole[0]?.values.size ?? 0) - (left.whole[0]?.values.size ?? 0),
    );
  const [widest] = drift?.whole ?? [];
  if (drift === undefined || widest === undefined) return [];
  const { whole, behind } = drift;
  const column = quoteIdentifier(first.column_name ?? '');
  const missing = [...widest.values].filter((value) => behind.some((part) => part[0]?.values.has(value) === false));
  return [
    {
      object: `${quoteIdentifier(first.schema_name)}: ${column}`,
      relationOid: behind[0]?.[0]?.tableOid ?? widest.tableOid,
      severity: 'info',
      message: driftText(column, whole, behind),
      measure: missing.length,
      evidence: [whole, ...behind].map((group) => ({
        label: nameList(
          group.map((list) => list.source),
          4,
        ),
        value: nameList([...(group[0]?.values ?? [])]),
      })),
      caution: 'A table that refers to a list of values keeps it in one place.',
      confidence: 'medium',
      confidenceReason: 'The tables may allow different values on purpose.',
    },
  ];
}

/** What the lists lack; each for itself where they lack different values. */
function driftText(column: string, whole: readonly ValueList[], behind: readonly (readonly ValueList[])[]): string {
  const [widest] = whole;
  const parts = behind.map((part) => ({
    tables: nameList(
      part.map((list) => list.table),
      4,
    ),
    isOne: part.length === 1,
    lacking: [...(widest?.values ?? [])].filter((value) => part[0]?.values.has(value) === false),
  }));
  const has = `${nameList(
    whole.map((list) => list.table),
    4,
  )} ${whole.length === 1 ? 'has' : 'have'}`;
  const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');
  const [only] = parts;
  if (parts.length === 1 && only !== undefined)
    return `${only.isOne ? 'The list' : 'The lists'} of values of column ${column} in ${only.tables} ${only.isOne ? 'lacks' : 'lack'} ${only.lacking.length === 1 ? 'a value' : 'values'} that ${has}: ${quoted(only.lacking)}.`;
  const told = parts
    .slice(0, 4)
    .map(({ tables, isOne, lacking }) => `${tables} ${isOne ? 'lacks' : 'lack'} ${quoted(lacking)}`);
  const more = parts.length > told.length ? [`${formatCount(parts.length - told.length)} more lists lack values`] : [];
  return `The lists of values of column ${column} lack values that ${has}: ${[...told, ...more].join('; ')}.`;
}

/** All of its values are in the other list, which has more of them: two at least, and enough of all. */
function lagsBehind(part: ValueList | undefined, whole: ValueList | undefined, overlapShare: number): boolean {
  if (part === undefined || whole === undefined || part.values.size >= whole.values.size) return false;
  return (
    [...part.values].every((value) => whole.values.has(value)) && part.values.size / whole.values.size >= overlapShare
  );
}

function domainFinding(schema: string, domains: readonly Row[]): HealthFinding {
  return {
    object: `schema ${schema}: domains`,
    severity: 'info',
    message: `${plural(domains.length, 'domain')} of schema ${schema} ${domains.length === 1 ? 'adds' : 'add'} nothing to the type below: ${nameList(
      domains.map((row) => row.object_name),
      6,
    )}.`,
    measure: domains.length,
    evidence: [
      { label: 'Domains', value: nameList(domains.map((row) => `${row.object_name} (${row.definition})`)) },
      { label: 'Number of domains', value: formatCount(domains.length) },
    ],
    confidence: 'low',
    confidenceReason: 'A domain can be there for its name alone.',
  };
}
