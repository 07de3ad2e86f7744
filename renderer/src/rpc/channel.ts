import type { ClientContext, ClientLink } from '@orpc/client';
import { RPCLink as MessagePortLink } from '@orpc/client/message-port';
import { RPCLink as WebSocketLink } from '@orpc/client/websocket';
import { create } from 'zustand';

import { ChannelLostError } from './failure.ts';

export type ChannelState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  /** The channel was lost; the next try is at `retryAt` (ms since the epoch). */
  | { readonly kind: 'reconnecting'; readonly attempt: number; readonly retryAt: number }
  /** Steward was started anew, and does not know this page: it takes the new link. */
  | { readonly kind: 'stranger' };

type Link = ClientLink<ClientContext>;

/** The state of the channel to Steward's own service, not to any PostgreSQL server. */
export const useChannelStore = create<{ readonly state: ChannelState }>(() => ({ state: { kind: 'connecting' } }));

const callPatienceMs = 8_000;
const longestBackOffMs = 10_000;

let current: Link | null = null;
let waiting: (() => void)[] = [];

/** A link whose calls go to whichever channel is open, waiting a little for one that is not. */
export const link: Link = {
  async call(path, input, options) {
    const channel = current ?? (await nextChannel(options.signal));
    try {
      return await channel.call(path, input, options);
    } catch (error) {
      if (current !== channel && options.signal?.aborted !== true) throw lostDuringCall();
      throw error;
    }
  },
};

/** Opens the channel: a port handed over by the desktop's preload, else a WebSocket to where the page came from. */
export function openChannel(): void {
  if ('steward' in window) listenForPort();
  else connectSocket(0);
}

/** Tries again at once instead of waiting for the back-off. */
export function reconnectNow(): void {
  retry?.();
}

let retry: (() => void) | null = null;
let cancelRetry: (() => void) | null = null;

function lostDuringCall(): ChannelLostError {
  return new ChannelLostError('The connection to Steward’s service was lost.');
}

async function nextChannel(signal: AbortSignal | undefined): Promise<Link> {
  await new Promise<void>((resolve, reject) => {
    const timer = window.setTimeout(
      () => reject(new ChannelLostError('Steward’s service does not answer.')),
      callPatienceMs,
    );
    signal?.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError')), { once: true });
    waiting.push(() => {
      window.clearTimeout(timer);
      resolve();
    });
  });
  if (current === null) throw new ChannelLostError('Steward’s service does not answer.');
  return current;
}

function opened(newLink: Link): void {
  current = newLink;
  useChannelStore.setState({ state: { kind: 'open' } });
  const callers = waiting;
  waiting = [];
  for (const proceed of callers) proceed();
}

function listenForPort(): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.source !== window || event.origin !== window.location.origin) return;
    if (typeof event.data !== 'object' || event.data === null) return;
    if (!('type' in event.data) || event.data.type !== 'steward:port') return;
    const port = event.ports[0];
    if (port === undefined) return;
    port.start();
    opened(new MessagePortLink({ port }));
  });
}

function connectSocket(attempt: number): void {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${window.location.host}/rpc`);
  let wasOpen = false;
  // Before the link listens too: its calls fail in that order, and must find the channel gone.
  socket.addEventListener('close', () => {
    current = null;
    scheduleRetry(wasOpen ? 0 : attempt + 1);
    if (!wasOpen) void stopIfStranger();
  });
  const socketLink = new WebSocketLink({ websocket: socket });
  socket.addEventListener('open', () => {
    wasOpen = true;
    opened(socketLink);
  });
}

/** A socket does not tell why it was refused; an answer to a plain request does. */
async function stopIfStranger(): Promise<void> {
  const answer = await fetch('/', { method: 'HEAD', cache: 'no-store' }).catch(() => null);
  if (answer?.status !== 401 || current !== null) return;
  cancelRetry?.();
  useChannelStore.setState({ state: { kind: 'stranger' } });
}

function scheduleRetry(attempt: number): void {
  const backOffMs = Math.min(longestBackOffMs, 250 * 2 ** attempt) * (0.8 + Math.random() * 0.4);
  useChannelStore.setState({ state: { kind: 'reconnecting', attempt, retryAt: Date.now() + backOffMs } });
  const timer = window.setTimeout(() => retry?.(), backOffMs);
  cancelRetry = () => window.clearTimeout(timer);
  retry = () => {
    window.clearTimeout(timer);
    retry = null;
    connectSocket(attempt);
  };
}
