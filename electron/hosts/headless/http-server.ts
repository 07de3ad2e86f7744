import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { Duplex } from 'node:stream';

import { RPCHandler } from '@orpc/server/ws';
import { type WebSocket, WebSocketServer } from 'ws';

import type { Router } from '../../rpc/router.ts';
import { contentSecurityPolicy, findRendererFile } from '../renderer-files.ts';

const cookieName = 'steward_session';
/** Plans of up to 200 MB are pasted. */
const maxMessageBytes = 256 * 1024 * 1024;

export interface HeadlessServer extends AsyncDisposable {
  readonly port: number;
  /** Opens the app once: the token in it is exchanged for a cookie. */
  readonly url: string;
}

/**
 * Serves the renderer and the contract on the loopback interface, to whoever has the one-time token.
 * Requests with a foreign Host (DNS rebinding) or Origin (another site) are refused before anything else is looked at.
 */
export async function startHttpServer(options: {
  router: Router;
  assets: string;
  port: number;
}): Promise<HeadlessServer> {
  const gate = new Gate();
  const rpc = new RPCHandler(options.router);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, perMessageDeflate: false });
  const server = createServer((request, response) => {
    answer(request, response, gate, options.assets).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on('upgrade', (request, socket, head) => {
    const refusal = gate.refuse(request) ?? (request.url === '/rpc' ? gate.refuseStranger(request) : 404);
    if (refusal !== undefined) {
      refuseUpgrade(socket, refusal);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      webSocket.on('error', () => webSocket.terminate());
      void rpc.upgrade(webSocket, { context: {} });
    });
  });
  await listen(server, options.port);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  gate.port = address.port;
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}/?token=${gate.token}`,
    [Symbol.asyncDispose]: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Who may come in. */
class Gate {
  port = 0;
  #token: string | undefined = randomBytes(24).toString('base64url');
  readonly #sessions = new Set<string>();

  get token(): string {
    return this.#token ?? '';
  }

  /** A status when the request is not from this machine's own page; undefined when it may go on. */
  refuse(request: IncomingMessage): number | undefined {
    const hosts = [`127.0.0.1:${this.port}`, `localhost:${this.port}`, `[::1]:${this.port}`];
    const { host, origin } = request.headers;
    if (host === undefined || !hosts.includes(host)) return 421;
    if (origin !== undefined && !hosts.some((own) => origin === `http://${own}`)) return 403;
    if (request.headers['sec-fetch-site'] === 'cross-site') return 403;
    return undefined;
  }

  refuseStranger(request: IncomingMessage): number | undefined {
    return this.knows(request) ? undefined : 401;
  }

  knows(request: IncomingMessage): boolean {
    const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
    const value = cookies.find((cookie) => cookie.startsWith(`${cookieName}_${this.port}=`))?.split('=')[1];
    return value !== undefined && [...this.#sessions].some((session) => same(session, value));
  }

  /** A new session's cookie for the token, which then is spent; undefined for a wrong or spent one. */
  exchange(token: string): string | undefined {
    if (this.#token === undefined || !same(this.#token, token)) return undefined;
    this.#token = undefined;
    const session = randomBytes(32).toString('base64url');
    this.#sessions.add(session);
    return `${cookieName}_${this.port}=${session}; HttpOnly; SameSite=Strict; Path=/`;
  }
}

function same(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}

async function answer(request: IncomingMessage, response: ServerResponse, gate: Gate, assets: string): Promise<void> {
  response.setHeader('Content-Security-Policy', contentSecurityPolicy);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  const refusal = gate.refuse(request);
  if (refusal !== undefined) return say(response, refusal, 'Steward answers only its own page on this machine.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(response, 405, 'Only GET.');
  const url = new URL(request.url ?? '/', `http://127.0.0.1:${gate.port}`);
  const token = url.searchParams.get('token');
  if (url.pathname === '/' && token !== null && !gate.knows(request)) {
    const cookie = gate.exchange(token);
    if (cookie === undefined)
      return say(response, 401, 'This link was used already. Start Steward again for a new one.');
    response.writeHead(302, { 'Set-Cookie': cookie, Location: '/', 'Cache-Control': 'no-store' });
    response.end();
    return;
  }
  if (url.pathname === '/' && token !== null) {
    response.writeHead(302, { Location: '/', 'Cache-Control': 'no-store' });
    response.end();
    return;
  }
  if (!gate.knows(request)) return say(response, 401, 'Open the link that Steward printed when it started.');
  await sendFile(response, assets, url.pathname);
}

async function sendFile(response: ServerResponse, assets: string, pathname: string): Promise<void> {
  const found = await findRendererFile(pathname, assets);
  if (!found) return say(response, 404, 'Not found.');
  response.writeHead(200, {
    'Content-Type': found.type,
    'Content-Length': found.sizeBytes,
    // What the build names by its content never changes.
    'Cache-Control': pathname.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
  });
  createReadStream(found.file)
    .on('error', () => response.destroy())
    .pipe(response);
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' });
  response.end(`${text}\n`);
}

function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}
