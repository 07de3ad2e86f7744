import type { Connection } from '#contract/connections.ts';
import type pg from 'pg';

import type { CatalogReader, ReadOptions } from '../../postgres/catalog-reader.ts';
import { type ConnectParameters, transactionSettings } from '../../postgres/connect-parameters.ts';
import { type Pooling, firstSession } from '../../postgres/database.ts';
import { cutSession } from '../../postgres/pg-session.ts';
import { untilAborted } from '../until-aborted.ts';
import { refuseUnsafeGuard } from './guard.ts';

export interface ShortSessionOptions {
  readonly applicationName: string;
  /** For the connection, and for each statement unless it says otherwise. */
  readonly timeoutMs: number;
  readonly lockTimeoutMs: number;
  /** Aborting it cuts the session at once: the time-outs end what still runs on the server. */
  readonly signal: AbortSignal;
}

/** Reads on one session, each statement in a read-only transaction of its own. */
export type ShortSession = CatalogReader;

/**
 * Opens one session, works with it, and closes it. Throws what `target_session_attrs` and the guard of a read-only
 * connection refuse, as opening the connection would.
 */
export async function runShortSession<Value>(
  connection: Connection,
  given: ConnectParameters,
  options: ShortSessionOptions,
  work: (session: ShortSession) => Promise<Value>,
): Promise<Value> {
  const { signal, timeoutMs } = options;
  const parameters: ConnectParameters = {
    ...given,
    applicationName: options.applicationName,
    connectTimeoutMs: Math.min(timeoutMs, given.connectTimeoutMs),
    settings: {
      ...given.settings,
      jit: 'off',
      statement_timeout: String(timeoutMs),
      lock_timeout: String(options.lockTimeoutMs),
      idle_in_transaction_session_timeout: String(2 * timeoutMs),
    },
  };
  signal.throwIfAborted();
  const opening = firstSession(parameters, signal);
  // Whatever comes after the caller has left is closed.
  const { session, facts } = await untilAborted(opening, signal, () => {
    void opening.then(
      ({ session: late }) => cutSession(late.client),
      () => {},
    );
  });
  const { client } = session;
  const cut = () => cutSession(client);
  signal.addEventListener('abort', cut, { once: true });
  try {
    refuseUnsafeGuard(connection, facts);
    const rows = <Row extends object>(sql: string, read: ReadOptions = {}) =>
      readOnce<Row>(client, { ...session.parameters, settings: parameters.settings }, facts.pooling, sql, {
        timeoutMs,
        ...read,
      });
    return await untilAborted(work({ server: facts.server, rows }), signal, cut);
  } finally {
    signal.removeEventListener('abort', cut);
    if (!signal.aborted) await endSoon(client);
  }
}

async function readOnce<Row extends object>(
  client: pg.Client,
  parameters: ConnectParameters,
  pooling: Pooling,
  sql: string,
  read: ReadOptions & { readonly timeoutMs: number },
): Promise<Row[]> {
  // A dead network answers nothing, not even the server's own time-out.
  const watchdog = setTimeout(() => cutSession(client), read.timeoutMs + 1000);
  const inTransaction = pooling !== 'statement';
  try {
    if (inTransaction) {
      const settings = pooling === 'none' ? '' : transactionSettings(parameters);
      await client.query(
        ['begin read only', settings, `set local statement_timeout = ${Math.round(read.timeoutMs)}`]
          .filter(Boolean)
          .join('; '),
      );
    }
    return (await client.query<Row>(sql, read.values ? [...read.values] : undefined)).rows;
  } finally {
    clearTimeout(watchdog);
    if (inTransaction) await client.query('rollback').catch(() => {});
  }
}

/** Says goodbye, and leaves without an answer where none comes. */
async function endSoon(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => cutSession(client), 1000);
  await client.end().catch(() => {});
  clearTimeout(timer);
}
