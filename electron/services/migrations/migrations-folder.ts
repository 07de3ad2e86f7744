import { createHash } from 'node:crypto';
import { readFile, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

import { StewardError } from '../../postgres/failure.ts';

export interface MigrationFile {
  /** As the tracking table knows it: `.ts` and `.js` taken off, other endings kept, as MikroORM does. */
  readonly name: string;
  readonly file: string;
  readonly sha256: string;
}

/** The folder's real path. Throws when it is not one. */
export async function resolveFolder(folder: string): Promise<string> {
  const resolved = path.resolve(folder);
  const found = await stat(resolved).catch(() => undefined);
  if (!found?.isDirectory())
    throw StewardError.of('not_found', `There is no folder ${resolved}`, {
      hint: 'Give the path of the folder that holds the migration files.',
    });
  return realpath(resolved);
}

/** The migrations of a folder by name, in the order in which they apply. Reads the files; loads none. */
export async function listMigrationFiles(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() && isMigrationFile(entry.name))
    .map((entry) => entry.name)
    .toSorted();
  return Promise.all(
    names.map(async (fileName) => {
      const file = path.join(folder, fileName);
      return {
        name: fileName.replace(/\.[jt]s$/, ''),
        file,
        sha256: createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      };
    }),
  );
}

/** MikroORM takes `.js`, `.ts` and `.cjs` that are no declarations; `.mjs` and `.mts` are taken too. */
function isMigrationFile(name: string): boolean {
  return (
    /\.(?:[cm]?[jt]s)$/.test(name) &&
    !/\.d\.[cm]?ts$/.test(name) &&
    !/^(?:index\.|\.)/.test(name) &&
    !/\.(?:test|spec)\./.test(name)
  );
}
