import type { HealthFinding } from '#contract/health-model.ts';

/** Findings of one check in two reports that are about the same. */
export interface FindingPairs {
  /** Findings of after by those of before. */
  readonly single: ReadonlyMap<HealthFinding, HealthFinding>;
  /**
   * Findings of after that stand for objects which findings of before stood for in another grouping: a schema for its
   * tables, or the tables for their schema.
   */
  readonly regrouped: ReadonlyMap<HealthFinding, readonly HealthFinding[]>;
}

/** Pairs the findings of one check in two reports: what is most alike first, then what is left of the same object. Pure. */
export function pairFindings(before: readonly HealthFinding[], after: readonly HealthFinding[]): FindingPairs {
  const single = new Map<HealthFinding, HealthFinding>();
  let waiting = [...before];
  for (const alike of [
    (left: HealthFinding, right: HealthFinding) => left.message === right.message && left.fixSql === right.fixSql,
    (left: HealthFinding, right: HealthFinding) => left.fixSql !== undefined && left.fixSql === right.fixSql,
    (left: HealthFinding, right: HealthFinding) => left.message === right.message,
    (left: HealthFinding, right: HealthFinding) => withoutNumbers(left.message) === withoutNumbers(right.message),
    () => true,
  ]) {
    const byObject = Map.groupBy(waiting, ({ object }) => object);
    const taken = new Set<HealthFinding>();
    for (const finding of after) {
      if (single.has(finding)) continue;
      const old = byObject.get(finding.object)?.find((one) => !taken.has(one) && alike(one, finding));
      if (old === undefined) continue;
      taken.add(old);
      single.set(finding, old);
    }
    waiting = waiting.filter((one) => !taken.has(one));
  }
  return {
    single,
    regrouped: regrouped(
      waiting,
      after.filter((finding) => !single.has(finding)),
    ),
  };
}

/** All names that a finding goes by. */
export function namesOf({ object, members = [] }: HealthFinding): readonly string[] {
  return [object, ...members];
}

function regrouped(
  before: readonly HealthFinding[],
  after: readonly HealthFinding[],
): ReadonlyMap<HealthFinding, readonly HealthFinding[]> {
  const byName = Map.groupBy(
    before.flatMap((finding) => namesOf(finding).map((name) => ({ name, finding }))),
    ({ name }) => name,
  );
  const found = new Map<HealthFinding, readonly HealthFinding[]>();
  for (const finding of after) {
    const olds = new Set(namesOf(finding).flatMap((name) => (byName.get(name) ?? []).map((one) => one.finding)));
    if (olds.size > 0) found.set(finding, [...olds]);
  }
  return found;
}

const amounts = /\d[\d,.]*(?: ?(?:%|(?:[kMGTP]?B|µs|ms|s|min|h|d|days?)\b))?/g;

/** A message as it reads whatever its numbers are: `Table app.t has # dead rows.` */
function withoutNumbers(message: string): string {
  return message.replaceAll(amounts, '#');
}
