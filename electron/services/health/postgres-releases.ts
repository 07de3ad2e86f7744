/** When this table was last brought up to date. Releases after it are not known here. */
export const releasesAsOf = '2026-11-23';

interface MajorRelease {
  /** Last day with fixes. https://www.postgresql.org/support/versioning/ */
  readonly endOfLife: string;
  /** The newest minor release that was known for certain; a newer one may exist. */
  readonly knownMinor: number;
}

/** Majors by number. */
export const majorReleases: ReadonlyMap<number, MajorRelease> = new Map([
  [13, { endOfLife: '2025-11-13', knownMinor: 23 }],
  [14, { endOfLife: '2026-11-12', knownMinor: 23 }],
  [15, { endOfLife: '2027-11-11', knownMinor: 20 }],
  [16, { endOfLife: '2028-11-09', knownMinor: 14 }],
  [17, { endOfLife: '2029-11-08', knownMinor: 10 }],
  [18, { endOfLife: '2030-11-14', knownMinor: 4 }],
]);
