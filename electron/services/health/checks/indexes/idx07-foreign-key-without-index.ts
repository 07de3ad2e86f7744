import { formatBytes, formatCount, formatDuration, plural } from '../../format-values.ts';
import type { HealthCheck, HealthFacts } from '../../health-check.ts';
import { lockTexts } from '../../lock-texts.ts';
import { quoteIdentifier, quoteQualified } from '../../../../postgres/quote-identifier.ts';
import { truncateToNameLimit } from './drop-index.ts';
import {
  foreignKeyIndexesSql,
  type CandidateIndex,
  type ForeignKeyRow,
  type UncoveredTable,
} from './foreign-key-indexes.ts';

const dayMs = 86_400_000;

type Limit = 'largeBytes' | 'fewRows' | 'quietDays';

export const foreignKeyWithoutIndex: HealthCheck<ForeignKeyRow, Limit> = {
  id: 'IDX07',
  group: 'indexes',
  basis: 'catalog',
  title: 'Foreign keys without an index',
  why: 'Deleting a referenced row, or changing its key, searches the referencing table. Without an index that is a full scan under a lock, once per row. Joins along the foreign key suffer as well.',
  thresholds: {
    largeBytes: { usual: 10 * 1024 ** 2, unit: 'bytes', label: 'Table from which it is a warning' },
    fewRows: { usual: 100, unit: 'rows', label: 'Rows per value up to which an index on one of the columns is enough' },
    quietDays: { usual: 7, unit: 'days', label: 'Age of statistics that show that nobody deletes referenced rows' },
  },
  sql: (facts) => foreignKeyIndexesSql(facts),
  findings(rows, { facts, limits }) {
    const uncovered = rows
      .map((row) => ({ ...row, uncovered: row.uncovered.filter((leaf) => isMissing(leaf, row, limits.fewRows)) }))
      .filter((row) => row.uncovered.length > 0);
    // Names are one set per schema, for all findings together.
    const taken = new Set(uncovered.flatMap((row) => row.taken_names.map((name) => inSchema(row, name))));
    const isQuiet = (row: ForeignKeyRow): boolean =>
      !facts.inRecovery && facts.statsAgeMs >= limits.quietDays * dayMs && row.target_searches === 0;
    const idle = uncovered.filter((row) => notesWho(row) && isQuiet(row));
    const tables = [
      ...Map.groupBy(
        uncovered.filter((row) => !idle.includes(row)),
        (row) => row.root_oid,
      ).values(),
    ];
    // What is told once goes first: no more than two hundred findings are listed.
    return [
      ...[...Map.groupBy(idle, (row) => row.target_oid).values()].flatMap((keys) => findingOfIdle(keys, facts)),
      ...tables
        .toSorted((left, right) => Number(left.every(notesWho)) - Number(right.every(notesWho)))
        .flatMap((keys) => finding(keys, { largeBytes: limits.largeBytes, taken, isQuiet })),
    ];
  },
};

/** Neither a partial index serves the foreign key there, nor one on a part of its columns that narrows the search enough. */
function isMissing(leaf: UncoveredTable, row: ForeignKeyRow, fewRows: number): boolean {
  const searched = row.is_temporal ? row.columns.slice(0, -1) : row.columns;
  if (leaf.partial.some((index) => coversForeignKey(index, searched))) return false;
  const rowsPerValue = leaf.led_by?.rows_per_value ?? null;
  return rowsPerValue === null || rowsPerValue > fewRows;
}

/** A column that notes who made or changed a row: hardly anybody searches by it, and every table may have it. */
function notesWho({ columns }: ForeignKeyRow): boolean {
  return columns.every((column) =>
    /^(?:last_?)?(?:created?|updated?|modified|changed|edited|inserted|deleted)_?(?:by|user)(?:_?user)?(?:_?id)?$/i.test(
      column,
    ),
  );
}

interface Judgement {
  readonly largeBytes: number;
  readonly taken: Set<string>;
  readonly isQuiet: (row: ForeignKeyRow) => boolean;
}

/** One finding for all foreign keys of a table: who adds one index adds the others along. */
function finding(all: readonly ForeignKeyRow[], { largeBytes, taken, isQuiet }: Judgement) {
  const narrowed = all.filter((row) => row.uncovered.every((leaf) => leaf.led_by !== null));
  const hasBare = narrowed.length < all.length;
  const keys = (hasBare ? all.filter((row) => !narrowed.includes(row)) : narrowed).toSorted(
    (left, right) => Number(notesWho(left)) - Number(notesWho(right)),
  );
  const [first] = keys;
  if (first === undefined) return [];
  const tables = new Map(keys.map((row) => [row.table_oid, row]));
  const isOne = tables.size === 1;
  const table = isOne ? first.table_name : first.root_name;
  const bytes = tables.values().reduce((sum, row) => sum + row.table_bytes, 0);
  const rowCount = tables.values().reduce((sum, row) => sum + row.table_rows, 0);
  const size = bytes === 0 ? ', empty now' : ` (${formatBytes(bytes)})`;
  const targets = [...new Set(keys.map((row) => row.target_name))];
  const changes = keys.reduce((sum, row) => sum + row.target_changes, 0);
  const quiet = keys.every(isQuiet);
  const column = quoteIdentifier(partOf(first)?.column ?? '');
  const some = `${keys.length} foreign keys of ${isOne ? '' : `${tables.size} partitions of `}${table}`;
  const messages = hasBare
    ? {
        one: `has no index: each delete in ${targets.join()} reads the whole table${size}`,
        several: `have no index, so each delete in a referenced table reads the whole table${size}`,
      }
    : {
        one: `has no index on all its columns: each delete in ${targets.join()} reads, at best, all rows of the same ${column}${size}`,
        several: `have no index on all their columns, so each delete in a referenced table reads, at best, all rows that have one of them in common${size}`,
      };
  return [
    {
      object: table,
      relationOid: Number(isOne ? first.table_oid : first.root_oid),
      severity: bytes >= largeBytes && hasBare && !quiet ? ('warning' as const) : ('info' as const),
      message:
        keys.length === 1
          ? `Foreign key ${described(keys)} of ${table} ${messages.one}.`
          : `${some} ${messages.several}: ${described(keys)}.`,
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
            value: `${formatCount(row.uncovered.length)} of ${plural(row.leaves, 'partition')}`,
          })),
        ...keys.flatMap((row) =>
          row.invalid_index === null ? [] : [{ label: 'Invalid index on these columns', value: row.invalid_index }],
        ),
        ...narrowed.flatMap(partEvidence),
      ],
      ...fixFor(keys, taken),
      ...(hasBare
        ? {}
        : {
            confidence: 'low' as const,
            confidenceReason: 'How much is read depends on how many rows have the same value; it may be few.',
          }),
      ...(hasBare && quiet
        ? {
            confidence: 'medium' as const,
            confidenceReason: 'Nobody has deleted referenced rows or changed their keys: only joins suffer by now.',
          }
        : {}),
    },
  ];
}

/** The keys with their columns, the first ten of them. */
function described(keys: readonly ForeignKeyRow[]): string {
  const names = keys.map((row) => `${row.constraint_name} (${row.columns.map(quoteIdentifier).join(', ')})`);
  return `${names.slice(0, 10).join(', ')}${names.length > 10 ? ` and ${names.length - 10} more` : ''}`;
}

/** The index that narrows the search by one of the columns, in the first table that has one. */
function partOf(row: ForeignKeyRow): UncoveredTable['led_by'] {
  return row.uncovered.find((leaf) => leaf.led_by !== null)?.led_by ?? null;
}

function partEvidence(row: ForeignKeyRow): { label: string; value: string }[] {
  const part = partOf(row);
  if (part === null) return [];
  const rows =
    part.rows_per_value === null
      ? 'how many rows a value has is not known'
      : `about ${plural(Math.round(part.rows_per_value), 'row')} per value`;
  return [
    {
      label: `Index for a part of ${row.constraint_name}`,
      value: `${quoteIdentifier(part.index)}, by ${quoteIdentifier(part.column)}: ${rows}`,
    },
  ];
}

/** Columns that note who changed a row are in every table, and nobody deletes those people: told once. */
function findingOfIdle(keys: readonly ForeignKeyRow[], facts: HealthFacts) {
  const [first] = keys;
  if (first === undefined) return [];
  const tables = new Set(keys.map((row) => row.root_oid));
  const columns = [...new Set(keys.flatMap((row) => row.columns.map(quoteIdentifier)))];
  const names = keys.map((row) => `${row.table_name} (${row.columns.map(quoteIdentifier).join(', ')})`);
  return [
    {
      object: `foreign keys to ${first.target_name}`,
      relationOid: Number(first.target_oid),
      severity: 'info' as const,
      message: `${plural(keys.length, 'foreign key')} of ${plural(tables.size, 'table')} to ${first.target_name} ${keys.length === 1 ? 'notes' : 'note'} who changed a row (${columns.slice(0, 5).join(', ')}) and ${keys.length === 1 ? 'has' : 'have'} no index; no row of ${first.target_name} was deleted or got another key in ${formatDuration(facts.statsAgeMs)}.`,
      measure: keys.length,
      evidence: [
        {
          label: 'Tables',
          value: `${names.slice(0, 30).join(', ')}${names.length > 30 ? ` and ${names.length - 30} more` : ''}`,
        },
        { label: 'Statistics since', value: facts.statsResetAt ?? 'never reset' },
      ],
      caution: 'An index for each would be written on every change of its table. It pays once such rows are deleted.',
      confidence: 'low' as const,
      confidenceReason: 'Counters since statistics began; the first delete would read all these tables.',
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
  const rebuilt = new Set<string>();
  const isPartitioned = keys.some((row) => row.is_partitioned);
  const served: ForeignKeyRow[] = [];
  // Keys on the same columns need one index, and one whose columns lead another index needs none of its own.
  for (const row of keys.toSorted((left, right) => right.columns.length - left.columns.length)) {
    const concurrently = row.is_partitioned ? '' : 'concurrently ';
    if (row.invalid_index !== null && !row.is_partitioned) {
      if (!rebuilt.has(row.invalid_index)) fixes.push(`reindex index concurrently ${row.invalid_index};`);
      rebuilt.add(row.invalid_index);
      continue;
    }
    if (served.some((other) => other.table_oid === row.table_oid && isLedBy(other.columns, row.columns))) continue;
    served.push(row);
    const columns = row.columns.map(quoteIdentifier).join(', ');
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

/** True where the columns are the first ones of the index, in any order. */
function isLedBy(index: readonly string[], columns: readonly string[]): boolean {
  const leading = new Set(index.slice(0, columns.length));
  return columns.every((column) => leading.has(column));
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
