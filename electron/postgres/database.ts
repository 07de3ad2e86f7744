import type { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';

import type { CatalogReader, ReadOptions, ServerFacts } from './catalog-reader.ts';
import { type ConnectParameters, type SslAttempt, clientConfig, sslAttempts } from './connect-parameters.ts';
import { cancelStatement, connectClient } from './pg-session.ts';

/**
 * An open database: a small pool for catalogs and statistics, held by a MikroORM instance without entities,
 * and the means to open sessions of their own beside it.
 */
export class Database implements AsyncDisposable {
  readonly parameters: ConnectParameters;
  readonly server: ServerFacts;
  readonly encrypted: boolean;
  readonly #orm: MikroORM;
  readonly #pool: pg.Pool;
  readonly #ssl: SslAttempt;

  private constructor(
    parameters: ConnectParameters,
    server: ServerFacts,
    ssl: SslAttempt,
    orm: MikroORM,
    pool: pg.Pool,
  ) {
    this.parameters = parameters;
    this.server = server;
    this.encrypted = ssl !== false;
    this.#ssl = ssl;
    this.#orm = orm;
    this.#pool = pool;
  }

  /** Connects, reads who and what is there, and keeps a pool for later. A misspelt database is an error, never created. */
  static async open(
    parameters: ConnectParameters,
    options: { poolSize?: number; signal?: AbortSignal } = {},
  ): Promise<Database> {
    const { client, ssl } = await connectClient(parameters, {
      signal: options.signal,
      attempts: sslAttempts(parameters),
    });
    let server: ServerFacts;
    try {
      server = await readServerFacts(client);
    } finally {
      await client.end().catch(() => {});
    }
    const orm = await openOrm(parameters, ssl, options.poolSize ?? 4);
    const pool = (await orm.em.getConnection().getNativeClient()) as unknown as pg.Pool;
    return new Database(parameters, server, ssl, orm, pool);
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
      settings: { ...this.parameters.settings, ...options.settings },
      ...(options.applicationName ? { applicationName: options.applicationName } : {}),
    };
    const { client } = await connectClient(parameters, { signal: options.signal, attempts: [this.#ssl] });
    return client;
  }

  /** Round trip of an empty statement, ms. */
  async ping(): Promise<number> {
    const started = performance.now();
    await this.#rows('select 1');
    return performance.now() - started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orm.close(true);
  }

  async #rows<Row extends object>(sql: string, options: ReadOptions = {}): Promise<Row[]> {
    options.signal?.throwIfAborted();
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    const cancel = () => void cancelStatement(client, this.parameters);
    const timer = options.timeoutMs ? setTimeout(cancel, options.timeoutMs) : undefined;
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      if (options.qualifiedNames) await client.query('begin read only; set local search_path = pg_catalog');
      const result = await client.query<Row>(sql, options.values ? [...options.values] : undefined);
      return result.rows;
    } catch (error) {
      if (!(error instanceof Error && 'severity' in error))
        broken = error instanceof Error ? error : new Error(String(error));
      throw error;
    } finally {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', cancel);
      if (options.qualifiedNames && !broken) await client.query('rollback').catch((error: Error) => (broken = error));
      client.release(broken);
    }
  }
}

/** Asking for the size of a table waits for whoever has it locked: the explorer must not wait with it. */
const metadataLockTimeoutMs = '3000';

async function openOrm(parameters: ConnectParameters, ssl: SslAttempt, poolSize: number): Promise<MikroORM> {
  // Compiling a catalog query costs more than running it: seconds, where the catalog is large.
  const config = clientConfig(
    { ...parameters, settings: { jit: 'off', lock_timeout: metadataLockTimeoutMs, ...parameters.settings } },
    ssl,
  );
  // It takes half a second to load: when the first database is opened, and not before the window is there.
  const orm = await import('@mikro-orm/postgresql');
  return orm.MikroORM.init({
    dbName: parameters.database,
    host: parameters.host,
    port: parameters.port,
    user: parameters.user,
    password: parameters.password ?? '',
    entities: [],
    discovery: { warnWhenNoEntities: false },
    // On, a misspelt name would be created.
    ensureDatabase: false,
    pool: { min: 0, max: poolSize, idleTimeoutMillis: 30_000 },
    driverOptions: { ...config, allowExitOnIdle: true },
    logger: () => {},
  });
}

async function readServerFacts(client: pg.Client): Promise<ServerFacts> {
  const result = await client.query<{
    version: string;
    version_num: number;
    database: string;
    user: string;
    is_superuser: boolean;
    in_recovery: boolean;
  }>(`
    select current_setting('server_version') as version,
           current_setting('server_version_num')::int as version_num,
           current_database() as database,
           current_user as user,
           coalesce((select rolsuper from pg_catalog.pg_roles where rolname = current_user), false) as is_superuser,
           pg_catalog.pg_is_in_recovery() as in_recovery`);
  const row = result.rows[0];
  if (!row) throw new Error('the server answered no row');
  return {
    version: row.version,
    versionNum: row.version_num,
    database: row.database,
    user: row.user,
    isSuperuser: row.is_superuser,
    inRecovery: row.in_recovery,
  };
}
