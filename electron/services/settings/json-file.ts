import { readFile } from 'node:fs/promises';

import { z } from '#contract/zod.ts';

import { StewardError } from '../../postgres/failure.ts';
import { writeAtomically } from '../../postgres/write-atomically.ts';

/** A file whose content is not what it should be. */
export interface UnreadableFile {
  readonly file: string;
  readonly why: string;
}

/** Deals with an unreadable file. `moved`: it is out of the way, and a new one may be written in its place. */
export type UnreadableFileHandler = (unreadable: UnreadableFile) => Promise<'moved' | 'left'>;

/**
 * A human-editable JSON file, validated when read and replaced atomically when written.
 * A file that does not parse is handed to whoever decides what becomes of it, and never overwritten.
 */
export class JsonFile<Schema extends z.ZodType> {
  readonly file: string;
  readonly #schema: Schema;
  readonly #empty: () => z.output<Schema>;
  #writing: Promise<void> = Promise.resolve();
  #isLeft = false;

  constructor(file: string, schema: Schema, empty: () => z.output<Schema>) {
    this.file = file;
    this.#schema = schema;
    this.#empty = empty;
  }

  async read(onUnreadable: UnreadableFileHandler): Promise<z.output<Schema>> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return this.#empty();
      throw error;
    }
    const content = this.#parse(text);
    if (content.kind === 'parsed') return content.value;
    this.#isLeft = (await onUnreadable({ file: this.file, why: content.why })) === 'left';
    return this.#empty();
  }

  /**
   * Writes to a temporary file, syncs it, and renames it over the old one. Writes happen one after the other.
   * Throws `conflict` where an unreadable file was left in its place.
   */
  async write(value: z.output<Schema>): Promise<void> {
    if (this.#isLeft)
      throw StewardError.of('conflict', `${this.file} could not be read, and is not overwritten`, {
        hint: 'Mend it, or move it away.',
      });
    const text = `${JSON.stringify(value, null, 2)}\n`;
    const write = () => writeAtomically(this.file, text);
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }

  #parse(
    text: string,
  ):
    | { readonly kind: 'parsed'; readonly value: z.output<Schema> }
    | { readonly kind: 'unreadable'; readonly why: string } {
    try {
      // Editors of Windows may begin a file with a byte order mark.
      const parsed = this.#schema.safeParse(JSON.parse(text.replace(/^\uFEFF/, '')));
      return parsed.success
        ? { kind: 'parsed', value: parsed.data }
        : { kind: 'unreadable', why: z.prettifyError(parsed.error) };
    } catch (error) {
      return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
    }
  }
}
