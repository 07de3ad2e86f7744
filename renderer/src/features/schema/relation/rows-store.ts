import { create } from 'zustand';

import type { ResultColumn } from '#contract/query.ts';
import type { Failure } from '#contract/failure.ts';

import type { GridRow } from '../../../grid/row-pages.ts';
import { client } from '../../../rpc/client.ts';
import { failureOf } from '../../../rpc/failure.ts';

export type RowsState =
  | { readonly kind: 'reading' }
  | {
      readonly kind: 'read';
      readonly id: string;
      readonly columns: readonly ResultColumn[];
      readonly rows: readonly GridRow[];
      readonly durationMs: number;
      readonly more: boolean;
    }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** The first rows of relations, by tab. Kept while the tab is open, and never read without being asked for. */
export const useRows = create<{ readonly rows: Readonly<Record<string, RowsState>> }>(() => ({ rows: {} }));

const controllers = new Map<string, AbortController>();

/** Runs the statement and keeps what it answers. Its session ends at once, so that nothing stays pinned on the server. */
export async function readRows(tabId: string, connectionId: string, sql: string, limit: number): Promise<void> {
  controllers.get(tabId)?.abort();
  const controller = new AbortController();
  controllers.set(tabId, controller);
  const sessionId = `rows:${tabId}`;
  set(tabId, { kind: 'reading' });
  try {
    const state = await run(sessionId, connectionId, sql, limit, controller.signal);
    if (!controller.signal.aborted) set(tabId, state);
  } catch (error) {
    if (controllers.get(tabId) === controller)
      set(tabId, { kind: 'failed', failure: failureOf(error, controller.signal) });
  } finally {
    if (controllers.get(tabId) === controller) controllers.delete(tabId);
    client.query.closeTab({ tabId: sessionId }).catch(() => {
      // It ends with the connection at the latest.
    });
  }
}

/** Gives up what is being read; the server is told. */
export function cancelRows(tabId: string): void {
  controllers.get(tabId)?.abort();
}

/** Forgets the rows of a tab. */
export function releaseRows(tabId: string): void {
  cancelRows(tabId);
  useRows.setState(({ rows }) => {
    const { [tabId]: _gone, ...others } = rows;
    return { rows: others };
  });
}

async function run(
  sessionId: string,
  connectionId: string,
  sql: string,
  limit: number,
  signal: AbortSignal,
): Promise<RowsState> {
  const started = performance.now();
  let result: { readonly id: string; readonly columns: readonly ResultColumn[] } | null = null;
  for await (const event of await client.query.run(
    { connectionId, tabId: sessionId, sql, maxRows: limit },
    { signal },
  )) {
    if (event.kind === 'failed') return { kind: 'failed', failure: event.failure };
    if (event.kind === 'result') result = { id: event.resultId, columns: event.columns };
  }
  if (result === null) throw new DOMException('', 'AbortError');
  const { rows } = await client.query.rows({ resultId: result.id, offset: 0, limit }, { signal });
  return {
    kind: 'read',
    id: result.id,
    columns: result.columns,
    rows,
    durationMs: performance.now() - started,
    more: rows.length >= limit,
  };
}

function set(tabId: string, state: RowsState): void {
  useRows.setState(({ rows }) => ({ rows: { ...rows, [tabId]: state } }));
}
