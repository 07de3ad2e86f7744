import type { RawPlan } from '../raw-plan.ts';
import { isJsonObject, stringOf } from '../raw-plan.ts';

const CONSTRAINT = ' for constraint ';
const RELATION = ' on ';

/**
 * Takes ` name for constraint c on t` apart. No name is quoted, so anything may be in them: PostgreSQL names the
 * relation of every trigger or of none, and of none where the statement touches a single one.
 */
export function completeTriggers(plan: RawPlan): void {
  const found = plan.statement['Triggers'];
  const triggers = Array.isArray(found) ? found.filter(isJsonObject) : [];
  if (triggers.length === 0) return;
  const relations = new Set(
    plan.nodes
      .filter(({ properties }) => properties['Node Type'] === 'ModifyTable')
      .map(({ properties }) => stringOf(properties['Relation Name'])),
  );
  const [only] = relations.size === 1 ? relations : [];
  const isNamed = triggers.every((trigger) => stringOf(trigger['Trigger Name'])?.includes(RELATION));
  for (const trigger of triggers) {
    const { Time: time, Calls: calls, 'Trigger Name': printed } = trigger;
    let name = stringOf(printed) ?? '';
    let relation = only;
    if (isNamed) {
      const relationAt = name.lastIndexOf(RELATION);
      relation = name.slice(relationAt + RELATION.length);
      name = name.slice(0, relationAt);
    }
    const constraintAt = ` ${name}`.lastIndexOf(CONSTRAINT);
    const constraint = constraintAt === -1 ? undefined : ` ${name}`.slice(constraintAt + CONSTRAINT.length);
    if (constraintAt !== -1) name = name.slice(0, Math.max(0, constraintAt - 1));
    for (const key of Object.keys(trigger)) delete trigger[key];
    if (name !== '') trigger['Trigger Name'] = name;
    if (constraint !== undefined) trigger['Constraint Name'] = constraint;
    if (relation !== undefined) trigger['Relation'] = relation;
    if (time !== undefined) trigger['Time'] = time;
    trigger['Calls'] = calls ?? 0;
  }
}
