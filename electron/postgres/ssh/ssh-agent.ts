import type { Duplex } from 'node:stream';

import ssh2, { type BaseAgent, type ParsedKey, type SigningRequestOptions } from 'ssh2';

import { windowsAgentPipe } from './ssh-config.ts';

/** Long enough for an agent that asks its user to confirm, or to touch a token. */
const signTimeoutMs = 120_000;
const listTimeoutMs = 5000;

/** A running SSH agent, asked through its socket; on Windows also its pipe or `pageant`. */
export class SshAgent implements Disposable {
  readonly socket: string;
  #agent: BaseAgent;
  readonly #streams = new Set<Duplex>();

  constructor(socket: string) {
    this.socket = socket;
    this.#agent = ssh2.createAgent(socket);
    this.#track();
  }

  /** The public keys it holds, of the types that ssh2 knows. Fails where it does not answer within five seconds. */
  async identities(): Promise<ParsedKey[]> {
    try {
      return await this.#identities();
    } catch (error) {
      if (this.socket !== windowsAgentPipe) throw error;
      // OpenSSH's agent does not run on this machine: perhaps PuTTY's does.
      this.#agent = ssh2.createAgent('pageant');
      this.#track();
      return this.#identities();
    }
  }

  #identities(): Promise<ParsedKey[]> {
    return this.#ask(listTimeoutMs, (done) =>
      this.#agent.getIdentities((error, keys) => done(error, keys as ParsedKey[] | undefined)),
    );
  }

  /** The signature, as ssh2 takes it from an agent. */
  sign(key: ParsedKey, data: Buffer, options: SigningRequestOptions): Promise<Buffer> {
    return this.#ask(signTimeoutMs, (done) => this.#agent.sign(key, data, options, done));
  }

  [Symbol.dispose](): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async #ask<Answer>(
    timeoutMs: number,
    request: (done: (error?: Error | null, answer?: Answer) => void) => void,
  ): Promise<Answer> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Answer>((resolve, reject) => {
        timer = setTimeout(() => {
          reject(new Error(`it did not answer within ${timeoutMs / 1000} s`));
          this[Symbol.dispose]();
        }, timeoutMs);
        request((error, answer) => {
          if (error || answer === undefined) reject(error ?? new Error('it gave no answer'));
          else resolve(answer);
        });
      });
    } finally {
      clearTimeout(timer);
    }
  }

  /** ssh2 keeps the streams to the agent to itself; one that never answers must be closed all the same. */
  #track(): void {
    const open = this.#agent.getStream?.bind(this.#agent);
    if (!open) return;
    this.#agent.getStream = (done) =>
      open((error, stream) => {
        if (stream) {
          this.#streams.add(stream);
          stream.once('close', () => this.#streams.delete(stream));
        }
        done(error, stream);
      });
  }
}
