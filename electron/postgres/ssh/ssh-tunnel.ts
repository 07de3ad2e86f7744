import { type AddressInfo, type Server, type Socket, createServer } from 'node:net';
import { pipeline } from 'node:stream/promises';

import type { SshSettings } from '#contract/connections.ts';
import type { ClientChannel } from 'ssh2';

import { StewardError, toFailure } from '../failure.ts';
import type { KnownHosts } from './known-hosts-file.ts';
import { type LocalUser, currentLocalUser } from './local-user.ts';
import type { SshSecrets } from './ssh-authentication.ts';
import { RefusedPasswords } from './refused-passwords.ts';
import { readSshConfig } from './ssh-config-file.ts';
import { SshConnection } from './ssh-connection.ts';
import { planSshRoute } from './ssh-route.ts';

export interface SshTunnelOptions {
  readonly settings: SshSettings;
  readonly secrets: SshSecrets;
  readonly knownHosts: KnownHosts;
  /** Whose `~/.ssh` and agent are used; this process's user if left out. */
  readonly local?: LocalUser;
  /** For each step of each hop. */
  readonly connectTimeoutMs?: number;
  /** Between two pings. A connection that stays silent for three of them is lost. */
  readonly keepAliveMs?: number;
  /** Told when a connection that was there is gone. The next use builds it again. */
  readonly onLost?: (failure: StewardError) => void;
  /** Closes the tunnel for good. */
  readonly signal?: AbortSignal;
}

/** The near end of a way through the tunnel. */
export interface SshForward {
  readonly host: string;
  /** Stays the same as long as the tunnel. */
  readonly port: number;
  /** Why the last connection to this port was cut, if the tunnel was to blame. */
  readonly lastFailure: StewardError | undefined;
}

interface Attempt {
  readonly connection: Promise<SshConnection>;
  readonly abort: AbortController;
  waiting: number;
}

const loopback = '127.0.0.1';

/**
 * A tunnel as `ssh -L` makes one. `forward` gives a port on the loopback address for each target; whoever connects
 * there reaches the target. The SSH connection is made by `open` or by the first connection, shared by all, and made
 * again by the next connection after it was lost. A connection that cannot be served is reset; the reason is then
 * `lastFailure`.
 */
export class SshTunnel implements AsyncDisposable {
  readonly #options: SshTunnelOptions;
  readonly #local: LocalUser;
  readonly #closed = new AbortController();
  readonly #forwards = new Map<string, Promise<Forward>>();
  readonly #listening = new Set<Forward>();
  readonly #refusedPasswords = new RefusedPasswords();
  #connection: SshConnection | undefined;
  #attempt: Attempt | undefined;
  #lastFailure: StewardError | undefined;

  constructor(options: SshTunnelOptions) {
    this.#options = options;
    this.#local = options.local ?? currentLocalUser();
    const { signal } = options;
    if (!signal) return;
    const close = () => void this[Symbol.asyncDispose]();
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true, signal: this.#closed.signal });
  }

  /** Why the tunnel last failed: it could not be built, was lost, or could not reach a target. Undefined once it works. */
  get lastFailure(): StewardError | undefined {
    return this.#lastFailure;
  }

  /**
   * Connects now, all hops, or waits for the attempt that is under way. Throws a StewardError: `needs_answer` with a
   * question, `auth_failed`, `unreachable`, `bad_input`, `refused`, `input_output`.
   */
  async open(signal?: AbortSignal): Promise<void> {
    await this.#connected(signal);
  }

  /** A loopback port that leads to what the last SSH server reaches under this name. The same one for the same target. */
  async forward(host: string, port: number): Promise<SshForward> {
    this.#closed.signal.throwIfAborted();
    const target = `${host}:${port}`;
    const known = this.#forwards.get(target);
    if (known) return known;
    const opening = Forward.listen((socket, forward) => this.#serve(socket, forward, host, port));
    this.#forwards.set(target, opening);
    try {
      const forward = await opening;
      this.#listening.add(forward);
      return forward;
    } catch (error) {
      this.#forwards.delete(target);
      throw error;
    }
  }

  /** Closes the ports, everything that goes through them, and the SSH connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed.signal.aborted) this.#closed.abort(closedByUs());
    const forwards = await Promise.allSettled(this.#forwards.values());
    await Promise.all(forwards.map((forward) => (forward.status === 'fulfilled' ? forward.value.close() : undefined)));
    await this.#attempt?.connection.catch(() => {});
    await this.#connection?.[Symbol.asyncDispose]();
  }

  /** The connection, made if need be. All who ask at once share one attempt; when nobody waits any more it is given up. */
  async #connected(signal?: AbortSignal): Promise<SshConnection> {
    signal?.throwIfAborted();
    this.#closed.signal.throwIfAborted();
    if (this.#connection && !this.#connection.lost) return this.#connection;
    const attempt = (this.#attempt ??= this.#begin());
    attempt.waiting += 1;
    let onAbort = () => {};
    try {
      return await Promise.race([
        attempt.connection,
        new Promise<never>((_, reject) => {
          onAbort = () => reject(signal?.reason as Error);
          signal?.addEventListener('abort', onAbort, { once: true });
        }),
      ]);
    } finally {
      signal?.removeEventListener('abort', onAbort);
      attempt.waiting -= 1;
      if (attempt.waiting === 0) this.#abandon(attempt);
    }
  }

  #begin(): Attempt {
    const abort = new AbortController();
    const connection = this.#build(AbortSignal.any([abort.signal, this.#closed.signal])).then(
      async (built) => {
        if (abort.signal.aborted) {
          await built[Symbol.asyncDispose]();
          throw closedByUs();
        }
        this.#abandon(attempt);
        this.#connection = built;
        this.#lastFailure = undefined;
        return built;
      },
      (error: unknown) => {
        this.#abandon(attempt);
        const failure = asStewardError(error);
        if (failure.failure.code !== 'cancelled') this.#lastFailure = failure;
        throw failure;
      },
    );
    // Whoever waited may have gone.
    connection.catch(() => {});
    const attempt: Attempt = { connection, abort, waiting: 0 };
    return attempt;
  }

  /** The next one who asks begins a new attempt. */
  #abandon(attempt: Attempt): void {
    if (this.#attempt === attempt) this.#attempt = undefined;
    attempt.abort.abort(closedByUs());
  }

  async #build(signal: AbortSignal): Promise<SshConnection> {
    const { settings, secrets, knownHosts, onLost } = this.#options;
    const route = planSshRoute(settings, await readSshConfig(this.#local), this.#local);
    const options = {
      local: this.#local,
      secrets,
      knownHosts,
      refusedPasswords: this.#refusedPasswords,
      connectTimeoutMs: this.#options.connectTimeoutMs ?? 10_000,
      keepAliveMs: this.#options.keepAliveMs ?? 3500,
    };
    return SshConnection.open(route, options, signal, (failure) => {
      this.#lastFailure = failure;
      // Cut with a reset, so that nobody takes it for a proper end.
      for (const forward of this.#listening) forward.reset(failure);
      onLost?.(failure);
    });
  }

  async #serve(socket: Socket, forward: Forward, host: string, port: number): Promise<void> {
    const gone = new AbortController();
    socket.once('close', () => gone.abort(closedByUs()));
    try {
      const channel = await this.#channel(host, port, gone.signal);
      forward.lastFailure = undefined;
      this.#lastFailure = undefined;
      await join(socket, channel);
    } catch (error) {
      const failure = asStewardError(error);
      if (failure.failure.code !== 'cancelled') {
        forward.lastFailure = failure;
        this.#lastFailure = failure;
      }
      socket.resetAndDestroy();
    }
  }

  /** A connection that turns out to be dead only now is built again once: nothing has been sent through it yet. */
  async #channel(host: string, port: number, signal: AbortSignal): Promise<ClientChannel> {
    const connection = await this.#connected(signal);
    try {
      return await connection.openChannel(host, port, signal);
    } catch (error) {
      if (!connection.lost) throw error;
      return (await this.#connected(signal)).openChannel(host, port, signal);
    }
  }
}

/** A listening port and what is connected to it. */
class Forward implements SshForward {
  readonly host = loopback;
  readonly port: number;
  lastFailure: StewardError | undefined;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  static async listen(serve: (socket: Socket, forward: Forward) => Promise<void>): Promise<Forward> {
    const sockets = new Set<Socket>();
    // Half-open: a client may end its side and still read the answer.
    const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: loopback, port: 0, exclusive: true }, resolve);
    });
    const forward = new Forward(server, sockets);
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.on('error', () => {});
      void serve(socket, forward);
    });
    return forward;
  }

  reset(failure: StewardError): void {
    if (this.#sockets.size > 0) this.lastFailure = failure;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Carries both directions until both have ended. Each side is read only as fast as the other takes it. */
async function join(socket: Socket, channel: ClientChannel): Promise<void> {
  // The server has closed the channel: what it sent is still delivered, nothing more can be sent.
  channel.once('close', () => socket.destroySoon());
  await Promise.allSettled([pipeline(socket, channel), pipeline(channel, socket)]);
  channel.close();
  socket.destroy();
}

function closedByUs(): StewardError {
  return StewardError.of('cancelled', 'The SSH tunnel was closed.', { retryable: true });
}

function asStewardError(error: unknown): StewardError {
  return error instanceof StewardError ? error : new StewardError(toFailure(error), { cause: error });
}
