import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { safeStorage } from 'electron';

import { StewardError } from '../../postgres/failure.ts';
import type { SecretStore } from '../../services/connections/index.ts';

/**
 * Passwords encrypted with a key that the system's keychain keeps. Undefined where there is no keychain: Electron's
 * `basic_text` fallback is a password that is in its source, and is refused.
 */
export function openKeychain(dataDirectory: string): SecretStore | undefined {
  if (!safeStorage.isEncryptionAvailable()) return undefined;
  if (process.platform === 'linux' && safeStorage.getSelectedStorageBackend() === 'basic_text') return undefined;
  const folder = path.join(dataDirectory, 'secrets');
  const fileOf = (key: string) => {
    if (!/^[\w-]+$/.test(key)) throw StewardError.of('bad_input', 'This is not the id of a connection');
    return path.join(folder, key);
  };
  return {
    description: 'the keychain of this system',
    read: async (key) => {
      const encrypted = await readFile(fileOf(key)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined;
        throw error;
      });
      return encrypted === undefined ? undefined : safeStorage.decryptString(encrypted);
    },
    write: async (key, secret) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = fileOf(key);
      await writeFile(`${file}.tmp`, safeStorage.encryptString(secret), { mode: 0o600 });
      await rename(`${file}.tmp`, file);
    },
    remove: (key) => rm(fileOf(key), { force: true }),
  };
}
