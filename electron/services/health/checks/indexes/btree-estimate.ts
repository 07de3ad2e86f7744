import { align8, expectedDataBytes, shareOfRowsWithNull, type StoredColumn } from '../tables/row-width.ts';

/** A key column with what is known about its values. */
export interface KeyColumn extends StoredColumn {
  /** `n_distinct` as `pg_stats` has it: negative for a share of the rows. */
  readonly distinct: number;
  readonly commonValues: number;
  readonly commonShare: number;
}

/** What the size of a freshly built btree follows from. */
export interface BtreeShape {
  readonly rows: number;
  readonly columns: readonly KeyColumn[];
  /** Equal keys share an entry: 13 and later, not unique, nothing included, and not switched off. */
  readonly shares: boolean;
  readonly fillFactor: number;
  readonly pageBytes: number;
  /** Rows that analyze samples: 300 for each unit of default_statistics_target. */
  readonly sampleRows: number;
}

const linePointer = 4;
const rowPointer = 6;
const pageHeaders = 24 + 16;
/** Fill factor of the pages above the leaves. https://www.postgresql.org/docs/current/btree.html */
const innerFillFactor = 0.7;

/**
 * The most that a freshly built btree would take: entries with their line pointers, aligned to 8 bytes, on leaf pages
 * filled to the fill factor. https://www.postgresql.org/docs/current/btree.html#BTREE-DEDUPLICATION
 */
export function newBtreeBytes(shape: BtreeShape): number {
  const withNull = shareOfRowsWithNull(shape.columns);
  const dataBytes = expectedDataBytes(shape.columns);
  const entryBytes = (1 - withNull) * 8 + withNull * 16 + dataBytes;
  const leafBytes = shape.shares
    ? sharedEntriesBytes(shape, entryBytes)
    : shape.rows * (linePointer + align8(entryBytes));
  const usable = shape.pageBytes - pageHeaders - (shape.pageBytes * (100 - shape.fillFactor)) / 100;
  const leaves = Math.ceil(leafBytes / usable);
  const fanOut = ((shape.pageBytes - pageHeaders) * innerFillFactor) / (linePointer + align8(entryBytes));
  return Math.ceil(leaves * (1 + 1 / Math.max(1, fanOut - 1)) + 2) * shape.pageBytes;
}

/** Bytes of all leaf entries where rows of equal keys share one. */
function sharedEntriesBytes(shape: BtreeShape, entryBytes: number): number {
  const [only] = shape.columns;
  if (only === undefined || shape.columns.length > 1) {
    const keys = shape.columns.reduce((product, column) => product * mostKeys(column, shape), 1);
    return groupsBytes(shape.rows, keys, entryBytes, shape.pageBytes);
  }
  const nulls = shape.rows * only.nullShare;
  const common = shape.rows * only.commonShare;
  const valueBytes = 8 + expectedDataBytes([{ ...only, nullShare: 0 }]);
  return (
    groupsBytes(nulls, 1, 16, shape.pageBytes) +
    groupsBytes(common, only.commonValues, valueBytes, shape.pageBytes) +
    groupsBytes(shape.rows - nulls - common, mostRareKeys(only, shape), valueBytes, shape.pageBytes)
  );
}

function mostKeys(column: KeyColumn, shape: BtreeShape): number {
  return Math.max(1, column.commonValues + mostRareKeys(column, shape) + (column.nullShare > 0 ? 1 : 0));
}

/**
 * The most distinct values outside the list of the most common ones. The number is an estimate from a sample: the fewer
 * times the sample has seen each value, the further it may be off, and where it has seen hardly any twice, all may be
 * different. A factor that large costs little: a row of a shared entry takes 6 bytes, whatever the number of entries.
 */
function mostRareKeys(column: KeyColumn, shape: BtreeShape): number {
  const share = Math.max(0, 1 - column.nullShare - column.commonShare);
  const rows = shape.rows * share;
  const distinct = column.distinct < 0 ? -column.distinct * shape.rows : column.distinct;
  const rare = distinct - column.commonValues;
  if (rare <= 0) return rows;
  if (shape.rows <= shape.sampleRows) return Math.min(rows, rare);
  const timesSeen = (shape.sampleRows * share) / rare;
  if (timesSeen < 1) return rows;
  return Math.min(rows, (timesSeen < 10 ? 16 : 4) * rare);
}

/** Entries of `rows` rows spread evenly over `keys` keys. */
function groupsBytes(rows: number, keys: number, entryBytes: number, pageBytes: number): number {
  if (rows <= 0) return 0;
  const groups = Math.min(rows, Math.max(1, keys));
  const size = rows / groups;
  const small = Math.floor(size);
  const larger = size - small;
  return (
    groups *
    ((1 - larger) * groupBytes(small, entryBytes, pageBytes) + larger * groupBytes(small + 1, entryBytes, pageBytes))
  );
}

/** Entries of one key that `rows` rows have. A build makes them no larger than a tenth of a page. */
function groupBytes(rows: number, entryBytes: number, pageBytes: number): number {
  const single = align8(entryBytes);
  if (rows <= 1) return rows * (linePointer + single);
  const mostRows = Math.max(2, Math.floor((pageBytes / 10 - linePointer - single) / rowPointer));
  const whole = Math.floor(rows / mostRows);
  const rest = rows - whole * mostRows;
  const shared = (count: number): number => linePointer + align8(single + count * rowPointer);
  return whole * shared(mostRows) + (rest === 0 ? 0 : rest === 1 ? linePointer + single : shared(rest));
}
