import type { FleetRow } from '#contract/fleet.ts';

import { majorReleases, releasesAsOf } from '../health/index.ts';

export { releasesAsOf };

/** Where a server stands among the releases that Steward knew when it was built. */
export type ReleaseStanding = NonNullable<FleetRow['release']>;

/**
 * Compares `server_version_num` with the table of releases. A server that is newer than the table is not behind; a
 * major that the table does not have is not judged. Development versions count as their major's first.
 */
export function releaseStanding(versionNum: number, now: Date): ReleaseStanding {
  const major = Math.floor(versionNum / 10_000);
  const minor = versionNum % 10_000;
  const release = majorReleases.get(major);
  if (!release) {
    const oldest = Math.min(...majorReleases.keys());
    // What is older than the table has been out of support for longer than the table's oldest.
    return { behind: null, newest: null, endOfLife: null, supported: major >= oldest };
  }
  return {
    behind: Math.max(0, release.knownMinor - minor),
    newest: `${major}.${Math.max(minor, release.knownMinor)}`,
    endOfLife: release.endOfLife,
    // Fixed until the end of that day, wherever it ends last.
    supported: now.getTime() < Date.parse(release.endOfLife) + 2 * 86_400_000,
  };
}

/** `3 minor releases behind (15.12 → 15.18)`; undefined where it is not behind. */
export function behindWords(versionNum: number, standing: ReleaseStanding): string | undefined {
  if (!standing.behind || standing.newest === null) return undefined;
  const own = `${Math.floor(versionNum / 10_000)}.${versionNum % 10_000}`;
  return `${standing.behind} minor ${standing.behind === 1 ? 'release' : 'releases'} behind (${own} → ${standing.newest})`;
}
