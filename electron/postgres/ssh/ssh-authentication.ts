import type { SecretPurpose } from '#contract/failure.ts';
import type { AnyAuthMethod, AuthenticationType, NextAuthHandler, Prompt } from 'ssh2';

import { StewardError, toFailure } from '../failure.ts';
import { type KeyOffer, OfferedKey, keyOffers } from './key-offers.ts';
import type { LocalUser } from './local-user.ts';
import type { RefusedPasswords } from './refused-passwords.ts';
import { SshAgent } from './ssh-agent.ts';
import { askPassword, quoteWords } from './ssh-failure.ts';
import type { SshHop } from './ssh-route.ts';

/** What is on file for a password (of `user@host:port`) or a passphrase (of the key's file). */
export type SshSecrets = (
  purpose: Extract<SecretPurpose, 'ssh-password' | 'ssh-key-passphrase'>,
  subject: string,
) => Promise<string | undefined>;

export interface AuthenticationOptions {
  readonly hop: SshHop;
  readonly local: LocalUser;
  readonly secrets: SshSecrets;
  readonly refusedPasswords: RefusedPasswords;
  readonly signal: AbortSignal;
  /** Told true when the server must answer next, and false when an agent or a person must. */
  readonly onWaiting: (forServer: boolean) => void;
}

/**
 * Logs in at one server: keys first, then the password in both ways, as OpenSSH does; what the server does not offer
 * is not tried. Keys are offered by their public part, so that a passphrase is needed only for a key that it takes.
 */
export class SshAuthentication implements Disposable {
  readonly #options: AuthenticationOptions;
  readonly #agent: SshAgent | undefined;
  readonly #keys: AsyncGenerator<KeyOffer, undefined>;
  readonly #tried: string[] = [];
  /** What was not used and why; told when nothing else worked. */
  readonly #notes: string[] = [];
  readonly #secrets = new Set<string>();
  #offered: readonly AuthenticationType[] = [];
  /** The server has accepted one thing and wants another: anything may be tried then. */
  #partial = false;
  /** Sent, and not accepted so far. */
  #sentPassword: string | undefined;
  #question: StewardError | undefined;
  #failure: StewardError | undefined;

  constructor(options: AuthenticationOptions) {
    const { hop, local, signal } = options;
    this.#options = options;
    this.#agent = hop.agentSocket !== undefined ? new SshAgent(hop.agentSocket) : undefined;
    this.#keys = keyOffers({
      hop,
      local,
      agent: this.#agent,
      signal,
      passphrase: (file) => this.#secret('ssh-key-passphrase', file),
      onNote: (note) => this.#notes.push(note),
      onQuestion: (question) => {
        this.#question ??= question;
      },
    });
  }

  /** For ssh2's `authHandler`: hands over what to try next, or false. */
  next(methodsLeft: readonly AuthenticationType[] | null, partial: boolean | null, hand: NextAuthHandler): void {
    this.#options.onWaiting(false);
    const give = (method: AnyAuthMethod | undefined) => {
      if (this.#options.signal.aborted) return;
      this.#options.onWaiting(true);
      // ssh2 takes false for "nothing is left"; its types do not know that.
      hand(method ?? (false as unknown as AuthenticationType));
    };
    this.#choose(methodsLeft, partial === true)
      .then(give, (error: unknown) => {
        this.#failure ??= asStewardError(error);
        give(undefined);
      })
      .catch((error: unknown) => this.#noteError(error));
  }

  async #choose(
    methodsLeft: readonly AuthenticationType[] | null,
    partial: boolean,
  ): Promise<AnyAuthMethod | undefined> {
    const { hop, onWaiting } = this.#options;
    // As OpenSSH does: the answer to `none` is what the server offers.
    if (methodsLeft === null) return { type: 'none', username: hop.user };
    this.#offered = methodsLeft;
    if (partial) {
      this.#partial = true;
      this.#sentPassword = undefined;
    }
    if (methodsLeft.includes('publickey') && (hop.method !== 'password' || this.#partial)) {
      const { value: offer } = await this.#keys.next();
      if (offer) {
        this.#tried.push(offer.label);
        const agent = new OfferedKey(offer, onWaiting, (error) => this.#noteError(error));
        return { type: 'agent', username: hop.user, agent };
      }
    }
    const mayUsePassword = hop.method === 'password' || hop.method === 'auto' || this.#partial;
    return mayUsePassword ? this.#passwordMethod() : undefined;
  }

  async #passwordMethod(): Promise<AnyAuthMethod | undefined> {
    const { hop, refusedPasswords } = this.#options;
    const type = (['password', 'keyboard-interactive'] as const).find(
      (name) => this.#offered.includes(name) && !this.#tried.includes(name),
    );
    // A key that only lacks its passphrase comes first.
    if (type === undefined) return undefined;
    const password = await this.#secret('ssh-password', hop.name);
    // An empty password is never sent: a server that takes it lets anybody in.
    if (!password) {
      this.#question ??= askPassword(hop.name, `${hop.name} asks for a password.${this.#story()}`);
      return undefined;
    }
    if (refusedPasswords.has(hop.name, password)) {
      this.#question ??= this.#passwordRefused();
      return undefined;
    }
    this.#sentPassword = password;
    this.#tried.push(type);
    return type === 'password'
      ? { type, username: hop.user, password }
      : { type, username: hop.user, prompt: this.#prompt(password) };
  }

  /** Answers one hidden question with the password. No answers at all is how a client gives up (RFC 4256, 3.4). */
  #prompt(password: string) {
    let answered = false;
    return (
      _name: string,
      _instructions: string,
      _language: string,
      prompts: readonly Prompt[],
      finish: (answers: string[]) => void,
    ) => {
      const [first, ...others] = prompts;
      if (!answered && first && first.echo !== true && others.length === 0) {
        answered = true;
        finish([password]);
        return;
      }
      const asked = prompts.map(({ prompt }) => `“${this.quote(prompt)}”`).join(', ');
      this.#notes.push(`It asks for more than the password: ${asked}. One-time codes are not supported.`);
      finish([]);
    };
  }

  /** Why nothing worked. `words`: the server's own last ones. */
  failure(words = ''): StewardError {
    const { hop, refusedPasswords } = this.#options;
    if (this.#failure) return this.#failure;
    if (this.#sentPassword !== undefined) {
      refusedPasswords.add(hop.name, this.#sentPassword);
      this.#question ??= this.#passwordRefused();
    }
    if (this.#question) return this.#question;
    const said = words ? ` It says: ${this.quote(words)}.` : '';
    return StewardError.of('auth_failed', `${hop.name} did not accept the login.${said}${this.#story()}`, {
      hint: /too many/i.test(words)
        ? 'It was offered more keys than it allows. Choose the key file, or set IdentitiesOnly and IdentityFile in ~/.ssh/config.'
        : 'Check the user and the key: its public part must stand in the authorized_keys of that user.',
    });
  }

  /** The server asks for a new password before anything else. */
  passwordExpired(words: string): void {
    const { hop } = this.#options;
    this.#failure ??= StewardError.of('auth_failed', `The password at ${hop.name} has expired: ${this.quote(words)}`, {
      hint: `Set a new one with ssh ${hop.user}@${hop.host}, and enter it here.`,
    });
  }

  /** Another machine's words, without the secrets that it was sent. */
  quote(words: string): string {
    return quoteWords(words, this.#secrets);
  }

  [Symbol.dispose](): void {
    this.#agent?.[Symbol.dispose]();
  }

  async #secret(...[purpose, subject]: Parameters<SshSecrets>): Promise<string | undefined> {
    const secret = await this.#options.secrets(purpose, subject);
    if (secret) this.#secrets.add(secret);
    return secret;
  }

  #passwordRefused(): StewardError {
    const { hop } = this.#options;
    return askPassword(hop.name, `${hop.name} did not accept the password.${this.#story()}`);
  }

  /** What a person needs to see why: what was tried, what the server would have taken, what was left out. */
  #story(): string {
    const tried = this.#tried.length > 0 ? ` Tried: ${this.#tried.join(', ')}.` : '';
    const offered = this.#offered.length > 0 ? ` The server offers: ${this.#offered.join(', ')}.` : '';
    return [tried, offered, ...this.#notes.map((note) => ` ${note}`)].join('');
  }

  #noteError(error: unknown): void {
    if (error instanceof StewardError) this.#failure ??= error;
    else if (error instanceof Error) this.#notes.push(`Signing failed: ${this.quote(error.message)}.`);
  }
}

function asStewardError(error: unknown): StewardError {
  return error instanceof StewardError ? error : new StewardError(toFailure(error), { cause: error });
}
