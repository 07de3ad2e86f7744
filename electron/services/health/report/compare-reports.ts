import type { HealthCheckResult, HealthFinding, HealthReport, Severity } from '#contract/health-model.ts';
import type { HealthChange, HealthComparison } from '#contract/health.ts';

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
  const pairs = pairUp(before.findings, after.findings);
  const paired = new Set(pairs.values());
  const about = { check: after.id, group: after.group, title: after.title };
  const changes = after.findings.map((finding): HealthChange => {
    const old = pairs.get(finding);
    if (old === undefined) return { kind: 'new', ...about, finding };
    return { kind: direction(old, finding), ...about, finding, before: asBefore(old) };
  });
  const gone = before.findings
    .filter((finding) => !paired.has(finding))
    .map((finding): HealthChange => ({ kind: 'gone', ...about, finding }));
  return [...changes, ...gone];
}

/** Findings of now by those of before: the same object and the same fix first, then what is left of the same object. */
function pairUp(
  before: readonly HealthFinding[],
  after: readonly HealthFinding[],
): ReadonlyMap<HealthFinding, HealthFinding> {
  const pairs = new Map<HealthFinding, HealthFinding>();
  let waiting = [...before];
  for (const same of [
    (left: HealthFinding, right: HealthFinding) => left.object === right.object && left.fixSql === right.fixSql,
    (left: HealthFinding, right: HealthFinding) => left.object === right.object,
  ]) {
    const byObject = Map.groupBy(waiting, ({ object }) => object);
    const taken = new Set<HealthFinding>();
    for (const finding of after) {
      if (pairs.has(finding)) continue;
      const old = byObject.get(finding.object)?.find((one) => !taken.has(one) && same(one, finding));
      if (old === undefined) continue;
      taken.add(old);
      pairs.set(finding, old);
    }
    waiting = waiting.filter((one) => !taken.has(one));
  }
  return pairs;
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
