import { readFile, rename } from 'node:fs/promises';
import path from 'node:path';

import { z } from '#contract/zod.ts';

import { writeAtomically } from '../../postgres/write-atomically.ts';

/** Something that the user should know about a file that could not be read. */
export interface FileProblem {
  readonly title: string;
  readonly detail: string;
}

/**
 * A human-editable JSON file, validated when read and replaced atomically when written.
 * A file that does not parse is kept aside under another name, reported, and never overwritten.
 */
export class JsonFile<Schema extends z.ZodType> {
  readonly file: string;
  readonly #schema: Schema;
  readonly #empty: () => z.output<Schema>;
  #writing: Promise<void> = Promise.resolve();

  constructor(file: string, schema: Schema, empty: () => z.output<Schema>) {
    this.file = file;
    this.#schema = schema;
    this.#empty = empty;
  }

  async read(report: (problem: FileProblem) => void): Promise<z.output<Schema>> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return this.#empty();
      throw error;
    }
    const why = (() => {
      try {
        const parsed = this.#schema.safeParse(JSON.parse(text));
        return parsed.success ? { value: parsed.data } : { message: z.prettifyError(parsed.error) };
      } catch (error) {
        return { message: error instanceof Error ? error.message : String(error) };
      }
    })();
    if ('value' in why) return why.value as z.output<Schema>;
    const aside = `${this.file}.unreadable-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
    await rename(this.file, aside);
    report({
      title: `${path.basename(this.file)} could not be read`,
      detail: `It was kept as ${aside}, and Steward started without it. ${why.message}`,
    });
    return this.#empty();
  }

  /** Writes to a temporary file, syncs it, and renames it over the old one. Writes happen one after the other. */
  async write(value: z.output<Schema>): Promise<void> {
    const text = `${JSON.stringify(value, null, 2)}\n`;
    const write = () => writeAtomically(this.file, text);
    this.#writing = this.#writing.then(write, write);
    await this.#writing;
  }
}
