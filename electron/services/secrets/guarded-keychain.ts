import { randomUUID } from 'node:crypto';

import { StewardError } from '../../postgres/failure.ts';
import type { SecretStore } from './secret-store.ts';

export interface GuardedKeychainOptions {
  readonly keychain: SecretStore | undefined;
  /** Why there is none, in words. */
  readonly refusal: string | undefined;
  /** How long it may take for one call. */
  readonly timeoutMs: number;
  /** Called once, when it fails. */
  readonly onFailure: (words: string) => void;
}

/** The system's keychain, as far as it can be relied on: once it fails or keeps silent it is as if there were none. */
export class GuardedKeychain {
  readonly #options: GuardedKeychainOptions;
  #problem: string | undefined;

  constructor(options: GuardedKeychainOptions) {
    this.#options = options;
    this.#problem = options.refusal;
  }

  get usable(): boolean {
    return this.#options.keychain !== undefined && this.#problem === undefined;
  }

  /** Why it is not used, in words. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get description(): string | undefined {
    return this.#options.keychain?.description;
  }

  /** Undefined when it is not to be used, or failed now. Throws `input_output` for a single entry that cannot be read. */
  async ask<Answer>(
    call: (keychain: SecretStore) => Promise<Answer>,
  ): Promise<{ readonly answer: Answer } | undefined> {
    const { keychain, timeoutMs } = this.#options;
    if (!keychain || !this.usable) return undefined;
    try {
      return { answer: await inTime(call(keychain), timeoutMs) };
    } catch (error) {
      if (!(error instanceof TooLateError) && (await inTime(selfTest(keychain), timeoutMs).catch(() => false)))
        throw unreadable(error);
      this.#leave(error);
      return undefined;
    }
  }

  #leave(error: unknown): void {
    if (this.#problem !== undefined) return;
    this.#problem = `The keychain of this system failed: ${error instanceof Error ? error.message : String(error)}`;
    this.#options.onFailure(this.#problem);
  }
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
