import { execFile } from 'node:child_process';
import { access, constants, glob } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

export interface ClientTools {
  /** Folder that holds pg_dump and pg_restore of one version. */
  readonly directory: string;
  /** As `pg_dump --version` prints it: `15.20 (Debian 15.20-0+deb12u1)`. */
  readonly version: string;
  readonly major: number;
}

/** Where installations keep them: by version first, then PATH. `/usr/bin/pg_dump` of Debian is a wrapper, so it comes last. */
const places: readonly string[] =
  process.platform === 'darwin'
    ? [
        '/Applications/Postgres.app/Contents/Versions/*/bin',
        '/opt/homebrew/opt/{libpq,postgresql@*}/bin',
        '/usr/local/opt/{libpq,postgresql@*}/bin',
        '/Library/PostgreSQL/*/bin',
      ]
    : process.platform === 'win32'
      ? [`${process.env['ProgramFiles'] ?? 'C:/Program Files'}/PostgreSQL/*/bin`.replaceAll('\\', '/')]
      : ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin'];

/** Every pair of pg_dump and pg_restore on this machine, newest first. */
export async function findClientTools(environmentPath: string = process.env['PATH'] ?? ''): Promise<ClientTools[]> {
  const folders = new Set<string>();
  for (const pattern of places) for await (const folder of glob(pattern)) folders.add(folder);
  for (const folder of environmentPath.split(path.delimiter)) if (folder) folders.add(folder);
  const found = await Promise.all([...folders].map(toolsIn));
  const byVersion = new Map<string, ClientTools>();
  for (const tools of found) if (tools && !byVersion.has(tools.version)) byVersion.set(tools.version, tools);
  return [...byVersion.values()].toSorted((left, right) => right.major - left.major);
}

async function toolsIn(directory: string): Promise<ClientTools | undefined> {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const dump = path.join(directory, `pg_dump${suffix}`);
  try {
    await access(dump, constants.X_OK);
    await access(path.join(directory, `pg_restore${suffix}`), constants.X_OK);
    const { stdout } = await execute(dump, ['--version'], {
      timeout: 10_000,
      env: { LC_ALL: 'C', PATH: process.env['PATH'] },
    });
    const version = /\(PostgreSQL\) (.+)/.exec(stdout.trim())?.[1];
    const major = Number(/^\d+/.exec(version ?? '')?.[0]);
    return version && Number.isInteger(major) ? { directory, version, major } : undefined;
  } catch {
    // Not there, not ours to run, or no PostgreSQL tool: no candidate.
    return undefined;
  }
}

/**
 * The tools to use on a server: pg_dump refuses a server of a newer major than its own, and is fine with older ones.
 * The same major is taken where it is there, else the nearest newer one.
 */
export function chooseClientTools(found: readonly ClientTools[], serverMajor: number): ClientTools | undefined {
  return found.filter((tools) => tools.major >= serverMajor).toSorted((left, right) => left.major - right.major)[0];
}
