import type { SecretPurpose } from '#contract/failure.ts';
import { z } from '#contract/zod.ts';

import type { SecretStore } from '../secrets/index.ts';

const prefix = 'steward:1:';
const kept = z.record(z.string(), z.string());

/** What a secret is for: the password of the connection itself needs no subject. */
export interface SecretName {
  readonly purpose: SecretPurpose;
  readonly subject: string;
}

/**
 * The secrets of saved connections: those for this run in memory, the others together, as one value a connection,
 * where the secrets are kept.
 */
export class ConnectionSecrets {
  readonly #store: SecretStore | undefined;
  readonly #session = new Map<string, Map<string, string>>();

  constructor(store: SecretStore | undefined) {
    this.#store = store;
  }

  /** Undefined where there is none. Throws `needs_answer` while the secrets are locked. */
  async read(id: string, name: SecretName, stored: boolean): Promise<string | undefined> {
    const inMemory = this.#session.get(id)?.get(keyOf(name));
    if (inMemory !== undefined || !stored) return inMemory;
    const secret = (await this.#stored(id))[keyOf(name)];
    if (secret !== undefined) this.#store?.known?.add(secret);
    return secret;
  }

  /** True when the secret went where secrets are kept; else it is there until Steward quits. */
  async keep(id: string, name: SecretName, value: string, remember: boolean): Promise<boolean> {
    this.forgetInMemory(id, name);
    this.#store?.known?.add(value);
    if (remember && this.#store) {
      await this.#write(id, { ...(await this.#stored(id)), [keyOf(name)]: value });
      return true;
    }
    const own = this.#session.get(id) ?? new Map<string, string>();
    this.#session.set(id, own.set(keyOf(name), value));
    return false;
  }

  forgetInMemory(id: string, name: SecretName): void {
    this.#session.get(id)?.delete(keyOf(name));
  }

  inMemory(id: string, name: SecretName): boolean {
    return this.#session.get(id)?.has(keyOf(name)) ?? false;
  }

  /** Removes one stored secret. False when none is left for the connection. */
  async removeStored(id: string, name: SecretName): Promise<boolean> {
    const { [keyOf(name)]: _, ...rest } = await this.#stored(id);
    if (Object.keys(rest).length > 0) {
      await this.#write(id, rest);
      return true;
    }
    await this.#store?.remove(id);
    return false;
  }

  /** Forgets everything of a connection. */
  async remove(id: string, stored: boolean): Promise<void> {
    this.#session.delete(id);
    if (stored) await this.#store?.remove(id);
  }

  async copy(from: string, to: string, stored: boolean): Promise<void> {
    const inMemory = this.#session.get(from);
    if (inMemory) this.#session.set(to, new Map(inMemory));
    if (stored) await this.#write(to, await this.#stored(from));
  }

  async #stored(id: string): Promise<Record<string, string>> {
    const text = await this.#store?.read(id);
    if (text === undefined) return {};
    return text.startsWith(prefix) ? kept.parse(JSON.parse(text.slice(prefix.length))) : { password: text };
  }

  async #write(id: string, values: Record<string, string>): Promise<void> {
    await this.#store?.write(id, `${prefix}${JSON.stringify(values)}`);
  }
}

function keyOf({ purpose, subject }: SecretName): string {
  return purpose === 'password' ? purpose : `${purpose} ${subject}`;
}
