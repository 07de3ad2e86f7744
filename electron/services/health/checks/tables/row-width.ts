/** A column as the layout of rows sees it: `pg_attribute.attlen` and `attalign`, and what `pg_stats` knows. */
export interface StoredColumn {
  /** Bytes of a fixed-length type; negative for one of varying length. */
  readonly length: number;
  readonly alignment: string;
  /** Average stored bytes of a value, header included. */
  readonly width: number;
  readonly nullShare: number;
}

export const pageHeaderBytes = 24;
export const linePointerBytes = 4;

const boundaries: Readonly<Record<string, number>> = { c: 1, s: 2, i: 4, d: 8 };

/** Rounds up to the next multiple of 8, the alignment of rows and of index entries. */
export function align8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/**
 * The average bytes of a row's columns, padding included, rounded up to 8. Where a column begins after one of varying
 * length is not known, so the sum runs over the chances of each of the eight places.
 * https://www.postgresql.org/docs/current/storage-page-layout.html#STORAGE-TUPLE-LAYOUT
 */
export function expectedDataBytes(columns: readonly StoredColumn[]): number {
  let bytes = 0;
  // Chance of each remainder of the offset modulo 8.
  let places = [1, 0, 0, 0, 0, 0, 0, 0];
  for (const column of columns) {
    const present = 1 - column.nullShare;
    const varies = column.length < 0;
    // A value below 127 bytes has a header of one byte and is not aligned; a longer one is aligned to 4 at least.
    const boundary = varies && column.width < 127 ? 1 : (boundaries[column.alignment] ?? 8);
    const next = places.map((chance) => chance * column.nullShare);
    for (const [place, chance] of places.entries()) {
      const padding = (boundary - (place % boundary)) % boundary;
      bytes += present * chance * (padding + column.width);
      if (varies) {
        for (let end = 0; end < 8; end += 1) next[end] = (next[end] ?? 0) + (present * chance) / 8;
      } else {
        const end = (place + padding + column.width) % 8;
        next[end] = (next[end] ?? 0) + present * chance;
      }
    }
    places = next;
  }
  return bytes + places.reduce((sum, chance, place) => sum + chance * ((8 - place) % 8), 0);
}

/** The share of rows that hold a null somewhere, if columns are null independently of each other. */
export function shareOfRowsWithNull(columns: readonly StoredColumn[]): number {
  return 1 - columns.reduce((none, column) => none * (1 - column.nullShare), 1);
}
