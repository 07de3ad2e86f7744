import type { ServiceState } from '#contract/settings.ts';
import type { EntityManager, MikroORM } from '@mikro-orm/postgresql';

import { StewardError, toFailure } from '../../postgres/failure.ts';
import type { LocalServer } from '../../postgres/local-server.ts';
import { connectClient } from '../../postgres/pg-session.ts';
import type * as storeRecords from '../../store/index.ts';
import { parseConnectionUrl } from '../connections/index.ts';
import { LiveValue } from '../live-value.ts';

const storeDatabase = 'steward';

/**
 * `own`: this process starts the local server and stops it at its end. `share`: another process runs it.
 * `none`: a command line without a store; nothing is kept.
 */
export type StoreMode = 'own' | 'share' | 'none';

/**
 * Starts the local server and opens the store on it, or on STEWARD_STORE_URL. Runs in the background: the app works
 * without, and what needs history says why there is none.
 */
export class StoreKeeper implements AsyncDisposable {
  readonly localServerState = new LiveValue<ServiceState>({ kind: 'stopped' });
  readonly storeState = new LiveValue<ServiceState>({ kind: 'stopped' });
  readonly #localServer: LocalServer;
  readonly #storeUrl: string | undefined;
  readonly #mode: StoreMode;
  #orm: Promise<MikroORM> | undefined;
  #server: Promise<void> | undefined;

  constructor(localServer: LocalServer, storeUrl: string | undefined, mode: StoreMode) {
    this.#localServer = localServer;
    this.#mode = mode;
    this.#storeUrl = storeUrl || undefined;
  }

  /** Begins to open the store. Never throws: how it went is in the two states. */
  start(): void {
    this.#open().catch(() => {});
  }

  /** Tries again after a failure, or after the local server died. */
  async restart(): Promise<void> {
    await this.#localServer.refresh();
    if (
      this.storeState.value.kind === 'failed' ||
      this.localServerState.value.kind === 'failed' ||
      !this.#localServer.parameters
    ) {
      const orm = this.#orm;
      this.#orm = undefined;
      this.#server = undefined;
      await (await orm?.catch(() => undefined))?.close(true).catch(() => {});
    }
    await this.startLocalServer();
    await this.#open();
  }

  /** The local server, started if need be: the sample database and rehearsals live on it. */
  async startLocalServer(): Promise<void> {
    await this.#localServer.refresh();
    // It was there and has died since: whoever asks for it gets it again.
    if (this.localServerState.value.kind === 'ready' && !this.#localServer.parameters) this.#server = undefined;
    this.#server ??= (async () => {
      this.localServerState.set({ kind: 'starting', step: 'Starting' });
      try {
        const { host } = await this.#localServer.start((step) => this.localServerState.set({ kind: 'starting', step }));
        this.localServerState.set({ kind: 'ready', detail: `PostgreSQL 18 on ${host}` });
      } catch (error) {
        this.#server = undefined;
        this.localServerState.set({ kind: 'failed', failure: toFailure(error) });
        throw error;
      }
    })();
    await this.#server;
  }

  /** A fresh entity manager on the store, and its entities. Waits while it is opening; throws `store_unavailable` when it cannot be had. */
  async entities(): Promise<{ em: EntityManager; records: typeof storeRecords }> {
    try {
      const em = (await this.#open()).em.fork() as EntityManager;
      return { em, records: await loadStore() };
    } catch (error) {
      const { message } = toFailure(error);
      throw StewardError.of('store_unavailable', `There is no history now: ${message}`, {
        hint: 'See Settings for the state of the local server and start it again there.',
        retryable: true,
        cause: error,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const orm = await this.#orm?.catch(() => undefined);
    await orm?.close(true).catch(() => {});
    await this.#server?.catch(() => {});
    if (this.#mode !== 'share') await this.#localServer.stop();
  }

  async #open(): Promise<MikroORM> {
    this.#orm ??= this.#openOnce().catch((error: unknown) => {
      this.#orm = undefined;
      this.storeState.set({ kind: 'failed', failure: toFailure(error) });
      throw error;
    });
    return this.#orm;
  }

  async #openOnce(): Promise<MikroORM> {
    if (this.#mode === 'none' && this.#storeUrl === undefined)
      throw StewardError.of('store_unavailable', 'this command keeps no history');
    this.storeState.set({ kind: 'starting', step: 'Opening the store' });
    const { openStore } = await loadStore();
    const orm = await openStore(this.#storeUrl === undefined ? await this.#localStore() : storeAddress(this.#storeUrl));
    this.storeState.set({
      kind: 'ready',
      detail: this.#storeUrl === undefined ? 'on the local server' : 'at STEWARD_STORE_URL',
    });
    return orm;
  }

  async #localStore(): Promise<storeRecords.StoreAddress> {
    await this.startLocalServer();
    const parameters = this.#localServer.parameters;
    if (!parameters) throw StewardError.of('store_unavailable', 'The local server is not running', { retryable: true });
    const { client } = await connectClient(parameters);
    try {
      const found = await client.query('select from pg_catalog.pg_database where datname = $1', [storeDatabase]);
      // Two hosts may come here at once; 42P04 means that the other one was first.
      if (found.rowCount === 0)
        await client.query(`create database ${storeDatabase}`).catch((error: { code?: string }) => {
          if (error.code !== '42P04' && error.code !== '23505') throw error;
        });
    } finally {
      await client.end();
    }
    return { ...parameters, database: storeDatabase, ssl: false };
  }
}

/** MikroORM takes half a second to load: not before the window is there. */
function loadStore(): Promise<typeof storeRecords> {
  return import('../../store/index.ts');
}

function storeAddress(url: string): storeRecords.StoreAddress {
  const { fields } = parseConnectionUrl(url);
  const { host = 'localhost', port = 5432, user = 'postgres', database = 'postgres', password, sslMode } = fields;
  const encrypted = sslMode === 'require' || sslMode === 'verify-ca' || sslMode === 'verify-full';
  return {
    host,
    port,
    user,
    database,
    password,
    ssl: encrypted ? { rejectUnauthorized: sslMode !== 'require' } : false,
  };
}
