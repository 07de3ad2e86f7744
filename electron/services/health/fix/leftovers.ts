import type pg from 'pg';

import type { CatalogReader, ReadOptions } from '../../../postgres/catalog-reader.ts';
import { toFailure } from '../../../postgres/failure.ts';
import type { FixStep } from './fix-steps.ts';

interface InvalidIndex {
  readonly oid: string;
  readonly index_name: string;
  readonly bare_name: string;
}

/** Run on PostgreSQL 13 to 18. Indexes that are not valid and that nobody builds right now. */
const invalidSql = `
select
  ind.indexrelid::int8 as oid,
  format('%I.%I', schema.nspname, index_class.relname) as index_name,
  index_class.relname::text as bare_name
from pg_catalog.pg_index as ind
join pg_catalog.pg_class as index_class on index_class.oid = ind.indexrelid
join pg_catalog.pg_namespace as schema on schema.oid = index_class.relnamespace
where not ind.indisvalid
  and index_class.relkind = 'i'
  and not exists (
    select
    from pg_catalog.pg_stat_progress_create_index as building
    where building.relid = ind.indrelid
  )`;

/** Indexes that were invalid before a fix began: they are not its leftovers. */
export async function invalidIndexes(reader: CatalogReader, options: ReadOptions = {}): Promise<ReadonlySet<string>> {
  return new Set((await reader.rows<InvalidIndex>(invalidSql, options)).map(({ oid }) => oid));
}

/**
 * Drops what a concurrent build left behind when it failed: an invalid index that was not there before, with the name
 * that the fix gives or PostgreSQL's suffix of a concurrent reindex. Throws at the first that cannot be dropped.
 */
export async function dropLeftovers(
  client: pg.Client,
  steps: readonly FixStep[],
  before: ReadonlySet<string>,
  reader: CatalogReader,
  told: {
    /** Before each; how it ended is told to what it answers. */
    readonly onDrop: (sql: string) => (outcome: 'done' | 'failed', error: string | null) => void;
    readonly onDropped: (name: string) => void;
  },
): Promise<void> {
  const names = new Set(steps.flatMap(({ sql }) => builtIndex(sql) ?? []));
  const reindexes = steps.some(({ sql }) => /^reindex\b.*\bconcurrently\b/is.test(sql));
  const left = (await reader.rows<InvalidIndex>(invalidSql)).filter(
    ({ oid, bare_name: name }) => !before.has(oid) && (names.has(name) || (reindexes && /_ccnew\d*$/.test(name))),
  );
  for (const { index_name: name } of left) {
    const sql = `drop index concurrently if exists ${name};`;
    const tell = told.onDrop(sql);
    try {
      await client.query(sql);
    } catch (error) {
      tell('failed', toFailure(error).message);
      throw error;
    }
    tell('done', null);
    told.onDropped(name);
  }
}

/**
 * What takes back the constraint that a fix added without looking at the rows and that they turned out to break: it
 * would go on refusing new rows, after a fix that failed. Undefined where the step validates what was there before.
 * Pure.
 */
export function dropUnprovenConstraint(steps: readonly FixStep[], failedAt: number): string | undefined {
  const [, table, name] =
    /^(alter\s+table\s+.+?)\s+validate\s+constraint\s+(.+?)\s*;?$/is.exec(steps[failedAt]?.sql ?? '') ?? [];
  if (table === undefined || name === undefined) return undefined;
  const isOfFix = steps.slice(0, failedAt).some(({ sql }) => sql.startsWith(`${table} add constraint ${name} `));
  return isOfFix ? `${table} drop constraint if exists ${name}` : undefined;
}

/** The bare name in `create index concurrently NAME on …`. Pure. */
export function builtIndex(sql: string): string | undefined {
  const match =
    /^create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?(?:"((?:[^"]|"")+)"|([^\s"]+))\s+on\b/i.exec(
      sql,
    );
  return match?.[1]?.replaceAll('""', '"') ?? match?.[2]?.toLowerCase();
}
