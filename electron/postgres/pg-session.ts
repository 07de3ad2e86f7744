import { createConnection } from 'node:net';

import pg from 'pg';

import { type ConnectParameters, type SslAttempt, clientConfig, sslAttempts } from './connect-parameters.ts';
import { StewardError } from './failure.ts';

const cancelRequestCode = 80_877_102;

/**
 * Opens one session, trying what its sslmode allows in libpq's order.
 * Throws the last attempt's error, which is the one that names the cause.
 */
export async function connectClient(
  parameters: ConnectParameters,
  options: { signal?: AbortSignal | undefined; attempts?: readonly SslAttempt[] } = {},
): Promise<{ client: pg.Client; ssl: SslAttempt }> {
  const attempts = options.attempts ?? sslAttempts(parameters);
  let failure: unknown;
  for (const ssl of attempts) {
    options.signal?.throwIfAborted();
    const client = new pg.Client(clientConfig(parameters, ssl));
    // Without a listener a dropped session would end the process.
    client.on('error', () => {});
    const abort = () => void client.end().catch(() => {});
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      await client.connect();
      return { client, ssl };
    } catch (error) {
      failure = error;
      void client.end().catch(() => {});
      if (options.signal?.aborted) throw options.signal.reason;
      if (!mayTryNext(error, ssl)) break;
    } finally {
      options.signal?.removeEventListener('abort', abort);
    }
  }
  throw failure;
}

/** libpq goes on to the next attempt when TLS itself failed, or when pg_hba.conf refused this kind of connection. */
function mayTryNext(error: unknown, ssl: SslAttempt): boolean {
  if (error instanceof pg.DatabaseError) return error.code === '28000';
  return (
    ssl !== false &&
    error instanceof Error &&
    /does not support SSL|TLS|SSL|ECONNRESET|EPROTO/.test(`${error.message} ${(error as NodeJS.ErrnoException).code}`)
  );
}

/** What pg keeps of BackendKeyData and tells nowhere in its types. */
function backendKey(client: pg.ClientBase): { processId: number; secretKey: number | Buffer } {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number | Buffer };
  return { processId: processID, secretKey };
}

/** The process id of the backend that serves this client. */
export function backendPid(client: pg.ClientBase): number {
  return backendKey(client).processId;
}

/**
 * Asks the server to cancel what a session runs now, through a connection of its own.
 * Resolves when the server has taken the request; the statement then fails with SQLSTATE 57014.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export async function cancelStatement(
  client: pg.ClientBase,
  at: Pick<ConnectParameters, 'host' | 'port'>,
): Promise<void> {
  const { processId, secretKey } = backendKey(client);
  const key = typeof secretKey === 'number' ? int32(secretKey) : secretKey;
  const packet = Buffer.concat([int32(12 + key.length), int32(cancelRequestCode), int32(processId), key]);
  await new Promise<void>((resolve) => {
    const socket = at.host.startsWith('/')
      ? createConnection(`${at.host.replace(/\/$/, '')}/.s.PGSQL.${at.port}`)
      : createConnection(at.port, at.host);
    socket.setTimeout(5000, () => socket.destroy());
    socket.once('error', () => resolve());
    socket.once('close', () => resolve());
    socket.once('connect', () => socket.end(packet));
  });
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value | 0);
  return buffer;
}

/**
 * Runs `work` with a signal that cancels the client's running statement on the server.
 * After an abort the promise rejects with a `cancelled` failure even if the server finished first.
 */
export async function cancellable<Value>(
  client: pg.ClientBase,
  at: Pick<ConnectParameters, 'host' | 'port'>,
  signal: AbortSignal | undefined,
  work: () => Promise<Value>,
): Promise<Value> {
  if (!signal) return work();
  if (signal.aborted) throw StewardError.of('cancelled', 'Cancelled', { retryable: true });
  const abort = () => void cancelStatement(client, at);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await work();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
