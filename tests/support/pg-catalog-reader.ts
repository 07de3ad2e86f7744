import pg from 'pg';

import type { CatalogReader, ReadOptions, ServerFacts } from '../../electron/postgres/catalog-reader.ts';
import { catalogTypes } from '../../electron/postgres/value-types.ts';

/** A `CatalogReader` over one plain `pg` connection, for tests. */
export class PgCatalogReader implements CatalogReader, AsyncDisposable {
  readonly server: ServerFacts;
  readonly #client: pg.Client;

  private constructor(client: pg.Client, server: ServerFacts) {
    this.#client = client;
    this.server = server;
  }

  static async open(connectionString: string): Promise<PgCatalogReader> {
    // As Steward's own sessions of reports: compiling a catalog query costs more than running it, and no lock is waited for.
    const client = new pg.Client({ connectionString, types: catalogTypes, options: '-c jit=off -c lock_timeout=2s' });
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query<ServerFacts>(`
      select
        current_setting('server_version_num')::int4 as "versionNum",
        current_setting('server_version') as version,
        current_database() as database,
        current_user as user,
        (select rolsuper from pg_roles where rolname = current_user) as "isSuperuser",
        pg_is_in_recovery() as "inRecovery"`);
    const [server] = rows;
    if (server === undefined) throw new Error('no facts');
    return new PgCatalogReader(client, server);
  }

  async rows<Row extends object>(sql: string, options: ReadOptions = {}): Promise<Row[]> {
    options.signal?.throwIfAborted();
    await this.#client.query(`set statement_timeout = ${Math.ceil(options.timeoutMs ?? 0)}`);
    const result = await this.#client.query<Row>({ text: sql, values: [...(options.values ?? [])] });
    return result.rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}
