import type { HealthFinding } from '#contract/health-model.ts';
import { lockTexts } from '../../lock-texts.ts';
import type { IndexKeysRow } from './index-keys.ts';

type Fix = Pick<HealthFinding, 'fixSql' | 'undoSql' | 'lock' | 'caution'>;

/** The SQL that drops an index without stopping anybody, and its definition as the way back. */
export function dropIndex(index: {
  readonly name: string;
  readonly definition: string;
  readonly isPartitioned: boolean;
}): Fix {
  return index.isPartitioned
    ? {
        fixSql: `drop index ${index.name};`,
        undoSql: `${index.definition};`,
        lock: lockTexts.accessExclusiveShort,
        caution:
          'The index of a partitioned table cannot be dropped concurrently; all its partitions are locked together.',
      }
    : {
        fixSql: `drop index concurrently ${index.name};`,
        undoSql: `${concurrently(index.definition)};`,
        lock: lockTexts.shareUpdateExclusive,
      };
}

/** The SQL that removes a duplicate: by its constraint where it has one, which other objects may depend on. */
export function dropDuplicate(row: IndexKeysRow): Fix {
  if (row.constraint_name === null) {
    return dropIndex({ name: row.index_name, definition: row.definition, isPartitioned: row.is_partitioned });
  }
  if (row.referencing_keys > 0 || row.is_primary) {
    return { caution: 'Foreign keys or the primary key rest on both; decide by hand which one may go.' };
  }
  return {
    fixSql: `alter table ${row.table_name} drop constraint ${row.constraint_name};`,
    undoSql: `alter table ${row.table_name} add constraint ${row.constraint_name} ${row.constraint_definition ?? ''};`,
    lock: lockTexts.accessExclusiveShort,
    caution: 'An insert with "on conflict on constraint" that names this constraint would fail.',
  };
}

/** `create index …` as `create index concurrently …`, in the words of `pg_get_indexdef`. */
export function concurrently(definition: string): string {
  return definition.replace(
    /^CREATE (UNIQUE )?INDEX /,
    (_, unique: string | undefined) => `CREATE ${unique ?? ''}INDEX CONCURRENTLY `,
  );
}
