import { createHash } from 'node:crypto';
import { access, readFile, rm } from 'node:fs/promises';
import path from 'node:path';

import { writeAtomically } from '../../postgres/write-atomically.ts';
import type { SecretStore } from './secret-store.ts';

/** Encryption with a key that the system's keychain keeps. */
export interface KeychainCipher {
  encrypt(secret: string): Promise<Buffer>;
  decrypt(encrypted: Buffer): Promise<string>;
}

/**
 * One encrypted file a secret. A file is named by the SHA-256 of its key, since keys may hold anything; files of
 * earlier versions, named by the key itself, are read until they are written anew.
 */
export function keychainFiles(folder: string, cipher: KeychainCipher): SecretStore {
  const fileOf = (key: string) => path.join(folder, createHash('sha256').update(key).digest('hex'));
  const formerFileOf = (key: string) => (/^[\w-]+$/.test(key) ? path.join(folder, key) : undefined);
  const candidates = (key: string) => [fileOf(key), formerFileOf(key)].filter((file) => file !== undefined);
  return {
    description: 'the keychain of this system',
    read: async (key) => {
      for (const file of candidates(key)) {
        const encrypted = await readFile(file).catch(absent);
        if (encrypted) return cipher.decrypt(encrypted);
      }
      return undefined;
    },
    write: async (key, secret) => {
      await writeAtomically(fileOf(key), await cipher.encrypt(secret));
      const former = formerFileOf(key);
      if (former !== undefined) await rm(former, { force: true });
    },
    remove: async (key) => {
      for (const file of candidates(key)) await rm(file, { force: true });
    },
    has: async (key) => {
      for (const file of candidates(key)) {
        if (await access(file).then(() => true, absent)) return true;
      }
      return false;
    },
  };
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
