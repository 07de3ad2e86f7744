import type { CatalogReader, ReadOptions } from '../../../postgres/catalog-reader.ts';
import { quoteQualified } from '../../../postgres/quote-identifier.ts';
import type { FixStep } from './fix-steps.ts';
import { type ConcurrentBuild, concurrentBuild, isRebuildName } from './index-builds.ts';
import { identifier, qualifiedName } from './sql-names.ts';

/** An index that is not valid. */
export interface InvalidIndex {
  readonly oid: string;
  readonly index_name: string;
  readonly bare_name: string;
  readonly table_oid: string;
  readonly table_name: string;
}

/** What was there before a fix began. */
export interface BeforeFix {
  /** Oids of indexes that were not valid: they are not its leftovers. */
  readonly invalid: ReadonlySet<string>;
  /** What each step builds CONCURRENTLY, by its place. */
  readonly builds: ReadonlyMap<number, BuildOnTable>;
}

export interface BuildOnTable extends ConcurrentBuild {
  /** Null for that of a whole database. */
  readonly tableOid: string | null;
  /** The bare name of what is built anew, or of the table of a new index. */
  readonly relationName: string;
  readonly schemaName: string;
}

/** Run on PostgreSQL 13 to 18. */
const invalidSql = `
select
  ind.indexrelid::int8 as oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  index_class.relname::text as bare_name,
  ind.indrelid::int8 as table_oid,
  format('%I.%I', table_schema.nspname, table_class.relname) as table_name
from pg_catalog.pg_index as ind
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_namespace as schema on schema.oid = index_class.relnamespace
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as table_schema on table_schema.oid = table_class.relnamespace
where not ind.indisvalid
  and index_class.relkind = 'i'`;

/** Run on PostgreSQL 13 to 18. The relations that `$1` names, with the table of an index. */
const relationsSql = `
select
  asked.name,
  coalesce(ind.indrelid, relation.oid)::int8 as table_oid,
  relation.relname::text as relation_name,
  schema.nspname::text as schema_name
from pg_catalog.unnest($1::text[]) as asked (name)
join pg_catalog.pg_class as relation on relation.oid = pg_catalog.to_regclass(asked.name)
join pg_catalog.pg_namespace as schema on schema.oid = relation.relnamespace
left join pg_catalog.pg_index as ind on ind.indexrelid = relation.oid`;

/** Reads what tells the leftovers of a fix from what others do. */
export async function readBeforeFix(
  reader: CatalogReader,
  steps: readonly FixStep[],
  options: ReadOptions = {},
): Promise<BeforeFix> {
  const builds = steps.flatMap(({ sql }, place) => {
    const build = concurrentBuild(sql);
    return build === undefined ? [] : [{ place, build }];
  });
  if (builds.length === 0) return { invalid: new Set(), builds: new Map() };
  const invalid = await reader.rows<InvalidIndex>(invalidSql, options);
  const relations = await reader.rows<{
    name: string;
    table_oid: string;
    relation_name: string;
    schema_name: string;
  }>(relationsSql, { ...options, values: [[...new Set(builds.map(({ build }) => build.relation))]] });
  return {
    invalid: new Set(invalid.map(({ oid }) => oid)),
    builds: new Map(
      builds.flatMap(({ place, build }): [number, BuildOnTable][] => {
        if (build.kind === 'reindex database')
          return [[place, { ...build, tableOid: null, relationName: '', schemaName: '' }]];
        const relation = relations.find(({ name }) => name === build.relation);
        if (relation === undefined) return [];
        const { table_oid: tableOid, relation_name: relationName, schema_name: schemaName } = relation;
        return [[place, { ...build, tableOid, relationName, schemaName }]];
      }),
    ),
  };
}

/** The invalid indexes that a build which failed has left: on its table, under its name, and not there before. */
export async function leftoversOf(
  build: BuildOnTable,
  before: BeforeFix,
  reader: CatalogReader,
): Promise<InvalidIndex[]> {
  return (await reader.rows<InvalidIndex>(invalidSql)).filter(
    (index) =>
      !before.invalid.has(index.oid) &&
      (build.tableOid === null || index.table_oid === build.tableOid) &&
      isNamedBy(build, index.bare_name),
  );
}

function isNamedBy(build: BuildOnTable, name: string): boolean {
  if (build.kind === 'create') return name === build.name;
  return isRebuildName(name, build.kind === 'reindex index' ? build.relationName : undefined);
}

/** What a build may have left where nobody could look, in words. Pure. */
export function expectedLeftover(build: BuildOnTable): string {
  switch (build.kind) {
    case 'create':
      return `the invalid index ${quoteQualified(build.schemaName, build.name ?? '')}`;
    case 'reindex index':
      return `the invalid index ${quoteQualified(build.schemaName, `${build.relationName}_ccnew`)}`;
    default:
      return 'invalid indexes with names that end in _ccnew';
  }
}

const validation = new RegExp(
  String.raw`^(alter\s+table\s+(?:only\s+)?${qualifiedName})\s+validate\s+constraint\s+(${identifier})\s*;?$`,
  'i',
);

/**
 * What takes back the constraint that a fix added without looking at the rows and that they turned out to break: it
 * would go on refusing new rows, after a fix that failed. Undefined where the step validates what was there before.
 * Pure.
 */
export function dropUnprovenConstraint(steps: readonly FixStep[], failedAt: number): string | undefined {
  const [, table, name] = validation.exec(steps[failedAt]?.sql ?? '') ?? [];
  if (table === undefined || name === undefined) return undefined;
  const isOfFix = steps.slice(0, failedAt).some(({ sql }) => sql.startsWith(`${table} add constraint ${name} `));
  return isOfFix ? `${table} drop constraint if exists ${name}` : undefined;
}
