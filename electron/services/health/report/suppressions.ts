import type { FindingSuppression, HealthCheckResult, HealthFinding, HealthReport } from '#contract/health-model.ts';
import type { Suppression } from '#contract/health.ts';

/**
 * The report with every finding marked that a rule in force accepts; marks of before are gone. Pure.
 * A rule for one object is asked before a rule for the whole check. A finding that stands for several objects is
 * accepted where all of them are; where only some are, it says which.
 */
export function applySuppressions(
  report: HealthReport,
  rules: readonly Suppression[],
  connectionId: string | null,
  now: Date,
): HealthReport {
  const inForce = Map.groupBy(rulesInForce(rules, connectionId, now), ({ check }) => check);
  return {
    ...report,
    checks: report.checks.map((check) => withMarks(check, byObject(inForce.get(check.id) ?? []))),
  };
}

/** The rules that hold on a connection at that time. Pure. */
export function rulesInForce(
  rules: readonly Suppression[],
  connectionId: string | null,
  now: Date,
): readonly Suppression[] {
  return rules.filter(
    (rule) => isInForce(rule, now) && (rule.connectionId === null || rule.connectionId === connectionId),
  );
}

/** False once its time is over. Pure. */
export function isInForce(rule: Suppression, now: Date): boolean {
  return rule.until === null || Date.parse(rule.until) > now.getTime();
}

/**
 * Tells which findings of a check are accepted by their names. Rules for the whole check do not count: they accept all
 * alike. Pure.
 */
export function acceptedByName(rules: readonly Suppression[], checkId: string): (finding: HealthFinding) => boolean {
  const named = byObject(rules.filter(({ check, object }) => check === checkId && object !== null));
  return (finding) => ruleByName(finding, named) !== undefined;
}

/** The rules of one check; `null` is the whole check. */
type RulesOfCheck = ReadonlyMap<string | null, Suppression>;

/** Of several rules for the same object the first one stays. */
function byObject(rules: readonly Suppression[]): RulesOfCheck {
  return new Map(rules.toReversed().map((rule) => [rule.object, rule]));
}

function withMarks(check: HealthCheckResult, rules: RulesOfCheck): HealthCheckResult {
  const whole = rules.get(null);
  const findings = check.findings.map((finding) => marked(finding, rules));
  if (check.omitted === undefined) return { ...check, findings };
  const { suppressed: _before, ...omitted } = check.omitted;
  return { ...check, findings, omitted: whole === undefined ? omitted : { ...omitted, suppressed: markOf(whole) } };
}

function marked(
  { suppressed: _before, suppressedMembers: _membersBefore, ...finding }: HealthFinding,
  rules: RulesOfCheck,
): HealthFinding {
  const rule = ruleByName(finding, rules) ?? rules.get(null);
  if (rule !== undefined) return { ...finding, suppressed: markOf(rule) };
  const accepted = finding.members?.filter((member) => rules.has(member)) ?? [];
  return accepted.length === 0 ? finding : { ...finding, suppressedMembers: accepted };
}

/**
 * The rule for the object, for each of the objects that the finding stands for (of these the one that ends first), or
 * for what the object is a part of.
 */
function ruleByName({ object, members = [], partOf }: HealthFinding, rules: RulesOfCheck): Suppression | undefined {
  const ofMembers = members.map((member) => rules.get(member)).filter((rule) => rule !== undefined);
  const ofAll = ofMembers.length < members.length ? [] : ofMembers;
  const [first] = ofAll.toSorted((left, right) => endOf(left) - endOf(right));
  return rules.get(object) ?? first ?? (partOf === undefined ? undefined : rules.get(partOf));
}

function endOf({ until }: Suppression): number {
  return until === null ? Number.POSITIVE_INFINITY : Date.parse(until);
}

function markOf({ id, reason, until }: Suppression): FindingSuppression {
  return { id, reason, until };
}
