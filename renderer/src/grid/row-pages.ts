export type GridRow = readonly (string | null)[];
export type FetchPage = (offset: number, limit: number, signal: AbortSignal) => Promise<readonly GridRow[]>;

export const pageRows = 200;
const pagesKept = 60;
/** Fast scrolling passes many pages; only those that stay in sight are asked for. */
const patienceMs = 40;

/** Keeps the pages of a result that were looked at, and fetches those that are in sight. */
export class RowPages {
  #fetch: FetchPage = async () => [];
  readonly #changed: () => void;
  readonly #pages = new Map<number, readonly GridRow[]>();
  readonly #underWay = new Map<number, AbortController>();
  #timer: number | null = null;
  #closed = true;
  /** Why the last fetch failed; null when the last one went well. */
  error: unknown = null;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Says where rows come from; from now on pages are fetched. */
  open(fetch: FetchPage): void {
    this.#fetch = fetch;
    this.#closed = false;
  }

  /** A row, or null while it is on its way. */
  row(index: number): GridRow | null {
    return this.#pages.get(Math.floor(index / pageRows))?.[index % pageRows] ?? null;
  }

  /** Asks for the pages of these rows, and gives up those that are no longer in sight. `total` is how many rows there are now. */
  want(firstRow: number, endRow: number, total: number): void {
    if (this.#closed) return;
    const wanted = new Set<number>();
    for (let page = Math.floor(firstRow / pageRows); page * pageRows < Math.min(endRow, total); page += 1)
      wanted.add(page);
    for (const [page, controller] of this.#underWay) if (!wanted.has(page)) controller.abort();
    const missing = [...wanted].filter((page) => this.#isMissing(page, total));
    if (missing.length === 0) return;
    if (this.#timer !== null) window.clearTimeout(this.#timer);
    const atOnce = this.#pages.size === 0;
    this.#timer = window.setTimeout(() => missing.forEach((page) => void this.#load(page)), atOnce ? 0 : patienceMs);
  }

  /** All rows between two, fetching what is not here; for copying. */
  async range(firstRow: number, endRow: number, signal: AbortSignal): Promise<GridRow[]> {
    const rows: GridRow[] = [];
    const step = 2000;
    for (let offset = firstRow; offset < endRow; offset += step) {
      rows.push(...(await this.#fetch(offset, Math.min(step, endRow - offset), signal)));
    }
    return rows;
  }

  /** Tries again what failed. */
  retry(): void {
    this.error = null;
    this.#changed();
  }

  /** Gives up whatever is under way. */
  close(): void {
    this.#closed = true;
    if (this.#timer !== null) window.clearTimeout(this.#timer);
    for (const controller of this.#underWay.values()) controller.abort();
  }

  #isMissing(page: number, total: number): boolean {
    if (this.#underWay.has(page) || this.error !== null) return false;
    const here = this.#pages.get(page)?.length ?? 0;
    return here < Math.min(pageRows, total - page * pageRows);
  }

  async #load(page: number): Promise<void> {
    if (this.#closed || this.#underWay.has(page)) return;
    const controller = new AbortController();
    this.#underWay.set(page, controller);
    try {
      const rows = await this.#fetch(page * pageRows, pageRows, controller.signal);
      this.#pages.delete(page);
      this.#pages.set(page, rows);
      const oldest = this.#pages.keys().next();
      if (this.#pages.size > pagesKept && oldest.done !== true) this.#pages.delete(oldest.value);
    } catch (error) {
      if (!controller.signal.aborted) this.error = error;
    } finally {
      this.#underWay.delete(page);
    }
    if (!this.#closed) this.#changed();
  }
}
