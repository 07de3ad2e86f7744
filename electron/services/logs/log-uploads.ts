import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { StewardError } from '../../postgres/failure.ts';

/** A file of a window may have so much; a larger one is read by its path. */
const mostBytes = 4 * 1024 ** 3;
const mostAtOnce = 4;

interface Upload {
  readonly file: string;
  readonly name: string;
  bytes: number;
  writing: Promise<unknown>;
}

/** Files that only the window can read, such as dropped ones: they arrive in parts, and lie in the data folder meanwhile. */
export class LogUploads implements AsyncDisposable {
  readonly #folder: string;
  readonly #uploads = new Map<string, Upload>();

  constructor(dataDirectory: string) {
    this.#folder = path.join(dataDirectory, 'uploads');
  }

  async begin(name: string): Promise<string> {
    if (this.#uploads.size >= mostAtOnce)
      throw StewardError.of('busy', 'Other files are being taken', { hint: 'Wait until they are read.' });
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const id = randomUUID();
    const file = path.join(this.#folder, id);
    await writeFile(file, '', { mode: 0o600 });
    this.#uploads.set(id, { file, name, bytes: 0, writing: Promise.resolve() });
    return id;
  }

  /** Parts are written in the order in which they are given. Answers how much is there. */
  async part(id: string, base64: string): Promise<number> {
    const upload = this.#of(id);
    const bytes = Buffer.from(base64, 'base64');
    if (upload.bytes + bytes.length > mostBytes) {
      await this.abandon(id);
      throw StewardError.of('too_large', 'The file is too large to be taken from a window', {
        hint: 'Type its path: then it is read where it is.',
      });
    }
    upload.bytes += bytes.length;
    upload.writing = upload.writing.then(() => appendFile(upload.file, bytes));
    await upload.writing;
    return upload.bytes;
  }

  /** The file of an upload that is complete. `abandon` deletes it. */
  async finished(id: string): Promise<{ readonly path: string; readonly name: string; readonly bytes: number }> {
    const upload = this.#of(id);
    await upload.writing;
    return { path: upload.file, name: upload.name, bytes: upload.bytes };
  }

  async abandon(id: string): Promise<void> {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return;
    this.#uploads.delete(id);
    await upload.writing.catch(() => {});
    await rm(upload.file, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#uploads.keys()) await this.abandon(id);
  }

  #of(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw StewardError.of('not_found', 'This upload is not there any more');
    return upload;
  }
}
