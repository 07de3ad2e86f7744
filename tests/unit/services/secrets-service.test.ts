import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  type SecretStore,
  SecretsService,
  keychainFiles,
  keychainRefusal,
} from '../../../electron/services/secrets/index.ts';
import { PassphraseFile } from '../../../electron/services/secrets/passphrase-file.ts';
import { pauseAfter } from '../../../electron/services/secrets/secrets-service.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const passphrase = 'four words and more';
let folder: string;
let services: SecretsService[];
let pauses: number[];
let reported: string[];

beforeEach(async () => {
  folder = await temporaryFolder();
  services = [];
  pauses = [];
  reported = [];
});
afterEach(async () => {
  for (const service of services) await service[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function start(keychain?: SecretStore, keychainRefused?: string): Promise<SecretsService> {
  const service = new SecretsService({
    dataDirectory: folder,
    keychain,
    keychainRefusal: keychainRefused,
    keychainTimeoutMs: 50,
    wait: async (milliseconds) => void pauses.push(milliseconds),
    report: ({ title }) => reported.push(title),
  });
  services.push(service);
  await service.load();
  return service;
}

function memoryKeychain(entries = new Map<string, string>()): SecretStore {
  return {
    description: 'a keychain in memory',
    read: async (key) => entries.get(key),
    write: async (key, secret) => void entries.set(key, secret),
    remove: async (key) => void entries.delete(key),
  };
}

const locked = { failure: { code: 'needs_answer', retryable: true, question: { kind: 'unlock' } } };

describe('without a keychain and a file', () => {
  it('keeps secrets in memory, and moves them into the file once there is a passphrase', async () => {
    const service = await start();
    expect(await service.read('a')).toBeUndefined();
    await service.write('a', 'one');
    await service.write('b', 'two');
    await service.remove('b');
    expect([await service.read('a'), await service.has('a'), await service.has('b'), service.names()]).toEqual([
      'one',
      true,
      false,
      [],
    ]);
    expect(service.state.value).toMatchObject({ level: 'session', locked: false, fileExists: false, unsaved: 1 });
    expect(await readdir(folder)).toEqual([]);
    expect(await service.createPassphrase(passphrase)).toMatchObject({
      level: 'passphrase',
      locked: false,
      unsaved: 0,
    });
    expect(service.names()).toEqual(['a']);
  });
});

describe('with a file', () => {
  it('is locked after a start: it reads and writes nothing and asks for the passphrase', async () => {
    const before = await start();
    await before.createPassphrase(passphrase);
    await before.write('a', 'one');
    const service = await start();
    expect(service.state.value).toMatchObject({ level: 'passphrase', locked: true, fileExists: true });
    await expect(service.read('a')).rejects.toMatchObject(locked);
    await expect(service.write('a', 'other')).rejects.toMatchObject(locked);
    await expect(service.remove('a')).rejects.toMatchObject(locked);
    expect([service.names(), await service.has('a')]).toEqual([undefined, undefined]);
    await service.unlock(passphrase);
    expect([await service.read('a'), await service.has('b'), service.names()]).toEqual(['one', false, ['a']]);
    await service.lock();
    await expect(service.read('a')).rejects.toMatchObject(locked);
  });

  it('holds the answer to each wrong passphrase back a little longer, one after the other', async () => {
    const service = await start();
    await service.createPassphrase(passphrase);
    await service.lock();
    const tries = await Promise.allSettled(['wrong one', 'wrong two', 'wrong three'].map((one) => service.unlock(one)));
    expect(tries.map((one) => one.status === 'rejected' && one.reason)).toMatchObject(
      Array.from({ length: 3 }, () => ({ failure: { code: 'auth_failed', message: 'The passphrase is wrong' } })),
    );
    expect(pauses).toEqual([250, 500, 1000]);
    await service.unlock(passphrase);
    await service.lock();
    await service.unlock('wrong again').catch(() => {});
    expect(pauses.at(-1)).toBe(250);
    expect(pauseAfter(1000)).toBe(8000);
  });

  it('changes the passphrase only for who knows the old one', async () => {
    const service = await start();
    await service.createPassphrase(passphrase);
    await service.write('a', 'one');
    await expect(service.changePassphrase('not the old one', 'another passphrase')).rejects.toMatchObject({
      failure: { code: 'auth_failed' },
    });
    expect(await service.read('a')).toBe('one');
    await service.changePassphrase(passphrase, 'another passphrase');
    await service.write('b', 'two');
    await service.lock();
    await expect(service.unlock(passphrase)).rejects.toMatchObject({ failure: { code: 'auth_failed' } });
    await service.unlock('another passphrase');
    expect([await service.read('a'), await service.read('b')]).toEqual(['one', 'two']);
  });

  it('keeps what another process wrote meanwhile, and locks when that one changed the passphrase', async () => {
    const one = await start();
    await one.createPassphrase(passphrase);
    const other = await start();
    await other.unlock(passphrase);
    await other.write('from other', 'two');
    await one.write('from one', 'one');
    expect(one.names()).toEqual(['from other', 'from one']);
    await other.changePassphrase(passphrase, 'another passphrase');
    await expect(one.write('from one', 'three')).rejects.toMatchObject(locked);
    expect(one.state.value.locked).toBe(true);
  });

  it('and its passphrase stay what they were when writing fails', async () => {
    const service = await start();
    await service.createPassphrase(passphrase);
    await service.write('a', 'one');
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const write = vi.spyOn(PassphraseFile.prototype, 'write').mockRejectedValue(full);
    await expect(service.write('b', 'two')).rejects.toThrow('ENOSPC');
    await expect(service.changePassphrase(passphrase, 'another passphrase')).rejects.toThrow('ENOSPC');
    write.mockRestore();
    expect([service.names(), service.state.value.locked]).toEqual([['a'], false]);
    await service.write('c', 'three');
    await service.lock();
    await service.unlock(passphrase);
    expect(service.names()).toEqual(['a', 'c']);
  });

  it('goes on without it when asked to, and saves what came meanwhile once it is unlocked', async () => {
    const before = await start();
    await before.createPassphrase(passphrase);
    await before.write('a', 'one');
    const service = await start();
    expect(await service.useSessionOnly()).toMatchObject({ level: 'session', locked: false, fileExists: true });
    expect(await service.read('a')).toBeUndefined();
    await service.write('b', 'two');
    await expect(service.createPassphrase(passphrase)).rejects.toMatchObject({ failure: { code: 'conflict' } });
    expect(await service.unlock(passphrase)).toMatchObject({ level: 'passphrase', unsaved: 0 });
    expect(service.names()).toEqual(['a', 'b']);
  });

  it('says that it is gone when somebody deleted it', async () => {
    const service = await start();
    await service.createPassphrase(passphrase);
    await service.lock();
    await rm(path.join(folder, 'secrets.sealed'));
    await expect(service.unlock(passphrase)).rejects.toMatchObject({ failure: { code: 'not_found' } });
    expect(service.state.value).toMatchObject({ level: 'session', fileExists: false });
  });
});

describe('a damaged file', () => {
  it('is told of at the start, never touched, and kept aside on command', async () => {
    const before = await start();
    await before.createPassphrase(passphrase);
    const file = path.join(folder, 'secrets.sealed');
    const damaged = (await readFile(file, 'latin1')).replace('A', 'B');
    await writeFile(file, damaged);
    const service = await start();
    expect(service.state.value).toMatchObject({
      level: 'session',
      fileExists: true,
      damage: expect.stringContaining('damaged'),
    });
    await service.write('a', 'one');
    for (const attempt of [service.unlock(passphrase), service.createPassphrase(passphrase)])
      await expect(attempt).rejects.toMatchObject({
        failure: { code: expect.stringMatching(/input_output|conflict/) },
      });
    expect(await readFile(file, 'latin1')).toBe(damaged);
    const { file: aside, state } = await service.keepDamagedAside();
    expect(state).toMatchObject({ fileExists: false, damage: null });
    expect(path.basename(aside)).toMatch(/^secrets\.damaged-/);
    expect(await readFile(aside, 'latin1')).toBe(damaged);
    await service.createPassphrase(passphrase);
    expect(service.names()).toEqual(['a']);
  });

  it('opens again once a good copy is put back', async () => {
    const before = await start();
    await before.createPassphrase(passphrase);
    await before.write('a', 'one');
    const file = path.join(folder, 'secrets.sealed');
    const good = await readFile(file);
    await writeFile(file, '');
    const service = await start();
    expect(service.state.value.damage).toContain('damaged');
    await writeFile(file, good);
    expect(await service.unlock(passphrase)).toMatchObject({ level: 'passphrase', damage: null });
    expect(service.names()).toEqual(['a']);
  });

  it('that was good when it was opened leaves its secrets in memory, to be saved again', async () => {
    const service = await start();
    await service.createPassphrase(passphrase);
    await service.write('a', 'one');
    await writeFile(path.join(folder, 'secrets.sealed'), 'something else');
    await expect(service.write('b', 'two')).rejects.toMatchObject({ failure: { code: 'input_output' } });
    expect(service.state.value).toMatchObject({ level: 'session', damage: expect.any(String), unsaved: 1 });
    expect(await service.read('a')).toBe('one');
    await service.keepDamagedAside();
    await service.createPassphrase(passphrase);
    expect(service.names()).toEqual(['a']);
  });

  it('is not what a file is that opens; a forgotten passphrase is a reason to keep one aside', async () => {
    const service = await start();
    await expect(service.keepDamagedAside()).rejects.toMatchObject({ failure: { code: 'not_found' } });
    await service.createPassphrase(passphrase);
    await expect(service.keepDamagedAside()).rejects.toMatchObject({ failure: { code: 'refused' } });
    await service.lock();
    expect(path.basename((await service.keepDamagedAside()).file)).toMatch(/^secrets\.locked-/);
  });
});

describe('a keychain', () => {
  it('is where secrets are kept when there is one', async () => {
    const entries = new Map<string, string>();
    const service = await start(memoryKeychain(entries));
    await service.write('a', 'one');
    expect([await service.read('a'), await service.has('a'), service.names()]).toEqual(['one', true, undefined]);
    expect(service.state.value).toMatchObject({ level: 'keychain', description: 'a keychain in memory' });
    await expect(service.createPassphrase(passphrase)).rejects.toMatchObject({ failure: { code: 'refused' } });
    await service.remove('a');
    expect(entries.size).toBe(0);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('the collection is locked'))],
    ['never answers', () => new Promise<never>(() => {})],
  ])('that %s is left for the next level, with a message', async (_, answer) => {
    const service = await start({ description: 'broken', read: answer, write: answer, remove: answer });
    await service.write('a', 'one');
    expect(await service.read('a')).toBe('one');
    expect(service.state.value).toMatchObject({
      level: 'session',
      unsaved: 1,
      keychainProblem: expect.stringContaining('The keychain of this system failed'),
    });
    expect(reported).toEqual(['The keychain of this system cannot be used']);
    expect(await service.createPassphrase(passphrase)).toMatchObject({ level: 'passphrase', unsaved: 0 });
  });

  it('that works is not left for one entry that it cannot decrypt', async () => {
    const keychain = memoryKeychain();
    const service = await start({
      ...keychain,
      read: async (key) => (key === 'bad' ? Promise.reject(new Error('cannot decrypt')) : keychain.read(key)),
    });
    await expect(service.read('bad')).rejects.toMatchObject({ failure: { code: 'input_output' } });
    expect(service.state.value.level).toBe('keychain');
  });

  it('that is refused leaves its reason in the state', async () => {
    const refusal = keychainRefusal('basic_text', true, 'linux');
    expect((await start(undefined, refusal)).state.value).toMatchObject({ level: 'session', keychainProblem: refusal });
  });

  it.each([
    ['basic_text', true, 'linux', /keyring/],
    ['unknown', true, 'linux', /keyring/],
    [undefined, true, 'linux', /keyring/],
    ['gnome_libsecret', false, 'linux', /does not answer/],
    ['gnome_libsecret', true, 'linux', undefined],
    ['kwallet6', true, 'linux', undefined],
    [undefined, true, 'darwin', undefined],
    [undefined, false, 'darwin', /macOS/],
    [undefined, true, 'win32', undefined],
    [undefined, false, 'win32', /Windows/],
  ] as const)('%s, available %s, on %s', (backend, available, platform, refusal) => {
    const words = keychainRefusal(backend, available, platform);
    if (refusal === undefined) expect(words).toBeUndefined();
    else expect(words).toMatch(refusal);
  });
});

describe('files of a keychain', () => {
  const cipher = {
    encrypt: async (secret: string) => Buffer.from(secret, 'utf8').map((byte) => byte ^ 0x5a) as Buffer,
    decrypt: async (encrypted: Buffer) => Buffer.from(encrypted.map((byte) => byte ^ 0x5a)).toString('utf8'),
  };

  it('have names that tell nothing and reach nowhere, and only their owner reads them', async () => {
    const store = keychainFiles(path.join(folder, 'secrets'), cipher);
    const keys = ['../../etc/passwd', 'id:ssh-password:ada@bastion:22', 'plain', ''];
    for (const key of keys) await store.write(key, `secret of ${key}`);
    const names = await readdir(path.join(folder, 'secrets'));
    expect(names).toHaveLength(4);
    for (const name of names) {
      expect(name).toMatch(/^[0-9a-f]{64}$/);
      expect((await stat(path.join(folder, 'secrets', name))).mode & 0o777).toBe(0o600);
    }
    for (const key of keys) expect([await store.read(key), await store.has?.(key)]).toEqual([`secret of ${key}`, true]);
    for (const key of keys) await store.remove(key);
    expect(await readdir(path.join(folder, 'secrets'))).toEqual([]);
    expect([await store.read('plain'), await store.has?.('plain')]).toEqual([undefined, false]);
  });

  it('of an earlier version are read, and replaced when they are written', async () => {
    const inside = path.join(folder, 'secrets');
    await mkdir(inside);
    await writeFile(path.join(inside, 'an-old-id'), await cipher.encrypt('from before'));
    const store = keychainFiles(inside, cipher);
    expect([await store.read('an-old-id'), await store.has?.('an-old-id')]).toEqual(['from before', true]);
    await store.write('an-old-id', 'new');
    expect(await readdir(inside)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(await store.read('an-old-id')).toBe('new');
  });
});
