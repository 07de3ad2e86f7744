import type { JsonValue } from '../raw-plan.ts';
import { isJsonObject, stringOf } from '../raw-plan.ts';
import type { PlanTree } from './plan-tree.ts';

/** Who asks for an InitPlan or a CTE: ids in print order. */
export type Consumers = {
  /** Nodes whose expressions hold one of the InitPlan's results. */
  readonly ofInitPlan: (id: number) => readonly number[];
  /** The scans of a CTE, told apart where a name is used twice. */
  readonly ofCte: (id: number) => readonly number[];
};

const TOKEN = /\$(\d+)(?!\d)|\((?:hashed )?InitPlan ([^()]+)\)|\(InitPlan ([^()]+)\)\.col\d+/g;

/** Reads every expression of the plan once. */
export function findConsumers(tree: PlanTree): Consumers {
  const tokens = new Map<string, number[]>();
  const hasInitPlans = tree.roles.includes('init');
  const scans = new Map<string, number[]>();
  const ctes = new Map<string, number[]>();
  if (hasInitPlans) {
    tree.nodes.forEach(({ properties }, id) => {
      collectTokens(properties, id, tokens);
      const cteName = tree.types[id] === 'CTE Scan' ? stringOf(properties['CTE Name']) : undefined;
      if (cteName !== undefined) push(scans, cteName, id);
      const own = cteNameOf(tree, id);
      if (own !== null) push(ctes, own, id);
    });
  }
  return {
    ofInitPlan: (id) =>
      [
        ...new Set(
          resultsOf(stringOf(tree.nodes[id]?.properties['Subplan Name']) ?? '').flatMap(
            (token) => tokens.get(token) ?? [],
          ),
        ),
      ].toSorted((a, b) => a - b),
    ofCte: (id) => {
      const name = cteNameOf(tree, id) ?? '';
      const namesakes = ctes.get(name) ?? [];
      const candidates = scans.get(name) ?? [];
      return namesakes.length < 2 ? candidates : candidates.filter((scan) => nearestCte(tree, scan, namesakes) === id);
    },
  };
}

/** The name of the CTE that a node computes, or null. */
export function cteNameOf(tree: PlanTree, id: number): string | null {
  if (tree.roles[id] !== 'init') return null;
  const name = stringOf(tree.nodes[id]?.properties['Subplan Name']) ?? '';
  return name.startsWith('CTE ') ? name.slice(4) : null;
}

function push(map: Map<string, number[]>, key: string, id: number): void {
  const list = map.get(key);
  if (list) list.push(id);
  else map.set(key, [id]);
}

function collectTokens(properties: { [key: string]: JsonValue }, id: number, tokens: Map<string, number[]>): void {
  for (const key in properties) {
    const value = properties[key];
    if (typeof value === 'string') {
      if (key !== 'Subplan Name') collectFrom(value, id, tokens);
    } else if (Array.isArray(value)) {
      for (const item of value) {
        if (typeof item === 'string') collectFrom(item, id, tokens);
        else if (isJsonObject(item) && key === 'Grouping Sets') collectFrom(JSON.stringify(item), id, tokens);
      }
    }
  }
}

function collectFrom(text: string, id: number, tokens: Map<string, number[]>): void {
  if (!text.includes('$') && !text.includes('InitPlan ')) return;
  for (const [token, parameter, initPlan] of text.matchAll(TOKEN)) {
    const name = parameter === undefined ? `InitPlan ${initPlan ?? token}` : `$${parameter}`;
    const list = tokens.get(name);
    if (list?.at(-1) === id) continue;
    push(tokens, name, id);
  }
}

/** `InitPlan 1 (returns $0,$1)` is known by its parameters, to 16; `InitPlan 1` by its own name, since 17. */
function resultsOf(name: string): string[] {
  const returned = /\(returns ([^)]*)\)/.exec(name)?.[1];
  if (returned !== undefined) return returned.split(',').map((parameter) => parameter.trim());
  return name.startsWith('InitPlan ') ? [name] : [];
}

/**
 * A name is looked up from the inside out: the CTE whose owner is the scan itself (a subquery of nothing but that scan)
 * or its nearest ancestor.
 */
function nearestCte(tree: PlanTree, scan: number, namesakes: readonly number[]): number | null {
  const byOwner = new Map(namesakes.map((cte) => [tree.nodes[cte]?.parent ?? -1, cte]));
  for (let id = scan, below = -1; id !== -1; below = id, id = tree.nodes[id]?.parent ?? -1) {
    const cte = byOwner.get(id);
    // Inside its own definition a name means the outer one.
    if (cte !== undefined && cte !== below) return cte;
  }
  return null;
}
