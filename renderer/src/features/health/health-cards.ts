import type { HealthCheckResult, HealthFinding, HealthGroup, HealthReport, Severity } from '#contract/health-model.ts';

import { groupOrder } from './health-words.ts';
import type { CardTone } from './health-words.ts';

/** What the chips choose: everything worth reading, or one tone. */
export type ShownTone = 'all' | CardTone;

export interface HealthFilter {
  readonly group: HealthGroup | 'all';
  readonly tone: ShownTone;
  readonly text: string;
}

/** One row of the list. A `fold` stands for the findings of one check that are not shown. */
export type HealthRow =
  | {
      readonly kind: 'finding';
      readonly key: string;
      readonly tone: Severity | 'suppressed';
      readonly check: HealthCheckResult;
      readonly finding: HealthFinding;
    }
  | {
      readonly kind: 'check';
      readonly key: string;
      readonly tone: 'unknown' | 'error' | 'ok';
      readonly check: HealthCheckResult;
    }
  | {
      readonly kind: 'fold';
      readonly key: string;
      readonly check: HealthCheckResult;
      readonly total: number;
      readonly open: boolean;
    };

export type ToneCounts = Readonly<Record<CardTone, number>>;

export interface GroupCount {
  readonly group: HealthGroup;
  readonly checks: number;
  /** How many of the checks found something. */
  readonly found: number;
  readonly worst: Severity | null;
}

/** How many findings of one check are shown before the rest is folded. */
export const shownOfOneCheck = 5;

const severities: readonly Severity[] = ['critical', 'warning', 'info'];

/** How many findings of each severity, and how many checks of each other outcome, are in a group. */
export function countTones(report: HealthReport, group: HealthGroup | 'all'): ToneCounts {
  const counts: Record<CardTone, number> = {
    critical: 0,
    warning: 0,
    info: 0,
    suppressed: 0,
    unknown: 0,
    error: 0,
    ok: 0,
  };
  for (const check of report.checks) {
    if (group !== 'all' && check.group !== group) continue;
    if (check.status !== 'finding') {
      counts[toneOfStatus(check.status)] += 1;
      continue;
    }
    for (const finding of check.findings) counts[toneOf(finding)] += 1;
    for (const severity of severities)
      counts[check.omitted?.suppressed === undefined ? severity : 'suppressed'] += check.omitted?.[severity] ?? 0;
  }
  return counts;
}

/** For each group that has checks: how many, how many found something, and how bad the worst is. */
export function countGroups(report: HealthReport): readonly GroupCount[] {
  return groupOrder.flatMap((group): GroupCount[] => {
    const checks = report.checks.filter((check) => check.group === group);
    if (checks.length === 0) return [];
    const found = checks.map(worstOpen).filter((severity) => severity !== undefined);
    const worst = severities.find((severity) => found.includes(severity));
    return [{ group, checks: checks.length, found: found.length, worst: worst ?? null }];
  });
}

/**
 * The rows of the list: findings by severity, the findings of one check together with why they are not all; then checks
 * that failed and those that cannot tell. Checks that found nothing are listed only when they are asked for, by their chip or by a text.
 */
export function healthRows(
  report: HealthReport,
  filter: HealthFilter,
  unfolded: ReadonlySet<string>,
): readonly HealthRow[] {
  const needle = filter.text.trim().toLowerCase();
  const checks = report.checks.filter((check) => filter.group === 'all' || check.group === filter.group);
  const rows: HealthRow[] = [];
  for (const tone of [...severities, 'suppressed' as const]) {
    // What is suppressed shows only where it is asked for.
    if (filter.tone !== tone && (filter.tone !== 'all' || tone === 'suppressed')) continue;
    for (const check of checks) {
      const found = check.findings.filter((finding) => toneOf(finding) === tone && matches(needle, check, finding));
      rows.push(...foldFindings(check, tone, found, unfolded));
      const isPart = check.status === 'finding' && check.reason !== undefined;
      if (isPart && (worstOpen(check) ?? 'suppressed') === tone && matches(needle, check))
        rows.push({ kind: 'check', key: `part:${check.id}`, tone: 'unknown', check });
    }
  }
  for (const tone of ['error', 'unknown', 'ok'] as const) {
    const asked = filter.tone === tone || (filter.tone === 'all' && (tone !== 'ok' || needle !== ''));
    if (!asked) continue;
    for (const check of checks) {
      if (check.status === 'finding' || toneOfStatus(check.status) !== tone || !matches(needle, check)) continue;
      rows.push({ kind: 'check', key: check.id, tone, check });
    }
  }
  return rows;
}

/** Suppressed findings are of a tone of their own, whatever their severity. */
export function toneOf(finding: HealthFinding): Severity | 'suppressed' {
  return finding.suppressed === undefined ? finding.severity : 'suppressed';
}

/** The worst that nobody has accepted, listed or not. */
function worstOpen({ findings, omitted }: HealthCheckResult): Severity | undefined {
  return severities.find(
    (severity) =>
      findings.some((finding) => toneOf(finding) === severity) ||
      (omitted !== undefined && omitted.suppressed === undefined && omitted[severity] > 0),
  );
}

/** Identifies a finding across reports: the check and what it is about. */
export function findingKey(check: HealthCheckResult, finding: HealthFinding, place: number): string {
  return `${check.id}:${finding.object}:${place}`;
}

function foldFindings(
  check: HealthCheckResult,
  tone: Severity | 'suppressed',
  found: readonly HealthFinding[],
  unfolded: ReadonlySet<string>,
): HealthRow[] {
  const foldKey = `fold:${check.id}:${tone}`;
  const open = unfolded.has(foldKey);
  // Folding one or two would hide more than it tidies.
  const folds = found.length > shownOfOneCheck + 2;
  const shown = folds && !open ? found.slice(0, shownOfOneCheck) : found;
  const rows = shown.map((finding): HealthRow => {
    const key = findingKey(check, finding, check.findings.indexOf(finding));
    return { kind: 'finding', key, tone, check, finding };
  });
  return folds ? [...rows, { kind: 'fold', key: foldKey, check, total: found.length, open }] : rows;
}

function matches(needle: string, check: HealthCheckResult, finding?: HealthFinding): boolean {
  if (needle === '') return true;
  const texts = [
    check.id,
    check.title,
    check.reason,
    finding?.message,
    finding?.object,
    ...(finding?.evidence.map(({ value }) => value) ?? []),
  ];
  return texts.some((text) => text?.toLowerCase().includes(needle) === true);
}

function toneOfStatus(status: Exclude<HealthCheckResult['status'], 'finding'>): 'unknown' | 'error' | 'ok' {
  return status === 'skipped' ? 'unknown' : status;
}
