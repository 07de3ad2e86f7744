import { type Server, Socket, createServer } from 'node:net';

/**
 * `pass` carries bytes. `stall` is a network that went away without a word: connections are taken and stay open, and
 * nothing gets through, not even an end. `refuse`: nothing listens on the port; what is open stays open.
 */
export type TcpProxyMode = 'pass' | 'stall' | 'refuse';

/** A bad network in front of a server, for tests. */
export interface TcpProxy extends AsyncDisposable {
  readonly host: string;
  /** Stays the same. */
  readonly port: number;
  readonly mode: TcpProxyMode;
  /** How many connections are open now, and how many there ever were. */
  readonly open: number;
  readonly accepted: number;
  /** Bytes that came through, to the target and back. */
  readonly bytes: { readonly up: number; readonly down: number };
  /** From `stall` to `pass` everything that was held goes through. */
  setMode(mode: TcpProxyMode): Promise<void>;
  /** Resets every open connection, as a router that was restarted does. */
  cut(): void;
}

/** Starts a proxy on a free loopback port. */
export async function startTcpProxy(options: {
  target: { host?: string; port: number };
  mode?: TcpProxyMode;
}): Promise<TcpProxy> {
  const host = '127.0.0.1';
  const target = { host: options.target.host ?? host, port: options.target.port };
  const pairs = new Set<Pair>();
  const bytes = { up: 0, down: 0 };
  let mode: TcpProxyMode = options.mode ?? 'pass';
  let accepted = 0;
  const accept = (client: Socket) => {
    accepted += 1;
    const pair = new Pair(client, target, bytes, () => pairs.delete(pair));
    pairs.add(pair);
    if (mode === 'stall') pair.hold();
    else pair.release();
  };
  let server: Server | undefined = await listen(host, 0, accept);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const { port } = address;
  const setMode = async (next: TcpProxyMode) => {
    mode = next;
    if (next === 'refuse') {
      await close(server);
      server = undefined;
    } else {
      server ??= await listen(host, port, accept);
    }
    for (const pair of pairs) {
      if (next === 'stall') pair.hold();
      else pair.release();
    }
  };
  const cut = () => {
    for (const pair of pairs) pair.reset();
  };
  if (mode !== 'pass') await setMode(mode);
  return {
    host,
    port,
    bytes,
    setMode,
    cut,
    get mode() {
      return mode;
    },
    get open() {
      return pairs.size;
    },
    get accepted() {
      return accepted;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      await close(server);
    },
  };
}

/** A client and the connection made for it, once something may pass. */
class Pair {
  readonly #client: Socket;
  readonly #upstream = new Socket({ allowHalfOpen: true });
  readonly #target: { host: string; port: number };
  readonly #onClosed: () => void;
  #held = true;
  #closed = false;

  constructor(
    client: Socket,
    target: { host: string; port: number },
    bytes: { up: number; down: number },
    onClosed: () => void,
  ) {
    this.#client = client;
    this.#target = target;
    this.#onClosed = onClosed;
    this.#carry(client, this.#upstream, (count) => (bytes.up += count));
    this.#carry(this.#upstream, client, (count) => (bytes.down += count));
    client.pause();
  }

  hold(): void {
    this.#held = true;
    this.#client.pause();
    this.#upstream.pause();
  }

  release(): void {
    this.#held = false;
    if (this.#client.destroyed || (this.#upstream.destroyed && !this.#upstream.connecting)) {
      this.#close();
      return;
    }
    if (this.#upstream.pending && !this.#upstream.connecting) this.#upstream.connect(this.#target);
    this.#client.resume();
    this.#upstream.resume();
  }

  reset(): void {
    this.#closed = true;
    this.#client.resetAndDestroy();
    this.#upstream.destroy();
    this.#onClosed();
  }

  #carry(from: Socket, to: Socket, count: (bytes: number) => void): void {
    from.on('data', (chunk: Buffer) => {
      count(chunk.length);
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (!this.#held) from.resume();
    });
    from.on('end', () => to.end());
    from.on('error', () => {});
    from.on('close', () => {
      if (!this.#held) this.#close();
    });
  }

  /** One side has closed for good: what it sent is delivered, and the other is closed. */
  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#client.destroySoon();
    this.#upstream.destroySoon();
    this.#onClosed();
  }
}

async function listen(host: string, port: number, accept: (client: Socket) => void): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, accept);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

async function close(server: Server | undefined): Promise<void> {
  // Stops listening at once. Connections that are open may outlive it, so there is nothing to wait for.
  server?.close();
  await new Promise((resolve) => setImmediate(resolve));
}
