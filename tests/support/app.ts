import { rm } from 'node:fs/promises';
import { MessageChannel } from 'node:worker_threads';

import { createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { RPCHandler as PortHandler } from '@orpc/server/message-port';
import { WebSocket } from 'ws';

import type { Contract } from '#contract/index.ts';
import type { ConnectionDraft } from '#contract/connections.ts';
import type { Job } from '#contract/jobs.ts';

import { startHttpServer } from '../../electron/hosts/headless/http-server.ts';
import { places } from '../../electron/hosts/places.ts';
import { createRouter } from '../../electron/rpc/router.ts';
import { type Services, createServices } from '../../electron/services/index.ts';
import type { StoreMode } from '../../electron/services/history/index.ts';
import type { SecretStore } from '../../electron/services/secrets/index.ts';
import type { TestServer } from './postgres-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

export { temporaryFolder };

export type AppClient = ContractRouterClient<Contract>;
export type Transport = 'WebSocket' | 'MessagePort';
export const transports: readonly Transport[] = ['WebSocket', 'MessagePort'];

/** The whole app behind a transport, as a renderer sees it. */
export interface TestApp extends AsyncDisposable {
  readonly client: AppClient;
  readonly services: Services;
  readonly dataDirectory: string;
  /** What the log was given. */
  readonly logged: string[];
  /** Every message that reached the client's side of a WebSocket. */
  readonly received: string[];
  /** Cuts the channel, as a closed window does. */
  disconnect(): void;
}

export async function startApp(
  options: {
    transport?: Transport;
    storeMode?: StoreMode;
    dataDirectory?: string;
    storeUrl?: string;
    keychain?: SecretStore;
    keychainRefusal?: string;
  } = {},
): Promise<TestApp> {
  const dataDirectory = options.dataDirectory ?? (await temporaryFolder());
  const logged: string[] = [];
  const services = await createServices({
    kind: 'headless',
    version: places.version,
    dataDirectory,
    assets: places.assets,
    storeUrl: options.storeUrl,
    storeMode: options.storeMode ?? 'none',
    keychain: options.keychain,
    keychainRefusal: options.keychainRefusal,
    log: (message, error) => logged.push(`${message} ${error instanceof Error ? error.message : ''}`),
  });
  if (options.storeMode === 'own') services.store.start();
  const router = createRouter(services);
  const received: string[] = [];
  const channel = options.transport === 'MessagePort' ? portChannel(router) : await socketChannel(router, received);
  return {
    client: channel.client,
    services,
    dataDirectory,
    logged,
    received,
    disconnect: channel.disconnect,
    [Symbol.asyncDispose]: async () => {
      await channel.close();
      await services[Symbol.asyncDispose]();
      if (options.dataDirectory === undefined) await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}

type Router = ReturnType<typeof createRouter>;

function portChannel(router: Router) {
  const { port1, port2 } = new MessageChannel();
  new PortHandler(router).upgrade(port1 as never, { context: {} });
  port1.start();
  port2.start();
  const client: AppClient = createORPCClient(new PortLink({ port: port2 as never }));
  return {
    client,
    disconnect: () => port2.close(),
    close: async () => {
      port1.close();
      port2.close();
    },
  };
}

async function socketChannel(router: Router, received: string[]) {
  const server = await startHttpServer({ router, assets: places.renderer, port: 0 });
  const { socket } = await openSocket(server.url);
  socket.on('message', (data) => received.push(String(data)));
  const client: AppClient = createORPCClient(new SocketLink({ websocket: socket as never }));
  return {
    client,
    disconnect: () => socket.terminate(),
    close: async () => {
      socket.terminate();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Exchanges the one-time link for a cookie and opens the socket with it, as the page does. */
export async function openSocket(url: string): Promise<{ socket: WebSocket; cookie: string }> {
  const answer = await fetch(url, { redirect: 'manual' });
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const { host } = new URL(url);
  const socket = new WebSocket(`ws://${host}/rpc`, { headers: { cookie, origin: `http://${host}` } });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  return { socket, cookie };
}

/** What the connection form would send for a test server. */
export function draftFor(server: TestServer, changes: Partial<ConnectionDraft> = {}): ConnectionDraft {
  return {
    name: `test ${server.major}`,
    environment: 'development',
    color: 'blue',
    host: server.host,
    port: server.port,
    database: server.adminDatabase,
    user: server.user,
    password: server.password,
    sslMode: 'prefer',
    readOnly: false,
    rememberPassword: false,
    ...changes,
  };
}

/** Waits until a job has ended, and answers it. */
export async function jobEnd(client: AppClient, jobId: string): Promise<Job> {
  for await (const jobs of await client.jobs.watch()) {
    const job = jobs.find(({ id }) => id === jobId);
    if (job && job.state !== 'running') return job;
  }
  throw new Error('the jobs ended without this one');
}

/** Every value of a stream. */
export async function collect<Value>(stream: AsyncIterable<Value>): Promise<Value[]> {
  const values: Value[] = [];
  for await (const value of stream) values.push(value);
  return values;
}
