import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

/**
 * The folder of reference material beside the repository, which is not part of it.
 * `STEWARD_SHARED` names another place. Null where there is none.
 */
export function sharedFolder(): string | null {
  const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
  const folder = process.env['STEWARD_SHARED'] ?? join(repository, '..', 'shared');
  return existsSync(folder) ? folder : null;
}

/** `describe` for what needs the reference material; where that is absent it is skipped, and says why. */
export function describeWithShared(name: string, define: (folder: string) => void): void {
  const folder = sharedFolder();
  if (folder !== null) {
    describe(name, () => {
      define(folder);
    });
    return;
  }
  process.stderr.write(`skipped: “${name}” needs the reference material (set STEWARD_SHARED)\n`);
  // oxlint-disable-next-line vitest/no-disabled-tests -- the material is not everywhere, and the reason was just told.
  describe.skip(name, () => {
    define('');
  });
}
