import type { HealthCheckResult, HealthFinding } from '#contract/health-model.ts';

/**
 * Whose fix stays where two are about one index: what mends comes before what tidies, and a drop before a rebuild that
 * it would make useless. Checks that are not named come last.
 */
const precedence = [
  'IDX19',
  'IDX06',
  'IDX05',
  'IDX07',
  'SCH01',
  'IDX03',
  'IDX15',
  'IDX04',
  'IDX01',
  'IDX14',
  'IDX10',
  'IDX09',
  'IDX08',
  'IDX18',
];

/** Decided together in `planIndexes`: what one of them drops, no other one ends up with. */
const plannedTogether: ReadonlySet<string> = new Set(['IDX03', 'IDX04', 'IDX15']);

/** What a fix does to an index: two that drop it, or one that drops and one that needs it, do not go together. */
type Use = 'drops' | 'needs';

interface Claim {
  readonly id: string;
  readonly use: Use;
}

const name = String.raw`(?:"(?:[^"]|"")+"|[^\s";.]+)(?:\.(?:"(?:[^"]|"")+"|[^\s";.]+))?`;
const uses: readonly (readonly [Use, RegExp])[] = [
  ['drops', new RegExp(`^drop index (?:concurrently )?(${name});$`, 'gm')],
  ['needs', new RegExp(`^reindex index concurrently (${name});$`, 'gm')],
  ['needs', new RegExp(`^alter index (${name}) attach partition`, 'gm')],
  ['needs', new RegExp(`attach partition (${name});$`, 'gm')],
];
/** A constraint has the name and the schema of its index, and so has one that an index is made into. */
const ofTable: readonly (readonly [Use, RegExp])[] = [
  ['drops', new RegExp(`^alter table (${name}) drop constraint (${name});$`, 'gm')],
  ['needs', new RegExp(`^alter table (${name}) add primary key using index (${name});$`, 'gm')],
];

/**
 * Takes back fixes so that all that are left can be applied, in any order: of those about the same index one stays, and
 * the findings of the others say which. A check that is asked alone keeps all of its own.
 */
export function settleFixes(checks: readonly HealthCheckResult[]): HealthCheckResult[] {
  const claimed = new Map<string, Claim[]>();
  const settled = new Map<HealthFinding, HealthFinding>();
  for (const { id, findings } of checks.toSorted((left, right) => rank(left.id) - rank(right.id))) {
    for (const finding of findings) {
      if (finding.fixSql === undefined) continue;
      const wanted = usesOf(id, finding, finding.fixSql);
      const rival = firstRival(id, wanted, claimed);
      if (rival !== undefined) {
        settled.set(finding, withoutFix(finding, rival));
        continue;
      }
      for (const [index, use] of wanted) claimed.set(index, [...(claimed.get(index) ?? []), { id, use }]);
    }
  }
  return checks.map((check) =>
    check.findings.some((finding) => settled.has(finding))
      ? { ...check, findings: check.findings.map((finding) => settled.get(finding) ?? finding) }
      : check,
  );
}

function rank(id: string): number {
  const position = precedence.indexOf(id);
  return position < 0 ? precedence.length : position;
}

/** Indexes by name, with what the fix does to each. */
function usesOf(id: string, finding: HealthFinding, fixSql: string): Map<string, Use> {
  const found = new Map<string, Use>();
  if (id.startsWith('IDX')) {
    for (const { name: related } of finding.related ?? []) found.set(related, 'needs');
    if (id === 'IDX18') found.set(finding.object, 'needs');
  }
  for (const [use, pattern] of uses) for (const [, index = ''] of fixSql.matchAll(pattern)) found.set(index, use);
  for (const [use, pattern] of ofTable)
    for (const [, table = '', bare = ''] of fixSql.matchAll(pattern)) found.set(`${schemaOf(table)}.${bare}`, use);
  return found;
}

/** `app` of `app.t`; a dot may be in a quoted name as well. */
function schemaOf(table: string): string {
  return /^(?:"(?:[^"]|"")+"|[^".]+)(?=\.)/.exec(table)?.[0] ?? '';
}

function firstRival(
  id: string,
  wanted: ReadonlyMap<string, Use>,
  claimed: ReadonlyMap<string, readonly Claim[]>,
): { id: string; index: string; use: Use } | undefined {
  for (const [index, use] of wanted) {
    const rival = claimed
      .get(index)
      ?.find(
        (claim) =>
          claim.id !== id &&
          (use === 'drops' || claim.use === 'drops') &&
          !(plannedTogether.has(id) && plannedTogether.has(claim.id)),
      );
    if (rival !== undefined) return { id: rival.id, index, use: rival.use };
  }
  return undefined;
}

function withoutFix(finding: HealthFinding, rival: { id: string; index: string; use: Use }): HealthFinding {
  const { fixSql: _fixSql, undoSql: _undoSql, lock: _lock, caution, ...rest } = finding;
  const what = rival.use === 'drops' ? 'drops or replaces' : 'needs';
  const why = `No fix here, since that of ${rival.id} ${what} ${rival.index}: apply that one, and ask again.`;
  return { ...rest, caution: caution === undefined ? why : `${caution} ${why}` };
}
