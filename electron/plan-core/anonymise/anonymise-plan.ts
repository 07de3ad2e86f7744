import type { Plan } from '#contract/plan-model.ts';
import { printRawPlan } from '../print/print-text.ts';
import type { JsonObject, RawNode, RawPlan } from '../raw-plan.ts';
import { isJsonObject, stringOf } from '../raw-plan.ts';
import type { NameBook } from './name-book.ts';
import { openNameBook } from './name-book.ts';
import { anonymiseObject, functionWord } from './properties.ts';
import { anonymiseStatement } from './statement.ts';

/**
 * A plan that can be shown to others: the same nodes and numbers, other names and literals.
 *
 * Nothing is taken out that is known to tell something; what is known to tell nothing is let through, and everything
 * else becomes a word (`t1`, `a2`, `c5`, `idx1`, `'x3'`) that stands for the same name or value wherever it occurs, in
 * names as in expressions. The statement, its parameters and its identifier are left out: the nodes tell what it does,
 * while its text has comments, the names that the planner resolved, and a shape that others may know, and the identifier
 * is looked up in `pg_stat_statements`.
 *
 * The input is not changed. Anonymised twice, a plan is what it was after the first time.
 * @returns what a reader of plans gives, with `text`, the plan in FORMAT TEXT
 */
export function anonymisePlan(plan: Pick<Plan, 'format' | 'nodes' | 'properties' | 'incomplete'>): RawPlan & {
  text: string;
} {
  const book = openNameBook();
  nameRelations(
    plan.nodes.map(({ properties }) => properties),
    book,
  );
  const nodes = plan.nodes.map((node): RawNode => ({
    parent: node.parentId ?? -1,
    depth: node.depth,
    properties: anonymiseObject(node.properties, book),
    line: 0,
    endLine: 0,
  }));
  const raw: RawPlan = {
    format: plan.format,
    nodes,
    statement: anonymiseStatement(plan.properties ?? {}, book),
    ...(plan.incomplete === undefined ? {} : { incomplete: 'The plan seems to be cut off' }),
  };
  return { ...raw, text: printRawPlan(raw) };
}

/**
 * Gives words to relations, CTEs, functions, schemas and aliases, each kind of the whole plan before the next: an expression may
 * name what a later node scans, and an alias is mostly the name of something.
 */
function nameRelations(nodes: readonly JsonObject[], book: NameBook): void {
  const targets = nodes.flatMap((properties) => {
    const own = properties['Target Tables'];
    return Array.isArray(own) ? [properties, ...own.filter(isJsonObject)] : [properties];
  });
  for (const target of targets)
    for (const key of ['Relation Name', 'Tuplestore Name']) {
      const name = stringOf(target[key]);
      if (name !== undefined) book.word('relation', name);
    }
  for (const target of targets) {
    const subplan = stringOf(target['Subplan Name']);
    if (subplan?.startsWith('CTE ')) book.word('relation', subplan.slice(4), 'cte');
    const cte = stringOf(target['CTE Name']);
    if (cte !== undefined) book.word('relation', cte, 'cte');
  }
  for (const target of targets)
    for (const key of ['Function Name', 'Table Function Name']) {
      const name = stringOf(target[key]);
      if (name !== undefined && target['Alias'] === name) book.tie('relation', name, functionWord(name, target, book));
    }
  for (const target of targets) {
    const schema = stringOf(target['Schema']);
    if (schema !== undefined) book.word('schema', schema);
    const alias = stringOf(target['Alias']);
    if (alias !== undefined) book.word('relation', alias, 'a');
  }
}
