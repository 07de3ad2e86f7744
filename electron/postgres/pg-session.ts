import { createConnection } from 'node:net';

import pg from 'pg';

import {
  type ConnectParameters,
  type Endpoint,
  type TargetSessionAttributes,
  clientConfig,
  socketAddress,
} from './connect-parameters.ts';
import { StewardError, toFailure } from './failure.ts';
import { type SslAttempt, sslAttempts } from './tls-options.ts';

const cancelRequestCode = 80_877_102;

export interface OpenSession {
  readonly client: pg.Client;
  readonly ssl: SslAttempt;
  /** What was given, narrowed to the server that answered. */
  readonly parameters: ConnectParameters;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal | undefined;
  /** What is known to work, instead of all that the sslmode allows. */
  readonly attempts?: readonly SslAttempt[];
}

/**
 * Opens one session, trying the hosts in turn and for each of them what its sslmode allows, in libpq's order.
 * A host that does not have the wanted `target_session_attrs` is left for the next one.
 * Throws the last attempt's error, which is the one that names the cause; with several hosts all of them are told.
 */
export async function connectClient(parameters: ConnectParameters, options: ConnectOptions = {}): Promise<OpenSession> {
  const candidates = endpointsOf(parameters);
  const wanted = parameters.targetSessionAttrs ?? 'any';
  const failures: { endpoint: ConnectParameters; error: unknown }[] = [];
  for (const pass of wanted === 'prefer-standby' ? (['standby', 'any'] as const) : [wanted]) {
    for (const endpoint of candidates) {
      let session: OpenSession;
      try {
        session = await connectEndpoint(endpoint, options);
      } catch (error) {
        if (options.signal?.aborted) throw error;
        failures.push({ endpoint, error });
        // A wrong password is not tried again elsewhere, as libpq does: accounts get locked that way.
        if (error instanceof pg.DatabaseError && /^(?:28P01|3D000)$/.test(error.code ?? '')) throw error;
        continue;
      }
      const mismatch =
        pass === 'any' ? undefined : await sessionMismatch(session.client, pass).catch((error: unknown) => error);
      if (mismatch === undefined) return session;
      failures.push({ endpoint, error: mismatch });
      await session.client.end().catch(() => {});
    }
  }
  const [first, ...others] = failures.slice(-candidates.length);
  if (others.length === 0) throw first?.error;
  throw severalHostsFailure(failures.slice(-candidates.length));
}

function endpointsOf(parameters: ConnectParameters): ConnectParameters[] {
  const { otherEndpoints = [], ...first } = parameters;
  return [first, ...otherEndpoints.map((endpoint) => ({ ...first, address: undefined, ...endpoint }))];
}

async function connectEndpoint(parameters: ConnectParameters, options: ConnectOptions): Promise<OpenSession> {
  let failure: unknown;
  for (const ssl of options.attempts ?? sslAttempts(parameters)) {
    options.signal?.throwIfAborted();
    const client = new pg.Client(clientConfig(parameters, ssl));
    // Without a listener a dropped session would end the process.
    client.on('error', () => {});
    const abort = () => void client.end().catch(() => {});
    options.signal?.addEventListener('abort', abort, { once: true });
    try {
      await client.connect();
      return { client, ssl, parameters };
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
    /TLS|SSL|certificate|CERT|ECONNRESET|EPROTO/.test(`${error.message} ${(error as NodeJS.ErrnoException).code}`)
  );
}

/**
 * Why this server is not the one that is wanted, or undefined when it is.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS
 */
async function sessionMismatch(
  client: pg.Client,
  wanted: Exclude<TargetSessionAttributes, 'any' | 'prefer-standby'>,
): Promise<StewardError | undefined> {
  // What we ourselves ask for at the start of a guarded session says nothing about the server.
  const { rows } = await client.query<{ standby: boolean; read_only: boolean }>(`
    select pg_catalog.pg_is_in_recovery() as standby,
           pg_catalog.pg_is_in_recovery() or
           (select setting = 'on' and source <> 'client' from pg_catalog.pg_settings
             where name = 'default_transaction_read_only') as read_only`);
  const { standby, read_only: readOnly } = rows[0] ?? { standby: false, read_only: false };
  const fits = {
    'read-write': !readOnly,
    'read-only': readOnly,
    primary: !standby,
    standby,
  }[wanted];
  if (fits) return undefined;
  return StewardError.of(
    'unreachable',
    `The server is ${standby ? 'a standby' : 'a primary'}${readOnly ? ', read-only' : ''}`,
    {
      hint: `The connection asks for target_session_attrs=${wanted}.`,
      retryable: true,
    },
  );
}

function severalHostsFailure(failures: readonly { endpoint: ConnectParameters; error: unknown }[]): StewardError {
  const told = failures.map(({ endpoint, error }) => ({
    at: `${endpoint.host}:${endpoint.port}`,
    failure: toFailure(error),
  }));
  const last = told.at(-1)?.failure;
  return new StewardError({
    code: last?.code ?? 'unreachable',
    message: `None of ${told.length} hosts can be used. ${told.map(({ at, failure }) => `${at}: ${failure.message}`).join('. ')}`,
    ...(last?.hint ? { hint: last.hint } : {}),
    retryable: told.some(({ failure }) => failure.retryable),
    ...(last?.question ? { question: last.question } : {}),
  });
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
export async function cancelStatement(client: pg.ClientBase, endpoint: Endpoint): Promise<void> {
  const { processId, secretKey } = backendKey(client);
  const key = typeof secretKey === 'number' ? int32(secretKey) : secretKey;
  const at = socketAddress(endpoint);
  const packet = Buffer.concat([int32(12 + key.length), int32(cancelRequestCode), int32(processId), key]);
  await new Promise<void>((resolve) => {
    const socket = at.host.startsWith('/')
      ? createConnection(`${at.host.replace(/\/$/, '')}/.s.PGSQL.${at.port}`)
      : createConnection(at.port, at.host);
    socket.setTimeout(5000, () => socket.destroy());
    socket.once('error', () => resolve());
    socket.once('close', () => resolve());
    // The other side closes when it has taken the request: a pooler forgets that of a client which left first.
    socket.once('connect', () => socket.write(packet));
    socket.resume();
  });
}

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value | 0);
  return buffer;
}

/** Cuts a session without asking: its socket is closed, and what waits for it fails as after a lost connection. */
export function cutSession(client: pg.Client): void {
  const { stream } = (client as unknown as { connection: { stream: { destroy(error: Error): void } } }).connection;
  stream.destroy(Object.assign(new Error('Connection terminated: the server did not answer'), { code: 'ECONNRESET' }));
}

/** How long a cancelled statement may take to answer before its session is given up: the network may be gone. */
const cancelGraceMs = 5000;

/**
 * Cancels what a session runs, and cuts the session when no answer comes: behind a network that swallows everything
 * neither the request nor the answer arrives, and a person who cancels must get the tab back.
 */
export function cancelOrCut(client: pg.Client, endpoint: Endpoint, ended: Promise<unknown>): void {
  void cancelStatement(client, endpoint);
  const timer = setTimeout(() => cutSession(client), cancelGraceMs);
  void ended.catch(() => {}).finally(() => clearTimeout(timer));
}

/**
 * Runs `work` with a signal that cancels the client's running statement on the server.
 * An abort before the start rejects with a `cancelled` failure.
 */
export async function cancellable<Value>(
  client: pg.Client,
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
  work: () => Promise<Value>,
): Promise<Value> {
  if (!signal) return work();
  if (signal.aborted) throw StewardError.of('cancelled', 'Cancelled', { retryable: true });
  const running = work();
  const abort = () => cancelOrCut(client, endpoint, running);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await running;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
