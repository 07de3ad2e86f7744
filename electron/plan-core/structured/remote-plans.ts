import type { JsonObject, JsonValue } from '../raw-plan.ts';
import { isJsonObject, setKey } from '../raw-plan.ts';

/** Nodes that hold the plan of another server, and have no numbers of their own. */
export const REMOTE_HOLDERS: ReadonlySet<string> = new Set(['Task', 'Distributed Subplan']);

/** A node without what it holds of other servers' plans, and those as nodes: with `Plans`, to be read like any other. */
export type RemotePlans = { readonly properties: JsonObject; readonly children: readonly JsonObject[] };

/** Citus has `Distributed Query`; wrappers of postgres_fdw and forks have a list of plans, or its text. */
const REMOTE_KEYS = ['Remote Plan', 'Remote Plans', 'Remote plan'] as const;

/**
 * Makes child nodes of the plans that a node holds of other servers: a `Task` or `Distributed Subplan` of Citus with
 * the plan under it, or the plan itself where there is no such holder.
 * @param findStatements finds statements in whatever a client or an extension wrapped them in
 * @returns null for a node without any, which is nearly every one
 */
export function takeRemotePlans(
  node: JsonObject,
  findStatements: (value: JsonValue) => JsonObject[],
): RemotePlans | null {
  const distributed = node['Distributed Query'];
  if (
    distributed === undefined &&
    node['Remote Plan'] === undefined &&
    node['Remote Plans'] === undefined &&
    node['Remote plan'] === undefined
  )
    return null;
  const remoteKeys = REMOTE_KEYS.filter((key) => node[key] !== undefined);
  if (remoteKeys.length === 0 && !isJsonObject(distributed)) return null;
  const properties: JsonObject = { ...node };
  const children: JsonObject[] = [];
  if (isJsonObject(distributed)) {
    delete properties['Distributed Query'];
    children.push(...readDistributed(distributed, properties, findStatements));
  }
  for (const key of remoteKeys) {
    const roots = rootsIn(node[key] ?? null, findStatements);
    if (roots.length === 0) continue;
    delete properties[key];
    children.push(...roots.map(({ root, statement }) => ({ ...statement, ...root, 'Parent Relationship': 'Remote' })));
  }
  return children.length === 0 ? null : { properties, children };
}

function readDistributed(
  distributed: JsonObject,
  properties: JsonObject,
  findStatements: (value: JsonValue) => JsonObject[],
): JsonObject[] {
  const children = listOf(distributed['Subplans']).map((subplan) =>
    holder('Distributed Subplan', subplan, findStatements),
  );
  const job = distributed['Job'];
  for (const [key, value] of Object.entries(distributed))
    if (key !== 'Subplans' && key !== 'Job') setKey(properties, key, value);
  if (!isJsonObject(job)) return children;
  for (const [key, value] of Object.entries(job)) if (key !== 'Tasks') setKey(properties, key, value);
  return [...children, ...listOf(job['Tasks']).map((task) => holder('Task', task, findStatements))];
}

function listOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** What the remote statement says of itself (`Planning Time`, …) is told on the holder. */
function holder(type: string, value: JsonObject, findStatements: (value: JsonValue) => JsonObject[]): JsonObject {
  const own: JsonObject = { 'Node Type': type, 'Parent Relationship': type };
  const plans: JsonValue[] = [];
  for (const [key, inner] of Object.entries(value)) {
    const isPlan = key === 'PlannedStmt' || REMOTE_KEYS.some((remote) => remote === key);
    const roots = isPlan ? rootsIn(inner, findStatements) : [];
    if (roots.length === 0) setKey(own, key, inner);
    for (const { root, statement } of roots) {
      Object.assign(own, statement);
      plans.push({ ...root, 'Parent Relationship': 'Remote' });
    }
  }
  return { ...own, Plans: plans };
}

function rootsIn(
  value: JsonValue,
  findStatements: (value: JsonValue) => JsonObject[],
): { root: JsonObject; statement: JsonObject }[] {
  return findStatements(typeof value === 'string' ? parsed(value) : value).flatMap(({ Plan: root, ...statement }) =>
    isJsonObject(root) ? [{ root, statement }] : [],
  );
}

function parsed(text: string): JsonValue {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return null;
  }
}
