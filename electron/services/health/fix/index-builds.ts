import { truncateToNameLimit } from '../checks/indexes/drop-index.ts';
import { identifier, nameOf, qualifiedName } from './sql-names.ts';

/** What `create index` makes. */
export interface CreatedIndex {
  /** Bare, as the catalog has it. */
  readonly name: string;
  /** As it is written. */
  readonly table: string;
  readonly isConcurrent: boolean;
  /** All but the name, the table and the tablespace, the same whether Steward or `pg_get_indexdef` wrote it. */
  readonly definition: string;
}

/** What builds an index CONCURRENTLY and leaves an invalid one behind where it fails. */
export interface ConcurrentBuild {
  readonly kind: 'create' | 'reindex index' | 'reindex table' | 'reindex database';
  /** As it is written: the table of a new index, else what is built anew. */
  readonly relation: string;
  /** Bare; of `create` alone. */
  readonly name?: string;
}

const created = new RegExp(
  String.raw`^create\s+(unique\s+)?index\s+(concurrently\s+)?(?:if\s+not\s+exists\s+)?(${identifier})\s+on\s+(?:only\s+)?(${qualifiedName})\s*(.+?)\s*;?$`,
  'is',
);
const reindexed = new RegExp(
  String.raw`^reindex\s+(index|table|database)\s+concurrently\s+(${qualifiedName})\s*;?$`,
  'is',
);
const tablespace = new RegExp(String.raw`\s+tablespace\s+${identifier}(?=\s+where\s|$)`, 'i');

/** The index that `create index` makes; undefined for other statements. Pure. */
export function createdIndex(sql: string): CreatedIndex | undefined {
  const [, unique, concurrently, name, table, rest] = created.exec(sql) ?? [];
  if (name === undefined || table === undefined || rest === undefined) return undefined;
  const body = withoutNeedlessQuotes(rest.replace(tablespace, ''));
  const withMethod = /^using\s/i.test(body) ? body.replace(/^using\s+/i, 'using ') : `using btree ${body}`;
  return {
    name: nameOf(name),
    table,
    isConcurrent: concurrently !== undefined,
    definition: `${unique === undefined ? '' : 'unique '}${withMethod}`,
  };
}

/** Which words need quotes depends on the version. Pure. */
export function withoutNeedlessQuotes(sql: string): string {
  return sql.replaceAll(/"([a-z_][a-z0-9_]*)"/g, '$1');
}

/** The build that a step runs CONCURRENTLY, if it does. Pure. */
export function concurrentBuild(sql: string): ConcurrentBuild | undefined {
  const index = createdIndex(sql);
  if (index !== undefined)
    return index.isConcurrent ? { kind: 'create', relation: index.table, name: index.name } : undefined;
  const [, what, relation] = reindexed.exec(sql) ?? [];
  if (what === undefined || relation === undefined) return undefined;
  switch (what.toLowerCase()) {
    case 'index':
      return { kind: 'reindex index', relation };
    case 'table':
      return { kind: 'reindex table', relation };
    default:
      return { kind: 'reindex database', relation };
  }
}

/** True for the name under which `reindex concurrently` builds an index, any or that of `index`. Pure. */
export function isRebuildName(name: string, index?: string): boolean {
  const ending = /_ccnew\d*$/.exec(name)?.[0];
  return ending !== undefined && (index === undefined || truncateToNameLimit(index, ending) === name);
}
