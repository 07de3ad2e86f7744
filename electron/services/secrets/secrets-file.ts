import { StewardError } from '../../postgres/failure.ts';
import type { PassphraseFile } from './passphrase-file.ts';
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

/** The file as this process knows it. */
export type SecretsFileState =
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly why: string }
  | { readonly kind: 'locked' }
  | {
      readonly kind: 'open';
      readonly key: SealingKey;
      readonly derivation: KeyDerivation;
      readonly entries: ReadonlyMap<string, string>;
    };

type Entries = ReadonlyMap<string, string>;

/**
 * The secrets file and what is open of it. Nothing here may run while something else of it runs: the caller gives
 * turns. `onDamage` is handed the last good copy of a file that was open when it was found damaged.
 */
export class SecretsFile {
  readonly #file: PassphraseFile;
  readonly #onDamage: (entries: Entries) => void;
  #state: SecretsFileState = { kind: 'none' };

  constructor(file: PassphraseFile, onDamage: (entries: Entries) => void) {
    this.#file = file;
    this.#onDamage = onDamage;
  }

  get state(): SecretsFileState {
    return this.#state;
  }

  /** What is in it; empty unless it is open. */
  get entries(): Entries {
    return this.#state.kind === 'open' ? this.#state.entries : new Map();
  }

  /** Looks for the file and whether it is whole. Throws nothing: what is wrong is its state. */
  async load(): Promise<void> {
    try {
      const text = await this.#file.read();
      if (text === undefined) return;
      readSealedSecrets(text);
      this.#state = { kind: 'locked' };
    } catch (error) {
      this.#state = { kind: 'damaged', why: messageOf(error) };
    }
  }

  /** Starts the file. Throws `conflict` where there is one. */
  async create(passphrase: string, entries: Entries): Promise<void> {
    if ((await this.#file.read()) !== undefined) {
      throw StewardError.of('conflict', 'There is a secrets file already', {
        hint: 'Unlock it and change its passphrase, or keep it aside first.',
      });
    }
    await this.#sealAnew(passphrase, entries);
  }

  /**
   * Opens it, whether or not it is open. Throws `SealedSecretsError` for a wrong passphrase (an open file stays
   * open), `input_output` for a damaged file and `not_found` for one that is gone.
   */
  async open(passphrase: string): Promise<void> {
    const text = await this.#file.read();
    if (text === undefined) throw this.#gone();
    const sealed = this.#apart(text);
    const key = await deriveKey(passphrase, sealed.derivation);
    try {
      const entries = openSecrets(sealed, key);
      this.#become({ kind: 'open', key, derivation: sealed.derivation, entries });
    } catch (error) {
      destroyKey(key);
      throw isWrongPassphrase(error) ? error : this.#damaged(error);
    }
  }

  /** Seals what is open under another passphrase. */
  async changePassphrase(passphrase: string): Promise<void> {
    if (this.#state.kind === 'open') await this.#sealAnew(passphrase, this.#state.entries);
  }

  /**
   * Changes what is kept, from what the file holds now: another Steward may have written meanwhile. Where somebody
   * deleted it, what is in memory is written again. False when the passphrase was changed elsewhere: it is locked then.
   */
  async change(change: (entries: Map<string, string>) => void): Promise<boolean> {
    if (this.#state.kind !== 'open') return false;
    const { key, derivation } = this.#state;
    const text = await this.#file.read();
    try {
      const entries = text === undefined ? new Map(this.#state.entries) : openSecrets(this.#apart(text), key);
      change(entries);
      await this.#write(entries, key, derivation);
      return true;
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      if (!isWrongPassphrase(error)) throw this.#damaged(error);
      this.close();
      return false;
    }
  }

  /** Forgets the key and what it opened. */
  close(): void {
    if (this.#state.kind === 'open') this.#become({ kind: 'locked' });
  }

  /** Gives a file that is not open another name, and answers it. */
  async keepAside(): Promise<string> {
    if (this.#state.kind === 'none' || (await this.#file.read()) === undefined) throw this.#gone();
    if (this.#state.kind === 'open')
      throw StewardError.of('refused', 'The secrets file is open, so nothing is wrong with it');
    const aside = await this.#file.keepAside(this.#state.kind);
    this.#become({ kind: 'none' });
    return aside;
  }

  async #sealAnew(passphrase: string, entries: Entries): Promise<void> {
    const derivation = newDerivation();
    const key = await deriveKey(passphrase, derivation);
    try {
      await this.#write(entries, key, derivation);
    } catch (error) {
      destroyKey(key);
      throw error;
    }
  }

  async #write(entries: Entries, key: SealingKey, derivation: KeyDerivation): Promise<void> {
    await this.#file.write(sealSecrets(entries, key, derivation));
    this.#become({ kind: 'open', key, derivation, entries });
  }

  /** The key of a state that is left is zeroed. */
  #become(next: SecretsFileState): void {
    const last = this.#state;
    this.#state = next;
    if (last.kind === 'open' && !(next.kind === 'open' && next.key === last.key)) destroyKey(last.key);
  }

  #apart(text: string): SealedSecrets {
    try {
      return readSealedSecrets(text);
    } catch (error) {
      throw this.#damaged(error);
    }
  }

  #damaged(error: unknown): StewardError {
    const why = messageOf(error);
    if (this.#state.kind === 'open') this.#onDamage(this.#state.entries);
    this.#become({ kind: 'damaged', why });
    return StewardError.of('input_output', why, {
      hint: `Steward does not touch it. Put back a good copy of ${this.#file.file}, or keep it aside and start a new one.`,
    });
  }

  /** There is none, or somebody deleted it. */
  #gone(): StewardError {
    this.#become({ kind: 'none' });
    return StewardError.of('not_found', 'There is no secrets file', { hint: 'Create a passphrase first.' });
  }
}

/** Whether opening failed for want of the right passphrase alone. */
export function isWrongPassphrase(error: unknown): boolean {
  return error instanceof SealedSecretsError && error.problem === 'wrong passphrase';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
