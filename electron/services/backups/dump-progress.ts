export interface PlannedTable {
  /** `schema.table`, unquoted, as pg_dump names it in its messages. */
  readonly name: string;
  readonly oid: number;
  readonly sizeBytes: number;
  readonly estimatedRows: number;
}

/**
 * How far a dump is: the tables that are done by their sizes, and the one under way by its rows.
 * pg_stat_progress_copy tells no total, so the planner's row count is the total. Pure.
 */
export class DumpProgress {
  readonly #tables: ReadonlyMap<string, PlannedTable>;
  readonly #byOid: ReadonlyMap<number, PlannedTable>;
  readonly #started = new Set<string>();
  readonly #total: number;
  #current: readonly { table: PlannedTable; part: number }[] = [];
  #highest = 0;

  constructor(tables: readonly PlannedTable[]) {
    this.#tables = new Map(tables.map((table) => [table.name, table]));
    this.#byOid = new Map(tables.map((table) => [table.oid, table]));
    // A table costs something even when it is empty.
    this.#total = tables.reduce((sum, table) => sum + weight(table), 0);
  }

  /** `pg_dump -v` said that it begins with a table. */
  begin(name: string): void {
    const table = this.#tables.get(name);
    if (!table) return;
    this.#started.add(name);
    this.#current = [...this.#current.filter((one) => one.part < 1).slice(-8), { table, part: 0 }];
  }

  /** pg_stat_progress_copy told how many rows of the tables under way have been sent. */
  rows(copies: readonly { oid: number; rows: number }[]): void {
    this.#current = copies.flatMap(({ oid, rows }) => {
      const table = this.#byOid.get(oid);
      return table ? [{ table, part: Math.min(0.99, rows / Math.max(1, table.estimatedRows)) }] : [];
    });
  }

  /** 0 to 1, never going back; null before the first table, while pg_dump reads the catalog. */
  get fraction(): number | null {
    if (this.#started.size === 0 || this.#total === 0) return null;
    const open = new Set(this.#current.map(({ table }) => table.name));
    let done = 0;
    for (const name of this.#started) if (!open.has(name)) done += weight(this.#tables.get(name));
    for (const { table, part } of this.#current) done += weight(table) * part;
    this.#highest = Math.max(this.#highest, Math.min(1, done / this.#total));
    return this.#highest;
  }

  get counts(): { started: number; total: number } {
    return { started: this.#started.size, total: this.#tables.size };
  }
}

function weight(table: PlannedTable | undefined): number {
  return (table?.sizeBytes ?? 0) + 8192;
}
