import type { HealthCheckResult, HealthFinding, HealthReport, Severity } from '#contract/health-model.ts';
import type { HealthChange, HealthComparison } from '#contract/health.ts';
import { namesOf, pairFindings } from './pair-findings.ts';

const rank: Readonly<Record<Severity, number>> = { critical: 2, warning: 1, info: 0 };
/** A number that moved by less than this share says neither worse nor better. */
const notable = 0.1;

/**
 * What is new, gone, worse, better and the same from one report to the next, of one server or of two. Pure.
 * Nothing is called gone that the report after could not have seen: a check that was skipped, failed or not asked
 * there is told under `unsure`, and so is one that the report before could not answer.
 */
export function compareReports(
  before: HealthReport,
  after: HealthReport,
): Pick<HealthComparison, 'changes' | 'unsure'> {
  const changes: HealthChange[] = [];
  const unsure: HealthComparison['unsure'] = [];
  const earlier = new Map(before.checks.map((check) => [check.id, check]));
  for (const check of after.checks) {
    const old = earlier.get(check.id);
    earlier.delete(check.id);
    const gap = gapBetween(old, check);
    if (gap === undefined || old === undefined) {
      if (gap === undefined && old !== undefined) changes.push(...changesOf(old, check));
      else unsure.push({ check: check.id, title: check.title, reason: gap ?? '' });
      continue;
    }
    unsure.push({ check: check.id, title: check.title, reason: gap });
    // What both have seen can be compared all the same.
    changes.push(
      ...changesOf(old, check).filter(
        ({ kind }) => (kind !== 'gone' || isWhole(check)) && (kind !== 'new' || isWhole(old)),
      ),
    );
  }
  for (const old of earlier.values())
    unsure.push({ check: old.id, title: old.title, reason: 'The report after did not ask it.' });
  return { changes: changes.toSorted(byInterest), unsure };
}

function gapBetween(before: HealthCheckResult | undefined, after: HealthCheckResult): string | undefined {
  if (before === undefined) return 'The report before did not ask it.';
  if (!isWhole(before)) return `The report before: ${before.reason ?? 'it could not tell.'}`;
  if (!isWhole(after)) return `The report after: ${after.reason ?? 'it could not tell.'}`;
  return undefined;
}

/** All that there was to find is in it. */
function isWhole(check: HealthCheckResult): boolean {
  return check.status === 'ok' || (check.status === 'finding' && check.reason === undefined);
}

function changesOf(before: HealthCheckResult, after: HealthCheckResult): HealthChange[] {
  const { single, regrouped } = pairFindings(before.findings, after.findings);
  const paired = new Set([...single.values(), ...[...regrouped.values()].flat()]);
  const about = { check: after.id, group: after.group, title: after.title };
  const changes = after.findings.map((finding): HealthChange => {
    const old = single.get(finding);
    if (old !== undefined) return { kind: direction(old, finding), ...about, finding, before: asBefore(old) };
    const [first, ...others] = regrouped.get(finding) ?? [];
    if (first === undefined) return { kind: 'new', ...about, finding };
    return { ...about, finding, ...sinceRegrouped([first, ...others], finding) };
  });
  const gone = before.findings
    .filter((finding) => !paired.has(finding))
    .map((finding): HealthChange => ({ kind: 'gone', ...about, finding }));
  return [...changes, ...gone];
}

/** Numbers of one object and of a group say nothing about each other, so severities and members are compared. */
function sinceRegrouped(
  before: readonly [HealthFinding, ...HealthFinding[]],
  after: HealthFinding,
): Pick<HealthChange, 'kind' | 'before'> {
  const worst = before.reduce((left, right) => (rank[right.severity] > rank[left.severity] ? right : left));
  const { measure: _, ...old } = asBefore(worst);
  const steps = rank[after.severity] - rank[worst.severity];
  if (steps !== 0) return { kind: steps > 0 ? 'worse' : 'better', before: old };
  const known = new Set(before.flatMap(namesOf));
  const hasMore = (after.members ?? [after.object]).some((name) => !known.has(name));
  return { kind: hasMore ? 'worse' : 'same', before: old };
}

function direction(before: HealthFinding, after: HealthFinding): 'worse' | 'better' | 'same' {
  const steps = rank[after.severity] - rank[before.severity];
  if (steps !== 0) return steps > 0 ? 'worse' : 'better';
  if (before.measure === undefined || after.measure === undefined) return 'same';
  const scale = Math.max(Math.abs(before.measure), Math.abs(after.measure));
  if (scale === 0 || Math.abs(after.measure - before.measure) / scale < notable) return 'same';
  return after.measure > before.measure ? 'worse' : 'better';
}

function asBefore({ message, severity, measure }: HealthFinding): NonNullable<HealthChange['before']> {
  return { message, severity, ...(measure === undefined ? {} : { measure }) };
}

const interest: readonly HealthChange['kind'][] = ['new', 'worse', 'gone', 'better', 'same'];

function byInterest(left: HealthChange, right: HealthChange): number {
  return (
    interest.indexOf(left.kind) - interest.indexOf(right.kind) ||
    rank[right.finding.severity] - rank[left.finding.severity]
  );
}
