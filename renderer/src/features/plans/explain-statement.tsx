import type { Connection } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';

import { SqlBlock } from '../../editor/sql-block.tsx';
import { client } from '../../rpc/client.ts';
import { FailureError, failureOf } from '../../rpc/failure.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { askUser } from '../../ui/ask-dialog.tsx';

import styles from './plans.module.css';
import { readExplainOptions, useExplainOptions } from './explain-options-store.ts';
import { shownPlan } from './plan-store.ts';
import type { ShownPlan } from './plan-store.ts';

/** What is being done, while it is done. */
export function explainWords(analyze: boolean): string {
  return analyze ? 'Running the statement and measuring its plan' : 'Asking for the plan';
}

export interface ExplainRequest {
  readonly connectionId: string;
  readonly sql: string;
  readonly analyze: boolean;
}

/**
 * The plan of a statement. Where analyzing it would change data the user is asked first, with the statement and what a
 * rollback takes back. Throws a failure; `cancelled` where the user did not agree.
 */
export async function explainStatement(
  request: ExplainRequest,
  signal: AbortSignal,
  say: (words: string) => void,
): Promise<ShownPlan> {
  await readExplainOptions();
  const options = { ...useExplainOptions.getState() };
  const ask = (confirmDataChange: boolean) =>
    client.plans.explain({ ...request, ...options, confirmDataChange }, { signal });
  try {
    return shownOf(await ask(false));
  } catch (error) {
    const failure = failureOf(error, signal);
    if (failure.code !== 'conflict' || !request.analyze) throw error;
    say('Waiting for your answer');
    if (!(await agrees(request, failure))) {
      throw new FailureError({
        code: 'cancelled',
        message: 'The statement was not run.',
        hint: 'Explain shows its plan without running it.',
        retryable: true,
      });
    }
    signal.throwIfAborted();
    say(explainWords(request.analyze));
    return shownOf(await ask(true));
  }
}

function shownOf({ plan, savedId, rolledBack }: Awaited<ReturnType<typeof client.plans.explain>>): ShownPlan {
  void queryClient.invalidateQueries({ queryKey: rpcKey('plans', 'history') });
  return shownPlan(plan, { savedId, rolledBack, takenAt: new Date().toISOString() });
}

function agrees({ connectionId, sql }: ExplainRequest, failure: Failure): Promise<boolean> {
  const connections = queryClient.getQueryData<readonly Connection[]>(rpcKey('connections', 'list')) ?? [];
  const connection = connections.find((candidate) => candidate.id === connectionId);
  return askUser({
    title: 'Run this statement and roll it back',
    words: (
      <div className={styles['question']}>
        <p>{failure.message}.</p>
        <SqlBlock
          sql={sql}
          label="Statement that will run"
          connectionId={connectionId}
          className={styles['statement']}
          {...(isLong(sql) ? { maxHeight: 240 } : {})}
        />
        {failure.hint !== undefined && <p>{failure.hint}</p>}
        <p>Until it is rolled back it holds its locks, and its triggers run.</p>
      </div>
    ),
    action: 'Run and roll back',
    danger: connection?.environment === 'production',
    typedName: connection?.environment === 'production' ? connection.name : null,
  });
}

function isLong(sql: string): boolean {
  return sql.length > 700 || sql.split('\n').length > 12;
}
