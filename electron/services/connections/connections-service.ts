import { randomUUID } from 'node:crypto';
import path from 'node:path';

import {
  type Connection,
  type ConnectionDraft,
  type ConnectionEntry,
  type ConnectionState,
  type ImportCandidate,
  type ImportSource,
  type ServerInfo,
  connectionDraftSchema,
  connectionSchema,
} from '#contract/connections.ts';
import type { Failure, SecretPurpose } from '#contract/failure.ts';
import { z } from '#contract/zod.ts';

import type { CatalogReader } from '../../postgres/catalog-reader.ts';
import type { ConnectParameters, Endpoint } from '../../postgres/connect-parameters.ts';
import { Database } from '../../postgres/database.ts';
import { StewardError, isConnectionLoss, toFailure } from '../../postgres/failure.ts';
import type { AuditDraft } from '../audit/index.ts';
import { LiveValue } from '../live-value.ts';
import { JsonFile, type SettingsService } from '../settings/index.ts';
import { duplicateConnection, importConnections, moveConnections } from './arrange.ts';
import { Comeback } from './comeback.ts';
import { ConnectionSecrets, type SecretName } from './connection-secrets.ts';
import { exportConnections } from './export-connections.ts';
import { refuseUnsafeGuard } from './guard.ts';
import { readImport } from './import/read-import.ts';
import { PasswordSource } from './password-source.ts';
import { readOnlyRoleSql } from './read-only-role.ts';
import { type SecretStore, redactFailure } from '../secrets/index.ts';
import { sessionSettings } from './session-settings.ts';
import { type ShortSession, type ShortSessionOptions, runShortSession } from './short-session.ts';
import { Tunnels } from './tunnels.ts';

const savedConnectionsSchema = z.object({
  connections: z.array(connectionSchema),
  /** Connections that have something where the secrets are kept, and those whose password is there. */
  stored: z.array(z.string()).default([]),
  storedPasswords: z.array(z.string()).default([]),
});

const ownPassword: SecretName = { purpose: 'password', subject: '' };

export interface ConnectionsOptions {
  readonly dataDirectory: string;
  readonly settings: SettingsService;
  readonly secrets: SecretStore | undefined;
  /** Frees a text of secrets. */
  readonly redact?: (text: string) => string;
  /** Keeps what a person accepted and imported. Must not throw. */
  readonly audit: (entry: AuditDraft) => void;
  /** How to reach the server that Steward runs; starts it if need be. */
  readonly localServer: () => Promise<ConnectParameters>;
}

/** Saved connections and the databases that are open now. */
export class ConnectionsService implements AsyncDisposable {
  readonly list = new LiveValue<readonly ConnectionEntry[]>([]);
  readonly #options: ConnectionsOptions;
  readonly #file: JsonFile<typeof savedConnectionsSchema>;
  /** In the order of the list. */
  #saved = new Map<string, Connection>();
  readonly #states = new Map<string, ConnectionState>();
  readonly #open = new Map<string, Promise<Database>>();
  readonly #reopening = new Map<string, Promise<Database>>();
  readonly #secrets: ConnectionSecrets;
  readonly #passwords: PasswordSource;
  readonly #tunnels: Tunnels;
  readonly #comeback: Comeback;
  /** How long the last opening took. */
  readonly #openMs = new Map<string, number>();
  readonly #stored = new Set<string>();
  readonly #storedPasswords = new Set<string>();
  /** Connections of this process only, never written or listed: what a command line was given as a URL, say. */
  readonly #temporary = new Set<string>();
  readonly #secretsOf = new Map<string, string>();
  readonly #closeListeners = new Set<(connectionId: string) => void>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#file = new JsonFile(path.join(options.dataDirectory, 'connections.json'), savedConnectionsSchema, () => ({
      connections: [],
      stored: [],
      storedPasswords: [],
    }));
    this.#secrets = new ConnectionSecrets(options.secrets);
    this.#passwords = new PasswordSource((id) => this.#secret(id, ownPassword));
    this.#tunnels = new Tunnels({
      dataDirectory: options.dataDirectory,
      secret: (id, purpose, subject) => this.#secret(id, { purpose, subject }),
      connectTimeoutMs: () => options.settings.current.connectTimeoutMs,
      onLost: (id, failure) => this.noteFailure(id, failure),
    });
    this.#comeback = new Comeback({
      retry: (id, brief) => this.#reopen(id, brief),
      lost: () => [...this.#states].filter(([, state]) => state.kind === 'lost').map(([id]) => id),
      check: () => this.#checkAll(),
    });
  }

  async load(): Promise<void> {
    const saved = await this.#file.read(this.#options.settings.onUnreadable);
    for (const connection of saved.connections) this.#saved.set(connection.id, connection);
    for (const id of saved.stored) this.#stored.add(id);
    for (const id of saved.storedPasswords) this.#storedPasswords.add(id);
    this.#publish();
  }

  get(id: string): Connection {
    const connection = this.#saved.get(id);
    if (!connection) throw StewardError.of('not_found', 'This connection does not exist any more');
    return connection;
  }

  /** For what is meant to change a server: the connection, unless it is held to reading. */
  writable(id: string, act: string): Connection {
    const connection = this.get(id);
    if (connection.readOnly) {
      throw StewardError.of('refused', `${act} changes the server, and “${connection.name}” is held to reading`, {
        hint: 'Allow writes on the connection first, or use another one.',
      });
    }
    return connection;
  }

  entry(id: string): ConnectionEntry {
    const connection = this.get(id);
    const remembered = this.#storedPasswords.has(id) && this.#options.secrets?.persists !== false;
    const inMemory = this.#secrets.inMemory(id, ownPassword) || this.#storedPasswords.has(id);
    const password = remembered ? 'stored' : inMemory ? 'session' : 'none';
    return { ...connection, state: this.#states.get(id) ?? { kind: 'closed' }, password };
  }

  /** Creates or changes a connection. An open one is closed first, so that the next use takes what is new. */
  async save(draft: ConnectionDraft, managedBy: Connection['managedBy'] = 'user'): Promise<ConnectionEntry> {
    const before = draft.id === undefined ? undefined : this.get(draft.id);
    const id = before?.id ?? randomUUID();
    const { password, rememberPassword, ...fields } = connectionDraftSchema.parse(draft);
    const connection = connectionSchema.parse({ ...fields, id, managedBy: before?.managedBy ?? managedBy });
    const twin = [...this.#saved.values()].find((other) => other.name === connection.name && other.id !== id);
    if (twin)
      throw StewardError.of('conflict', `There is a connection named “${connection.name}” already`, {
        hint: 'Choose another name.',
      });
    // What somebody wrote to accept a superuser was for that user on that server.
    if (
      before &&
      (before.user !== connection.user || before.host !== connection.host || before.port !== connection.port)
    )
      delete connection.superuserAccepted;
    // First, so that whoever opens it while it is being closed takes what is new.
    this.#saved.set(id, connection);
    if (before) await this.close(id);
    if (password !== undefined) await this.#keepPassword(id, password, rememberPassword);
    await this.#write();
    this.#publish();
    return this.entry(id);
  }

  /**
   * A connection that exists until this process ends and is written nowhere. What it is not given it takes from the
   * secrets of another one.
   */
  addTemporary(draft: ConnectionDraft, secretsOf?: string): ConnectionEntry {
    const id = randomUUID();
    if (secretsOf !== undefined) this.#secretsOf.set(id, secretsOf);
    const { password, rememberPassword: _, ...fields } = draft;
    this.#temporary.add(id);
    this.#saved.set(id, connectionSchema.parse({ ...fields, id, managedBy: 'user' }));
    if (password) void this.#secrets.keep(id, ownPassword, password, false);
    return this.entry(id);
  }

  async remove(id: string): Promise<void> {
    this.get(id);
    do await this.close(id);
    while (this.#open.has(id));
    this.#saved.delete(id);
    this.#publish();
    await this.#secrets.remove(id, this.#stored.has(id));
    this.#stored.delete(id);
    this.#storedPasswords.delete(id);
    this.#states.delete(id);
    await this.#write();
    this.#publish();
  }

  /** A copy under a free name, with its secrets, beside the first. */
  async duplicate(id: string): Promise<ConnectionEntry> {
    const copyId = randomUUID();
    this.#arrange(duplicateConnection([...this.#saved.values()], id, copyId));
    const stored = this.#stored.has(id);
    await this.#secrets.copy(id, copyId, stored).catch((error: unknown) => {
      this.#saved.delete(copyId);
      throw error;
    });
    if (stored) this.#stored.add(copyId);
    if (this.#storedPasswords.has(id)) this.#storedPasswords.add(copyId);
    await this.#write();
    this.#publish();
    return this.entry(copyId);
  }

  async move(ids: readonly string[], folder: string, beforeId?: string): Promise<void> {
    this.#arrange(moveConnections([...this.#saved.values()], ids, folder, beforeId));
    await this.#write();
    this.#publish();
  }

  readImport(source: ImportSource, text?: string): Promise<{ candidates: ImportCandidate[]; warnings: string[] }> {
    return readImport(source, text, [...this.#saved.values()]);
  }

  /**
   * Saves what was picked. A command that prints a password would run on this machine on a file's say-so, so it is
   * left out: a person enters it in the form.
   */
  async importDrafts(drafts: readonly ImportCandidate['draft'][]): Promise<string[]> {
    const tame = drafts.map((draft) =>
      draft.authentication.kind === 'command' ? { ...draft, authentication: { kind: 'password' as const } } : draft,
    );
    const added = importConnections([...this.#saved.values()], tame, randomUUID);
    for (const connection of added) this.#saved.set(connection.id, connectionSchema.parse(connection));
    await this.#write();
    this.#publish();
    for (const connection of added) this.#audit('connection-import', null, this.entry(connection.id));
    return added.map(({ id }) => id);
  }

  exportText(ids?: readonly string[]): string {
    const all = [...this.#saved.values()].filter(({ id }) => !this.#temporary.has(id));
    return exportConnections(ids ? all.filter(({ id }) => ids.includes(id)) : all);
  }

  /** Answers a question for a secret that a connection needs. */
  async provideSecret(id: string, name: SecretName, value: string, remember: boolean): Promise<void> {
    this.get(id);
    if (value === '') throw StewardError.of('bad_input', 'An empty answer is not kept');
    if (name.purpose === 'password') await this.#keepPassword(id, value, remember);
    else if (await this.#secrets.keep(id, name, value, remember)) this.#stored.add(id);
    await this.#write();
    this.#publish();
  }

  trustHostKey(key: { host: string; port: number; keyType: string; key: string }): Promise<void> {
    return this.#tunnels.trustHostKey(key);
  }

  /** Lets guarded sessions of a superuser open from now on. */
  async acceptSuperuser(id: string, words: string): Promise<ConnectionEntry> {
    this.#saved.set(id, { ...this.get(id), superuserAccepted: words });
    await this.#write();
    this.#publish();
    this.#audit('guard-accepted', words, this.entry(id));
    return this.entry(id);
  }

  /** SQL for a role that can read everything and change nothing on this server. */
  async readOnlyRole(id: string): Promise<string> {
    const connection = this.get(id);
    const known = await this.#open.get(id)?.catch(() => undefined);
    return readOnlyRoleSql({ database: connection.database, versionNum: known?.server.versionNum });
  }

  /** Connects once with the fields of the form and closes again. */
  async test(draft: ConnectionDraft, signal?: AbortSignal): Promise<{ server: ServerInfo; latencyMs: number }> {
    const { password, rememberPassword: _, ...fields } = connectionDraftSchema.parse(draft);
    const tried = { ...fields, id: draft.id ?? `test ${randomUUID()}`, managedBy: 'user' as const };
    const passwords = new PasswordSource(async () =>
      password === undefined && draft.id !== undefined ? this.#secret(draft.id, ownPassword) : password,
    );
    await using tunnel = this.#tunnels.separate();
    const parameters = await this.#parameters(tried, passwords, tunnel, signal);
    await using database = await Database.open(parameters, { poolSize: 1, ...(signal ? { signal } : {}) });
    return { server: serverInfo(database), latencyMs: await database.ping() };
  }

  /** The open database of a connection; opens it when it is not. Concurrent callers share one attempt. */
  async database(id: string): Promise<Database> {
    this.get(id);
    if (this.#states.get(id)?.kind === 'lost') return this.#reopen(id);
    const running = this.#open.get(id);
    if (running) return running;
    this.#setState(id, { kind: 'opening' });
    const opening: Promise<Database> = this.#openDatabase(id, () => this.#open.get(id) === opening);
    this.#open.set(id, opening);
    try {
      return await opening;
    } catch (error) {
      if (this.#open.get(id) === opening) {
        this.#open.delete(id);
        this.#setState(id, { kind: 'failed', failure: this.#failure(error), since: now() });
      }
      throw error;
    }
  }

  async open(id: string): Promise<ConnectionEntry> {
    await this.database(id);
    return this.entry(id);
  }

  /** Reads catalogs through the connection's pool; after a loss through the one that came after. */
  async reader(id: string): Promise<CatalogReader> {
    const { server } = await this.database(id);
    return {
      server,
      rows: async (sql, options) => {
        try {
          return await (await this.database(id)).reader.rows<never>(sql, options);
        } catch (error) {
          this.noteFailure(id, error);
          throw error;
        }
      },
    };
  }

  /** To be told of errors of sessions that others hold: a lost one is shown, and Steward tries to come back at once. */
  noteFailure(id: string, error: unknown): void {
    if (!isConnectionLoss(error) || this.#states.get(id)?.kind !== 'open') return;
    this.#setState(id, { kind: 'lost', failure: this.#failure(error), since: now() });
    this.#comeback.start(id);
  }

  /** The machine woke, or the network changed: what is open is asked for a sign of life, what is lost is tried again. */
  wake(): void {
    this.#comeback.wake();
  }

  /** Called with the id of each connection that closes, so that others end their sessions on it. */
  onClose(listener: (connectionId: string) => void): void {
    this.#closeListeners.add(listener);
  }

  async close(id: string): Promise<ConnectionEntry> {
    const opening = this.#open.get(id);
    this.#open.delete(id);
    this.#comeback.stop(id);
    // From here on sessions that fail are no loss to come back from, and an opening that goes on is nobody's.
    this.#setState(id, { kind: 'closed' });
    for (const listener of this.#closeListeners) listener(id);
    const database = await opening?.catch(() => undefined);
    await database?.[Symbol.asyncDispose]();
    await this.#tunnels.close(id);
    return this.entry(id);
  }

  /** What a sub-process or a worker opens its own sessions with, secret included: the server that answered. */
  async parameters(id: string): Promise<ConnectParameters> {
    return (await this.database(id)).currentParameters();
  }

  /** One session beside the pool for a look that is over in seconds. It asks nobody and does not show in the list. */
  async withShortSession<Value>(
    id: string,
    options: ShortSessionOptions,
    work: (session: ShortSession) => Promise<Value>,
  ): Promise<Value> {
    const connection = this.get(id);
    await using separate = this.#states.get(id)?.kind === 'open' ? undefined : this.#tunnels.separate();
    const parameters = async () => this.#connectParameters(id, separate ?? this.#tunnels, options.signal);
    try {
      return await runShortSession(connection, await parameters(), options, work);
    } catch (error) {
      if (toFailure(error).code === 'auth_failed' && this.#passwords.forget(id))
        return runShortSession(connection, await parameters(), options, work);
      throw askForPassword((separate ?? this.#tunnels).explain(id, error), connection);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#comeback[Symbol.dispose]();
    await Promise.allSettled([...this.#open.keys()].map((id) => this.close(id)));
    await this.#tunnels[Symbol.asyncDispose]();
  }

  #audit(action: AuditDraft['action'], subject: string | null, connection: ConnectionEntry): void {
    const done = { outcome: 'done', sql: null, error: null, startedAt: now(), durationMs: null } as const;
    this.#options.audit({ action, subject, connection, ...done });
  }

  /** `wanted` tells at the end whether somebody still waits for it: it may have been closed or changed meanwhile. */
  async #openDatabase(id: string, wanted: () => boolean, connectTimeoutMs?: number): Promise<Database> {
    const connection = this.get(id);
    const started = performance.now();
    const freshPassword = (endpoint: Endpoint) => this.#password(this.#passwords, connection, endpoint);
    const open = async () =>
      Database.open(
        { ...(await this.#connectParameters(id)), ...(connectTimeoutMs ? { connectTimeoutMs } : {}) },
        {
          onLost: (error) => this.noteFailure(id, error),
          ...(PasswordSource.expires(connection) ? { freshPassword } : {}),
        },
      );
    let database: Database;
    try {
      database = await open();
    } catch (error) {
      // A token may have been taken back before its time.
      if (toFailure(error).code === 'auth_failed' && this.#passwords.forget(id)) database = await open();
      else throw askForPassword(this.#tunnels.explain(id, error), connection);
    }
    try {
      refuseUnsafeGuard(connection, database);
      const latencyMs = await database.ping();
      if (!wanted()) {
        throw StewardError.of('cancelled', 'The connection was closed meanwhile', { retryable: true });
      }
      this.#openMs.set(id, performance.now() - started);
      this.#setState(id, { kind: 'open', server: serverInfo(database), latencyMs });
      return database;
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Puts a new database in the place of a lost one. The connection stays lost while that does not succeed. */
  async #reopen(id: string, brief = false): Promise<Database> {
    const running = this.#reopening.get(id);
    if (running) return running;
    const attempt = (async () => {
      const before = this.#open.get(id);
      try {
        const timeoutMs = brief ? this.#briefTimeoutMs(id) : undefined;
        const database = await this.#openDatabase(id, () => this.#open.get(id) === before, timeoutMs);
        this.#open.set(id, Promise.resolve(database));
        void before?.then((old) => old[Symbol.asyncDispose]()).catch(() => {});
        return database;
      } catch (error) {
        if (!this.#open.has(id)) await this.#tunnels.close(id);
        const state = this.#states.get(id);
        const failure = this.#failure(error);
        if (this.#open.get(id) === before && state?.kind === 'lost' && failure.code !== 'cancelled') {
          if (failure.retryable) this.#setState(id, { ...state, failure });
          else {
            this.#open.delete(id);
            void before?.then((old) => old[Symbol.asyncDispose]()).catch(() => {});
            this.#setState(id, { kind: 'failed', failure, since: state.since });
          }
        }
        throw error;
      }
    })();
    this.#reopening.set(id, attempt);
    return attempt.finally(() => this.#reopening.delete(id));
  }

  /** Four times as long as it took when it worked. */
  #briefTimeoutMs(id: string): number {
    const { connectTimeoutMs } = this.#options.settings.current;
    return Math.min(connectTimeoutMs, Math.max(1500, 4 * (this.#openMs.get(id) ?? connectTimeoutMs)));
  }

  /** Asks every open database for a sign of life. */
  async #checkAll(): Promise<void> {
    const open = [...this.#states].filter(([, state]) => state.kind === 'open').map(([id]) => id);
    await Promise.all(
      open.map(async (id) => {
        const database = await this.#open.get(id)?.catch(() => undefined);
        const alive = await database?.alive();
        if (alive === false) this.noteFailure(id, connectionLost());
      }),
    );
  }

  async #connectParameters(id: string, tunnels = this.#tunnels, signal?: AbortSignal): Promise<ConnectParameters> {
    const connection = this.get(id);
    if (connection.managedBy === 'local-server') {
      const { host, port, user, password } = await this.#options.localServer();
      const own = { ...connection, authentication: { kind: 'password' as const } };
      const source = new PasswordSource(async () => password);
      return { ...(await this.#parameters(own, source, tunnels, signal)), host, port, user };
    }
    return this.#parameters(connection, this.#passwords, tunnels, signal);
  }

  async #parameters(
    connection: Omit<Connection, 'name' | 'color'>,
    passwords: PasswordSource,
    tunnels: Pick<Tunnels, 'endpoint'>,
    signal?: AbortSignal,
  ): Promise<ConnectParameters> {
    const servers = [{ host: connection.host, port: connection.port }, ...connection.otherHosts];
    const endpoints: Endpoint[] = [];
    for (const server of servers) {
      const password = await this.#password(passwords, connection, server);
      endpoints.push({ ...(await tunnels.endpoint(connection, server, signal)), password });
    }
    const [first, ...otherEndpoints] = endpoints;
    if (!first) throw new Error('a connection has at least one host');
    const { database, user, sslMode, sslRootCert, sslCert, sslKey, sslCrl, options, targetSessionAttrs } = connection;
    const keySecret = sslKey && (await this.#secret(connection.id, { purpose: 'key-passphrase', subject: sslKey }));
    return {
      ...first,
      ...(otherEndpoints.length > 0 ? { otherEndpoints } : {}),
      database,
      user,
      sslMode,
      sslRootCert,
      sslCert,
      sslKey,
      sslCrl,
      options,
      targetSessionAttrs,
      ...(keySecret ? { sslKeyPassphrase: keySecret } : {}),
      settings: sessionSettings(connection),
      connectTimeoutMs: this.#options.settings.current.connectTimeoutMs,
    };
  }

  /** A password from wherever it comes, which the log must not show. */
  async #password(
    source: PasswordSource,
    connection: Parameters<PasswordSource['password']>[0],
    endpoint: Endpoint,
  ): Promise<string | undefined> {
    const password = await source.password(connection, endpoint);
    if (password) this.#options.secrets?.known?.add(password);
    return password;
  }

  async #secret(id: string, name: { purpose: SecretPurpose; subject: string }): Promise<string | undefined> {
    const stored = name.purpose === 'password' ? this.#storedPasswords.has(id) : this.#stored.has(id);
    const like = this.#secretsOf.get(id);
    if (like !== undefined && !this.#secrets.inMemory(id, name)) return this.#secret(like, name);
    const secret = await this.#secrets.read(id, name, stored);
    if (secret === undefined && stored && name.purpose === 'password') {
      // Kept until Steward quit, for want of a place; or removed there by somebody else.
      this.#storedPasswords.delete(id);
      this.#publish();
    }
    return secret;
  }

  /** What goes to the window, without any secret that is known. */
  #failure(error: unknown): Failure {
    return redactFailure(toFailure(error), this.#options.redact ?? ((text) => text));
  }

  async #keepPassword(id: string, password: string, remember: boolean): Promise<void> {
    this.#secrets.forgetInMemory(id, ownPassword);
    if (this.#storedPasswords.has(id) && (password === '' || !remember)) {
      if (!(await this.#secrets.removeStored(id, ownPassword))) this.#stored.delete(id);
      this.#storedPasswords.delete(id);
    }
    if (password === '') return;
    if (await this.#secrets.keep(id, ownPassword, password, remember)) {
      this.#stored.add(id);
      this.#storedPasswords.add(id);
    }
  }

  #arrange(connections: readonly Connection[]): void {
    this.#saved = new Map(connections.map((connection) => [connection.id, connection]));
  }

  async #write(): Promise<void> {
    const connections = [...this.#saved.values()].filter(({ id }) => !this.#temporary.has(id));
    const own = (ids: ReadonlySet<string>) => connections.map(({ id }) => id).filter((id) => ids.has(id));
    await this.#file.write({ connections, stored: own(this.#stored), storedPasswords: own(this.#storedPasswords) });
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

function now(): string {
  return new Date().toISOString();
}

function connectionLost(): StewardError {
  return StewardError.of('connection_lost', 'The server gives no sign of life', {
    hint: 'Steward comes back by itself as soon as the server answers.',
    retryable: true,
  });
}

/** A server that wants a password and was given none or a wrong one: the person is asked, where typing one can help. */
function askForPassword(error: unknown, connection: Connection): unknown {
  // What Steward says itself, of an SSH server for example, has its own question.
  if (error instanceof StewardError) return error;
  const failure = toFailure(error);
  if (failure.code !== 'auth_failed' || failure.postgres?.sqlstate === '28000') return error;
  if (connection.authentication.kind !== 'password' || connection.managedBy !== 'user') return error;
  return new StewardError({
    ...failure,
    question: { kind: 'secret', purpose: 'password', subject: `${connection.user}@${connection.host}` },
  });
}

function serverInfo(database: Database): ServerInfo {
  const { host, port } = database.parameters;
  return { ...database.server, encrypted: database.encrypted, host, port, pooled: database.pooling !== 'none' };
}
