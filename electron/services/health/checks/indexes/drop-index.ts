import type { HealthFinding } from '#contract/health-model.ts';
import { quoteQualified } from '../../../../postgres/quote-identifier.ts';
import { lockTexts } from '../../lock-texts.ts';
import type { IndexKeysRow } from './index-keys.ts';
import { passingEnding } from './restore-index.ts';

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
            `alter table ${row.table_name} add constraint ${row.constraint_name} ${withParameters(row.constraint_definition ?? '', row.definition)};`,
            row.restore,
          ),
        }),
    lock: lockTexts.accessExclusiveShort,
    caution: `${row.is_partitioned ? 'Adding it again names the indexes of the partitions anew, so no way back is given. ' : ''}An insert with "on conflict on constraint" that names this constraint would fail.`,
  };
}

/** An index whose rows are to be chosen otherwise. */
export interface IndexToReplace {
  readonly index_oid: string;
  readonly schema_name: string;
  readonly bare_name: string;
  readonly index_name: string;
  /** With its predicate, where it has one. */
  readonly definition: string;
  readonly predicate: string | null;
  readonly tablespace: string | null;
  /** What `passingNamesOf` read. */
  readonly passing_names: readonly string[];
  /** What `restoreSql` read. */
  readonly restore: string | null;
}

/**
 * Builds the index anew under its own name with another predicate, without stopping anybody and with all that goes with
 * it. The way back builds the old one, wherever the fix stopped: what it drops is either there or was never made, and at
 * all times one of both serves. Not for the index of a constraint, which cannot go without it, nor for a clustered one: a
 * partial index cannot be that.
 */
export function replaceIndex(index: IndexToReplace, newPredicate: string | null): Fix {
  const [passing, back] = twoPassingNames(index);
  const whole = withoutPredicate(index);
  // It is built where it belongs, so it need not be moved there.
  const moves = `alter index ${index.index_name} set tablespace `;
  const lines = index.restore === null ? [] : index.restore.split('\n');
  const rest = lines[0]?.startsWith(moves) === true ? lines.slice(1) : lines;
  const build = (name: string, predicate: string | null): string =>
    `${withName(concurrently(whole), quoteQualified(name))}${index.tablespace === null ? '' : ` TABLESPACE ${index.tablespace}`}${predicate === null ? '' : ` WHERE ${predicate}`};`;
  const rename = (name: string): string =>
    `alter index ${quoteQualified(index.schema_name, name)} rename to ${quoteQualified(index.bare_name)};`;
  const dropIfThere = (name: string): string => `drop index concurrently if exists ${name};`;
  return {
    fixSql: [
      build(passing, newPredicate),
      `drop index concurrently ${index.index_name};`,
      rename(passing),
      ...rest,
    ].join('\n'),
    undoSql: [
      dropIfThere(quoteQualified(index.schema_name, back)),
      build(back, index.predicate),
      dropIfThere(quoteQualified(index.schema_name, passing)),
      dropIfThere(index.index_name),
      rename(back),
      ...rest,
    ].join('\n'),
    lock: lockTexts.shareUpdateExclusive,
  };
}

/**
 * Names that nothing in the schema has, one for each way. A name that has to be cut gets the number of the index, so that
 * no other one that begins alike is given the same.
 */
function twoPassingNames({ bare_name, index_oid, passing_names }: IndexToReplace): readonly [string, string] {
  const taken = new Set(passing_names);
  const isCut = truncateToNameLimit(bare_name, `${passingEnding}99`) !== `${bare_name}${passingEnding}99`;
  const stem = isCut ? `_${index_oid}${passingEnding}` : passingEnding;
  const next = (): string => {
    for (let number = 0; ; number += 1) {
      const name = truncateToNameLimit(bare_name, `${stem}${number === 0 ? '' : String(number)}`);
      if (taken.has(name)) continue;
      taken.add(name);
      return name;
    }
  };
  return [next(), next()];
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

/**
 * The definition of a unique constraint with the storage parameters of its index, which PostgreSQL prints with the index
 * alone; with an exclusion constraint it prints them itself.
 */
function withParameters(constraint: string, index: string): string {
  const parameters = / WITH \([^()"]*\)$/.exec(index)?.[0];
  return parameters === undefined || !constraint.startsWith('UNIQUE')
    ? constraint
    : constraint.replace(/(?: DEFERRABLE)?(?: INITIALLY DEFERRED)?$/, (timing) => `${parameters}${timing}`);
}

/** The definition with another name for the index. */
function withName(definition: string, name: string): string {
  return definition.replace(
    /^(CREATE (?:UNIQUE )?INDEX CONCURRENTLY )(?:"(?:[^"]|"")+"|[^\s"]+) ON /,
    (_, start: string) => `${start}${name} ON `,
  );
}
