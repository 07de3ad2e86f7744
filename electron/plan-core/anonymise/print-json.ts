import type { RawPlan } from '../raw-plan.ts';

/**
 * Plans as FORMAT JSON: a list of `{ "Plan": …, "Planning Time": … }`, children under `Plans`.
 * Written node by node, since a plan may be deeper than `JSON.stringify` can go.
 */
export function printPlansJson(plans: readonly RawPlan[]): string {
  return plans.length === 0 ? '[]' : `[\n${plans.map(printStatement).join(',\n')}\n]`;
}

function printStatement({ nodes, statement }: RawPlan): string {
  const lines: string[] = ['  {', '    "Plan": {'];
  const last = nodes.length - 1;
  for (const [id, { depth, properties }] of nodes.entries()) {
    const margin = marginOf(depth);
    const next = id === last ? -1 : (nodes[id + 1]?.depth ?? -1);
    const entries = entryLines(properties, margin);
    const hasChildren = next > depth;
    if (id > 0) lines.push(`${margin.slice(2)}{`);
    lines.push(...entries.map((entry, index) => (index < entries.length - 1 || hasChildren ? `${entry},` : entry)));
    if (hasChildren) lines.push(`${margin}"Plans": [`);
    for (let closing = depth; closing >= Math.max(next, 0) && !hasChildren; closing -= 1) {
      const isSibling = closing === next;
      const outer = marginOf(closing).slice(2);
      const isRoot = closing === 0;
      lines.push(`${outer}}${isSibling || (isRoot && Object.keys(statement).length > 0) ? ',' : ''}`);
      if (!isSibling && !isRoot) lines.push(`${marginOf(closing - 1)}]`);
    }
  }
  const entries = entryLines(statement, '    ');
  lines.push(...entries.map((entry, index) => (index < entries.length - 1 ? `${entry},` : entry)), '  }');
  return lines.join('\n');
}

/** Indentation grows with the square of the depth, so it ends. */
const DEEPEST_MARGIN = 100;

function marginOf(depth: number): string {
  return ' '.repeat(6 + Math.min(depth, DEEPEST_MARGIN) * 4);
}

function entryLines(object: RawPlan['statement'], margin: string): string[] {
  return Object.entries(object).map(
    ([key, value]) =>
      `${margin}${JSON.stringify(key)}: ${JSON.stringify(value, null, 2).replaceAll('\n', `\n${margin}`)}`,
  );
}
