import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of package.json: above the sources, above a build, or the archive of a packaged app. */
function findRoot(): string {
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (folder === path.dirname(folder)) throw new Error('Steward’s own package.json is missing');
  }
}

const root = findRoot();

/** Where what Steward ships is found. */
export const places = {
  root,
  assets: path.join(root, 'assets'),
  renderer: path.join(root, 'out', 'renderer'),
  version: (JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version,
} as const;
