import { isJsonObject } from '../../raw-plan.ts';
import type { PlanView } from '../plan-view.ts';

type Range = { readonly least: number; readonly most: number };

const OLDEST = 8;
const NEWEST = 99;

/**
 * The major versions that may have printed a plan: the one that is known, else by what came and went:
 * rows with decimals and Index Searches in 18, `(returns $0)` of InitPlans until 16, Memoize and Async Capable in 14,
 * `Total runtime` until 9.3.
 */
function versionsOf({ plan, nodes }: PlanView): Range {
  const known = Number.parseInt(plan.serverVersion ?? '', 10);
  if (Number.isFinite(known)) return { least: known, most: known };
  let least = OLDEST;
  let most = NEWEST;
  const atLeast = (major: number): void => {
    least = Math.max(least, major);
  };
  const atMost = (major: number): void => {
    most = Math.min(most, major);
  };
  const statement = plan.properties ?? {};
  if (statement['Total Runtime'] !== undefined) atMost(9);
  if (statement['Execution Time'] !== undefined) atLeast(9);
  if (statement['Serialization'] !== undefined) atLeast(17);
  if (isJsonObject(statement['Planning']) && statement['Planning']['Memory Used'] !== undefined) atLeast(17);
  if (statement['Query Identifier'] !== undefined) atLeast(14);
  for (const { nodeType, subplanName, properties } of nodes) {
    if (nodeType === 'Memoize') atLeast(14);
    if (properties['Disabled'] !== undefined || properties['Index Searches'] !== undefined) atLeast(18);
    if (subplanName === undefined) continue;
    if (subplanName.includes(' (returns ')) atMost(16);
    else if (/^InitPlan \d+$/.test(subplanName)) atLeast(17);
  }
  return { least, most };
}

/** The versions of two plans as words where none can have printed both; null where one may have. */
export function disjointVersions(before: PlanView, after: PlanView): { before: string; after: string } | null {
  const [one, other] = [versionsOf(before), versionsOf(after)];
  if (one.most >= other.least && other.most >= one.least) return null;
  return { before: inWords(one), after: inWords(other) };
}

function inWords({ least, most }: Range): string {
  if (most === NEWEST) return `version ${least} or later`;
  if (least === OLDEST) return most === 9 ? 'version 9.3 or earlier' : `version ${most} or earlier`;
  return least === most ? `version ${least}` : `version ${least} to ${most}`;
}
