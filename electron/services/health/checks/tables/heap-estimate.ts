import {
  align8,
  expectedDataBytes,
  linePointerBytes,
  pageHeaderBytes,
  shareOfRowsWithNull,
  type StoredColumn,
} from './row-width.ts';

/** What the size of a freshly written heap follows from. */
export interface HeapShape {
  readonly rows: number;
  readonly columns: readonly StoredColumn[];
  /** Columns that a row has room for in its bitmap of nulls, dropped ones included. */
  readonly columnCount: number;
  readonly droppedColumns: number;
  readonly fillFactor: number;
  readonly pageBytes: number;
}

/**
 * Size of a freshly written heap: rows with line pointer and header, aligned to 8 bytes, on pages filled to the fill
 * factor. Rounded so that it is rather too large than too small.
 * https://www.postgresql.org/docs/current/storage-page-layout.html
 */
export function newHeapBytes(shape: HeapShape): number {
  const withNull = shape.droppedColumns > 0 ? 1 : shareOfRowsWithNull(shape.columns);
  const header = (1 - withNull) * 24 + withNull * align8(23 + Math.ceil(shape.columnCount / 8));
  const rowBytes = linePointerBytes + header + expectedDataBytes(shape.columns);
  return pagesFor({ ...shape, rowBytes, varies: varies(shape.columns) }) * shape.pageBytes;
}

/** What says how many rows fit on a page; `rowBytes` with line pointer and header. */
export interface RowsOnPages extends Pick<HeapShape, 'rows' | 'fillFactor' | 'pageBytes'> {
  readonly rowBytes: number;
  readonly varies: boolean;
}

/** Pages that the rows need when they are written anew: no row is split, so wide ones leave room at the end of each. */
export function pagesFor({ rows, rowBytes, fillFactor, pageBytes, varies: lengthsVary }: RowsOnPages): number {
  const usable = usableBytes(pageBytes, fillFactor);
  const whole = Math.floor(usable / rowBytes);
  // Rows of different lengths leave half a row free at the end of a page, on average.
  const rowsPerPage = lengthsVary ? Math.min(whole, (usable - rowBytes / 2) / rowBytes) : whole;
  return Math.ceil(rows / Math.max(1, rowsPerPage));
}

/**
 * Room at the ends of full pages that no row fits in: of `pages`, those that the rows need. Their lengths are only known
 * on average, so they are taken to vary.
 */
export function unfillableBytes(shape: Omit<RowsOnPages, 'varies'> & { readonly pages: number }): number {
  if (shape.rows <= 0 || shape.rowBytes <= 0) return 0;
  const needed = Math.min(shape.pages, pagesFor({ ...shape, varies: true }));
  return Math.max(0, needed * usableBytes(shape.pageBytes, shape.fillFactor) - shape.rows * shape.rowBytes);
}

function usableBytes(pageBytes: number, fillFactor: number): number {
  return pageBytes - pageHeaderBytes - (pageBytes * (100 - fillFactor)) / 100;
}

function varies(columns: readonly StoredColumn[]): boolean {
  return columns.some((column) => column.length < 0 || (column.nullShare > 0 && column.nullShare < 1));
}

/** What says how many rows a relation holds, and how old that knowledge is. */
export interface RowCounts {
  /** `pg_class.reltuples` and `relpages`: what vacuum, analyze or an index build has seen last. */
  readonly tuples: number;
  readonly pages: number;
  readonly actualPages: number;
  /** The statistics system's counts, kept up with each commit; null where they began after the rows were written. */
  readonly liveRows: number | null;
  readonly deadRows: number;
}

/**
 * The most rows that the counts allow; zero where nobody has counted. Pages that came since and that the counts of live
 * and dead rows do not explain are taken to be as full as the others, as the planner does: a load that has not committed
 * yet looks like this.
 */
export function mostRows({ tuples, pages, actualPages, liveRows, deadRows }: RowCounts): number {
  const counted = Math.max(0, tuples, liveRows ?? 0);
  if (pages <= 0 || tuples <= 0) return liveRows === null ? 0 : counted;
  const inNewPages = tuples * Math.max(0, actualPages / pages - 1);
  const explained = liveRows === null ? 0 : deadRows + Math.max(0, liveRows - tuples);
  return counted + Math.max(0, inNewPages - explained);
}
