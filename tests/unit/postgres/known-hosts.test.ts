import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { KnownHosts } from '../../../electron/postgres/ssh/known-hosts-file.ts';
import {
  fingerprint,
  judgeHostKey,
  knownKeyTypes,
  parseKnownHosts,
} from '../../../electron/postgres/ssh/known-hosts.ts';
import type { LocalUser } from '../../../electron/postgres/ssh/local-user.ts';

const [one, two, rsa] = [
  ed25519Line(),
  ed25519Line(),
  ssh2.utils.generateKeyPairSync('rsa', { bits: 2048 }).public,
].map((line) => {
  const [keyType = '', key = ''] = line.split(' ');
  return { keyType, key, line: `${keyType} ${key}`, bytes: Buffer.from(key, 'base64') };
}) as [TestKey, TestKey, TestKey];

/** A new key as in a `.pub` file; not by ssh2, which cuts a leading 0 off one in 256 of them. */
function ed25519Line(): string {
  const { x = '' } = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
  const fields = [Buffer.from('ssh-ed25519'), Buffer.from(x, 'base64url')];
  const wire = Buffer.concat(fields.flatMap((field) => [Buffer.from([0, 0, 0, field.length]), field]));
  return `ssh-ed25519 ${wire.toString('base64')}`;
}

interface TestKey {
  readonly keyType: string;
  readonly key: string;
  readonly line: string;
  readonly bytes: Buffer;
}

function verdict(text: string, host: string, port = 22, key = one): string {
  return judgeHostKey(parseKnownHosts(text), { host, port }, key.bytes).kind;
}

function hashed(name: string): string {
  const salt = Buffer.from('twenty bytes of salt');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('a key on file', () => {
  it.each([
    ['plain', 'db.example', 22, 'known'],
    ['plain', 'DB.example', 22, 'known'],
    ['plain', 'other', 22, 'unknown'],
    ['list', '10.0.0.1', 22, 'known'],
    ['port', 'db.example', 2222, 'known'],
    ['port', 'db.example', 22, 'unknown'],
    // A key filed without a port is good for another port as well.
    ['plain', 'db.example', 2222, 'known'],
    ['wildcard', 'a.example', 22, 'known'],
    ['wildcard', 'secret.example', 22, 'unknown'],
    ['hashed', 'db.example', 22, 'known'],
    ['hashed', 'db.example2', 22, 'unknown'],
    ['hashedPort', 'db.example', 2222, 'known'],
    ['hashedPort', 'db.example', 2223, 'unknown'],
    ['comment', 'db.example', 22, 'unknown'],
    ['authority', 'db.example', 22, 'unknown'],
    ['revoked', 'db.example', 22, 'revoked'],
    ['revokedEverywhere', 'db.example', 2222, 'revoked'],
    ['truncated', 'db.example', 22, 'unknown'],
    ['wrongType', 'db.example', 22, 'unknown'],
  ] as const)('in the form “%s” says of %s:%d: %s', (form, host, port, expected) => {
    const files = {
      plain: `db.example ${one.line} a comment`,
      list: `db.example,10.0.0.1\t${one.line}`,
      port: `[db.example]:2222 ${one.line}`,
      wildcard: `!secret.*,*.example ${one.line}`,
      hashed: `${hashed('db.example')} ${one.line}`,
      hashedPort: `${hashed('[db.example]:2222')} ${one.line}`,
      comment: `# db.example ${one.line}`,
      authority: `@cert-authority *.example,db.example ${one.line}`,
      revoked: `db.example ${one.line}\n@revoked db.example ${one.line}`,
      revokedEverywhere: `[db.example]:2222 ${one.line}\r\n@revoked * ${one.line}\r\n`,
      truncated: `db.example ${one.keyType}`,
      wrongType: `db.example ssh-rsa ${one.key}`,
    };
    expect(verdict(files[form], host, port)).toBe(expected);
  });

  it('has changed where only other keys are on file', () => {
    const text = `db ${two.line}\ndb ${rsa.line}\n@revoked db ${rsa.line}`;
    expect(judgeHostKey(parseKnownHosts(text), { host: 'db', port: 22 }, one.bytes)).toEqual({
      kind: 'changed',
      known: [fingerprint(two.bytes), fingerprint(rsa.bytes)],
    });
    // For another port nothing is on file.
    expect(verdict(text, 'db', 2222)).toBe('unknown');
    // One of several is enough.
    expect(verdict(`${text}\ndb ${one.line}`, 'db')).toBe('known');
  });

  it('says which types to ask for', () => {
    const hosts = parseKnownHosts(`db ${rsa.line}\n[db]:2222 ${one.line}\n@revoked db ${two.line}`);
    expect(knownKeyTypes(hosts, { host: 'db', port: 22 })).toEqual(['ssh-rsa']);
    expect(knownKeyTypes(hosts, { host: 'db', port: 2222 })).toEqual(['ssh-ed25519']);
    expect(knownKeyTypes(hosts, { host: 'db', port: 2200 })).toEqual(['ssh-rsa']);
    expect(knownKeyTypes(hosts, { host: 'x', port: 22 })).toEqual([]);
  });

  it('has the fingerprint that ssh-keygen prints, and is found as it hashes names', () => {
    const key = 'AAAAC3NzaC1lZDI1NTE5AAAAINbohySA6g5+guG2Vh87pJkViTQkWrzxKyQsf6Kx3S79';
    const bytes = Buffer.from(key, 'base64');
    const made = `|1|itfNqCJ2zU8JqvpU+SH06uMdRSA=|Q1pLcSp1EzyZe7V6OgwjgrQLKzg= ssh-ed25519 ${key}`;
    expect(fingerprint(bytes)).toBe('SHA256:UpnnBbi+Vp2PAU/AxZPedd19Jrczo7oGHrCTS4qd4aM');
    const at = (port: number) => judgeHostKey(parseKnownHosts(made), { host: 'db.example', port }, bytes).kind;
    expect([at(2222), at(22)]).toEqual(['known', 'unknown']);
  });
});

describe('Steward’s own file', () => {
  let local: LocalUser;
  let knownHosts: KnownHosts;
  beforeEach(async () => {
    const home = await mkdtemp(path.join(os.tmpdir(), 'steward-known-'));
    local = {
      name: 'ada',
      home,
      sshDirectory: path.join(home, '.ssh'),
      systemSshDirectory: path.join(home, 'etc'),
      environment: {},
      platform: 'linux',
    };
    await mkdir(local.sshDirectory);
    knownHosts = new KnownHosts(path.join(home, 'data'), local);
  });
  afterEach(() => rm(local.home, { recursive: true }));

  const kind = async (host: string, key: TestKey, files?: readonly string[]) =>
    judgeHostKey(await knownHosts.read(files), { host, port: 22 }, key.bytes).kind;

  it('takes a key, and puts another of its type in its place', async () => {
    expect(await kind('db', one)).toBe('unknown');
    await knownHosts.trustHostKey({ host: 'db', port: 22, ...one });
    await knownHosts.trustHostKey({ host: 'db', port: 22, ...rsa });
    await knownHosts.trustHostKey({ host: 'db', port: 2222, ...one });
    await knownHosts.trustHostKey({ host: 'db', port: 22, ...two });
    expect(await readFile(knownHosts.file, 'utf8')).toBe(`db ${rsa.line}\n[db]:2222 ${one.line}\ndb ${two.line}\n`);
    expect([await kind('db', one), await kind('db', two)]).toEqual(['changed', 'known']);
    expect((await stat(knownHosts.file)).mode & 0o777).toBe(0o600);
    expect(await readdir(path.dirname(knownHosts.file))).toEqual(['known_hosts']);
  });

  it('loses none of several that are trusted at once, nor what somebody wrote there', async () => {
    await mkdir(path.dirname(knownHosts.file));
    await writeFile(knownHosts.file, `# mine\n@revoked h1 ${two.line}`);
    const hosts = Array.from({ length: 20 }, (_, n) => `h${n}`);
    await Promise.all(hosts.map((host) => knownHosts.trustHostKey({ host, port: 22, ...one })));
    expect(await Promise.all(hosts.map((host) => kind(host, one)))).toEqual(hosts.map(() => 'known'));
    expect(await readFile(knownHosts.file, 'utf8')).toContain('# mine\n@revoked h1');
  });

  it('is read beside the user’s and the system’s files, or those that the configuration names', async () => {
    await mkdir(local.systemSshDirectory);
    const write = (folder: string, name: string, host: string) =>
      writeFile(path.join(folder, name), `${host} ${one.line}\n`);
    await write(local.sshDirectory, 'known_hosts', 'first');
    await write(local.sshDirectory, 'known_hosts2', 'second');
    await write(local.systemSshDirectory, 'ssh_known_hosts', 'system');
    await write(local.home, 'other', 'other');
    await knownHosts.trustHostKey({ host: 'own', port: 22, ...one });
    const known = async (files?: string[]) => {
      const names = ['first', 'second', 'system', 'own', 'other'];
      const kinds = await Promise.all(names.map((name) => kind(name, one, files)));
      return names.filter((_, n) => kinds[n] === 'known');
    };
    expect(await known()).toEqual(['first', 'second', 'system', 'own']);
    expect(await known([path.join(local.home, 'other')])).toEqual(['system', 'own', 'other']);
  });

  it('is not written for what is no host, or no key', async () => {
    const good = { host: 'db', port: 22, ...one };
    for (const bad of [
      { ...good, host: `db ${two.line}\nevil` },
      { ...good, host: '*' },
      { ...good, host: 'a,b' },
      { ...good, host: '@revoked' },
      { ...good, host: '' },
      { ...good, port: 0 },
      { ...good, keyType: 'ssh-rsa' },
      { ...good, key: 'AAAA' },
      { ...good, key: `${one.key}\n* ${two.line}` },
    ]) {
      await expect(knownHosts.trustHostKey(bad)).rejects.toMatchObject({ failure: { code: 'bad_input' } });
    }
    await expect(readFile(knownHosts.file)).rejects.toThrow('ENOENT');
  });

  it('is never passed over where it cannot be read', async () => {
    await mkdir(knownHosts.file, { recursive: true });
    await expect(knownHosts.read()).rejects.toMatchObject({ failure: { code: 'input_output' } });
  });
});
