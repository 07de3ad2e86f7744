import { randomUUID } from 'node:crypto';
import path from 'node:path';

import {
  type Connection,
  type ConnectionDraft,
  type ConnectionEntry,
  type ConnectionState,
  type ServerInfo,
  connectionSchema,
} from '#contract/connections.ts';
import { z } from '#contract/zod.ts';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import type { ConnectParameters } from '../../postgres/connect-parameters.ts';
import { Database } from '../../postgres/database.ts';
import { StewardError, isConnectionLoss, toFailure } from '../../postgres/failure.ts';
import { LiveValue } from '../live-value.ts';
import { JsonFile, type SettingsService } from '../settings/index.ts';
import type { SecretStore } from './secret-store.ts';
import { sessionSettings } from './session-settings.ts';

const savedConnectionsSchema = z.object({ connections: z.array(connectionSchema) });

export interface ConnectionsOptions {
  readonly dataDirectory: string;
  readonly settings: SettingsService;
  readonly secrets: SecretStore | undefined;
  /** How to reach the server that Steward runs; starts it if need be. */
  readonly localServer: () => Promise<ConnectParameters>;
}

/** Saved connections and the databases that are open now. */
export class ConnectionsService implements AsyncDisposable {
  readonly list = new LiveValue<readonly ConnectionEntry[]>([]);
  readonly #options: ConnectionsOptions;
  readonly #file: JsonFile<typeof savedConnectionsSchema>;
  readonly #saved = new Map<string, Connection>();
  readonly #states = new Map<string, ConnectionState>();
  readonly #open = new Map<string, Promise<Database>>();
  readonly #sessionPasswords = new Map<string, string>();
  readonly #storedPasswords = new Set<string>();
  /** Connections of this process only, never written or listed: what a command line was given as a URL, say. */
  readonly #temporary = new Set<string>();
  readonly #closeListeners = new Set<(connectionId: string) => void>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#file = new JsonFile(path.join(options.dataDirectory, 'connections.json'), savedConnectionsSchema, () => ({
      connections: [],
    }));
  }

  async load(): Promise<void> {
    const saved = await this.#file.read(this.#options.settings.report);
    for (const connection of saved.connections) this.#saved.set(connection.id, connection);
    for (const id of this.#saved.keys()) {
      const secret = await this.#options.secrets?.read(id).catch((error: unknown) => {
        this.#options.settings.report({
          title: 'A stored password could not be read',
          detail: toFailure(error).message,
        });
        return undefined;
      });
      if (secret !== undefined) this.#storedPasswords.add(id);
    }
    this.#publish();
  }

  get(id: string): Connection {
    const connection = this.#saved.get(id);
    if (!connection) throw StewardError.of('not_found', 'This connection does not exist any more');
    return connection;
  }

  entry(id: string): ConnectionEntry {
    const connection = this.get(id);
    const password = this.#storedPasswords.has(id) ? 'stored' : this.#sessionPasswords.has(id) ? 'session' : 'none';
    return { ...connection, state: this.#states.get(id) ?? { kind: 'closed' }, password };
  }

  /** Creates or changes a connection. An open one is closed first, so that the next use takes what is new. */
  async save(draft: ConnectionDraft, managedBy: Connection['managedBy'] = 'user'): Promise<ConnectionEntry> {
    const before = draft.id === undefined ? undefined : this.get(draft.id);
    const id = before?.id ?? randomUUID();
    const { password, rememberPassword, ...fields } = draft;
    const connection = connectionSchema.parse({ ...fields, id, managedBy: before?.managedBy ?? managedBy });
    const twin = [...this.#saved.values()].find((other) => other.name === connection.name && other.id !== id);
    if (twin)
      throw StewardError.of('conflict', `There is a connection named “${connection.name}” already`, {
        hint: 'Choose another name.',
      });
    if (before) await this.close(id);
    this.#saved.set(id, connection);
    await this.#write();
    if (password !== undefined) await this.#keepPassword(id, password, rememberPassword);
    this.#publish();
    return this.entry(id);
  }

  /** A connection that exists until this process ends and is written nowhere. */
  addTemporary(draft: ConnectionDraft): ConnectionEntry {
    const id = randomUUID();
    const { password, rememberPassword: _, ...fields } = draft;
    this.#temporary.add(id);
    this.#saved.set(id, connectionSchema.parse({ ...fields, id, managedBy: 'user' }));
    if (password) this.#sessionPasswords.set(id, password);
    return this.entry(id);
  }

  async remove(id: string): Promise<void> {
    this.get(id);
    await this.close(id);
    this.#saved.delete(id);
    this.#sessionPasswords.delete(id);
    if (this.#storedPasswords.delete(id)) await this.#options.secrets?.remove(id);
    this.#states.delete(id);
    await this.#write();
    this.#publish();
  }

  /** Connects once with the fields of the form and closes again. */
  async test(draft: ConnectionDraft, signal?: AbortSignal): Promise<{ server: ServerInfo; latencyMs: number }> {
    const password = draft.password ?? (draft.id === undefined ? undefined : await this.#password(draft.id));
    await using database = await Database.open(this.#parameters({ ...draft, managedBy: 'user' }, password), {
      poolSize: 1,
      ...(signal ? { signal } : {}),
    });
    return { server: serverInfo(database), latencyMs: await database.ping() };
  }

  /** The open database of a connection; opens it when it is not. Concurrent callers share one attempt. */
  async database(id: string): Promise<Database> {
    this.get(id);
    const running = this.#open.get(id);
    if (running) return running;
    this.#setState(id, { kind: 'opening' });
    const opening = (async () => {
      const database = await Database.open(await this.parameters(id));
      const latencyMs = await database.ping();
      this.#setState(id, { kind: 'open', server: serverInfo(database), latencyMs });
      return database;
    })();
    this.#open.set(id, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#open.get(id) === opening) this.#open.delete(id);
      this.#setState(id, { kind: 'failed', failure: toFailure(error) });
      throw error;
    }
  }

  async open(id: string): Promise<ConnectionEntry> {
    await this.database(id);
    return this.entry(id);
  }

  /** Reads catalogs through the connection's pool, and notes when the server went away or came back. */
  async reader(id: string): Promise<CatalogReader> {
    const database = await this.database(id);
    const reader = database.reader;
    return {
      server: reader.server,
      rows: async (sql, options) => {
        try {
          const rows = await reader.rows<never>(sql, options);
          if (this.#states.get(id)?.kind === 'lost') {
            this.#setState(id, { kind: 'open', server: serverInfo(database), latencyMs: await database.ping() });
          }
          return rows;
        } catch (error) {
          this.noteFailure(id, error);
          throw error;
        }
      },
    };
  }

  /** To be told of errors of sessions that others hold: a lost one is shown, and the next use opens anew. */
  noteFailure(id: string, error: unknown): void {
    if (!isConnectionLoss(error) || this.#states.get(id)?.kind !== 'open') return;
    this.#setState(id, { kind: 'lost', failure: toFailure(error), since: new Date().toISOString() });
  }

  /** Called with the id of each connection that closes, so that others end their sessions on it. */
  onClose(listener: (connectionId: string) => void): void {
    this.#closeListeners.add(listener);
  }

  async close(id: string): Promise<ConnectionEntry> {
    const opening = this.#open.get(id);
    this.#open.delete(id);
    for (const listener of this.#closeListeners) listener(id);
    const database = await opening?.catch(() => undefined);
    await database?.[Symbol.asyncDispose]();
    this.#setState(id, { kind: 'closed' });
    return this.entry(id);
  }

  /** What a session on this connection is opened with, secret included. For sub-processes and jobs. */
  async parameters(id: string): Promise<ConnectParameters> {
    const connection = this.get(id);
    const parameters = this.#parameters(connection, await this.#password(id));
    if (connection.managedBy !== 'local-server') return parameters;
    const { host, port, user, password } = await this.#options.localServer();
    return { ...parameters, host, port, user, password };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#open.keys()].map((id) => this.close(id)));
  }

  #parameters(connection: Omit<Connection, 'id' | 'name' | 'color'>, password: string | undefined): ConnectParameters {
    return {
      host: connection.host,
      port: connection.port,
      database: connection.database,
      user: connection.user,
      password,
      sslMode: connection.sslMode,
      sslRootCert: connection.sslRootCert,
      settings: sessionSettings(connection),
      connectTimeoutMs: this.#options.settings.current.connectTimeoutMs,
    };
  }

  async #password(id: string): Promise<string | undefined> {
    return this.#sessionPasswords.get(id) ?? (await this.#options.secrets?.read(id));
  }

  async #keepPassword(id: string, password: string, remember: boolean): Promise<void> {
    this.#sessionPasswords.delete(id);
    if (this.#storedPasswords.delete(id)) await this.#options.secrets?.remove(id);
    if (password === '') return;
    if (remember && this.#options.secrets) {
      await this.#options.secrets.write(id, password);
      this.#storedPasswords.add(id);
    } else {
      this.#sessionPasswords.set(id, password);
    }
  }

  async #write(): Promise<void> {
    await this.#file.write({ connections: [...this.#saved.values()].filter(({ id }) => !this.#temporary.has(id)) });
  }

  #setState(id: string, state: ConnectionState): void {
    if (!this.#saved.has(id)) return;
    this.#states.set(id, state);
    this.#publish();
  }

  #publish(): void {
    this.list.set([...this.#saved.keys()].filter((id) => !this.#temporary.has(id)).map((id) => this.entry(id)));
  }
}

function serverInfo(database: Database): ServerInfo {
  return { ...database.server, encrypted: database.encrypted };
}
