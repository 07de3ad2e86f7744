import type { CatalogReader } from '../../../postgres/catalog-reader.ts';
import type { FixStep } from './fix-steps.ts';
import { type CreatedIndex, createdIndex, withoutNeedlessQuotes } from './index-builds.ts';
import { qualifiedName } from './sql-names.ts';

/** An index that a way back would drop although neither the fix nor that way makes it. */
export interface Stranger {
  readonly name: string;
  /** Its definition, as the server writes it. */
  readonly is: string;
}

interface IndexRow {
  readonly name: string;
  readonly table_name: string;
  readonly definition: string;
}

const dropped = new RegExp(
  String.raw`^drop\s+index\s+(?:concurrently\s+)?(?:if\s+exists\s+)?(${qualifiedName})\s*;?$`,
  'i',
);

/** Run on PostgreSQL 13 to 18. Those of the indexes `$1` that are there. */
const indexesSql = `
select
  asked.name,
  format('%I.%I', table_schema.nspname, table_class.relname) as table_name,
  pg_catalog.pg_get_indexdef(ind.indexrelid) as definition
from pg_catalog.unnest($1::text[]) as asked (name)
join pg_catalog.pg_index as ind on ind.indexrelid = pg_catalog.to_regclass(asked.name)
join pg_catalog.pg_class as table_class on table_class.oid = ind.indrelid
join pg_catalog.pg_namespace as table_schema on table_schema.oid = table_class.relnamespace`;

/**
 * The first index that the way back of a fix would drop, and that is on another table or defined otherwise than those
 * that the fix and its way back make. The names alone say nothing: an index that is gone leaves its name to others.
 */
export async function strangerInUndo(
  fix: readonly FixStep[],
  undo: readonly FixStep[],
  reader: CatalogReader,
): Promise<Stranger | undefined> {
  const names = undo.flatMap(({ sql }) => dropped.exec(sql)?.[1] ?? []);
  if (names.length === 0) return undefined;
  const made = new Set([...fix, ...undo].flatMap(({ sql }) => keyOf(createdIndex(sql)) ?? []));
  const rows = await reader.rows<IndexRow>(indexesSql, { values: [names], timeoutMs: 10_000 });
  const stranger = rows.find(({ table_name: table, definition }) => {
    const index = createdIndex(definition);
    return !made.has(keyOf(index && { ...index, table }) ?? '');
  });
  return stranger && { name: stranger.name, is: stranger.definition };
}

function keyOf(index: CreatedIndex | undefined): string | undefined {
  return index && JSON.stringify([withoutNeedlessQuotes(index.table), index.definition]);
}
