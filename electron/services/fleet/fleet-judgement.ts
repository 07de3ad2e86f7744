import type { Connection } from '#contract/connections.ts';
import type { FleetFacts, FleetGrowth, FleetReach, FleetReason, FleetRow, FleetStatus } from '#contract/fleet.ts';
import type { Severity } from '#contract/health-model.ts';

import { formatBytes, formatCount, formatDuration } from '../health/index.ts';
import { factReasons } from './fact-reasons.ts';
import { behindWords, releasesAsOf } from './minor-releases.ts';

/** Everything that a row is judged by. */
export interface Judged {
  readonly environment: Connection['environment'];
  readonly reach: FleetReach;
  readonly facts: FleetFacts | null;
  readonly release: FleetRow['release'];
  readonly growth: FleetGrowth;
  readonly backup: FleetRow['backup'];
  readonly migrations: FleetRow['migrations'];
  readonly report: FleetRow['report'];
  readonly now: Date;
}

export interface Judgement {
  readonly status: FleetStatus;
  /** The worst first. */
  readonly reasons: readonly FleetReason[];
}

const dayMs = 86_400_000;

/**
 * How old a verified backup may be before that is said, by environment: a nightly one may be late once. Ours; null is
 * never. Local databases are not asked for backups.
 */
export const backupAgeLimits: Readonly<Record<Connection['environment'], { days: number; severity: Severity } | null>> =
  {
    production: { days: 2, severity: 'warning' },
    staging: { days: 7, severity: 'warning' },
    development: { days: 30, severity: 'info' },
    local: null,
  };

/** A minor release comes every three months: behind by one is this quarter's work, by more it was left undone. Ours. */
const minorReleasesForWarning = 2;
/** A major upgrade takes a rehearsal: said a year before. As CFG18 of the health report. */
const endOfLifeNoticeMs = 365 * dayMs;
/** A database that doubles within a month, and by more than this a day. Ours. */
const fastGrowthBytes = 1024 ** 3;
/** A report older than that is said to be. Ours. */
const oldReportMs = 30 * dayMs;

const severityRank: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** Judges a row. Pure. What is stale is judged as it was: the row says since when it is stale. */
export function judge(row: Judged): Judgement {
  const reasons = [
    ...reachReasons(row),
    ...(row.facts ? factReasons(row.facts) : []),
    ...releaseReasons(row),
    ...backupReasons(row),
    ...reportReasons(row),
    ...growthReasons(row),
    ...migrationReasons(row),
  ].toSorted((left, right) => severityRank[left.severity] - severityRank[right.severity]);
  return { status: statusOf(row.reach, reasons), reasons };
}

/**
 * The order in which rows need attention, smaller is worse: unreachable, critical, those that ask, warning, unchecked,
 * fine; among equals the one with more reasons to look.
 */
export function attentionRank(row: Pick<FleetRow, 'status' | 'reach'> & Pick<Judgement, 'reasons'>): number {
  const asks = row.reach.kind === 'asks';
  const ranks: Readonly<Record<FleetStatus, number>> = {
    unreachable: 0,
    critical: 1,
    unknown: asks ? 2 : 4,
    warning: 3,
    fine: 5,
  };
  const weight = row.reasons.reduce((sum, { severity }) => sum + { critical: 100, warning: 10, info: 1 }[severity], 0);
  return ranks[row.status] + 1 - Math.min(weight, 999) / 1000;
}

function statusOf(reach: FleetReach, reasons: readonly FleetReason[]): FleetStatus {
  if (reach.kind === 'unreachable') return 'unreachable';
  if (reach.kind !== 'reached') return 'unknown';
  const worst = reasons[0]?.severity;
  return worst === 'critical' || worst === 'warning' ? worst : 'fine';
}

function reachReasons({ reach }: Judged): FleetReason[] {
  if (reach.kind !== 'unreachable' && reach.kind !== 'asks') return [];
  const { failure } = reach;
  const sqlstate = failure.postgres?.sqlstate;
  return [
    {
      code: reach.kind,
      severity: 'critical',
      text: reach.kind === 'asks' ? `Needs you: ${failure.message}` : failure.message,
      action:
        failure.hint ??
        (reach.kind === 'asks' ? 'Open the connection and answer, or edit it.' : 'Check the server and the network.'),
      evidence: [
        { label: 'Since', value: reach.since },
        ...(sqlstate === undefined ? [] : [{ label: 'SQLSTATE', value: sqlstate }]),
      ],
    },
  ];
}

function releaseReasons({ facts, release, now }: Judged): FleetReason[] {
  if (!facts || !release) return [];
  const major = Math.floor(facts.versionNum / 10_000);
  const reasons: FleetReason[] = [];
  const evidence = [
    { label: 'Version', value: facts.version },
    { label: 'Table of releases', value: releasesAsOf },
  ];
  if (!release.supported)
    reasons.push({
      code: 'end-of-life',
      severity: 'warning',
      text: `PostgreSQL ${major} is out of support${release.endOfLife === null ? '' : ` since ${release.endOfLife}`}.`,
      action: 'Plan the upgrade to a supported major: holes that are found now stay open.',
      evidence,
    });
  else if (release.endOfLife !== null && Date.parse(release.endOfLife) - now.getTime() < endOfLifeNoticeMs)
    reasons.push({
      code: 'end-of-life',
      severity: 'info',
      text: `PostgreSQL ${major} gets its last fixes on ${release.endOfLife}.`,
      action: 'Plan the upgrade to a newer major, with a rehearsal.',
      evidence,
    });
  const behind = behindWords(facts.versionNum, release);
  if (behind !== undefined)
    reasons.push({
      code: 'minor-release',
      severity: (release.behind ?? 0) >= minorReleasesForWarning ? 'warning' : 'info',
      text: `${upperFirst(behind)}.`,
      action: 'Install the packages and restart the server; read the release notes for what to do after it.',
      evidence,
    });
  return reasons;
}

function backupReasons({ backup, environment, now }: Judged): FleetReason[] {
  const limit = backupAgeLimits[environment];
  if (!backup || !limit) return [];
  const { verifiedAt, unverifiedAt } = backup;
  const ageMs = verifiedAt === null ? null : now.getTime() - Date.parse(verifiedAt);
  if (ageMs !== null && ageMs <= limit.days * dayMs) return [];
  return [
    {
      code: 'backup',
      severity: limit.severity,
      text:
        ageMs === null
          ? `No verified backup${unverifiedAt === null ? '' : ', only one that was not read back'}.`
          : `The last verified backup is ${formatDuration(ageMs)} old.`,
      action:
        'Back it up here and let it be read back; where another tool does it, make sure that somebody tests its restores.',
      evidence: [
        { label: 'Verified', value: verifiedAt ?? 'never' },
        { label: 'Not verified', value: unverifiedAt ?? 'none' },
        { label: `Limit for ${environment}`, value: `${limit.days} days` },
      ],
    },
  ];
}

/** Critical findings are critical here too. Warnings of a report are nobody's morning: they are counted. */
function reportReasons({ report, now }: Judged): FleetReason[] {
  if (!report) return [];
  const { critical, warning, info, worst, takenAt } = report;
  const ageMs = now.getTime() - Date.parse(takenAt);
  const evidence = [
    { label: 'Findings', value: `${critical} critical, ${warning} warning, ${info} info` },
    { label: 'Report of', value: takenAt },
  ];
  const action = 'See the health report.';
  if (critical > 0)
    return [
      {
        code: 'report',
        severity: 'critical',
        text: `${worst ?? 'The health report has critical findings'}${critical > 1 ? ` (and ${critical - 1} more critical)` : ''}`,
        action: ageMs > oldReportMs ? 'Run the health report again: this one is old.' : action,
        evidence,
      },
    ];
  if (ageMs > oldReportMs)
    return [
      {
        code: 'report-age',
        severity: 'info',
        text: `The last health report is ${formatDuration(ageMs)} old.`,
        action: 'Run the health report again.',
        evidence,
      },
    ];
  if (warning === 0) return [];
  return [
    {
      code: 'report',
      severity: 'info',
      text: `The health report has ${warning === 1 ? '1 warning' : `${warning} warnings`}.`,
      action,
      evidence,
    },
  ];
}

function growthReasons({ facts, growth }: Judged): FleetReason[] {
  const size = facts?.databaseBytes ?? null;
  const perDay = growth.perDay7;
  if (size === null || perDay === null || perDay < fastGrowthBytes || perDay * 30 < size - perDay * 30) return [];
  return [
    {
      code: 'growth',
      severity: 'warning',
      text: `It grows by ${formatBytes(perDay)} a day, and has doubled within a month.`,
      action: 'See which tables grow, and how much room the disk has.',
      evidence: [
        { label: 'Size', value: formatBytes(size) },
        { label: 'A day over 7 days', value: formatBytes(perDay) },
      ],
    },
  ];
}

function migrationReasons({ migrations }: Judged): FleetReason[] {
  if (!migrations) return [];
  const { pending, changed, missing, folder } = migrations;
  const evidence = [{ label: 'Folder', value: folder }];
  const reasons: FleetReason[] = [];
  if (changed + missing > 0)
    reasons.push({
      code: 'migrations-differ',
      severity: 'warning',
      text: `${formatCount(changed + missing)} applied ${changed + missing === 1 ? 'migration differs from its file, or has' : 'migrations differ from their files, or have'} none.`,
      action: 'Compare the folder with what was applied.',
      evidence: [
        ...evidence,
        { label: 'Changed', value: String(changed) },
        { label: 'Missing', value: String(missing) },
      ],
    });
  if (pending > 0)
    reasons.push({
      code: 'migrations',
      severity: 'info',
      text: `${formatCount(pending)} ${pending === 1 ? 'migration is' : 'migrations are'} pending.`,
      action: 'See their SQL, and apply them.',
      evidence,
    });
  return reasons;
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
