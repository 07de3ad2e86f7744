/** What is known of a server once a connection to it is open. */
export interface ServerFacts {
  /** `server_version_num`, for example 150018. */
  readonly versionNum: number;
  /** `server_version` as the server prints it, for example `15.18 (Debian 15.18-0+deb12u1)`. */
  readonly version: string;
  readonly database: string;
  readonly user: string;
  readonly isSuperuser: boolean;
  /** May run programs or write files on the server's machine, which no read-only transaction prevents. */
  readonly reachesOut: boolean;
  /** True on a standby (`pg_is_in_recovery()`). */
  readonly inRecovery: boolean;
}

export interface ReadOptions {
  /** Bound as `$1`, `$2`, … by the extended protocol. */
  readonly values?: readonly unknown[];
  /** Reads with an empty search_path, so that the server prints every name with its schema. */
  readonly qualifiedNames?: boolean;
  /** Aborting it cancels the statement on the server. */
  readonly signal?: AbortSignal;
  /** Cancels the statement on the server after this long; the caller gets SQLSTATE 57014. */
  readonly timeoutMs?: number;
}

/**
 * Reads catalogs and statistics. Rows are plain objects by column name.
 * int8 and numeric arrive as strings, timestamps as PostgreSQL prints them, json as parsed values,
 * int2/int4/float as numbers, bool as boolean, arrays of them as arrays.
 */
export interface CatalogReader {
  readonly server: ServerFacts;
  rows<Row extends object>(sql: string, options?: ReadOptions): Promise<Row[]>;
}

/**
 * The same reader with an empty search_path for everything: a function or an operator that somebody has laid into a
 * schema of the path cannot be called in place of PostgreSQL's own (CVE-2018-1058). Every SQL of ours that computes
 * something goes this way, or in a session that starts with `catalogPath`.
 */
export function catalogOnly(reader: CatalogReader): CatalogReader {
  return {
    server: reader.server,
    rows: (sql, options) => reader.rows(sql, { ...options, qualifiedNames: true }),
  };
}

/** Settings of a session that runs our own SQL only. */
export const catalogPath = { search_path: 'pg_catalog' } as const;
