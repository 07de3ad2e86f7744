import type { SecretsState } from '#contract/secrets.ts';

import { StewardError, toFailure } from '../../postgres/failure.ts';
import { LiveValue, pause } from '../live-value.ts';
import { GuardedKeychain } from './guarded-keychain.ts';
import { KnownSecrets } from './known-secrets.ts';
import { PassphraseFile } from './passphrase-file.ts';
import type { SecretStore } from './secret-store.ts';
import { SecretsFile, isWrongPassphrase } from './secrets-file.ts';

export interface SecretsOptions {
  readonly dataDirectory: string;
  readonly keychain?: SecretStore | undefined;
  /** Why there is no keychain, in words. */
  readonly keychainRefusal?: string | undefined;
  /** What a log is freed of. */
  readonly known?: KnownSecrets | undefined;
  /** Told when a keychain fails that worked before, and when secrets could not be saved. */
  readonly report?: (problem: { readonly title: string; readonly detail: string }) => void;
  /** Waits after a wrong passphrase. Tests give one that does not. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** How long the keychain may take for one call. */
  readonly keychainTimeoutMs?: number;
}

/**
 * Where secrets are kept: the system's keychain, else a file that a passphrase opens, else memory until Steward quits.
 * Everything that touches the file happens one after the other.
 */
export class SecretsService implements SecretStore, AsyncDisposable {
  readonly state: LiveValue<SecretsState>;
  /** What the log is freed of. Whoever handles a secret that did not come from here adds it. */
  readonly known: KnownSecrets;
  readonly #options: SecretsOptions;
  readonly #keychain: GuardedKeychain;
  readonly #path: string;
  readonly #file: SecretsFile;
  /** Secrets to be remembered that have no place yet. */
  readonly #unsaved = new Map<string, string>();
  readonly #stopping = new AbortController();
  #sessionOnly = false;
  #wrongPassphrases = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SecretsOptions) {
    this.#options = options;
    this.known = options.known ?? new KnownSecrets();
    this.#keychain = new GuardedKeychain({
      keychain: options.keychain,
      refusal: options.keychainRefusal,
      timeoutMs: options.keychainTimeoutMs ?? 10_000,
      onFailure: (words) => this.#noteKeychainFailure(words),
    });
    const file = new PassphraseFile(options.dataDirectory);
    this.#path = file.file;
    this.#file = new SecretsFile(file, (entries) => {
      for (const [key, secret] of entries) if (!this.#unsaved.has(key)) this.#unsaved.set(key, secret);
    });
    this.state = new LiveValue(this.#describe());
  }

  /** Looks for the file. A damaged one is told of in the state; nothing is opened yet. */
  async load(): Promise<void> {
    await this.#alone(() => this.#file.load());
  }

  get persists(): boolean {
    return this.#level() !== 'session';
  }

  get description(): string {
    return this.state.value.description;
  }

  /** The text without any secret that is known. Bound, to be handed on. */
  readonly redact = (text: string): string => this.known.redact(text);

  /**
   * The names of everything in the secrets file. Undefined while it is locked, and where the keychain keeps them: it
   * can be asked for one at a time, by `has`.
   */
  names(): readonly string[] | undefined {
    return this.#keychain.usable || this.#isLocked() ? undefined : [...this.#file.entries.keys()];
  }

  /** Whether a secret is kept, here or in memory for want of a place; undefined while that cannot be told: locked. */
  async has(key: string): Promise<boolean | undefined> {
    if (this.#unsaved.has(key)) return true;
    const found = await this.#keychain.ask(async (keychain) =>
      keychain.has ? keychain.has(key) : (await keychain.read(key)) !== undefined,
    );
    if (found) return found.answer;
    return this.#isLocked() ? undefined : this.#file.entries.has(key);
  }

  /** Undefined where there is none. Throws `needs_answer` with the question `unlock` while the file is locked. */
  async read(key: string): Promise<string | undefined> {
    const secret = this.#unsaved.get(key) ?? (await this.#readStored(key));
    if (secret !== undefined) this.known.add(secret);
    return secret;
  }

  /** Keeps a secret; in memory only where there is no place for it. Throws `needs_answer` while the file is locked. */
  async write(key: string, secret: string): Promise<void> {
    this.known.add(secret);
    if (!(await this.#keychain.ask((keychain) => keychain.write(key, secret)))) {
      this.#refuseLocked();
      if (this.#level() === 'session') {
        this.#unsaved.set(key, secret);
        this.#publish();
        return;
      }
      await this.#change((entries) => entries.set(key, secret));
    }
    this.#forgetUnsaved(key);
  }

  /** Throws `needs_answer` while the file is locked. */
  async remove(key: string): Promise<void> {
    this.#forgetUnsaved(key);
    if (await this.#keychain.ask((keychain) => keychain.remove(key))) return;
    this.#refuseLocked();
    if (this.#file.entries.has(key)) await this.#change((entries) => entries.delete(key));
  }

  /** Starts a file, and moves into it what was to be remembered. Throws `conflict` where there is a file already. */
  async createPassphrase(passphrase: string): Promise<SecretsState> {
    return this.#guarding([passphrase], async () => {
      this.#refuseKeychain();
      await this.#file.create(passphrase, new Map(this.#unsaved));
      this.#unsaved.clear();
      this.#sessionOnly = false;
    });
  }

  /** Opens the file. Throws `auth_failed` for a wrong passphrase, after a pause that grows with each one. */
  async unlock(passphrase: string): Promise<SecretsState> {
    return this.#guarding([passphrase], async () => {
      if (this.#file.state.kind !== 'open') await this.#open(passphrase);
      this.#sessionOnly = false;
      await this.#saveUnsaved();
    });
  }

  /** Forgets the key and what it opened. Does nothing where nothing is open. */
  async lock(): Promise<SecretsState> {
    return this.#guarding([], async () => this.#file.close());
  }

  /** Seals everything anew. The old file stays as it was until the new one is written. */
  async changePassphrase(oldPassphrase: string, newPassphrase: string): Promise<SecretsState> {
    return this.#guarding([oldPassphrase, newPassphrase], async () => {
      await this.#open(oldPassphrase);
      await this.#file.changePassphrase(newPassphrase);
    });
  }

  /** Goes on without the file, until it is unlocked or Steward quits. */
  async useSessionOnly(): Promise<SecretsState> {
    return this.#guarding([], async () => {
      this.#refuseKeychain();
      this.#file.close();
      this.#sessionOnly = true;
    });
  }

  /**
   * Renames a file that cannot be opened: it is damaged, or its passphrase is forgotten. Nothing is deleted.
   * Throws `refused` while it is open.
   */
  async keepDamagedAside(): Promise<{ file: string; state: SecretsState }> {
    let file = '';
    const state = await this.#guarding([], async () => {
      file = await this.#file.keepAside();
      this.#sessionOnly = false;
    });
    return { file, state };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#last;
    this.#file.close();
  }

  async #readStored(key: string): Promise<string | undefined> {
    const found = await this.#keychain.ask((keychain) => keychain.read(key));
    if (found) return found.answer;
    this.#refuseLocked();
    return this.#file.entries.get(key);
  }

  /** The caller holds the turn. */
  async #open(passphrase: string): Promise<void> {
    try {
      await this.#file.open(passphrase);
      this.#wrongPassphrases = 0;
    } catch (error) {
      if (!isWrongPassphrase(error)) throw error;
      this.#wrongPassphrases += 1;
      const { wait = (milliseconds) => pause(milliseconds, this.#stopping.signal) } = this.#options;
      await wait(pauseAfter(this.#wrongPassphrases));
      throw StewardError.of('auth_failed', 'The passphrase is wrong', {
        hint: 'Check the keyboard layout and Caps Lock.',
      });
    }
  }

  async #change(change: (entries: Map<string, string>) => void): Promise<void> {
    await this.#alone(async () => {
      // It may have been locked while others had their turn.
      if (!(await this.#file.change(change))) throw needsUnlock();
    });
  }

  async #saveUnsaved(): Promise<void> {
    if (this.#unsaved.size === 0) return;
    try {
      await this.#file.change((entries) => {
        for (const [key, secret] of this.#unsaved) entries.set(key, secret);
      });
      this.#unsaved.clear();
    } catch (error) {
      // It is open nevertheless; they stay in memory.
      this.#options.report?.({ title: 'Secrets were not saved', detail: this.redact(toFailure(error).message) });
    }
  }

  #noteKeychainFailure(words: string): void {
    this.#options.report?.({
      title: 'The keychain of this system cannot be used',
      detail: `${this.redact(words)}. Until Steward is started again, secrets are kept elsewhere: see Secrets in the settings.`,
    });
    this.#publish();
  }

  #level(): SecretsState['level'] {
    if (this.#keychain.usable) return 'keychain';
    const { kind } = this.#file.state;
    return (kind === 'locked' || kind === 'open') && !this.#sessionOnly ? 'passphrase' : 'session';
  }

  #isLocked(): boolean {
    return this.#level() === 'passphrase' && this.#file.state.kind === 'locked';
  }

  #refuseLocked(): void {
    if (this.#isLocked()) throw needsUnlock();
  }

  #refuseKeychain(): void {
    if (this.#keychain.usable) throw StewardError.of('refused', 'Secrets are kept in the keychain of this system');
  }

  #forgetUnsaved(key: string): void {
    if (this.#unsaved.delete(key)) this.#publish();
  }

  #describe(): SecretsState {
    const level = this.#level();
    const locked = this.#isLocked();
    const { problem, description = 'the keychain of this system' } = this.#keychain;
    const { state } = this.#file;
    return {
      level,
      locked,
      fileExists: state.kind !== 'none',
      file: this.#path,
      damage: state.kind === 'damaged' ? state.why : null,
      description: level === 'keychain' ? description : words[locked ? 'locked' : level],
      keychainProblem: problem === undefined ? null : this.redact(problem),
      unsaved: this.#unsaved.size,
    };
  }

  #publish(): void {
    this.state.set(this.#describe());
  }

  /** One turn, with passphrases that no log may show meanwhile. */
  async #guarding(passphrases: readonly string[], work: () => Promise<void>): Promise<SecretsState> {
    const forget = passphrases.map((passphrase) => this.known.add(passphrase));
    try {
      await this.#alone(work);
      return this.state.value;
    } finally {
      for (const one of forget) one();
    }
  }

  /** Whatever came of it, the state tells it. */
  async #alone(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work).finally(() => this.#publish());
    this.#last = turn.catch(() => {});
    await turn;
  }
}

/** Milliseconds that the answer to the n-th wrong passphrase is held back: 250, 500, 1000, …, at most eight seconds. */
export function pauseAfter(wrongPassphrases: number): number {
  return Math.min(8000, 250 * 2 ** (wrongPassphrases - 1));
}

const words = {
  locked: 'a file that your passphrase opens; locked',
  passphrase: 'a file that your passphrase opens; unlocked',
  session: 'in memory only, until Steward quits',
} as const;

function needsUnlock(): StewardError {
  return new StewardError({
    code: 'needs_answer',
    message: 'The secrets file is locked',
    hint: 'Unlock it with your passphrase.',
    retryable: true,
    question: { kind: 'unlock' },
  });
}
