import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { StewardError } from '../failure.ts';
import { writeAtomically } from '../write-atomically.ts';
import { type HostKey, type KnownHost, keyTypeOf, parseKnownHosts, withHostKey } from './known-hosts.ts';
import { type LocalUser, currentLocalUser } from './local-user.ts';

/** The keys of SSH servers that are on file: the user's own files, which are only read, and Steward's. */
export class KnownHosts {
  /** Steward's own file. */
  readonly file: string;
  readonly #userFiles: readonly string[];
  readonly #systemFiles: readonly string[];
  #writing: Promise<void> = Promise.resolve();

  constructor(dataDirectory: string, local: LocalUser = currentLocalUser()) {
    this.file = path.join(dataDirectory, 'known_hosts');
    this.#userFiles = ['known_hosts', 'known_hosts2'].map((name) => path.join(local.sshDirectory, name));
    this.#systemFiles = ['ssh_known_hosts', 'ssh_known_hosts2'].map((name) =>
      path.join(local.systemSshDirectory, name),
    );
  }

  /** All that is on file now. `userFiles`: instead of `~/.ssh/known_hosts`, as UserKnownHostsFile says. */
  async read(userFiles: readonly string[] = this.#userFiles): Promise<KnownHost[]> {
    const texts = await Promise.all([this.file, ...userFiles, ...this.#systemFiles].map(readIfThere));
    return texts.flatMap(parseKnownHosts);
  }

  /**
   * Files a key that a person has accepted, in Steward's own file. It replaces an older key of the same type for the
   * same host and port there. Throws `bad_input` for what is no host or no key.
   */
  async trustHostKey(hostKey: HostKey): Promise<void> {
    checkHostKey(hostKey);
    const write = this.#writing.then(async () => {
      await writeAtomically(this.file, withHostKey(await readIfThere(this.file), hostKey));
    });
    // A write that failed is its caller's, and does not keep the next one from being tried.
    this.#writing = write.catch(() => {});
    await write;
  }
}

/** The name goes into a line of a file: nothing in it may begin a second line, name, or pattern. */
function checkHostKey({ host, port, keyType, key }: HostKey): void {
  if (!/^[^\s,*?!|#@[\]]+$/.test(host)) throw StewardError.of('bad_input', 'This is no host name.');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw StewardError.of('bad_input', 'This is no port.');
  if (!/^[A-Za-z0-9+/]+=*$/.test(key) || keyTypeOf(Buffer.from(key, 'base64')) !== keyType) {
    throw StewardError.of('bad_input', `This is no public key of the type ${keyType}.`);
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    // Reading on without it could miss a revoked key.
    throw StewardError.of('input_output', `The known hosts in ${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
