import { formatBytes, formatCount, plural } from '../../format-values.ts';
import type { HealthCheck } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { quoteIdentifier, quoteQualified } from '../../../../postgres/quote-identifier.ts';
import { truncateToNameLimit } from './drop-index.ts';
import { foreignKeyIndexesSql, type CandidateIndex, type ForeignKeyRow } from './foreign-key-indexes.ts';

export const foreignKeyWithoutIndex: HealthCheck<ForeignKeyRow, 'largeBytes'> = {
  id: 'IDX07',
  group: 'indexes',
  basis: 'catalog',
  title: 'Foreign keys without an index',
  why: 'Deleting a referenced row, or changing its key, searches the referencing table. Without an index that is a full scan under a lock, once per row. Joins along the foreign key suffer as well.',
  thresholds: {
    largeBytes: { usual: 10 * 1024 ** 2, unit: 'bytes', label: 'Table from which it is a warning' },
  },
  sql: ({ versionNum }) => foreignKeyIndexesSql(versionNum),
  findings(rows, { limits }) {
    const uncovered = rows.filter((row) => missingLeaves(row).length > 0);
    // Names are one set per schema, for all findings together.
    const taken = new Set(uncovered.flatMap((row) => row.taken_names.map((name) => inSchema(row, name))));
    return [...Map.groupBy(uncovered, (row) => row.root_oid).values()].flatMap((keys) =>
      finding(keys, limits.largeBytes, taken),
    );
  },
};

/** The tables of the foreign key that no partial index serves either. */
function missingLeaves(row: ForeignKeyRow): readonly { readonly name: string }[] {
  const searched = row.is_temporal ? row.columns.slice(0, -1) : row.columns;
  return row.uncovered.filter((leaf) => !leaf.partial.some((index) => coversForeignKey(index, searched)));
}

/** One finding for all foreign keys of a table: who adds one index adds the others along. */
function finding(keys: readonly ForeignKeyRow[], largeBytes: number, taken: Set<string>) {
  const [first] = keys;
  if (first === undefined) return [];
  const tables = new Map(keys.map((row) => [row.table_oid, row]));
  const isOne = tables.size === 1;
  const table = isOne ? first.table_name : first.root_name;
  const bytes = tables.values().reduce((sum, row) => sum + row.table_bytes, 0);
  const rowCount = tables.values().reduce((sum, row) => sum + row.table_rows, 0);
  const size = bytes === 0 ? ', empty now' : ` (${formatBytes(bytes)})`;
  const described = keys.map((row) => `${row.constraint_name} (${row.columns.map(quoteIdentifier).join(', ')})`);
  const targets = [...new Set(keys.map((row) => row.target_name))];
  const changes = keys.reduce((sum, row) => sum + row.target_changes, 0);
  return [
    {
      object: table,
      relationOid: Number(isOne ? first.table_oid : first.root_oid),
      severity: bytes >= largeBytes ? ('warning' as const) : ('info' as const),
      message:
        keys.length === 1
          ? `Foreign key ${described.join()} of ${table} has no index: each delete in ${targets.join()} reads the whole table${size}.`
          : `${keys.length} foreign keys of ${isOne ? '' : `${tables.size} partitions of `}${table} have no index, so each delete in a referenced table reads the whole table${size}: ${described.slice(0, 10).join(', ')}${keys.length > 10 ? ` and ${keys.length - 10} more` : ''}.`,
      measure: bytes,
      evidence: [
        { label: 'References', value: targets.join(', ') },
        { label: 'Size of the table', value: formatBytes(bytes) },
        { label: 'Rows (estimate)', value: formatCount(rowCount) },
        { label: 'Deletes and updates of referenced tables', value: formatCount(changes) },
        ...keys
          .filter((row) => row.is_partitioned)
          .map((row) => ({
            label: `Without index for ${row.constraint_name}`,
            value: `${formatCount(missingLeaves(row).length)} of ${plural(row.leaves, 'partition')}`,
          })),
        ...keys.flatMap((row) =>
          row.invalid_index === null ? [] : [{ label: 'Invalid index on these columns', value: row.invalid_index }],
        ),
      ],
      ...fixFor(keys, taken),
    },
  ];
}

function fixFor(keys: readonly ForeignKeyRow[], taken: Set<string>) {
  if (keys.some((row) => row.is_temporal)) {
    return {
      caution: 'A key with PERIOD is best served by a GiST index on its columns, which needs btree_gist for scalars.',
    };
  }
  const fixes: string[] = [];
  const undos: string[] = [];
  const done = new Set<string>();
  const isPartitioned = keys.some((row) => row.is_partitioned);
  for (const row of keys) {
    const columns = row.columns.map(quoteIdentifier).join(', ');
    const concurrently = row.is_partitioned ? '' : 'concurrently ';
    if (row.invalid_index !== null && !row.is_partitioned) {
      if (!done.has(row.invalid_index)) fixes.push(`reindex index concurrently ${row.invalid_index};`);
      done.add(row.invalid_index);
      continue;
    }
    // Two foreign keys on the same columns need one index.
    const set = [row.table_oid, ...row.columns.toSorted()].join('\0');
    if (done.has(set)) continue;
    done.add(set);
    const name = freeName(row, taken);
    taken.add(inSchema(row, name));
    fixes.push(`create index ${concurrently}${quoteIdentifier(name)} on ${row.table_name} (${columns});`);
    undos.push(`drop index ${concurrently}${quoteIdentifier(row.schema_name)}.${quoteIdentifier(name)};`);
  }
  return {
    fixSql: fixes.join('\n'),
    ...(undos.length === 0 ? {} : { undoSql: undos.join('\n') }),
    lock: isPartitioned ? lockTexts.share : lockTexts.shareUpdateExclusive,
    ...(isPartitioned
      ? {
          caution:
            'A partitioned table cannot take CONCURRENTLY; build the index on each partition first to avoid the wait.',
        }
      : {}),
  };
}

/** A name in PostgreSQL's own manner that nothing in the schema has, or is about to get. */
function freeName(row: ForeignKeyRow, taken: ReadonlySet<string>): string {
  for (let number = 0; ; number += 1) {
    const name = truncateToNameLimit(
      `${row.bare_table}_${row.columns.join('_')}`,
      `_idx${number === 0 ? '' : String(number)}`,
    );
    if (!taken.has(inSchema(row, name))) return name;
  }
}

function inSchema(row: ForeignKeyRow, name: string): string {
  return quoteQualified(row.schema_name, name);
}

/**
 * The search for referencing rows compares every column with `=`, so the order of the leading columns does not matter.
 * A predicate is harmless only where it says no more than that the columns are not null.
 */
export function coversForeignKey(index: CandidateIndex, columns: readonly string[]): boolean {
  const leading = new Set(index.columns.slice(0, columns.length));
  if (!columns.every((column) => leading.has(column))) return false;
  if (index.predicate === null) return true;
  const names = new Set(columns);
  return index.predicate.split(/ AND /).every((term) => {
    const name = notNullColumn(term);
    return name !== undefined && names.has(name);
  });
}

/** The bare name of the column that a term says is not null; names may be quoted that need not be. */
function notNullColumn(term: string): string | undefined {
  const bare = term.replace(/^\(+|\)+$/g, '');
  const column = String.raw`([\p{L}_][\p{L}\d_$]*|"(?:[^"]|"")+")`;
  const name = new RegExp(`^(?:${column} IS NOT NULL|NOT \\(${column} IS NULL)$`, 'u').exec(bare);
  const found = name?.[1] ?? name?.[2];
  return found?.startsWith('"') ? found.slice(1, -1).replaceAll('""', '"') : found;
}
