import type { Connection, SshSettings } from '#contract/connections.ts';
import type { SecretPurpose } from '#contract/failure.ts';

import type { Endpoint } from '../../postgres/connect-parameters.ts';
import { StewardError, isConnectionLoss } from '../../postgres/failure.ts';
import { KnownHosts } from '../../postgres/ssh/known-hosts-file.ts';
import { SshTunnel } from '../../postgres/ssh/ssh-tunnel.ts';

export interface TunnelsOptions {
  readonly dataDirectory: string;
  readonly secret: (id: string, purpose: SecretPurpose, subject: string) => Promise<string | undefined>;
  readonly connectTimeoutMs: () => number;
  readonly onLost: (id: string, failure: StewardError) => void;
}

/** The SSH tunnels of open connections, one for each connection that goes through SSH. */
export class Tunnels implements AsyncDisposable {
  readonly #options: TunnelsOptions;
  readonly #knownHosts: KnownHosts;
  readonly #tunnels = new Map<string, { readonly settings: SshSettings; readonly tunnel: SshTunnel }>();

  constructor(options: TunnelsOptions) {
    this.#options = options;
    this.#knownHosts = new KnownHosts(options.dataDirectory);
  }

  /**
   * Where to knock for a server of a connection: at the near end of its tunnel, where it has one. The tunnel is made
   * here, so that its questions are asked before PostgreSQL is.
   */
  async endpoint(
    connection: Pick<Connection, 'id' | 'ssh'>,
    server: { readonly host: string; readonly port: number },
    signal?: AbortSignal,
  ): Promise<Endpoint> {
    if (!connection.ssh) return server;
    const tunnel = await this.#tunnel(connection.id, connection.ssh);
    await tunnel.open(signal);
    const { host, port } = await tunnel.forward(server.host, server.port);
    return { ...server, address: { host, port } };
  }

  /** Tunnels of their own, for a test of what a form holds. */
  separate(): Tunnels {
    return new Tunnels({ ...this.#options, onLost: () => {} });
  }

  /** The tunnel's own failure, where that is why a session could not be opened. */
  explain(id: string, error: unknown): unknown {
    const why = this.#tunnels.get(id)?.tunnel.lastFailure;
    return why && isConnectionLoss(error) ? why : error;
  }

  trustHostKey(key: { host: string; port: number; keyType: string; key: string }): Promise<void> {
    return this.#knownHosts.trustHostKey(key);
  }

  async close(id: string): Promise<void> {
    const open = this.#tunnels.get(id);
    this.#tunnels.delete(id);
    await open?.tunnel[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#tunnels.keys()].map((id) => this.close(id)));
  }

  async #tunnel(id: string, settings: SshSettings): Promise<SshTunnel> {
    const open = this.#tunnels.get(id);
    if (open && JSON.stringify(open.settings) === JSON.stringify(settings)) return open.tunnel;
    await this.close(id);
    const tunnel = new SshTunnel({
      settings,
      secrets: (purpose, subject) => this.#options.secret(id, purpose, subject),
      knownHosts: this.#knownHosts,
      connectTimeoutMs: this.#options.connectTimeoutMs(),
      onLost: (failure) => this.#options.onLost(id, failure),
    });
    this.#tunnels.set(id, { settings, tunnel });
    return tunnel;
  }
}
