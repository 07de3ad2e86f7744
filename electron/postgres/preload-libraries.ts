import { quoteLiteral } from './quote-identifier.ts';

/** What is known of `shared_preload_libraries`. */
export interface PreloadRow {
  /** The value in force; null where the user may not read it. */
  readonly preload: string | null;
  readonly preload_source: string | null;
  /** Whether the next three are known. */
  readonly preload_reads_files: boolean;
  /** What the next start will have by the files; null where no line has it. */
  readonly preload_pending: string | null;
  /** What stands in postgresql.auto.conf, where ALTER SYSTEM writes. */
  readonly preload_auto: string | null;
}

/** The columns of a `PreloadRow`. Only a superuser can read the files. Run on PostgreSQL 13 to 18. */
export function preloadColumns(isSuperuser: boolean): string {
  const last = (more: string): string => `(
    select file.setting
    from pg_catalog.pg_file_settings as file
    where lower(file.name) = 'shared_preload_libraries'${more}
    order by file.seqno desc
    limit 1
  )`;
  const files = isSuperuser
    ? `not exists (
    select
    from pg_catalog.pg_file_settings as file
    where file.name is null
      and file.error is not null
  ) as preload_reads_files,
  ${last('')} as preload_pending,
  ${last(`\n      and file.sourcefile ~ '[/\\\\]postgresql[.]auto[.]conf$'`)} as preload_auto`
    : `false as preload_reads_files,
  null::text as preload_pending,
  null::text as preload_auto`;
  return `(select setting from pg_catalog.pg_settings where name = 'shared_preload_libraries') as preload,
  (select source from pg_catalog.pg_settings where name = 'shared_preload_libraries') as preload_source,
  ${files}`;
}

export type PreloadChange =
  /** ALTER SYSTEM replaces the whole list, which has to be known first. */
  | { readonly kind: 'hidden' }
  /** No file outweighs the command line. */
  | { readonly kind: 'command line' }
  /** The files have it: the server has not been restarted since. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sql'; readonly sql: string; readonly undoSql: string | undefined };

/** How one library more is loaded at the next start, beside those that will be loaded anyway. Pure. */
export function preloadChange(row: PreloadRow, library: string): PreloadChange {
  if (row.preload_source === 'command line') return { kind: 'command line' };
  const pending = librariesIn(row.preload_reads_files ? (row.preload_pending ?? '') : (row.preload ?? ''));
  if (pending.includes(library)) return { kind: 'waiting' };
  if (!row.preload_reads_files) return { kind: 'hidden' };
  const before = row.preload_auto === null ? [] : librariesIn(row.preload_auto);
  return {
    kind: 'sql',
    sql: setLibraries([...pending, library]),
    undoSql:
      row.preload_auto === null
        ? 'alter system reset shared_preload_libraries;'
        : // ALTER SYSTEM cannot write an empty list: it writes the name "", and the server does not start.
          before.length === 0
          ? undefined
          : setLibraries(before),
  };
}

function librariesIn(list: string): string[] {
  return list
    .split(',')
    .map((library) => library.trim().replaceAll('"', ''))
    .filter((library) => library !== '');
}

function setLibraries(libraries: readonly string[]): string {
  return `alter system set shared_preload_libraries = ${[...new Set(libraries)].map(quoteLiteral).join(', ')};`;
}
