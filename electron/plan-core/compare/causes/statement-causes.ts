import type { PlanCause } from '#contract/plan-comparison.ts';
import type { PlanNode } from '#contract/plan-model.ts';
import type { PlanView } from '../plan-view.ts';
import { CONDITION_KEYS, conditionOf } from '../plan-view.ts';
import { fingerprint } from '../statement-fingerprint.ts';
import type { CauseContext } from './cause-context.ts';
import { constantsThatDiffer, ofStatement, short } from './cause-context.ts';
import { disjointVersions } from './plan-version.ts';

const MOST_NAMED = 5;

/** Other statements, other parameters, told by the text of the queries, their identifiers, or the conditions. */
export function findDifferentQuery(context: CauseContext): PlanCause[] {
  const { before, after } = context.comparison;
  const texts = [before.plan.queryText, after.plan.queryText] as const;
  if (texts[0] !== undefined && texts[1] !== undefined) {
    const [one, other] = [fingerprint(texts[0]), fingerprint(texts[1])];
    if (one.shape !== other.shape)
      return [
        ofStatement(
          'different-query',
          'The plans are of different queries',
          `The text of the queries differs in more than constants: “${short(texts[0])}” and “${short(texts[1])}”. What follows compares what they have in common.`,
        ),
      ];
    if (one.constants.join('\u0000') !== other.constants.join('\u0000'))
      return [
        ofStatement(
          'different-parameters',
          'The same query with other parameters',
          `The queries differ in their constants: ${short(one.constants.join(', '))} and ${short(other.constants.join(', '))}. Other values may well deserve another plan.`,
        ),
      ];
    return [];
  }
  const identifiers = [before, after].map(({ plan }) => plan.properties?.['Query Identifier']);
  if (
    identifiers[0] !== undefined &&
    identifiers[1] !== undefined &&
    String(identifiers[0]) !== String(identifiers[1]) &&
    disjointVersions(before, after) === null
  )
    return [
      ofStatement(
        'different-query',
        'The plans are of different queries',
        `Their query identifiers differ: ${String(identifiers[0])} and ${String(identifiers[1])}.`,
      ),
    ];
  return otherRelations(before, after) ?? otherConstants(context);
}

/** Relations that only one plan reads. Partitions come and go by themselves, so members of an Append do not count. */
function otherRelations(before: PlanView, after: PlanView): PlanCause[] | null {
  const read = (view: PlanView): Set<string> =>
    new Set(
      view.nodes
        .filter((node) => node.relation !== undefined && !isMember(view, node))
        .map((node) => node.relation ?? ''),
    );
  const all = (view: PlanView): Set<string> => new Set(view.nodes.map((node) => node.relation ?? ''));
  const only = (one: PlanView, other: PlanView): string[] => {
    const known = all(other);
    return [...read(one)].filter((name) => !known.has(name));
  };
  const [gone, added] = [only(before, after), only(after, before)];
  if (gone.length === 0 && added.length === 0) return null;
  const list = (names: readonly string[]): string =>
    `${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ', …' : ''}`;
  const parts = [
    ...(gone.length > 0 ? [`only the plan before reads ${list(gone)}`] : []),
    ...(added.length > 0 ? [`only the plan after reads ${list(added)}`] : []),
  ].join('; ');
  return [
    ofStatement(
      'different-relations',
      'The plans read different relations',
      `${parts.charAt(0).toUpperCase()}${parts.slice(1)}. Either the queries differ, or a view or the removal of a needless join does.`,
    ),
  ];
}

function isMember(view: PlanView, node: PlanNode): boolean {
  return node.parentId !== null && view.families[node.parentId] === 'append';
}

function otherConstants({ matched }: CauseContext): PlanCause[] {
  for (const pair of matched) {
    const [found] = constantsThatDiffer(pair);
    if (!found || /\$\d/.test(found.before) || /\$\d/.test(found.after)) continue;
    return [
      {
        rule: 'different-parameters',
        beforeId: pair.before.id,
        afterId: pair.after.id,
        title: 'The same conditions with other constants',
        message: `${found.property}: ${short(found.before)} and ${short(found.after)}. Other values may well deserve another plan.`,
      },
    ];
  }
  return [];
}

/** What SETTINGS printed: settings of the planner that are not at their defaults. */
export function findSettings({ comparison: { before, after } }: CauseContext): PlanCause[] {
  const [one, other] = [before.plan.settings ?? {}, after.plan.settings ?? {}];
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((name) => valueOf(one, name) !== valueOf(other, name))
    .toSorted();
  if (names.length === 0) return [];
  const told = names
    .slice(0, MOST_NAMED * 2)
    .map((name) => `${name}: ${valueOf(one, name) ?? 'not told'} → ${valueOf(other, name) ?? 'not told'}`);
  const missing = names.some((name) => valueOf(one, name) === null || valueOf(other, name) === null);
  return [
    ofStatement(
      'settings',
      names.length === 1 ? `The setting ${names[0] ?? ''} differs` : `${names.length} settings differ`,
      `${told.join('; ')}.${missing ? ' A setting that is not told is at its default, or the plan was taken without SETTINGS.' : ''}`,
    ),
  ];
}

function valueOf(settings: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(settings, name) ? (settings[name] ?? null) : null;
}

/** The plans can only come from different versions of PostgreSQL. */
export function findVersion({ comparison: { before, after } }: CauseContext): PlanCause[] {
  const found = disjointVersions(before, after);
  if (found === null) return [];
  return [
    ofStatement(
      'version',
      'The plans come from different versions of PostgreSQL',
      `The plan before is of ${found.before}, the plan after of ${found.after}. Another version plans and counts differently.`,
    ),
  ];
}

/** `$1` of a generic plan where the other plan has a constant. */
export function findGenericPlan({ comparison: { before, after }, matched }: CauseContext): PlanCause[] {
  for (const pair of matched) {
    for (const property of CONDITION_KEYS) {
      const one = conditionOf(pair.before, property);
      const other = conditionOf(pair.after, property);
      if (one === null || other === null) continue;
      const [isGenericBefore, isGenericAfter] = [
        hasParameter(one, before.initParameters),
        hasParameter(other, after.initParameters),
      ];
      if (isGenericBefore === isGenericAfter) continue;
      const generic = isGenericBefore ? 'before' : 'after';
      return [
        {
          rule: 'generic-plan',
          beforeId: pair.before.id,
          afterId: pair.after.id,
          title: `The plan ${generic} is generic, the other one was made for its values`,
          message: `${property}: ${short(one)} → ${short(other)}. A generic plan is made without knowing the parameters, so its estimates are averages; plan_cache_mode decides which of the two a prepared statement gets.`,
        },
      ];
    }
  }
  return [];
}

function hasParameter(condition: string, ofInitPlans: ReadonlySet<string>): boolean {
  if (!condition.includes('$')) return false;
  const bare = condition.replaceAll(/'[^']*(?:''[^']*)*(?:'|$)|"[^"]*"/g, '');
  return (bare.match(/(?<![\w$])\$\d+/g) ?? []).some((parameter) => !ofInitPlans.has(parameter));
}
