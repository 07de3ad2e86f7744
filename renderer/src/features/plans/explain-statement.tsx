import type { Connection } from '#contract/connections.ts';
import type { RollbackNote } from '#contract/plans.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { client } from '../../rpc/client.ts';
import { FailureError, failureOf } from '../../rpc/failure.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { askUser } from '../../ui/ask-dialog.tsx';

import { readExplainOptions, useExplainOptions } from './explain-options-store.ts';
import { askParameters, mentionsParameters, rememberParameters } from './explain-parameters.tsx';
import type { ParameterValues } from './explain-parameters.tsx';
import { shownPlan } from './plan-store.ts';
import type { ShownPlan } from './plan-store.ts';
import styles from './plans.module.css';
import { openPastedPlan } from './pasted-plan.ts';
import { readPlans, warmReader } from './reader/plan-reader.ts';
import type { PlanSource } from './reader/plan-reader.ts';
import { RollbackNotes } from './rollback-notes.tsx';

/** What is being done, while it is done. */
export function explainWords(analyze: boolean): string {
  if (!analyze) return 'Asking for the plan';
  return useExplainOptions.getState().warm
    ? 'Running the statement twice and measuring the second run'
    : 'Running the statement and measuring its plan';
}

export interface ExplainRequest {
  readonly connectionId: string;
  readonly sql: string;
  readonly analyze: boolean;
  /** Values that are known already: nobody is asked for them. */
  readonly parameters?: readonly (string | null)[];
}

/**
 * The plan of a statement. Asks for the values that it needs; where analyzing it would change data, asks first, with the
 * statement and what a rollback does and does not take back. Throws a failure; `cancelled` where the user did not agree.
 */
export async function explainStatement(
  request: ExplainRequest,
  signal: AbortSignal,
  say: (words: string) => void,
): Promise<ShownPlan> {
  // While the server is asked.
  warmReader();
  await readExplainOptions();
  const { connectionId, sql, analyze } = request;
  const options = { ...useExplainOptions.getState() };
  const assessed =
    analyze || mentionsParameters(sql) ? await client.plans.assess({ connectionId, sql }, { signal }) : null;
  const generic = assessed?.genericPlan === true && !analyze;
  let values: ParameterValues = { genericPlan: options.genericPlan, parameters: [] };
  if (assessed !== null && assessed.parameters > 0 && request.parameters !== undefined) {
    rememberParameters(sql, request.parameters.slice(0, assessed.parameters));
    values = { genericPlan: false, parameters: request.parameters.slice(0, assessed.parameters) };
  } else if (assessed !== null && assessed.parameters > 0 && !(generic && options.genericPlan)) {
    say('Waiting for your answer');
    values = await askParameters({ ...request, count: assessed.parameters, generic });
    say(explainWords(analyze));
  }
  const ask = (confirmDataChange: boolean) =>
    client.plans.explain({ ...request, ...options, ...values, confirmDataChange }, { signal });
  const risky = assessed?.notes.some((note) => note.kind === 'outside' && note.stays) === true;
  const connection = connectionOf(connectionId);
  // A read-only connection refuses it: nobody is asked to agree to that.
  const changes = analyze && assessed !== null && (assessed.changesData || risky) && connection?.readOnly !== true;
  try {
    if (changes) await agree(request, assessed.changesData ? changing : reaching, assessed.notes, say, signal);
    return await shownOf(await ask(changes), connection, signal);
  } catch (error) {
    const failure = failureOf(error, signal);
    if (failure.code !== 'conflict' || !analyze || changes) throw error;
    // A function that it calls writes: that is only known once the server has refused it.
    await agree(request, failure.message, assessed?.notes ?? [], say, signal);
    return await shownOf(await ask(true), connection, signal);
  }
}

const changing = 'EXPLAIN ANALYZE runs this statement, and it changes data';
const reaching = 'EXPLAIN ANALYZE runs this statement, and it reaches outside its transaction';

function connectionOf(connectionId: string): Connection | null {
  const connections = queryClient.getQueryData<readonly Connection[]>(rpcKey('connections', 'list')) ?? [];
  return connections.find((candidate) => candidate.id === connectionId) ?? null;
}

async function shownOf(
  { source, queryText, relations, ...about }: Awaited<ReturnType<typeof client.plans.explain>>,
  connection: Connection | null,
  signal: AbortSignal,
): Promise<ShownPlan> {
  void queryClient.invalidateQueries({ queryKey: rpcKey('plans', 'history') });
  const origin =
    connection === null
      ? null
      : { connectionId: connection.id, connectionName: connection.name, database: connection.database };
  let found: PlanSource;
  try {
    found = await readPlans(source, signal, { queryText, relations, serverVersion: about.serverVersion });
  } catch (error) {
    const failure = failureOf(error, signal);
    if (failure.code !== 'bad_input') throw error;
    throw new FailureError({
      code: 'bad_input',
      message: `The server printed no plan: ${source.slice(0, 500)}`,
      hint: 'A rule of the table may turn the statement into nothing.',
      retryable: false,
    });
  }
  try {
    // A rule makes several statements of one: each has its plan.
    for (const [place, plan] of [...found.plans.entries()].slice(1))
      openPastedPlan(`${plan.title} (by a rule)`, await found.open(place, signal));
    return shownPlan(await found.open(0, signal), { ...about, origin });
  } finally {
    found.close();
  }
}

async function agree(
  { connectionId, sql, analyze }: ExplainRequest,
  why: string,
  notes: readonly RollbackNote[],
  say: (words: string) => void,
  signal: AbortSignal,
): Promise<void> {
  say('Waiting for your answer');
  const connection = connectionOf(connectionId);
  const twice = useExplainOptions.getState().warm;
  const agreed = await askUser({
    title: 'Run this statement and roll it back',
    wide: true,
    words: (
      <div className={styles['question']}>
        <p>
          {why}. It runs
          {twice ? ' twice' : ''} inside a transaction that is rolled back.
        </p>
        <SqlBlock
          sql={sql}
          label="Statement that will run"
          connectionId={connectionId}
          className={styles['statement']}
          {...(isLong(sql) ? { maxHeight: 240 } : {})}
        />
        <RollbackNotes notes={notes} />
      </div>
    ),
    action: 'Run and roll back',
    danger: connection?.environment === 'production' || notes.some(({ stays }) => stays),
    typedName: connection?.environment === 'production' ? connection.name : null,
  });
  if (!agreed) {
    throw new FailureError({
      code: 'cancelled',
      message: 'The statement was not run.',
      hint: 'Explain shows its plan without running it.',
      retryable: true,
    });
  }
  signal.throwIfAborted();
  say(explainWords(analyze));
}

function isLong(sql: string): boolean {
  return sql.length > 700 || sql.split('\n').length > 12;
}
