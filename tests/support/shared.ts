import { describe } from 'vitest';

import { sharedFolder } from './shared-folder.ts';

export { sharedFolder };

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
