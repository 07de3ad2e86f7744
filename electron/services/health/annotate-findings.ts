import type { CheckBasis, Confidence, FindingMark, HealthCheckResult, HealthFinding } from '#contract/health-model.ts';
import type { CatalogReader, ReadOptions } from '../../postgres/catalog-reader.ts';
import { isConnectionLoss } from '../../postgres/failure.ts';
import { relationSize } from './catalog-sql.ts';
import { formatBytes, formatCount, formatDuration, plural } from './format-values.ts';
import type { HealthFacts } from './health-check.ts';

/** Below this age counters have not seen a week's jobs. The catalogue's `stats younger than 7 days`. */
const youngStatisticsMs = 7 * 86_400_000;

interface RelationRow {
  readonly oid: string;
  readonly relation_name: string;
  readonly is_index: boolean;
  readonly is_partitioned: boolean;
  readonly is_partition: boolean;
  readonly backs_constraint: string | null;
  readonly is_replica_identity: boolean;
  readonly extension: string | null;
  readonly table_oid: string | null;
  readonly table_name: string | null;
  readonly bytes: string;
  readonly table_rows: number;
  readonly referencing_keys: string;
  readonly dependent_views: string;
  readonly publications: string;
}

/**
 * What depends on each relation named by `$1`. What is asked of all of them is gathered once: one by one the questions
 * take twice as long. Run on PostgreSQL 13 to 18.
 */
const relationsSql = `
with asked as materialized (
  select asked.oid
  from pg_catalog.unnest($1::oid[]) as asked (oid)
),
member as materialized (
  select
    membership.objid,
    quote_ident(extension.extname) as extension
  from pg_catalog.pg_depend as membership
  join pg_catalog.pg_extension as extension on extension.oid = membership.refobjid
  where membership.refclassid = 'pg_catalog.pg_extension'::regclass
    -- Not by the index of what depends: few things belong to extensions.
    and membership.classid is not distinct from 'pg_catalog.pg_class'::regclass
    and membership.deptype = 'e'
),
view_use as materialized (
  select
    use.oid,
    count(distinct rule.ev_class) as dependent_views
  from (
    -- A view depends on each column that it shows.
    select distinct
      asked.oid,
      dependency.objid
    from asked
    join pg_catalog.pg_depend as dependency
      on dependency.refclassid = 'pg_catalog.pg_class'::regclass
      and dependency.refobjid = asked.oid
    where dependency.classid is not distinct from 'pg_catalog.pg_rewrite'::regclass
  ) as use
  join pg_catalog.pg_rewrite as rule on rule.oid = use.objid
  where rule.ev_class <> use.oid
  group by use.oid
),
referencing as materialized (
  -- No index leads from a table to the keys that refer to it.
  select
    foreign_key.confrelid,
    count(*) as keys
  from pg_catalog.pg_constraint as foreign_key
  where foreign_key.contype = 'f'
    and foreign_key.conparentid = 0
  group by foreign_key.confrelid
)
select
  relation.oid::int8 as oid,
  format('%I.%I', schema.nspname, relation.relname) as relation_name,
  relation.relkind in ('i', 'I') as is_index,
  relation.relkind in ('p', 'I') as is_partitioned,
  relation.relispartition as is_partition,
  quote_ident(backed.conname) as backs_constraint,
  coalesce(ind.indisreplident or ind.indisprimary and table_class.relreplident = 'd', false) as is_replica_identity,
  coalesce(member.extension, table_member.extension) as extension,
  table_class.oid::int8 as table_oid,
  quote_ident(table_schema.nspname) || '.' || quote_ident(table_class.relname) as table_name,
  -- Measuring opens a table and all its indexes, which is much for one without rows.
  case
    when relation.relkind not in ('r', 'm', 't', 'i', 'S') then 0
    when relation.relkind in ('r', 'i')
      and ${relationSize('coalesce(table_class.oid, relation.oid)', 'coalesce(table_class.relpages, relation.relpages)')} = 0
      then (
        select relation.relpages + coalesce(sum(index_class.relpages), 0)
        from pg_catalog.pg_index as own
        join pg_catalog.pg_class as index_class on index_class.oid = own.indexrelid
        where own.indrelid = relation.oid
      ) * pg_catalog.current_setting('block_size')::int8
    else ${relationSize('relation.oid', 'relation.relpages', 'pg_total_relation_size')}
  end as bytes,
  greatest(coalesce(table_class.reltuples, relation.reltuples), 0)::float8 as table_rows,
  coalesce(referencing.keys, 0) as referencing_keys,
  coalesce(view_use.dependent_views, 0) as dependent_views,
  (select count(*) from pg_catalog.pg_publication_rel as published where published.prrelid = relation.oid) as publications
from asked
join pg_catalog.pg_class as relation on relation.oid = asked.oid
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
left join pg_catalog.pg_index as ind on ind.indexrelid = relation.oid
left join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
left join pg_catalog.pg_namespace as table_schema on table_schema.oid = table_class.relnamespace
left join pg_catalog.pg_constraint as backed
  on backed.conindid = ind.indexrelid
  and backed.conrelid = ind.indrelid
  and backed.contype in ('p', 'u', 'x')
left join member on member.objid = relation.oid
left join member as table_member on table_member.objid = ind.indrelid
left join view_use on view_use.oid = relation.oid
left join referencing on referencing.confrelid = relation.oid`;

/**
 * Adds to every finding how sure it is, and to those about a relation what a change of it would reach.
 * Throws when the connection is lost.
 */
export async function annotateFindings(
  checks: readonly HealthCheckResult[],
  facts: HealthFacts,
  reader: CatalogReader,
  options: ReadOptions,
): Promise<HealthCheckResult[]> {
  const oids = new Set(checks.flatMap((check) => check.findings.map((finding) => finding.relationOid ?? 0)));
  oids.delete(0);
  const rows = oids.size === 0 ? [] : await relationsOf([...oids], reader, options);
  const relations = new Map(rows.map((row) => [Number(row.oid), row]));
  return checks.map((check) => ({
    ...check,
    findings: check.findings.map((finding) =>
      annotated(finding, check.basis ?? 'catalog', relations.get(finding.relationOid ?? 0), facts),
    ),
  }));
}

/** A relation that is dropped meanwhile, or a time-out, costs the annotation and not the report. */
async function relationsOf(oids: number[], reader: CatalogReader, options: ReadOptions): Promise<RelationRow[]> {
  try {
    return await reader.rows<RelationRow>(relationsSql, { ...options, values: [oids] });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isConnectionLoss(error)) throw error;
    return [];
  }
}

function annotated(
  finding: HealthFinding,
  basis: CheckBasis,
  relation: RelationRow | undefined,
  facts: HealthFacts,
): HealthFinding {
  const sure = finding.confidence ?? usualConfidence(basis, facts);
  const reason =
    finding.confidenceReason ?? (finding.confidence === undefined ? confidenceReason(basis, facts) : undefined);
  const marks = [...new Set([...(finding.marks ?? []), ...marksOf(basis, relation, facts)])];
  const blastRadius = finding.blastRadius ?? (relation && blastRadiusOf(relation));
  const related = finding.related ?? relatedTo(relation);
  return {
    ...finding,
    confidence: sure,
    ...(reason === undefined ? {} : { confidenceReason: reason }),
    ...(marks.length === 0 ? {} : { marks }),
    ...(blastRadius === undefined ? {} : { blastRadius }),
    ...(related.length === 0 ? {} : { related }),
  };
}

function usualConfidence(basis: CheckBasis, facts: HealthFacts): Confidence {
  if (basis === 'statistics') return facts.statsAgeMs < youngStatisticsMs ? 'low' : 'medium';
  return basis === 'estimate' ? 'medium' : 'high';
}

function confidenceReason(basis: CheckBasis, facts: HealthFacts): string | undefined {
  switch (basis) {
    case 'statistics':
      return facts.statsAgeMs < youngStatisticsMs
        ? `Statistics cover ${formatDuration(facts.statsAgeMs)} only; a week has jobs that they have not seen.`
        : `Counters since ${facts.statsResetAt ?? 'the server began to count'}, of this server alone.`;
    case 'estimate':
      return 'Computed from samples and estimates of the server, not measured.';
    case 'catalog':
    case 'moment':
      return undefined;
  }
}

function marksOf(basis: CheckBasis, relation: RelationRow | undefined, facts: HealthFacts): FindingMark[] {
  const marks: FindingMark[] = [];
  if (relation?.backs_constraint) marks.push('constraint-backed');
  if (relation?.is_replica_identity) marks.push('replica-identity');
  if (relation?.is_partitioned) marks.push('partitioned');
  if (relation?.is_partition) marks.push('partition-child');
  if (relation?.extension) marks.push('extension-owned');
  if (basis === 'statistics' && facts.statsAgeMs < youngStatisticsMs) marks.push('young-statistics');
  return marks;
}

function blastRadiusOf(relation: RelationRow): string {
  const parts = [
    relation.is_partitioned ? 'all its partitions' : formatBytes(relation.bytes),
    relation.is_index ? undefined : `${formatCount(relation.table_rows)} rows (estimate)`,
    relation.table_name === null ? undefined : `every query on ${relation.table_name}`,
    relation.backs_constraint === null ? undefined : `constraint ${relation.backs_constraint}`,
    relation.is_replica_identity ? 'the identity that logical replication uses' : undefined,
    countOf(relation.referencing_keys, 'foreign key', 'into it'),
    countOf(relation.dependent_views, 'view', 'over it'),
    countOf(relation.publications, 'publication', 'with it'),
    relation.extension === null ? undefined : `belongs to extension ${relation.extension}`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

function countOf(count: string, thing: string, where: string): string | undefined {
  return Number(count) === 0 ? undefined : `${plural(Number(count), thing)} ${where}`;
}

function relatedTo(relation: RelationRow | undefined): { name: string; oid: number }[] {
  if (relation === undefined || relation.table_oid === null || relation.table_name === null) return [];
  return [{ name: relation.table_name, oid: Number(relation.table_oid) }];
}
