import { readFile, stat } from 'node:fs/promises';

import { StewardError } from '../../postgres/failure.ts';
import { findPassword, parsePassfile } from './import/passfile.ts';
import { passfilePath, thisMachine } from './import/read-import.ts';

/** The file that libpq looks into when none is named. */
export function defaultPassfile(): string {
  return passfilePath(thisMachine());
}

/**
 * The password that a password file holds for a session; undefined where no line fits or the default file is not there.
 * Throws `bad_input` for a file that others can read (libpq passes over it without a word in its error), and
 * `input_output` for a named one that cannot be read.
 */
export async function readPassfile(
  named: string | undefined,
  target: { readonly host: string; readonly port: number; readonly database: string; readonly user: string },
): Promise<string | undefined> {
  const file = named ?? defaultPassfile();
  let text: string;
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && mode & 0o077) {
      throw StewardError.of('bad_input', `The password file ${file} can be read by others`, {
        hint: `chmod 600 ${file}`,
      });
    }
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && named === undefined) return undefined;
    throw error;
  }
  return findPassword(parsePassfile(text), target);
}
