import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Client, ClientChannel } from 'ssh2';

import { StewardError } from '../failure.ts';
import { forwardFailure, hopUnreachable, quoteWords, socketFailure, tunnelLost } from './ssh-failure.ts';
import { type HopOptions, connectHop } from './ssh-hop-client.ts';
import type { SshHop } from './ssh-route.ts';

/** Pings that may stay without an answer before the connection counts as lost. */
const missedPings = 3;

interface Link {
  readonly hop: SshHop;
  readonly client: Client;
  readonly stream: Duplex;
}

/** A connection to the last server of a route, through all the others. Once lost it stays so. */
export class SshConnection implements AsyncDisposable {
  readonly #links: readonly Link[];
  readonly #connectTimeoutMs: number;
  readonly #onLost: (failure: StewardError) => void;
  readonly #watches: NodeJS.Timeout[] = [];
  #lost: StewardError | undefined;
  #closing = false;

  private constructor(links: readonly Link[], options: HopOptions, onLost: (failure: StewardError) => void) {
    this.#links = links;
    this.#connectTimeoutMs = options.connectTimeoutMs;
    this.#onLost = onLost;
    for (const link of links) this.#watch(link, pingIntervalMs(link.hop, options));
  }

  /** Connects hop by hop. Throws the failure of the hop that could not be passed; nothing is left open then. */
  static async open(
    route: readonly SshHop[],
    options: HopOptions,
    signal: AbortSignal,
    onLost: (failure: StewardError) => void,
  ): Promise<SshConnection> {
    const links: Link[] = [];
    try {
      for (const hop of route) {
        signal.throwIfAborted();
        const before = links.at(-1);
        const stream = before
          ? await openThrough(before, hop, options.connectTimeoutMs, signal)
          : await openSocket(hop, options.connectTimeoutMs, signal);
        const client = await connectHop(hop, stream, { ...options, keepAliveMs: pingIntervalMs(hop, options) }, signal);
        links.push({ hop, client, stream });
      }
      return new SshConnection(links, options, onLost);
    } catch (error) {
      await closeLinks(links);
      throw error;
    }
  }

  /** Why it is gone; undefined while it lives. */
  get lost(): StewardError | undefined {
    return this.#lost;
  }

  /** A stream to what the last server reaches under this name. Throws in the words of that server. */
  async openChannel(host: string, port: number, signal: AbortSignal): Promise<ClientChannel> {
    const last = this.#links.at(-1);
    if (!last || this.#lost) throw this.#lost ?? new Error('there is no hop');
    try {
      return await forward(last.client, host, port, this.#connectTimeoutMs, signal);
    } catch (error) {
      signal.throwIfAborted();
      // Between its end and its close the stream is dead already, and only the library knows.
      if ((error as Error).message === 'Not connected') this.#lose(tunnelLost(last.hop.name, 'the server closed it.'));
      if (this.#lost) throw this.#lost;
      throw forwardFailure(last.hop.name, `${host}:${port}`, error as Error, quoteWords(channelWords(error as Error)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#stopWatching();
    await closeLinks(this.#links);
  }

  #watch({ hop, client, stream }: Link, intervalMs: number): void {
    let why = 'the server closed it.';
    client.on('error', (error: Error) => {
      why = `${quoteWords(error.message)}.`;
    });
    // A stream through a jump host ends and stays half open; a socket may close without an end.
    const lose = () => this.#lose(tunnelLost(hop.name, why));
    client.once('end', lose);
    client.once('close', lose);
    let heard = true;
    let silent = 0;
    stream.on('data', () => {
      heard = true;
    });
    // Counted in ticks, not by the clock: after a sleep of the machine the server gets its time to answer.
    this.#watches.push(
      setInterval(() => {
        silent = heard ? 0 : silent + 1;
        heard = false;
        if (silent >= missedPings) {
          this.#lose(tunnelLost(hop.name, `no answer for ${(missedPings * intervalMs) / 1000} s.`));
        }
      }, intervalMs),
    );
  }

  #lose(failure: StewardError): void {
    if (this.#lost) return;
    this.#lost = failure;
    this.#stopWatching();
    if (!this.#closing) this.#onLost(failure);
    void closeLinks(this.#links);
  }

  #stopWatching(): void {
    for (const watch of this.#watches.splice(0)) clearInterval(watch);
  }
}

/** ServerAliveInterval keeps a connection through a firewall; it may ask for more pings, not for fewer. */
function pingIntervalMs(hop: SshHop, { keepAliveMs }: HopOptions): number {
  return Math.min(keepAliveMs, hop.serverAliveIntervalMs ?? keepAliveMs);
}

async function openSocket(hop: SshHop, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  const socket = new Socket();
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 10_000);
  try {
    await withLimit(
      timeoutMs,
      signal,
      new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
        socket.connect({ host: hop.host, port: hop.port });
      }),
      () => hopUnreachable(hop.name, `no answer within ${timeoutMs / 1000} s.`, 'Check host, port and firewalls.'),
    );
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    signal.throwIfAborted();
    throw error instanceof StewardError ? error : socketFailure(hop.name, error as Error);
  }
  // A socket between two listeners must not end the process.
  socket.on('error', () => {});
  return socket;
}

async function openThrough(before: Link, hop: SshHop, timeoutMs: number, signal: AbortSignal): Promise<Duplex> {
  try {
    return await forward(before.client, hop.host, hop.port, timeoutMs, signal);
  } catch (error) {
    signal.throwIfAborted();
    const words = quoteWords(channelWords(error as Error));
    throw hopUnreachable(
      hop.name,
      `the jump host ${before.hop.name} says: ${words}`,
      `Host and port are looked up from ${before.hop.name}, not from here. It must allow forwarding (AllowTcpForwarding).`,
      error,
    );
  }
}

async function forward(
  client: Client,
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ClientChannel> {
  let given = false;
  const opening = new Promise<ClientChannel>((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      if (error) reject(error);
      // Too late: nobody waits for it any more.
      else if (given) channel.close();
      else resolve(channel);
    });
  });
  try {
    return await withLimit(timeoutMs, signal, opening, () => new Error(`no answer within ${timeoutMs / 1000} s`));
  } finally {
    given = true;
  }
}

/** The promise, but no longer than that and not after the signal. */
async function withLimit<Value>(
  timeoutMs: number,
  signal: AbortSignal,
  promise: Promise<Value>,
  expired: () => Error,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(expired()), timeoutMs);
        onAbort = () => reject(signal.reason as Error);
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) onAbort();
      }),
    ]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Without what ssh2 puts in front. */
function channelWords({ message }: Error): string {
  return message.replace(/^\(SSH\) Channel open failure: /, '');
}

/** Says goodbye to each server, innermost first, and cuts the line. What they had open ends with it. */
async function closeLinks(links: readonly Link[]): Promise<void> {
  for (const { client } of links.toReversed()) client.end();
  const [first] = links;
  if (!first || first.stream.closed) return;
  const closed = new Promise<void>((resolve) => {
    first.stream.once('close', resolve);
  });
  first.stream.destroy();
  await closed;
}
