import type { Authentication, Connection } from '#contract/connections.ts';

import type { Endpoint } from '../../postgres/connect-parameters.ts';
import { readPassfile } from './passfile.ts';
import { runPasswordCommand } from './password-command.ts';

interface CachedPassword {
  readonly command: string;
  readonly password: Promise<string>;
  readonly validUntil: number;
}

/** Where the passwords of connections come from: typed ones, password files, and commands whose answers expire. */
export class PasswordSource {
  readonly #typed: (id: string) => Promise<string | undefined>;
  readonly #now: () => number;
  readonly #answers = new Map<string, CachedPassword>();

  constructor(typed: (id: string) => Promise<string | undefined>, now: () => number = Date.now) {
    this.#typed = typed;
    this.#now = now;
  }

  /** The password for one server of a connection, valid now. Undefined where none is known. */
  async password(
    connection: Pick<Connection, 'id' | 'authentication' | 'database' | 'user'>,
    endpoint: Endpoint,
  ): Promise<string | undefined> {
    const { authentication, database, user } = connection;
    switch (authentication.kind) {
      case 'password':
        return this.#typed(connection.id);
      case 'passfile':
        return readPassfile(authentication.file, { host: endpoint.host, port: endpoint.port, database, user });
      case 'command':
        return this.#answer(connection.id, authentication, { ...endpoint, database, user });
    }
  }

  /** Whether passwords of this connection change by themselves, so that each new session asks for one. */
  static expires({ authentication }: Pick<Connection, 'authentication'>): boolean {
    return authentication.kind !== 'password';
  }

  /** A password was refused: the next one is asked for anew. True where that can help. */
  forget(id: string): boolean {
    const prefix = `${id} `;
    const known = [...this.#answers.keys()].filter((key) => key.startsWith(prefix));
    for (const key of known) this.#answers.delete(key);
    return known.length > 0;
  }

  async #answer(
    id: string,
    { command, expirySeconds }: Extract<Authentication, { kind: 'command' }>,
    target: Endpoint & { database: string; user: string },
  ): Promise<string> {
    const key = `${id} ${target.host}:${target.port}`;
    const cached = this.#answers.get(key);
    if (cached?.command === command && cached.validUntil > this.#now()) return cached.password;
    const password = runPasswordCommand(command, target);
    // Sessions that are opened together share one run, even of a command whose answer is good only once.
    const validUntil = this.#now() + Math.max(expirySeconds * 1000, 1000);
    this.#answers.set(key, { command, password, validUntil });
    password.catch(() => this.#answers.delete(key));
    return password;
  }
}
