import type { HealthFinding } from '#contract/health-model.ts';
import { formatDuration, plural } from '../../format-values.ts';
import { cannotTell, type HealthCheck } from '../../health-check.ts';
import { majorReleases, releasesAsOf } from '../../postgres-releases.ts';

interface Row {
  readonly version_num: number;
  readonly version: string;
}

const dayMs = 86_400_000;

export const outdatedVersion: HealthCheck<Row, 'warnDays' | 'minorReleases'> = {
  id: 'CFG18',
  group: 'configuration',
  basis: 'catalog',
  title: 'Outdated PostgreSQL',
  why: 'A major version gets fixes for five years. After that, security holes and data loss bugs that are found stay open. Minor releases bring only fixes and need no more than a restart.',
  thresholds: {
    // postgres-checkup: the last year of support.
    warnDays: { usual: 365, unit: 'days', label: 'Days of support left that are a warning' },
    minorReleases: { usual: 1, unit: 'count', label: 'Minor releases behind that are a warning' },
  },
  // Run on PostgreSQL 13 to 18. Compared with a table inside Steward, not with the network.
  sql: () => `
select
  pg_catalog.current_setting('server_version_num')::int4 as version_num,
  pg_catalog.current_setting('server_version') as version`,
  findings([row], { limits, now }) {
    if (row === undefined) return [];
    const major = Math.floor(row.version_num / 10_000);
    const minor = row.version_num % 10_000;
    const release = majorReleases.get(major);
    if (release === undefined) {
      return cannotTell(`PostgreSQL ${String(major)} is not in Steward's table of releases of ${releasesAsOf}.`);
    }
    const findings: HealthFinding[] = [];
    const evidence = [
      { label: 'Version', value: row.version },
      { label: 'Fixes until', value: release.endOfLife },
      { label: 'Table of releases', value: releasesAsOf },
    ];
    const leftMs = Date.parse(release.endOfLife) - now.getTime();
    if (leftMs < limits.warnDays * dayMs) {
      findings.push({
        object: `PostgreSQL ${String(major)}`,
        severity: leftMs < 0 ? 'critical' : 'warning',
        message:
          leftMs < 0
            ? `PostgreSQL ${String(major)} has had no fixes since ${release.endOfLife}.`
            : `PostgreSQL ${String(major)} gets its last fixes on ${release.endOfLife}, in ${formatDuration(leftMs)}.`,
        evidence,
        caution: 'A major upgrade needs a rehearsal: pg_upgrade, or a dump and restore.',
        confidence: 'high',
      });
    }
    if (minor < release.knownMinor && release.knownMinor - minor >= limits.minorReleases) {
      findings.push({
        object: `PostgreSQL ${String(major)}.${String(minor)}`,
        severity: 'warning',
        message: `PostgreSQL ${String(major)}.${String(minor)} is at least ${plural(release.knownMinor - minor, 'minor release')} behind ${String(major)}.${String(release.knownMinor)}.`,
        evidence: [...evidence, { label: 'Newest known', value: `${String(major)}.${String(release.knownMinor)}` }],
        caution:
          'A minor upgrade replaces the programs and restarts the server; read the release notes for what to do after it.',
        confidence: 'high',
      });
    }
    return findings;
  },
};
