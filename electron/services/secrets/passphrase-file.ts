import { chmod, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';

import { writeAtomically } from '../../postgres/write-atomically.ts';

const mostBytes = 16 * 1024 * 1024;

/** The file of sealed secrets in the data folder. Only its owner can read it, and nothing here ever deletes it. */
export class PassphraseFile {
  readonly file: string;

  constructor(dataDirectory: string) {
    this.file = path.join(dataDirectory, 'secrets.sealed');
  }

  /** Its text; undefined where there is none. One that is too large to be ours is answered as an empty text. */
  async read(): Promise<string | undefined> {
    try {
      const { size, mode } = await stat(this.file);
      if ((mode & 0o077) !== 0 && process.platform !== 'win32') await chmod(this.file, 0o600);
      return size > mostBytes ? '' : await readFile(this.file, 'latin1');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** Replaces it as a whole. When writing fails, what was there is there still. */
  async write(text: string): Promise<void> {
    await writeAtomically(this.file, text);
  }

  /** Gives it another name beside the old one, and answers the new path. */
  async keepAside(why: 'damaged' | 'locked'): Promise<string> {
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
    const aside = path.join(path.dirname(this.file), `secrets.${why}-${stamp}`);
    await rename(this.file, aside);
    return aside;
  }
}
