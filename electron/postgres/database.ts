import type { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';

import type { CatalogReader, ReadOptions, ServerFacts } from './catalog-reader.ts';
import {
  type ConnectParameters,
  type Endpoint,
  clientConfig,
  startedSetting,
  transactionSettings,
} from './connect-parameters.ts';
import { toFailure } from './failure.ts';
import { type OpenSession, cancelOrCut, connectClient } from './pg-session.ts';

/** How sessions are handed out between us and the server. */
export type Pooling = 'none' | 'transaction' | 'statement';

export interface OpenOptions {
  readonly poolSize?: number;
  readonly signal?: AbortSignal;
  /** Asked before each new session, for passwords that expire. */
  readonly freshPassword?: (endpoint: Endpoint) => Promise<string | undefined>;
  /** Told when an idle session of the pool was lost. */
  readonly onLost?: (error: Error) => void;
}

/** A pooled session that has been idle for longer is asked for a sign of life before it is used. */
const trustedIdleMs = 3000;
const signOfLifeMs = 2000;

/** client_connection_check_interval, of PostgreSQL 14 and later on Linux. */
const orphanCheckMs = '5000';

/**
 * An open database: a small pool for catalogs and statistics, held by a MikroORM instance without entities,
 * and the means to open sessions of their own beside it.
 */
export class Database implements AsyncDisposable {
  /** Narrowed to the server that was taken. */
  readonly parameters: ConnectParameters;
  readonly server: ServerFacts;
  readonly encrypted: boolean;
  /** What stands between: a pooler that hands out its server sessions by transaction or by statement. */
  readonly pooling: Pooling;
  readonly #noticesLoss: boolean;
  readonly #orm: MikroORM;
  readonly #pool: pg.Pool;
  readonly #session: OpenSession;
  readonly #options: OpenOptions;
  readonly #lastUse = new WeakMap<pg.PoolClient, number>();

  private constructor(session: OpenSession, facts: SessionFacts, orm: MikroORM, pool: pg.Pool, options: OpenOptions) {
    this.parameters = session.parameters;
    this.server = facts.server;
    this.pooling = facts.pooling;
    this.#noticesLoss = facts.noticesLoss;
    this.encrypted = session.ssl !== false;
    this.#session = session;
    this.#orm = orm;
    this.#pool = pool;
    this.#options = options;
  }

  /** Connects, reads who and what is there, and keeps a pool for later. A misspelt database is an error, never created. */
  static async open(parameters: ConnectParameters, options: OpenOptions = {}): Promise<Database> {
    const { session, facts } = await firstSession(parameters, options.signal);
    await session.client.end().catch(() => {});
    const orm = await openOrm(session, options);
    const pool = (await orm.em.getConnection().getNativeClient()) as unknown as pg.Pool;
    // Without a listener a session that is lost while idle would end the process.
    pool.on('error', (error) => options.onLost?.(error));
    return new Database(session, facts, orm, pool, options);
  }

  /** Reads through the shared pool: many statements at once, each on its own session. */
  get reader(): CatalogReader {
    return { server: this.server, rows: (sql, options) => this.#rows(sql, options) };
  }

  /** A session of its own, for a query tab or a job. The caller ends it. */
  async connect(
    options: { settings?: Readonly<Record<string, string>>; applicationName?: string; signal?: AbortSignal } = {},
  ): Promise<pg.Client> {
    const parameters: ConnectParameters = {
      ...this.parameters,
      ...(await this.#freshPassword()),
      settings: { ...this.#orphanSettings, ...this.parameters.settings, ...options.settings },
      ...(options.applicationName ? { applicationName: options.applicationName } : {}),
    };
    const { client } = await connectClient(parameters, { signal: options.signal, attempts: [this.#session.ssl] });
    return client;
  }

  /** What a sub-process or a worker needs to connect by itself, with a password that is valid now. */
  async currentParameters(): Promise<ConnectParameters> {
    return { ...this.parameters, ...(await this.#freshPassword()) };
  }

  /** Round trip of an empty statement, ms. */
  async ping(): Promise<number> {
    const started = performance.now();
    await this.#rows('select 1');
    return performance.now() - started;
  }

  /** Whether the server answers within two seconds, over a session that is there or a new one. */
  async alive(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), signOfLifeMs);
    });
    const answer = this.#liveClient().then(
      async (client) => {
        const alive = await answersWithin(client, signOfLifeMs);
        client.release(alive ? undefined : new Error('no sign of life'));
        return alive;
      },
      () => false,
    );
    return Promise.race([answer, silence]).finally(() => clearTimeout(timer));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orm.close(true);
  }

  /** Lets the server end what runs for us after we are gone, instead of going on and holding its locks. */
  get #orphanSettings(): Readonly<Record<string, string>> {
    return this.#noticesLoss ? { client_connection_check_interval: orphanCheckMs } : {};
  }

  async #freshPassword(): Promise<{ password?: string | undefined }> {
    return this.#options.freshPassword ? { password: await this.#options.freshPassword(this.parameters) } : {};
  }

  /** A read can be asked again: when its session turns out to be lost, it goes once more over a new one. */
  async #rows<Row extends object>(sql: string, options: ReadOptions = {}): Promise<Row[]> {
    try {
      return await this.#rowsOnce<Row>(sql, options);
    } catch (error) {
      if (options.signal?.aborted || toFailure(error).code !== 'connection_lost') throw error;
      return this.#rowsOnce<Row>(sql, options);
    }
  }

  async #rowsOnce<Row extends object>(sql: string, options: ReadOptions): Promise<Row[]> {
    options.signal?.throwIfAborted();
    const client = await this.#liveClient();
    if (options.signal?.aborted) client.release();
    options.signal?.throwIfAborted();
    let broken: Error | undefined;
    const running = this.#read<Row>(client, sql, options);
    const cancel = () => cancelOrCut(client as unknown as pg.Client, this.parameters, running);
    const timer = options.timeoutMs ? setTimeout(cancel, options.timeoutMs) : undefined;
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await running;
    } catch (error) {
      if (!(error instanceof Error && 'severity' in error))
        broken = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', cancel);
      if (this.#inTransaction(options) && !broken)
        await client.query('rollback').catch((error: Error) => (broken = error));
      this.#lastUse.set(client, performance.now());
      client.release(broken);
    }
  }

  async #read<Row extends object>(client: pg.PoolClient, sql: string, options: ReadOptions): Promise<Row[]> {
    if (this.#inTransaction(options)) {
      const settings = this.pooling === 'none' ? '' : transactionSettings(metadataParameters(this.parameters));
      const path = options.qualifiedNames ? 'set local search_path = pg_catalog' : '';
      await client.query(['begin read only', settings, path].filter(Boolean).join('; '));
    }
    const result = await client.query<Row>(sql, options.values ? [...options.values] : undefined);
    return result.rows;
  }

  #inTransaction(options: ReadOptions): boolean {
    if (this.pooling === 'statement') return false;
    return this.pooling === 'transaction' || options.qualifiedNames === true;
  }

  /** A session of the pool that answers: one that sat idle through a sleep or a dead network is replaced. */
  async #liveClient(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.#pool.connect();
      const lastUse = this.#lastUse.get(client);
      if (lastUse === undefined || performance.now() - lastUse < trustedIdleMs) return client;
      const alive = await answersWithin(client, signOfLifeMs);
      if (alive) return client;
      client.release(new Error('no sign of life'));
    }
  }
}

/** Whether a session answers an empty query in time. */
export async function answersWithin(client: pg.ClientBase, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([
      client.query('').then(
        () => true,
        () => false,
      ),
      silence,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

interface SessionFacts {
  readonly server: ServerFacts;
  /** The server can be told to look, while a statement runs, whether its client is still there. */
  readonly noticesLoss: boolean;
  readonly pooling: Pooling;
}

/** Opens a session and finds out whether a pooler stands in between: it refuses the options, or drops them. */
export async function firstSession(
  parameters: ConnectParameters,
  signal: AbortSignal | undefined,
): Promise<{ session: OpenSession; facts: SessionFacts }> {
  // What we ask for ourselves would hide whether the server only reads, which target_session_attrs is about.
  const { default_transaction_read_only: _, ...settings } = parameters.settings;
  const asked = { ...parameters, settings };
  const session = await connectClient(asked, { signal }).catch((error: unknown) => {
    if (!refusesOptions(error)) throw error;
    return connectClient({ ...asked, pooled: true }, { signal });
  });
  try {
    const { started, linux, ...server } = await readServerFacts(session.client);
    const pooled = session.parameters.pooled === true || !started;
    const pooling = pooled ? await poolingOf(session.client) : 'none';
    const narrowed = { ...session.parameters, settings: parameters.settings, pooled };
    return {
      session: { ...session, parameters: narrowed },
      facts: { server, pooling, noticesLoss: linux && server.versionNum >= 140_000 },
    };
  } catch (error) {
    await session.client.end().catch(() => {});
    throw error;
  }
}

function refusesOptions(error: unknown): boolean {
  return error instanceof Error && /unsupported startup parameter(?: in options)?: /i.test(error.message);
}

/** Pooling by statement refuses transactions. Pooling by session looks like pooling by transaction, and is treated so. */
async function poolingOf(client: pg.Client): Promise<Pooling> {
  try {
    await client.query('begin read only');
    await client.query('rollback');
    return 'transaction';
  } catch {
    return 'statement';
  }
}

/** Asking for the size of a table waits for whoever has it locked: the explorer must not wait with it. */
const metadataLockTimeoutMs = '3000';

function metadataParameters(parameters: ConnectParameters): ConnectParameters {
  // Compiling a catalog query costs more than running it: seconds, where the catalog is large.
  return { ...parameters, settings: { jit: 'off', lock_timeout: metadataLockTimeoutMs, ...parameters.settings } };
}

async function openOrm({ parameters, ssl }: OpenSession, options: OpenOptions): Promise<MikroORM> {
  const config = clientConfig(metadataParameters(parameters), ssl);
  const { freshPassword } = options;
  // It takes half a second to load: when the first database is opened, and not before the window is there.
  const orm = await import('@mikro-orm/postgresql');
  return orm.MikroORM.init({
    dbName: parameters.database,
    host: config.host ?? parameters.host,
    port: config.port ?? parameters.port,
    user: parameters.user,
    password: parameters.password ?? '',
    entities: [],
    discovery: { warnWhenNoEntities: false },
    // On, a misspelt name would be created.
    ensureDatabase: false,
    pool: { min: 0, max: options.poolSize ?? 4, idleTimeoutMillis: 30_000 },
    driverOptions: {
      ...config,
      ...(freshPassword ? { password: async () => (await freshPassword(parameters)) ?? '' } : {}),
      allowExitOnIdle: true,
    },
    logger: () => {},
  });
}

async function readServerFacts(client: pg.Client): Promise<ServerFacts & { started: boolean; linux: boolean }> {
  const result = await client.query<{
    version: string;
    version_num: number;
    database: string;
    user: string;
    is_superuser: boolean;
    reaches_out: boolean;
    in_recovery: boolean;
    started: boolean;
    linux: boolean;
  }>(`
    select current_setting('server_version') as version,
           current_setting('server_version_num')::int as version_num,
           current_database() as database,
           current_user as user,
           coalesce((select rolsuper from pg_catalog.pg_roles where rolname = current_user), false) as is_superuser,
           exists (select from pg_catalog.pg_roles
                    where rolname in ('pg_execute_server_program', 'pg_write_server_files')
                      and pg_catalog.pg_has_role(oid, 'member')) as reaches_out,
           pg_catalog.pg_is_in_recovery() as in_recovery,
           coalesce(current_setting('${startedSetting}', true) = 'on', false) as started,
           version() ~ 'linux' as linux`);
  const row = result.rows[0];
  if (!row) throw new Error('the server answered no row');
  return {
    version: row.version,
    versionNum: row.version_num,
    database: row.database,
    user: row.user,
    isSuperuser: row.is_superuser,
    reachesOut: row.is_superuser || row.reaches_out,
    inRecovery: row.in_recovery,
    started: row.started,
    linux: row.linux,
  };
}
