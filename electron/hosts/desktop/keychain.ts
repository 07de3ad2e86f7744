import path from 'node:path';

import { safeStorage } from 'electron';

import { type SecretStore, keychainFiles, keychainRefusal } from '../../services/secrets/index.ts';

const patienceMs = 10_000;

/**
 * Passwords encrypted with a key that the system's keychain keeps; or why not. Call it once the app is ready. A
 * keychain that does not answer is one that is not there: nobody waits for it.
 */
export async function openKeychain(
  dataDirectory: string,
): Promise<{ keychain: SecretStore | undefined; keychainRefusal?: string }> {
  const backend = process.platform === 'linux' ? safeStorage.getSelectedStorageBackend() : undefined;
  const refusal = keychainRefusal(backend, await isAvailable(), process.platform);
  if (refusal !== undefined) return { keychain: undefined, keychainRefusal: refusal };
  return {
    keychain: keychainFiles(path.join(dataDirectory, 'secrets'), {
      encrypt: (secret) => safeStorage.encryptStringAsync(secret),
      decrypt: async (encrypted) => (await safeStorage.decryptStringAsync(encrypted)).result,
    }),
  };
}

async function isAvailable(): Promise<boolean> {
  const timer = Promise.withResolvers<boolean>();
  const timeout = setTimeout(() => timer.resolve(false), patienceMs);
  try {
    return await Promise.race([safeStorage.isAsyncEncryptionAvailable(), timer.promise]);
  } catch {
    return false;
  } finally {
    clearTimeout(timeout);
  }
}
