import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { StewardError } from '../../postgres/failure.ts';

/**
 * Where Steward keeps everything: `STEWARD_DATA_DIR`, else the platform's folder for application data.
 * As root it is outside root's home, since the local server runs as another user.
 */
export function defaultDataDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment['STEWARD_DATA_DIR'];
  if (chosen) return path.resolve(chosen);
  if (process.getuid?.() === 0) return '/var/lib/steward';
  switch (process.platform) {
    case 'darwin':
      return path.join(os.homedir(), 'Library', 'Application Support', 'Steward');
    case 'win32':
      return path.join(environment['APPDATA'] ?? path.join(os.homedir(), 'AppData', 'Roaming'), 'Steward');
    default:
      return path.join(environment['XDG_DATA_HOME'] ?? path.join(os.homedir(), '.local', 'share'), 'steward');
  }
}

interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
}

/** One host at a time owns a data folder: it writes the settings and runs the local server. */
export class DataDirectoryOwnership {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
  }

  /** Takes the folder, or throws `busy` naming the process that holds it. A holder that is gone is replaced. */
  static take(directory: string, host: string): DataDirectoryOwnership {
    mkdirSync(directory, { recursive: true, mode: 0o711 });
    const file = path.join(directory, 'owner.json');
    const mine: Owner = { pid: process.pid, host, since: new Date().toISOString() };
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        writeFileSync(file, JSON.stringify(mine), { flag: 'wx', mode: 0o600 });
        return new DataDirectoryOwnership(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = readOwner(file);
      if (owner && owner.pid !== process.pid && isAlive(owner.pid)) {
        throw StewardError.of(
          'busy',
          `The data folder ${directory} is in use by Steward (${owner.host}, process ${owner.pid}, since ${owner.since}).`,
          {
            hint: 'Use that one, or give this one another folder with --data-dir or STEWARD_DATA_DIR.',
          },
        );
      }
      rmSync(file, { force: true });
    }
    throw StewardError.of('busy', `The data folder ${directory} is being taken by another process.`, {
      retryable: true,
    });
  }

  release(): void {
    if (readOwner(this.#file)?.pid === process.pid) rmSync(this.#file, { force: true });
  }
}

/** The living process that owns the folder, if any. */
export function dataDirectoryOwner(directory: string): { pid: number; host: string } | undefined {
  const owner = readOwner(path.join(directory, 'owner.json'));
  return owner && isAlive(owner.pid) ? owner : undefined;
}

function readOwner(file: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Owner;
    return Number.isInteger(owner.pid) ? owner : undefined;
  } catch {
    // Absent, or cut short by a crash: nobody holds it.
    return undefined;
  }
}

/** A process with this id runs, and is not another program that was given the id after a restart of the machine. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  try {
    return /node|electron|steward/i.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    // No /proc on this system: the id alone has to do.
    return true;
  }
}
