import type { PlanInsight, PlanNode } from '#contract/plan-model.ts';
import { quoteIdentifier } from '../../../postgres/quote-identifier.ts';
import { readIdentifier } from '../text/quote-scan.ts';
import { relationName } from './indexable-columns.ts';
import type { PlanContext } from './plan-context.ts';
import { formatCount, formatMs, labelOf, rowsOut, severityOf } from './plan-context.ts';

const LEAST_ROWS = 100_000;

/** ORDER BY … LIMIT that reads a whole table to keep the first rows. */
export function findTopNSort(context: PlanContext): PlanInsight[] {
  return context.nodes.flatMap((node): PlanInsight[] => {
    if (node.nodeType !== 'Sort' || node.properties['Sort Method'] !== 'top-N heapsort') return [];
    const [input] = context.inputs(node);
    if (
      !input ||
      input.nodeType !== 'Seq Scan' ||
      input.properties['Filter'] !== undefined ||
      rowsOut(input) < LEAST_ROWS ||
      !context.isCostly(node, input)
    )
      return [];
    const savedMs = context.ownMs(node) + context.ownMs(input);
    const sql = indexOf(node, input);
    return [
      {
        rule: 'top-n-sort',
        nodeId: node.id,
        severity: severityOf(context, savedMs),
        ...(context.timed ? { savedMs } : {}),
        title: `${formatCount(rowsOut(input))} rows are read to keep the first few`,
        message: `${labelOf(input)} reads all its ${formatCount(rowsOut(input))} rows and the sort keeps the first of them only (${formatMs(savedMs)}). An index in this order gives them at once.`,
        ...(sql === undefined ? {} : { sql }),
        verify: 'Run EXPLAIN (ANALYZE) again: Limit stands right above an Index Scan, with no Sort.',
        ignoreWhen: 'The table is small, or the query rare.',
      },
    ];
  });
}

/** Only where every sort key is a plain column, each in the same direction or with its own. */
function indexOf(sort: PlanNode, scan: PlanNode): string | undefined {
  const keys = sort.properties['Sort Key'];
  if (!Array.isArray(keys) || scan.relation === undefined || keys.length > 4) return undefined;
  const columns: string[] = [];
  for (const key of keys) {
    const column = typeof key === 'string' ? readKey(key, scan.alias) : null;
    if (column === null) return undefined;
    columns.push(column);
  }
  return columns.length === 0
    ? undefined
    : `create index concurrently on ${relationName(scan)} (${columns.join(', ')});`;
}

function readKey(key: string, alias: string | undefined): string | null {
  let identifier = readIdentifier(key, 0);
  if (identifier && key[identifier.end] === '.')
    identifier = identifier.name === alias ? readIdentifier(key, identifier.end + 1) : null;
  if (!identifier || (key[identifier.end - 1] !== '"' && !/^\w+$/.test(identifier.name))) return null;
  const order = /^(?: (DESC))?(?: (NULLS (?:FIRST|LAST)))?$/.exec(key.slice(identifier.end));
  return order ? `${quoteIdentifier(identifier.name)}${order[0].toLowerCase()}` : null;
}
