import type { PlanNode } from '#contract/plan-model.ts';
import { quoteIdentifier } from '../../postgres/quote-identifier.ts';
import { stringOf } from '../raw-plan.ts';
import type { ConditionPart } from './index-advice/condition-parts.ts';
import { readCondition } from './index-advice/condition-parts.ts';
import type { IndexKey } from './index-advice/index-key.ts';
import { readIndexKey } from './index-advice/index-key.ts';
import { canBeIndexed, relationName } from './index-advice/index-statement.ts';
import { unwrap } from './index-advice/split-condition.ts';
import type { PlanContext } from './plan-context.ts';

export type StatisticsAdvice = { readonly sql?: string; readonly note?: string };

/** https://www.postgresql.org/docs/current/sql-createstatistics.html: at most eight. */
const MOST_COLUMNS = 8;

/** What would correct the estimate of a node: fresh statistics, or extended ones for several columns or an expression. */
export function adviseStatistics(context: PlanContext, node: PlanNode): StatisticsAdvice {
  if (node.nodeType === 'Function Scan')
    return {
      note: 'A function that returns rows is estimated by its ROWS, 1,000 unless declared otherwise: alter function … rows n.',
    };
  if (node.nodeType === 'Aggregate') return adviseGroups(context, node);
  if (node.relation === undefined || node.nodeType === 'ModifyTable') return {};
  if (node.nodeType === 'Foreign Scan') return { sql: `analyze ${relationName(node)};` };
  if (!canBeIndexed(node)) return { sql: `analyze ${relationName(node)};` };
  // No statistics tell how many rows a subquery or a function lets through.
  if (/SubPlan/.test(stringOf(node.properties['Filter']) ?? '')) return {};
  const keys = conditionKeys(node);
  const columns = keys.filter(({ isExpression }) => !isExpression);
  const [expression] = keys.filter(({ isExpression }) => isExpression);
  if (columns.length >= 2)
    return statisticsOn(
      node,
      columns.map(({ column }) => column),
      'dependencies, ndistinct, mcv',
      'Conditions on several columns are multiplied as if the columns were independent; extended statistics know how they go together.',
    );
  if (expression)
    return {
      sql: `create statistics ${statisticsName(node, [expression.column, 'expression'])} on ${inBrackets(expression.sql)} from ${relationName(node)};\nanalyze ${relationName(node)};`,
      note: 'The planner has no statistics of an expression unless they are asked for (14 and later).',
    };
  return {
    sql: `analyze ${relationName(node)};`,
    note: 'If fresh statistics do not help, raise the column’s target: alter table … alter column … set statistics 1000.',
  };
}

/** Columns and expressions that a constant is compared with: for join conditions such statistics are not used. */
function conditionKeys(node: PlanNode): IndexKey[] {
  const found = new Map<string, IndexKey>();
  const add = (part: ConditionPart): void => {
    switch (part.kind) {
      case 'equal':
      case 'range':
        if (!part.isJoin) found.set(part.key.sql, part.key);
        break;
      case 'list':
      case 'flag':
        found.set(part.key.sql, part.key);
        break;
      case 'rewritten':
        add(part.part);
        break;
      default:
    }
  };
  for (const name of ['Index Cond', 'Recheck Cond', 'Filter']) {
    const condition = stringOf(node.properties[name]);
    if (condition !== undefined) for (const part of readCondition(condition, node.alias ?? node.relation)) add(part);
  }
  return [...found.values()];
}

/** The number of groups of several columns, or of an expression, of one table. */
function adviseGroups(context: PlanContext, node: PlanNode): StatisticsAdvice {
  const keys = node.properties['Group Key'];
  // How many groups a HAVING lets through, no statistics tell.
  if (node.properties['Filter'] !== undefined) return {};
  const relations = context.subtree(node).filter(({ relation }) => relation !== undefined);
  const [scan] = relations;
  if (!Array.isArray(keys) || relations.length !== 1 || !scan || !canBeIndexed(scan)) return {};
  const alias = scan.alias ?? scan.relation ?? '';
  const columns = keys.map((key) => (typeof key === 'string' ? readIndexKey(key, alias) : null));
  if (columns.every((key) => key !== null && !key.isExpression && key.castTo === undefined))
    return statisticsOn(
      scan,
      columns.flatMap((key) => (key ? [key.column] : [])),
      'ndistinct',
      'The number of groups is guessed from each column alone; extended statistics know how many combinations there are.',
    );
  const [key] = keys;
  // A name in quotes may be anything; without one, a qualified column is the alias, a dot and the column.
  if (keys.length > 1 || typeof key !== 'string' || key.includes('"') || !/^\w+$/.test(alias)) return {};
  const expression = key.replaceAll(/'(?:[^']|'')*'|(?<![\w.])(\w+)\./g, (all, name) => (name === alias ? '' : all));
  return {
    sql: `create statistics ${statisticsName(scan, ['groups'])} on ${inBrackets(unwrap(expression))} from ${relationName(scan)};\nanalyze ${relationName(scan)};`,
    note: 'As many groups as rows are expected of an expression unless statistics of it are asked for (14 and later).',
  };
}

function statisticsOn(node: PlanNode, columns: readonly string[], kinds: string, note: string): StatisticsAdvice {
  const names = [...new Set(columns)].slice(0, MOST_COLUMNS);
  if (names.length < 2) return { sql: `analyze ${relationName(node)};` };
  const relation = relationName(node);
  return {
    sql: `create statistics ${statisticsName(node, names)} (${kinds}) on ${names.map(quoteIdentifier).join(', ')} from ${relation};\nanalyze ${relation};`,
    note,
  };
}

/** In the schema of the relation, where the plan tells it; no longer than a name can be. */
function statisticsName(node: PlanNode, parts: readonly string[]): string {
  let name = [node.relation, ...parts, 'stats'].join('_');
  while (utf8Length(name) > 63) name = [...name].slice(0, -1).join('');
  return `${node.schema === undefined ? '' : `${quoteIdentifier(node.schema)}.`}${quoteIdentifier(name)}`;
}

/** Bytes of a text in UTF-8: what a name of PostgreSQL is measured in. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function inBrackets(expression: string): string {
  return expression.startsWith('((') ? expression.slice(1, -1) : `(${expression})`;
}
