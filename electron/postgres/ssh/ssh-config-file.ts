import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';

import { StewardError } from '../failure.ts';
import type { LocalUser } from './local-user.ts';
import { type SshDirective, expandHome, parseSshConfig } from './ssh-config.ts';

/** As in OpenSSH. */
const maximumIncludeDepth = 16;

/**
 * The user's configuration and then the system's, with the files that they include. A file that is not there is empty.
 * Throws `bad_input` for a line that cannot be read, and `input_output` for a file that may not be.
 */
export async function readSshConfig(local: LocalUser): Promise<SshDirective[]> {
  const user = await readConfigFile(path.join(local.sshDirectory, 'config'), local.sshDirectory, local, 0);
  const system = await readConfigFile(
    path.join(local.systemSshDirectory, 'ssh_config'),
    local.systemSshDirectory,
    local,
    0,
  );
  // Each file begins outside of any section.
  return [...user, { keyword: 'match', values: ['all'] }, ...system];
}

async function readConfigFile(file: string, base: string, local: LocalUser, depth: number): Promise<SshDirective[]> {
  if (depth > maximumIncludeDepth) {
    throw StewardError.of('bad_input', `${file} is included more than ${maximumIncludeDepth} levels deep.`, {
      hint: 'Look for a file that includes itself.',
    });
  }
  const directives = parseSshConfig(await readIfThere(file), file);
  return Promise.all(
    directives.map(async (directive) => {
      if (directive.keyword !== 'include') return directive;
      const files = await Promise.all(directive.values.map((name) => includedFiles(name, base, local)));
      const included = await Promise.all(files.flat().map((name) => readConfigFile(name, base, local, depth + 1)));
      return { ...directive, included };
    }),
  );
}

/** A relative name is meant from the folder of the first file. */
async function includedFiles(name: string, base: string, local: LocalUser): Promise<string[]> {
  const full = path.resolve(base, expandHome(name, local));
  return /[*?[]/.test(full) ? sorted(glob(full)) : [full];
}

async function sorted(names: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const name of names) found.push(name);
  return found.sort();
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return '';
    throw StewardError.of('input_output', `The SSH configuration ${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
