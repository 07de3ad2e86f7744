import { randomUUID } from 'node:crypto';

import type { SecretsState } from '#contract/secrets.ts';

import { StewardError, toFailure } from '../../postgres/failure.ts';
import { LiveValue, pause } from '../live-value.ts';
import { KnownSecrets } from './known-secrets.ts';
import { PassphraseFile } from './passphrase-file.ts';
import {
  type KeyDerivation,
  type SealedSecrets,
  SealedSecretsError,
  type SealingKey,
  deriveKey,
  destroyKey,
  newDerivation,
  openSecrets,
  readSealedSecrets,
  sealSecrets,
} from './sealed-secrets.ts';
import type { SecretStore } from './secret-store.ts';

const keychainPatienceMs = 10_000;

export interface SecretsOptions {
  readonly dataDirectory: string;
  readonly keychain?: SecretStore | undefined;
  /** Why there is no keychain, in words. */
  readonly keychainRefusal?: string | undefined;
  /** What a log is freed of. */
  readonly known?: KnownSecrets | undefined;
  /** Told when a keychain fails that worked before, and when a file cannot be opened. */
  readonly report?: (problem: { readonly title: string; readonly detail: string }) => void;
  /** Waits after a wrong passphrase. Tests give one that does not. */
  readonly wait?: (milliseconds: number) => Promise<void>;
  /** How long the keychain may take for one call. */
  readonly keychainTimeoutMs?: number;
}

/** The secrets file as this process sees it. */
type File =
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly why: string }
  | { readonly kind: 'locked' }
  | {
      readonly kind: 'open';
      readonly key: SealingKey;
      readonly derivation: KeyDerivation;
      readonly entries: ReadonlyMap<string, string>;
    };

/**
 * Where secrets are kept: the system's keychain, else a file that a passphrase opens, else memory until Steward quits.
 * A keychain that fails is not asked again in this run. Everything that touches the file happens one after the other.
 */
export class SecretsService implements SecretStore, AsyncDisposable {
  readonly state: LiveValue<SecretsState>;
  /** What the log is freed of. Whoever handles a secret that did not come from here adds it. */
  readonly known: KnownSecrets;
  readonly #options: SecretsOptions;
  readonly #passphraseFile: PassphraseFile;
  readonly #stopping = new AbortController();
  /** Secrets to be remembered that have no place yet. */
  readonly #unsaved = new Map<string, string>();
  #file: File = { kind: 'none' };
  #sessionOnly = false;
  #keychainProblem: string | undefined;
  #wrongPassphrases = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SecretsOptions) {
    this.#options = options;
    this.known = options.known ?? new KnownSecrets();
    this.#passphraseFile = new PassphraseFile(options.dataDirectory);
    this.#keychainProblem = options.keychainRefusal;
    this.state = new LiveValue(this.#describe());
  }

  /** Looks for the file. A damaged one is told of in the state; nothing is opened yet. */
  async load(): Promise<void> {
    await this.#alone(async () => {
      try {
        const text = await this.#passphraseFile.read();
        if (text === undefined) return;
        readSealedSecrets(text);
        this.#file = { kind: 'locked' };
      } catch (error) {
        this.#file = { kind: 'damaged', why: messageOf(error) };
      }
    });
    this.#publish();
  }

  get description(): string {
    return this.state.value.description;
  }

  /** The log's redaction: the text without any secret that is known. */
  readonly redact = (text: string): string => this.known.redact(text);

  /**
   * The names of everything in the secrets file. Undefined while it is locked, and where the keychain keeps them: it
   * can be asked for one at a time, by `has`.
   */
  names(): readonly string[] | undefined {
    if (this.#level() === 'keychain' || this.#isLocked()) return undefined;
    return this.#file.kind === 'open' ? [...this.#file.entries.keys()] : [];
  }

  /** Whether a secret is kept, here or in memory for want of a place; undefined while that cannot be told: locked. */
  async has(key: string): Promise<boolean | undefined> {
    if (this.#unsaved.has(key)) return true;
    if (this.#level() === 'keychain') {
      const found = await this.#askKeychain((keychain) =>
        keychain.has ? keychain.has(key) : keychain.read(key).then((secret) => secret !== undefined),
      );
      if (found) return found.answer;
    }
    return this.#isLocked() ? undefined : this.#file.kind === 'open' && this.#file.entries.has(key);
  }

  /** Undefined where there is none. Throws `needs_answer` with the question `unlock` while the file is locked. */
  async read(key: string): Promise<string | undefined> {
    const secret = await this.#read(key);
    if (secret !== undefined) this.known.add(secret);
    return secret;
  }

  /** Keeps a secret; in memory only where there is no place for it. Throws `needs_answer` while the file is locked. */
  async write(key: string, secret: string): Promise<void> {
    this.known.add(secret);
    if (this.#level() === 'keychain' && (await this.#askKeychain((keychain) => keychain.write(key, secret)))) {
      this.#forgetUnsaved(key);
      return;
    }
    this.#refuseLocked();
    if (this.#level() === 'passphrase') {
      await this.#change((entries) => entries.set(key, secret));
      this.#forgetUnsaved(key);
    } else {
      this.#unsaved.set(key, secret);
      this.#publish();
    }
  }

  /** Throws `needs_answer` while the file is locked. */
  async remove(key: string): Promise<void> {
    this.#forgetUnsaved(key);
    if (this.#level() === 'keychain' && (await this.#askKeychain((keychain) => keychain.remove(key)))) return;
    this.#refuseLocked();
    if (this.#file.kind === 'open' && this.#file.entries.has(key)) {
      await this.#change((entries) => entries.delete(key));
    }
  }

  /** Starts a file, and moves into it what was to be remembered. Throws `conflict` where there is a file already. */
  async createPassphrase(passphrase: string): Promise<SecretsState> {
    return this.#with([passphrase], async () => {
      if (this.#level() === 'keychain')
        throw StewardError.of('refused', 'Secrets are kept in the keychain of this system already');
      if ((await this.#passphraseFile.read()) !== undefined) {
        throw StewardError.of('conflict', 'There is a secrets file already', {
          hint: 'Unlock it and change its passphrase, or keep it aside first.',
        });
      }
      const derivation = newDerivation();
      const key = await deriveKey(passphrase, derivation);
      try {
        await this.#keep(new Map(this.#unsaved), key, derivation);
      } catch (error) {
        destroyKey(key);
        throw error;
      }
      this.#unsaved.clear();
      this.#sessionOnly = false;
    });
  }

  /** Opens the file. Throws `auth_failed` for a wrong passphrase, after a pause that grows with each one. */
  async unlock(passphrase: string): Promise<SecretsState> {
    return this.#with([passphrase], async () => {
      if (this.#file.kind !== 'open') await this.#open(passphrase);
      this.#sessionOnly = false;
      await this.#saveUnsaved();
    });
  }

  /** Forgets the key and what it opened. Does nothing where nothing is open. */
  async lock(): Promise<SecretsState> {
    return this.#with([], async () => {
      this.#close({ kind: 'locked' });
    });
  }

  /** Seals everything anew. The old file stays as it was until the new one is written. */
  async changePassphrase(oldPassphrase: string, newPassphrase: string): Promise<SecretsState> {
    return this.#with([oldPassphrase, newPassphrase], async () => {
      await this.#open(oldPassphrase);
      if (this.#file.kind !== 'open') return;
      const derivation = newDerivation();
      const key = await deriveKey(newPassphrase, derivation);
      const { key: oldKey, entries } = this.#file;
      try {
        await this.#keep(entries, key, derivation);
      } catch (error) {
        destroyKey(key);
        throw error;
      }
      destroyKey(oldKey);
    });
  }

  /** Goes on without the file, until it is unlocked or Steward quits. */
  async useSessionOnly(): Promise<SecretsState> {
    return this.#with([], async () => {
      if (this.#level() === 'keychain')
        throw StewardError.of('refused', 'Secrets are kept in the keychain of this system');
      this.#close({ kind: 'locked' });
      this.#sessionOnly = true;
    });
  }

  /**
   * Renames a file that cannot be opened: it is damaged, or its passphrase is forgotten. Nothing is deleted.
   * Throws `refused` while it is open.
   */
  async keepDamagedAside(): Promise<{ file: string; state: SecretsState }> {
    let file = '';
    const state = await this.#with([], async () => {
      if (this.#file.kind === 'none') throw noFile();
      if (this.#file.kind === 'open')
        throw StewardError.of('refused', 'The secrets file is open, so nothing is wrong with it');
      if ((await this.#passphraseFile.read()) === undefined) throw this.#gone();
      file = await this.#passphraseFile.keepAside(this.#file.kind);
      this.#file = { kind: 'none' };
      this.#sessionOnly = false;
    });
    return { file, state };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#last;
    this.#close({ kind: 'locked' });
  }

  async #read(key: string): Promise<string | undefined> {
    const unsaved = this.#unsaved.get(key);
    if (unsaved !== undefined) return unsaved;
    if (this.#level() === 'keychain') {
      const found = await this.#askKeychain((keychain) => keychain.read(key));
      if (found) return found.answer;
    }
    this.#refuseLocked();
    return this.#file.kind === 'open' ? this.#file.entries.get(key) : undefined;
  }

  /** Asks the keychain, with patience. Undefined when it failed: from then on it is as if there were none. */
  async #askKeychain<Answer>(
    ask: (keychain: SecretStore) => Promise<Answer>,
  ): Promise<{ readonly answer: Answer } | undefined> {
    const { keychain, keychainTimeoutMs = keychainPatienceMs } = this.#options;
    if (!keychain || this.#keychainProblem !== undefined) return undefined;
    try {
      return { answer: await inTime(ask(keychain), keychainTimeoutMs) };
    } catch (error) {
      const works =
        !(error instanceof TooLateError) && (await inTime(selfTest(keychain), keychainTimeoutMs).catch(() => false));
      if (works) throw unreadable(error);
      this.#leaveKeychain(error);
      return undefined;
    }
  }

  #leaveKeychain(error: unknown): void {
    if (this.#keychainProblem !== undefined) return;
    this.#keychainProblem = `The keychain of this system failed: ${this.redact(messageOf(error))}`;
    this.#options.report?.({
      title: 'The keychain of this system cannot be used',
      detail: `${this.#keychainProblem}. Until Steward is started again, secrets are kept elsewhere: see Secrets in the settings.`,
    });
    this.#publish();
  }

  /** Opens the file with a passphrase, whether or not it is open. The caller holds the turn. */
  async #open(passphrase: string): Promise<void> {
    const text = await this.#passphraseFile.read();
    if (text === undefined) throw this.#gone();
    const sealed = this.#apart(text);
    const key = await deriveKey(passphrase, sealed.derivation);
    try {
      const entries = openSecrets(sealed, key);
      this.#close({ kind: 'open', key, derivation: sealed.derivation, entries });
      this.#wrongPassphrases = 0;
    } catch (error) {
      destroyKey(key);
      if (!(error instanceof SealedSecretsError) || error.problem !== 'wrong passphrase') throw this.#damaged(error);
      this.#wrongPassphrases += 1;
      const { wait = (milliseconds) => pause(milliseconds, this.#stopping.signal) } = this.#options;
      await wait(pauseAfter(this.#wrongPassphrases));
      throw StewardError.of('auth_failed', 'The passphrase is wrong', {
        hint: 'Check the keyboard layout and Caps Lock.',
      });
    }
  }

  /**
   * Changes what is kept, from what the file holds now: another Steward may have written meanwhile. Without its file
   * (somebody deleted it) what is in memory is written again.
   */
  async #change(change: (entries: Map<string, string>) => void): Promise<void> {
    await this.#alone(async () => {
      // It may have been locked while others had their turn.
      this.#refuseLocked();
      if (this.#file.kind !== 'open') return;
      const { key, derivation } = this.#file;
      const text = await this.#passphraseFile.read();
      const entries = text === undefined ? new Map(this.#file.entries) : this.#reopened(text, key);
      change(entries);
      await this.#keep(entries, key, derivation);
    });
    this.#publish();
  }

  #reopened(text: string, key: SealingKey): Map<string, string> {
    const sealed = this.#apart(text);
    try {
      return openSecrets(sealed, key);
    } catch (error) {
      if (!(error instanceof SealedSecretsError) || error.problem !== 'wrong passphrase') throw this.#damaged(error);
      // Another process has changed the passphrase.
      this.#close({ kind: 'locked' });
      this.#publish();
      throw needsUnlock();
    }
  }

  async #keep(entries: ReadonlyMap<string, string>, key: SealingKey, derivation: KeyDerivation): Promise<void> {
    await this.#passphraseFile.write(sealSecrets(entries, key, derivation));
    this.#file = { kind: 'open', key, derivation, entries };
  }

  async #saveUnsaved(): Promise<void> {
    if (this.#file.kind !== 'open' || this.#unsaved.size === 0) return;
    const { key, derivation, entries } = this.#file;
    try {
      await this.#keep(new Map([...entries, ...this.#unsaved]), key, derivation);
      this.#unsaved.clear();
    } catch (error) {
      // It is open nevertheless; they stay in memory.
      this.#options.report?.({ title: 'Secrets were not saved', detail: this.redact(toFailure(error).message) });
    }
  }

  /** Takes the file's text apart, and notes when it is damaged. */
  #apart(text: string): SealedSecrets {
    try {
      return readSealedSecrets(text);
    } catch (error) {
      throw this.#damaged(error);
    }
  }

  /** Somebody deleted it. */
  #gone(): StewardError {
    this.#close({ kind: 'none' });
    this.#publish();
    return noFile();
  }

  #damaged(error: unknown): StewardError {
    const why = messageOf(error);
    // The last good copy of what it held, when it was open: kept to be saved again.
    if (this.#file.kind === 'open') {
      for (const [key, secret] of this.#file.entries) if (!this.#unsaved.has(key)) this.#unsaved.set(key, secret);
    }
    this.#close({ kind: 'damaged', why });
    this.#publish();
    return StewardError.of('input_output', why, {
      hint: `Steward does not touch it. Put back a good copy of ${this.#passphraseFile.file}, or keep it aside and start a new one.`,
    });
  }

  /** Leaves the open file, if it is open, for another state; the key is zeroed. `locked` says nothing about other states. */
  #close(next: File): void {
    if (this.#file.kind === 'open' && !(next.kind === 'open' && next.key === this.#file.key))
      destroyKey(this.#file.key);
    if (next.kind !== 'locked' || this.#file.kind === 'open') this.#file = next;
  }

  #level(): SecretsState['level'] {
    if (this.#options.keychain && this.#keychainProblem === undefined) return 'keychain';
    const usable = this.#file.kind === 'locked' || this.#file.kind === 'open';
    return usable && !this.#sessionOnly ? 'passphrase' : 'session';
  }

  #isLocked(): boolean {
    return this.#level() === 'passphrase' && this.#file.kind === 'locked';
  }

  #refuseLocked(): void {
    if (this.#isLocked()) throw needsUnlock();
  }

  #forgetUnsaved(key: string): void {
    if (this.#unsaved.delete(key)) this.#publish();
  }

  #describe(): SecretsState {
    const level = this.#level();
    const locked = this.#isLocked();
    return {
      level,
      locked,
      fileExists: this.#file.kind !== 'none',
      file: this.#passphraseFile.file,
      damage: this.#file.kind === 'damaged' ? this.#file.why : null,
      description: descriptionOf(level, locked, this.#options.keychain?.description),
      keychainProblem: this.#keychainProblem ?? null,
      unsaved: this.#unsaved.size,
    };
  }

  #publish(): void {
    this.state.set(this.#describe());
  }

  /** One turn at a time, with passphrases that no log may show meanwhile. */
  async #with(passphrases: readonly string[], work: () => Promise<void>): Promise<SecretsState> {
    const forget = passphrases.map((passphrase) => this.known.add(passphrase));
    try {
      return await this.#alone(async () => {
        await work();
        this.#publish();
        return this.state.value;
      });
    } finally {
      for (const one of forget) one();
    }
  }

  async #alone<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/** Milliseconds that the answer to the n-th wrong passphrase is held back: 250, 500, 1000, …, at most eight seconds. */
export function pauseAfter(wrongPassphrases: number): number {
  return Math.min(8000, 250 * 2 ** (wrongPassphrases - 1));
}

function descriptionOf(level: SecretsState['level'], locked: boolean, keychain: string | undefined): string {
  switch (level) {
    case 'keychain':
      return keychain ?? 'the keychain of this system';
    case 'passphrase':
      return locked ? 'a file that your passphrase opens; locked' : 'a file that your passphrase opens; unlocked';
    case 'session':
      return 'in memory only, until Steward quits';
  }
}

function needsUnlock(): StewardError {
  return new StewardError({
    code: 'needs_answer',
    message: 'The secrets file is locked',
    hint: 'Unlock it with your passphrase.',
    retryable: true,
    question: { kind: 'unlock' },
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function noFile(): StewardError {
  return StewardError.of('not_found', 'There is no secrets file', { hint: 'Create a passphrase first.' });
}

/** One entry that cannot be decrypted is no reason to leave a keychain that works. */
async function selfTest(keychain: SecretStore): Promise<boolean> {
  const key = 'steward self-test';
  const expected = randomUUID();
  await keychain.write(key, expected);
  const answer = await keychain.read(key);
  await keychain.remove(key);
  return answer === expected;
}

function unreadable(cause: unknown): StewardError {
  return StewardError.of('input_output', 'A stored secret cannot be read or written, though the keychain works', {
    hint: 'Enter it again: it takes the place of the old one.',
    cause,
  });
}

class TooLateError extends Error {
  override readonly name = 'TooLateError';
}

/** The outcome of a promise, or `TooLateError`. */
async function inTime<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TooLateError(`no answer within ${milliseconds / 1000} s`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
