import { readFile, stat } from 'node:fs/promises';

import { toFailure } from '../../postgres/failure.ts';
import { passphraseFromEnvironment } from '../passphrase.ts';
import { CliEnd, exitCodes } from './exit-codes.ts';

export interface PassphraseOptions {
  /** `env:NAME`: the passphrase is in that variable. */
  readonly passphrase?: string | undefined;
  /** A file whose first line is the passphrase. */
  readonly passphraseFile?: string | undefined;
}

export const passphraseHint =
  'Give its passphrase in STEWARD_PASSPHRASE, with --passphrase env:NAME or with --passphrase-file FILE; or the password itself with --password env:NAME.';

/**
 * The passphrase of the secrets file from --passphrase, --passphrase-file or STEWARD_PASSPHRASE, in this order.
 * Ends with 2 for a passphrase in the arguments, an unset variable, and a file that others may read.
 */
export async function givenPassphrase(options: PassphraseOptions): Promise<string | undefined> {
  const standard = passphraseFromEnvironment();
  if (options.passphrase !== undefined) {
    if (!options.passphrase.startsWith('env:'))
      throw new CliEnd(
        exitCodes.usage,
        '--passphrase takes env:NAME: a passphrase itself would be seen in the list of processes',
      );
    const name = options.passphrase.slice('env:'.length);
    const passphrase = passphraseFromEnvironment(name) ?? (name === 'STEWARD_PASSPHRASE' ? standard : undefined);
    if (passphrase === undefined)
      throw new CliEnd(exitCodes.usage, `The environment variable ${name} is not set or empty`);
    return passphrase;
  }
  return options.passphraseFile === undefined ? standard : readPassphraseFile(options.passphraseFile);
}

async function readPassphraseFile(file: string): Promise<string> {
  let mode: number;
  let text: string;
  try {
    ({ mode } = await stat(file));
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CliEnd(exitCodes.usage, `${file} cannot be read: ${toFailure(error).message}`);
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new CliEnd(exitCodes.usage, `${file} may be read by others`, `Run: chmod 600 ${file}`);
  const [passphrase = ''] = text.split(/\r?\n/, 1);
  if (passphrase === '') throw new CliEnd(exitCodes.usage, `The first line of ${file} is empty`);
  return passphrase;
}
