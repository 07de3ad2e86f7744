import { create } from 'zustand';

import type { ActivitySession } from '#contract/activity.ts';
import type { ConnectionEntry } from '#contract/connections.ts';

import { client } from '../../../rpc/client.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { showToast } from '../../../ui/toast.tsx';
import { runCommandWith } from '../../../workbench/commands.ts';

import { nothingToCancel, notASession } from './session-words.ts';

export type StopAct = 'cancel' | 'terminate';

/** What a person is asked about now. */
export interface StopQuestion {
  readonly act: StopAct;
  readonly session: ActivitySession;
  readonly connection: ConnectionEntry;
  /** Must be typed first: the name of a production database. */
  readonly typedName: string | null;
}

/** The one dialog about cancelling a statement or ending a session. */
export const useStopQuestion = create<{ readonly question: StopQuestion | null }>(() => ({ question: null }));

/** Asks before a statement is cancelled, or a session ended. */
export function askToStop(act: StopAct, session: ActivitySession, connection: ConnectionEntry): void {
  const guarded = act === 'terminate' && connection.environment === 'production';
  useStopQuestion.setState({
    question: { act, session, connection, typedName: guarded ? connection.database : null },
  });
}

export function closeStopQuestion(): void {
  useStopQuestion.setState({ question: null });
}

/** Why this cannot be done to a session; null where it can. */
export function whyNot(act: StopAct, session: ActivitySession, connection: ConnectionEntry): string | null {
  if (connection.readOnly) return 'This connection is read-only: allow writes on it first.';
  return notASession(session) ?? (act === 'cancel' ? nothingToCancel(session) : null);
}

/** Does what was agreed to. Throws what the server refuses; a name that is still to be typed is asked for. */
export async function stopSession({ act, session, connection, typedName }: StopQuestion): Promise<void> {
  const { pid, backendStart } = session;
  const name = { connectionId: connection.id, pid, backendStart };
  try {
    const { ended } =
      act === 'cancel'
        ? await client.activity.cancel(name)
        : await client.activity.terminate(typedName === null ? name : { ...name, confirmation: typedName });
    if (!ended) showToast({ title: `Session ${pid} had ended before` });
    else
      showToast({
        kind: 'good',
        title: act === 'cancel' ? `Session ${pid} was asked to cancel its statement` : `Session ${pid} was told to end`,
      });
  } catch (error) {
    const { question } = failureOf(error);
    // Its environment was changed meanwhile, in another window.
    if (question?.kind === 'destructive' && typedName === null) {
      const asked = useStopQuestion.getState().question;
      if (asked !== null) useStopQuestion.setState({ question: { ...asked, typedName: question.typedName } });
    }
    throw error;
  }
}

/** The statement that stops it, as it is sent. */
export function stopSql(act: StopAct, pid: number): string {
  return `select pg_catalog.${act === 'cancel' ? 'pg_cancel_backend' : 'pg_terminate_backend'}(${pid});`;
}

/** Why a statement cannot be explained here; null where it can. */
export function whyNoExplain(session: ActivitySession, connection: ConnectionEntry): string | null {
  if (session.query === null || session.query.trim() === '') return 'Its statement is not known.';
  if (session.database !== null && session.database !== connection.database)
    return `It runs in database ${session.database}; this connection is to ${connection.database}.`;
  return null;
}

/** The whole statement of a session; its beginning where the session has gone. */
async function wholeQuery(session: ActivitySession, connectionId: string): Promise<string> {
  const { pid, backendStart, query } = session;
  const now = await client.activity.session({ connectionId, pid, backendStart }).catch(() => null);
  // It may run another statement by now: what was clicked on is what is opened.
  return now?.query?.startsWith(query ?? '') === true ? now.query : (query ?? '');
}

/** Opens what a session runs in a query tab. */
export async function openQueryOf(session: ActivitySession, connectionId: string): Promise<void> {
  const sql = await wholeQuery(session, connectionId);
  await runCommandWith('query.open', { sql, connectionId, title: `Session ${session.pid}` });
}

/** Shows the plan of what a session runs, without running it. */
export async function explainQueryOf(session: ActivitySession, connectionId: string): Promise<void> {
  const sql = await wholeQuery(session, connectionId);
  await runCommandWith('plans.explain', { connectionId, sql, analyze: false, title: `Session ${session.pid}` });
}
