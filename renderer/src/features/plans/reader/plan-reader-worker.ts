import type { Plan } from '#contract/plan-model.ts';

import { PlanReadError, analyzePlans, anonymisePlan, comparePlans } from '../../../../../electron/plan-core/index.ts';

import { indexPlan } from './plan-index.ts';
import type { PlanOfSource, ReaderAnswer, ReaderTask } from './reader-protocol.ts';
import { titleOfPlan } from './plan-title.ts';

// Reads plans away from the window's loop: a source may have 200 MB, a plan a hundred thousand nodes.
let plans: Plan[] = [];

/** One of each of the commonest formats. */
const warmingPlans = [
  `Hash Join  (cost=1.00..2.00 rows=10 width=8) (actual time=0.010..9.000 rows=10 loops=1)
  Hash Cond: (a.id = b.id)
  Buffers: shared hit=10 read=2
  ->  Seq Scan on a  (cost=0.00..1.00 rows=10 width=8) (actual time=0.010..5.000 rows=10 loops=1)
        Filter: (x > 1)
        Rows Removed by Filter: 20000
        Buffers: shared hit=5 read=1
  ->  Hash  (cost=1.00..1.00 rows=10 width=8) (actual time=3.000..3.000 rows=10 loops=1)
        ->  Index Scan using b_pkey on b  (cost=0.00..1.00 rows=10 width=8) (actual time=0.010..2.000 rows=10 loops=1)
Planning Time: 0.100 ms
Execution Time: 9.100 ms
`,
  '[{"Plan": {"Node Type": "Seq Scan", "Relation Name": "a", "Alias": "a", "Startup Cost": 0.0, "Total Cost": 1.0, "Plan Rows": 1, "Plan Width": 4, "Actual Startup Time": 0.1, "Actual Total Time": 1.0, "Actual Rows": 1, "Actual Loops": 1, "Filter": "(x > 1)"}, "Execution Time": 1.0}]',
];

function noPlan(): never {
  throw new PlanReadError('The reader cannot read');
}

/** So many nodes at once are taken over by the window in a few milliseconds. */
const nodesAtOnce = 400;

self.addEventListener('message', (event: MessageEvent<ReaderTask>) => {
  void answer(event.data).catch((error: unknown) => {
    const place = error instanceof PlanReadError ? { line: error.line, column: error.column } : null;
    say({
      kind: 'failed',
      message: error instanceof Error ? error.message : String(error),
      place,
      understood: error instanceof PlanReadError,
    });
  });
});

async function answer(task: ReaderTask): Promise<void> {
  switch (task.kind) {
    case 'warm':
      for (const plan of warmingPlans) indexPlan(analyzePlans(plan)[0] ?? noPlan());
      return;
    case 'read': {
      const unreadable: { readonly line: number; readonly message: string }[] = [];
      plans = analyzePlans(await textOf(task.source), task.known, ({ line, message }) =>
        unreadable.push({ line, message }),
      );
      say({
        kind: 'read',
        plans: plans.map((plan) => ({
          title: titleOfPlan(plan),
          queryText: plan.queryText?.slice(0, 400) ?? null,
          executionMs: plan.executionMs ?? null,
          nodes: plan.nodes.length,
          insights: plan.insights.length,
        })),
        unreadable: { count: unreadable.length, first: unreadable[0] ?? null },
      });
      return;
    }
    case 'open': {
      const plan = plans[task.place];
      if (plan === undefined) throw new PlanReadError(`The text holds ${plans.length} plans, not ${task.place + 1}`);
      sendPlan(plan, 'whole');
      return;
    }
    case 'compare': {
      const before = await readOne('The plan before', task.before);
      const after = await readOne('The plan after', task.after);
      sendPlan(before, 'before');
      sendPlan(after, 'after');
      say({ kind: 'compared', comparison: comparePlans(before, after) });
      return;
    }
    case 'anonymise':
      say({ kind: 'text', text: anonymisePlan(await readOne('The plan', task.plan)).text });
      return;
  }
}

/** A file arrives as its bytes: what is no UTF-8 in it becomes U+FFFD, and a byte order mark is read. */
async function textOf(source: string | Blob): Promise<string> {
  if (typeof source === 'string') return source;
  const bytes = new Uint8Array(await source.arrayBuffer());
  const wide =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : null;
  return new TextDecoder(wide ?? 'utf-8').decode(bytes);
}

async function readOne(name: string, { source, place, ...known }: PlanOfSource): Promise<Plan> {
  let found: Plan[];
  try {
    found = analyzePlans(source, knownOf(known));
  } catch (error) {
    throw error instanceof PlanReadError
      ? new PlanReadError(`${name}: ${error.message}`, error.line, error.column)
      : error;
  }
  const plan = found[place];
  if (plan === undefined) throw new PlanReadError(`${name} is not in its text any more`);
  return plan;
}

function knownOf({
  queryText,
  serverVersion = null,
}: Pick<PlanOfSource, 'queryText' | 'serverVersion'>): Pick<Plan, 'queryText' | 'serverVersion'> {
  return { ...(queryText === null ? {} : { queryText }), ...(serverVersion === null ? {} : { serverVersion }) };
}

function sendPlan(plan: Plan, part: 'whole' | 'before' | 'after'): void {
  const index = indexPlan(plan);
  const { nodes, ...sheet } = index.plan;
  say({ kind: 'plan', part, index: { ...index, names: [], plan: { ...sheet, nodes: [] } } });
  for (let start = 0; start < nodes.length; start += nodesAtOnce) {
    const end = start + nodesAtOnce;
    say({ kind: 'nodes', part, nodes: nodes.slice(start, end), names: index.names.slice(start, end) });
  }
  say({ kind: 'whole', part });
}

function say(message: ReaderAnswer): void {
  self.postMessage(message);
}
