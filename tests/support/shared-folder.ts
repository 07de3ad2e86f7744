import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of reference material beside the repository, which is not part of it.
 * `STEWARD_SHARED` names another place. Null where there is none.
 */
export function sharedFolder(): string | null {
  const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const folder = process.env['STEWARD_SHARED'] ?? join(repository, '..', 'shared');
  return existsSync(folder) ? folder : null;
}
