import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';

type Row = readonly (string | null)[];

interface Batch {
  readonly firstRow: number;
  readonly rows: number;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * The rows of one result, on disk: appended in batches while they are read from the server, fetched in pages by the
 * grid. Memory holds one small record a batch.
 */
export class ResultSpool implements AsyncDisposable {
  readonly id: string;
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #batches: Batch[] = [];
  #rows = 0;
  #bytes = 0;
  #complete = false;

  private constructor(id: string, file: string, handle: FileHandle) {
    this.id = id;
    this.#file = file;
    this.#handle = handle;
  }

  static async create(directory: string, id: string): Promise<ResultSpool> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = path.join(directory, `${id}.rows`);
    return new ResultSpool(id, file, await open(file, 'wx+', 0o600));
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(rows: readonly Row[]): Promise<void> {
    const buffer = Buffer.from(JSON.stringify(rows));
    const batch: Batch = { firstRow: this.#rows, rows: rows.length, offset: this.#bytes, bytes: buffer.length };
    await this.#handle.write(buffer, 0, buffer.length, this.#bytes);
    this.#batches.push(batch);
    this.#rows += rows.length;
    this.#bytes += buffer.length;
  }

  complete(): void {
    this.#complete = true;
  }

  /** Rows from `offset`, at most `limit`; fewer at the end of what has been read so far. */
  async page(offset: number, limit: number): Promise<{ rows: (string | null)[][]; total: number; complete: boolean }> {
    const rows: (string | null)[][] = [];
    for (let index = this.#batchAt(offset); index < this.#batches.length && rows.length < limit; index += 1) {
      const batch = this.#batches[index];
      if (!batch) break;
      const buffer = Buffer.alloc(batch.bytes);
      await this.#handle.read(buffer, 0, batch.bytes, batch.offset);
      const values = JSON.parse(buffer.toString()) as (string | null)[][];
      const from = Math.max(0, offset - batch.firstRow);
      rows.push(...values.slice(from, from + limit - rows.length));
    }
    return { rows, total: this.#rows, complete: this.#complete };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#file, { force: true });
  }

  #batchAt(row: number): number {
    let low = 0;
    let high = this.#batches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#batches[middle]?.firstRow ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
