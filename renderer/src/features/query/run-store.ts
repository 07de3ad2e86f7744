import { create } from 'zustand';

import type { RunEvent, TransactionStatus } from '#contract/query.ts';

import { client } from '../../rpc/client.ts';
import { FailureError, failureOf } from '../../rpc/failure.ts';
import { queryClient, rpcKey } from '../../rpc/queries.ts';
import { showFailureToast } from '../../ui/toast.tsx';
import { openConnection } from '../../workbench/connection-actions.ts';
import { withAnswers } from '../../workbench/questions.ts';

import { confirmDestructive } from './confirm-destructive.tsx';
import { ended, newRun, transactionAfterBreak, transactionOf, withEvent } from './run-state.ts';
import type { RunState } from './run-state.ts';

interface RunsState {
  readonly runs: Readonly<Record<string, RunState>>;
  readonly transactions: Readonly<Record<string, TransactionStatus>>;
}

/** What runs, or last ran, in each tab; it goes on while another tab is on screen. Nothing of it survives a restart. */
export const useRuns = create<RunsState>(() => ({ runs: {}, transactions: {} }));

const controllers = new Map<string, AbortController>();

export interface RunRequest {
  readonly tabId: string;
  readonly connectionId: string;
  readonly sql: string;
  /** Where `sql` begins in the tab's text. */
  readonly baseOffset: number;
}

/** Runs SQL in the tab's session, opening the connection first where it is closed. Does nothing while one is running. */
export async function startRun({ tabId, connectionId, sql, baseOffset }: RunRequest): Promise<void> {
  if (controllers.has(tabId)) return;
  const controller = new AbortController();
  controllers.set(tabId, controller);
  let run = newRun(crypto.randomUUID(), sql, baseOffset, Date.now());
  setRun(tabId, run);
  try {
    await ensureOpen(connectionId);
    const events = await runConfirmed({ connectionId, tabId, sql }, controller.signal);
    for await (const event of events) {
      run = withEvent(run, event);
      setRun(tabId, run);
      const transaction = transactionOf(event);
      if (transaction !== null) setTransaction(tabId, transaction);
    }
    if (run.phase === 'running') setRun(tabId, ended(run, failureOf(new DOMException('', 'AbortError')), Date.now()));
  } catch (error) {
    const failure = failureOf(error, controller.signal);
    setRun(tabId, ended(run, failure, Date.now()));
    const before = useRuns.getState().transactions[tabId] ?? 'idle';
    // With the channel or the connection the session is gone too, and its transaction with it.
    setTransaction(tabId, failure.code === 'cancelled' ? transactionAfterBreak(before, run) : 'idle');
  } finally {
    controllers.delete(tabId);
    void queryClient.invalidateQueries({ queryKey: rpcKey('query', 'history') });
  }
}

type RunInput = Parameters<typeof client.query.run>[0];

/** Runs; where destructive statements go to production, asks for the database's name first. */
async function runConfirmed(input: RunInput, signal: AbortSignal) {
  const events = await withAnswers(input.connectionId, () => client.query.run(input, { signal }));
  try {
    // The refusal comes in place of the first event.
    const first = await events.next();
    return rest(first, events);
  } catch (error) {
    const { question } = failureOf(error);
    if (question?.kind !== 'destructive') throw error;
    if (!(await confirmDestructive(input, question.typedName))) throw new FailureError(notRun);
    signal.throwIfAborted();
    return client.query.run({ ...input, confirmation: question.typedName }, { signal });
  }
}

const notRun = {
  code: 'cancelled',
  message: 'Nothing was run.',
  hint: 'It goes to production, and its name was not given.',
  retryable: true,
} as const;

type Events = Awaited<ReturnType<typeof client.query.run>>;

async function* rest(first: IteratorResult<RunEvent, unknown>, events: Events): AsyncGenerator<RunEvent> {
  if (first.done) return;
  yield first.value;
  yield* events;
}

/** Cancels what runs in a tab, on the server. */
export function cancelRun(tabId: string): void {
  controllers.get(tabId)?.abort();
}

/** Whether something runs in a tab. */
export function isRunning(tabId: string): boolean {
  return controllers.has(tabId);
}

/** Ends the tab's open transaction, leaving its results as they are. */
export async function endTransaction(tabId: string, connectionId: string, how: 'commit' | 'rollback'): Promise<void> {
  try {
    for await (const event of await client.query.run({ connectionId, tabId, sql: how })) {
      if (event.kind === 'failed') showFailureToast(new Error(event.failure.message), `${how} failed`);
      const transaction = transactionOf(event);
      if (transaction !== null) setTransaction(tabId, transaction);
    }
  } catch (error) {
    showFailureToast(error);
  }
}

/** Cancels what runs, closes the tab's session and forgets its results. */
export function releaseRun(tabId: string): void {
  cancelRun(tabId);
  client.query.closeTab({ tabId }).catch(() => {
    // The session ends with the connection at the latest.
  });
  useRuns.setState(({ runs, transactions }) => {
    const { [tabId]: _run, ...otherRuns } = runs;
    const { [tabId]: _transaction, ...otherTransactions } = transactions;
    return { runs: otherRuns, transactions: otherTransactions };
  });
}

async function ensureOpen(connectionId: string): Promise<void> {
  const entries = queryClient.getQueryData<{ readonly id: string; readonly state: { readonly kind: string } }[]>(
    rpcKey('connections', 'list'),
  );
  const entry = entries?.find((candidate) => candidate.id === connectionId);
  // When it cannot be opened, the run itself fails with the reason.
  if (entry !== undefined && entry.state.kind !== 'open') await openConnection(connectionId);
}

function setRun(tabId: string, run: RunState): void {
  useRuns.setState((state) => ({ runs: { ...state.runs, [tabId]: run } }));
}

function setTransaction(tabId: string, transaction: TransactionStatus): void {
  useRuns.setState((state) => ({ transactions: { ...state.transactions, [tabId]: transaction } }));
}
