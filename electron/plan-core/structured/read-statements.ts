import { PlanReadError } from '../plan-read-error.ts';
import type { JsonObject, JsonValue, RawNode, RawPlan } from '../raw-plan.ts';
import { isJsonObject, setKey } from '../raw-plan.ts';
import { takeRemotePlans } from './remote-plans.ts';

/** How deep a client may have wrapped the output of EXPLAIN (`[{"QUERY PLAN": [{"Plan": …`). */
const MAX_WRAPPING = 6;

/**
 * The statements in what a structured format holds: one element each for several statements or a rule.
 * A client's result set around them (`QUERY PLAN`, `explain`, `rows`) is looked through.
 */
export function findStatements(value: JsonValue, wrapping = 0): JsonObject[] {
  if (wrapping > MAX_WRAPPING) return [];
  if (Array.isArray(value)) return value.flatMap((element) => findStatements(element, wrapping + 1));
  if (!isJsonObject(value)) return [];
  if (isJsonObject(value['Plan'])) return [value];
  if (typeof value['Node Type'] === 'string') return [{ Plan: value }];
  return Object.values(value).flatMap((inner) =>
    typeof inner === 'object' && inner !== null ? findStatements(inner, wrapping + 1) : [],
  );
}

/**
 * One statement as a raw plan: its tree made flat, without recursion.
 * @throws {PlanReadError} the tree has something else where a node belongs
 */
export function readStatement(statement: JsonObject, format: RawPlan['format']): RawPlan {
  const nodes: RawNode[] = [];
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(statement)) if (key !== 'Plan') setKey(rest, key, value);
  const waiting: { value: JsonValue; parent: number; depth: number }[] = [
    { value: statement['Plan'] ?? null, parent: -1, depth: 0 },
  ];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { value, parent, depth } = next;
    if (!isJsonObject(value) || typeof value['Node Type'] !== 'string')
      throw new PlanReadError('A node of the plan has no Node Type: the plan is not whole');
    const children = value['Plans'];
    const bare = children === undefined ? value : withoutPlans(value);
    const remote = takeRemotePlans(bare, findStatements);
    const id = nodes.length;
    nodes.push({ parent, depth, properties: remote?.properties ?? bare, line: 0, endLine: 0 });
    const addChildren = (list: readonly JsonValue[]): void => {
      for (let index = list.length - 1; index >= 0; index -= 1)
        waiting.push({ value: list[index] ?? null, parent: id, depth: depth + 1 });
    };
    if (Array.isArray(children)) addChildren(children);
    else if (children !== undefined && children !== null && children !== '')
      throw new PlanReadError('“Plans” of a node is not a list: the plan is not whole');
    if (remote) addChildren(remote.children);
  }
  return { format, nodes, statement: rest };
}

/** A copy: V8 makes a hash table of an object that a key is deleted from, and all that reads it then takes longer. */
function withoutPlans(value: JsonObject): JsonObject {
  const { Plans: _, ...properties } = value;
  return properties;
}
