import type { HealthFinding } from '#contract/health-model.ts';
import { quoteQualified } from '../../../../postgres/quote-identifier.ts';
import { lockTexts } from '../../lock-texts.ts';
import type { IndexKeysRow } from './index-keys.ts';

export type Fix = Pick<HealthFinding, 'fixSql' | 'undoSql' | 'lock' | 'caution'>;

/** The SQL that drops an index without stopping anybody, and its definition, with what goes with it, as the way back. */
export function dropIndex(index: {
  readonly name: string;
  readonly definition: string;
  readonly isPartitioned: boolean;
  /** What `restoreSql` read. */
  readonly restore: string | null;
}): Fix {
  return index.isPartitioned
    ? {
        fixSql: `drop index ${index.name};`,
        undoSql: withRest(`${index.definition};`, index.restore),
        lock: lockTexts.accessExclusiveShort,
        caution:
          'The index of a partitioned table cannot be dropped concurrently; all its partitions are locked together.',
      }
    : {
        fixSql: `drop index concurrently ${index.name};`,
        undoSql: withRest(`${concurrently(index.definition)};`, index.restore),
        lock: lockTexts.shareUpdateExclusive,
      };
}

/** The SQL that removes a duplicate: by its constraint where it has one, which other objects may depend on. */
export function dropDuplicate(row: IndexKeysRow): Fix {
  if (row.is_referenced || row.is_primary) {
    return { caution: 'Foreign keys or the primary key rest on both; decide by hand which one may go.' };
  }
  if (row.constraint_name === null) {
    return dropIndex({
      name: row.index_name,
      definition: row.definition,
      isPartitioned: row.is_partitioned,
      restore: row.restore,
    });
  }
  return {
    fixSql: `alter table ${row.table_name} drop constraint ${row.constraint_name};`,
    ...(row.is_partitioned
      ? {}
      : {
          undoSql: withRest(
            `alter table ${row.table_name} add constraint ${row.constraint_name} ${row.constraint_definition ?? ''};`,
            row.restore,
          ),
        }),
    lock: lockTexts.accessExclusiveShort,
    caution: `${row.is_partitioned ? 'Adding it again names the indexes of the partitions anew, so no way back is given. ' : ''}An insert with "on conflict on constraint" that names this constraint would fail.`,
  };
}

/** An index whose rows are to be chosen otherwise. */
export interface IndexToReplace {
  readonly schema_name: string;
  readonly bare_name: string;
  readonly index_name: string;
  /** With its predicate, where it has one. */
  readonly definition: string;
  readonly predicate: string | null;
  readonly tablespace: string | null;
  /** What `restoreSql` read. */
  readonly restore: string | null;
}

/**
 * Builds the index anew under its own name with another predicate, without stopping anybody and with all that goes with
 * it; the same with the old predicate is the way back. Not for a clustered index: a partial one cannot be that.
 */
export function replaceIndex(index: IndexToReplace, newPredicate: string | null): Fix {
  const passing = truncateToNameLimit(index.bare_name, '_rebuilt');
  const whole = withoutPredicate(index);
  // It is built where it belongs, so it need not be moved there.
  const moves = `alter index ${index.index_name} set tablespace `;
  const lines = index.restore === null ? [] : index.restore.split('\n');
  const rest = lines[0]?.startsWith(moves) === true ? lines.slice(1) : lines;
  const steps = (predicate: string | null): string =>
    [
      `${withName(concurrently(whole), quoteQualified(passing))}${index.tablespace === null ? '' : ` TABLESPACE ${index.tablespace}`}${predicate === null ? '' : ` WHERE ${predicate}`};`,
      `drop index concurrently ${index.index_name};`,
      `alter index ${quoteQualified(index.schema_name, passing)} rename to ${quoteQualified(index.bare_name)};`,
      ...rest,
    ].join('\n');
  return {
    fixSql: steps(newPredicate),
    undoSql: steps(index.predicate),
    lock: lockTexts.shareUpdateExclusive,
  };
}

/** `create index …` as `create index concurrently …`, in the words of `pg_get_indexdef`. */
export function concurrently(definition: string): string {
  return definition.replace(
    /^CREATE (UNIQUE )?INDEX /,
    (_, unique: string | undefined) => `CREATE ${unique ?? ''}INDEX CONCURRENTLY `,
  );
}

/** PostgreSQL keeps 63 bytes of a name; the ending stays whole. */
export function truncateToNameLimit(name: string, ending = ''): string {
  let shortened = name;
  while (Buffer.byteLength(shortened + ending) > 63) shortened = [...shortened].slice(0, -1).join('');
  return shortened + ending;
}

function withoutPredicate({ definition, predicate }: IndexToReplace): string {
  const clause = ` WHERE ${predicate ?? ''}`;
  return predicate !== null && definition.endsWith(clause) ? definition.slice(0, -clause.length) : definition;
}

function withRest(sql: string, restore: string | null): string {
  return restore === null ? sql : `${sql}\n${restore}`;
}

/** The definition with another name for the index. */
function withName(definition: string, name: string): string {
  return definition.replace(
    /^(CREATE (?:UNIQUE )?INDEX CONCURRENTLY )(?:"(?:[^"]|"")+"|[^\s"]+) ON /,
    (_, start: string) => `${start}${name} ON `,
  );
}
