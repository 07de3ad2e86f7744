/** When this table was last brought up to date. Releases after it are not known here. */
export const releasesAsOf = '2026-11-23';

interface MajorRelease {
  /** Last day with fixes. https://www.postgresql.org/support/versioning/ */
  readonly endOfLife: string;
  /** The newest minor release that was known for certain; a newer one may exist. */
  readonly knownMinor: number;
  /** When that one was released; null where only its package was seen. */
  readonly released: string | null;
}

/**
 * Majors by number. The dates are those of the announcements on https://www.postgresql.org: 13 November 2025 for the
 * last 13, 14 May 2026 for 18.4, 17.10, 16.14 and 14.23. 15.20 was seen as a package in Debian's security archive.
 */
export const majorReleases: ReadonlyMap<number, MajorRelease> = new Map([
  [13, { endOfLife: '2025-11-13', knownMinor: 23, released: '2025-11-13' }],
  [14, { endOfLife: '2026-11-12', knownMinor: 23, released: '2026-05-14' }],
  [15, { endOfLife: '2027-11-11', knownMinor: 20, released: null }],
  [16, { endOfLife: '2028-11-09', knownMinor: 14, released: '2026-05-14' }],
  [17, { endOfLife: '2029-11-08', knownMinor: 10, released: '2026-05-14' }],
  [18, { endOfLife: '2030-11-14', knownMinor: 4, released: '2026-05-14' }],
]);
