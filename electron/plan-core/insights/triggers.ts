import type { Plan } from '#contract/plan-model.ts';
import { quoteLiteral } from '../../postgres/quote-identifier.ts';
import type { Finding, PlanContext } from './plan-context.ts';
import { formatCount, formatMs, formatShare, severityOf, shorten } from './plan-context.ts';

/** As losefor/pg-explain has it. */
const LEAST_SHARE = 0.1;
const LEAST_MS = 1;

type Trigger = Plan['triggers'][number];

/** Triggers that took a good part of the execution: they are in no node. */
export function findTriggers(context: PlanContext): Finding[] {
  const modification = context.ofType('ModifyTable')[0] ?? context.nodes[0];
  const operation = modification?.properties['Operation'];
  return context.plan.triggers.flatMap((trigger): Finding[] => {
    const timeMs = trigger.timeMs ?? 0;
    if (timeMs < LEAST_MS || timeMs < context.executionMs * LEAST_SHARE) return [];
    return [describe(context, trigger, timeMs, modification?.id ?? 0, operation !== 'Insert')];
  });
}

function describe(
  context: PlanContext,
  trigger: Trigger,
  timeMs: number,
  nodeId: number,
  mayReference: boolean,
): Finding {
  const isForeignKey = trigger.constraint !== undefined;
  const relation = trigger.relation === undefined ? '' : ` on ${trigger.relation}`;
  const name = trigger.constraint ?? trigger.name;
  const kind = isForeignKey ? 'Foreign key' : 'Trigger';
  // Inserting asks the referenced table by its key, which always has an index; the names of the checks tell the sides apart.
  const searches = isForeignKey && mayReference && !trigger.name.startsWith('RI_ConstraintTrigger_c_');
  return {
    rule: 'triggers',
    nodeId,
    severity: severityOf(context, timeMs),
    savedMs: timeMs,
    title: `${kind} ${shorten(name, 40)}${trigger.relation === undefined ? '' : ` on ${shorten(trigger.relation, 20)}`} took ${formatMs(timeMs)}`,
    message:
      `${isForeignKey ? 'The check of constraint' : 'Trigger'} ${name}${relation} ran ${formatCount(trigger.calls)} times and took ${formatMs(timeMs)}, ${formatShare(timeMs / context.executionMs)} of the execution, outside of every node.` +
      (searches
        ? ' For a DELETE or UPDATE of the referenced table, each call searches the referencing table: without an index on its columns that is a sequential scan.'
        : ''),
    ...(searches ? { sql: indexQuery(name) } : {}),
    verify: searches
      ? 'Create what the query writes (nothing, where an index begins with the referencing columns); then run the statement again in a transaction that is rolled back.'
      : isForeignKey
        ? 'Each new row is looked up in the referenced table by its key. Many rows at once are cheaper than one by one; a bulk load can add the constraint afterwards.'
        : 'Look at what the trigger’s function does; a statement-level trigger with transition tables runs once instead of once a row.',
    ignoreWhen: 'Few rows are changed in normal use.',
  };
}

/** The plan names the constraint, the catalog its columns: writes the index that is missing. Run on 15 and 18. */
function indexQuery(constraint: string): string {
  return `-- writes the statement where no index begins with the referencing columns
select format('create index %son %s (%s);',
         case relkind when 'p' then '' else 'concurrently ' end,
         conrelid::regclass, string_agg(quote_ident(attname), ', ' order by place))
from pg_constraint
join pg_class on pg_class.oid = conrelid
cross join unnest(conkey) with ordinality as key (attnum, place)
join pg_attribute on attrelid = conrelid and pg_attribute.attnum = key.attnum
where conname = ${quoteLiteral(constraint)}
  and contype = 'f'
  and conparentid = 0
  and not exists (
    select from pg_index
    where indrelid = conrelid
      and indisvalid
      and indpred is null
      and (indkey::int2[])[0:cardinality(conkey) - 1] @> conkey
  )
group by pg_constraint.oid, conrelid, relkind;`;
}
