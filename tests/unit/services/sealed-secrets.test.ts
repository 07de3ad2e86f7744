import { createHash } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import {
  type SealedSecretsError,
  type SealingKey,
  deriveKey,
  destroyKey,
  newDerivation,
  openSecrets,
  readSealedSecrets,
  sealSecrets,
} from '../../../electron/services/secrets/sealed-secrets.ts';

// The cheapest parameters that are accepted: what is tested is not how long a guess takes.
const derivation = newDerivation(14);
const passphrase = 'correct horse battery staple';
const secrets = new Map([
  ['3f1c', 'p4ss-word'],
  ['3f1c:ssh-password:ada@bastion:22', "ünïcode “quotes” \\ ' \n \uD83D\uDC18"],
  ['__proto__', ''],
]);
let key: SealingKey;
let text: string;

beforeAll(async () => {
  key = await deriveKey(passphrase, derivation);
  text = sealSecrets(secrets, key, derivation);
});

/** What opening a changed text comes to: the plaintext, or the kind of failure. */
function outcome(changed: string, withKey = key): string {
  try {
    return JSON.stringify([...openSecrets(readSealedSecrets(changed), withKey)]);
  } catch (error) {
    return (error as SealedSecretsError).problem;
  }
}

/** The text with a checksum that fits, as somebody would write it who changes it on purpose. */
function resealed(header: string, body: string): string {
  return `${header}\n${body}\n${createHash('sha256').update(`${header}\n${body}\n`).digest('hex')}\n`;
}

describe('sealed secrets', () => {
  it('are what was sealed', async () => {
    const sealed = readSealedSecrets(text);
    expect(openSecrets(sealed, await deriveKey(passphrase, sealed.derivation))).toEqual(secrets);
  });

  it('are damaged when any one byte is another, in every bit', () => {
    const bytes = Buffer.from(text, 'latin1');
    const outcomes = new Set<string>();
    for (let place = 0; place < bytes.length; place += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(changed.readUInt8(place) ^ (1 << bit), place);
        outcomes.add(outcome(changed.toString('latin1')));
      }
    }
    expect([...outcomes]).toEqual(['damaged']);
  });

  it('are never opened to anything else by somebody who corrects the checksum too', async () => {
    const [header = '', body = ''] = text.split('\n');
    const bytes = Buffer.from(body, 'base64');
    const outcomes = new Map<string, number>();
    for (let place = 0; place < bytes.length; place += 1) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
      const came = outcome(resealed(header, changed.toString('base64')));
      outcomes.set(came, (outcomes.get(came) ?? 0) + 1);
    }
    expect(Object.fromEntries(outcomes)).toEqual({ 'wrong passphrase': 32, damaged: bytes.length - 32 });

    const salt = /"salt":"(?<salt>[^"]+)"/.exec(header)?.groups?.['salt'] ?? '';
    const otherSalt = Buffer.from(salt, 'base64');
    otherSalt.writeUInt8(otherSalt.readUInt8(0) ^ 1);
    for (const otherHeader of [
      header.replace(salt, otherSalt.toString('base64')),
      header.replace('"logN":14', '"logN":15'),
    ]) {
      const changed = resealed(otherHeader, body);
      const otherKey = await deriveKey(passphrase, readSealedSecrets(changed).derivation);
      expect([outcome(changed, otherKey), outcome(changed)]).toEqual(['wrong passphrase', 'wrong passphrase']);
    }
  });

  it('are damaged when they are cut short or longer, and when another file is mixed in', () => {
    for (let length = 0; length < text.length; length += 1) expect(outcome(text.slice(0, length))).toBe('damaged');
    for (const changed of ['', `${text}\n`, ` ${text}`, `\uFEFF${text}`, text.replaceAll('\n', '\r\n'), text + text])
      expect(outcome(changed)).toBe('damaged');
    const [header = ''] = text.split('\n');
    const [, otherBody = ''] = sealSecrets(new Map([['a', 'b']]), { bytes: Buffer.alloc(64, 1) }, derivation).split(
      '\n',
    );
    expect(outcome(resealed(header, otherBody))).toBe('wrong passphrase');
  });

  it('do not open with another passphrase, and not with a key that was destroyed', async () => {
    for (const wrong of ['correct horse battery stapl', 'Correct horse battery staple', `${passphrase} `, ''])
      expect(outcome(text, await deriveKey(wrong, derivation))).toBe('wrong passphrase');
    const own = await deriveKey(passphrase, derivation);
    destroyKey(own);
    expect(own.bytes.equals(Buffer.alloc(64))).toBe(true);
    expect(outcome(text, own)).toBe('wrong passphrase');
  });

  it('take a passphrase however its letters were composed', async () => {
    const composed = await deriveKey('Zo\u00eb na\u00efve caf\u00e9', derivation);
    const decomposed = await deriveKey('Zoe\u0308 nai\u0308ve cafe\u0301', derivation);
    expect(decomposed.bytes.equals(composed.bytes)).toBe(true);
  });

  it('never use an IV or a salt twice, and show neither names nor their number', async () => {
    const again = sealSecrets(secrets, key, derivation);
    expect(again.split('\n')[1]?.slice(43)).not.toBe(text.split('\n')[1]?.slice(43));
    expect(readSealedSecrets(again).iv.equals(readSealedSecrets(text).iv)).toBe(false);
    expect(newDerivation(14).salt.equals(newDerivation(14).salt)).toBe(false);
    const one = sealSecrets(new Map([['a', 'b']]), key, derivation);
    expect(one.length).toBe(text.length);
    for (const [name, secret] of secrets)
      for (const part of [name, secret].filter((word) => word.length > 3)) expect(text).not.toContain(part);
  });
});

describe('hostile parameters', () => {
  it.each([
    ['64 GB of memory', { logN: 26, r: 8, p: 1 }],
    ['a gigabyte', { logN: 20, r: 8, p: 1 }],
    ['wide blocks', { logN: 17, r: 1_000_000, p: 1 }],
    ['many lanes', { logN: 14, r: 1, p: 100_000 }],
    ['no cost at all', { logN: 1, r: 8, p: 1 }],
    ['a negative cost', { logN: -1, r: 8, p: 1 }],
    ['a fraction', { logN: 14.5, r: 8, p: 1 }],
  ])('%s are refused before any work is done', (_, parameters) => {
    const changed = changeKdf(parameters);
    const before = process.memoryUsage().rss;
    expect(outcome(changed)).toBe('damaged');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  it.each([
    ['another derivation', { name: 'pbkdf2' }],
    ['a short salt', { salt: Buffer.alloc(4).toString('base64') }],
    ['something more', { note: 'hello' }],
  ])('%s is refused', (_, parameters) => {
    expect(outcome(changeKdf(parameters))).toBe('damaged');
  });

  it('says of a later version that it is one', () => {
    const [own = '', sealed = ''] = text.split('\n');
    expect(outcome(resealed(own.replace('"version":1', '"version":2'), sealed))).toBe('unsupported');
  });

  function changeKdf(change: Record<string, unknown>): string {
    const [own = '', sealed = ''] = text.split('\n');
    const value = JSON.parse(own) as { kdf: Record<string, unknown> };
    return resealed(JSON.stringify({ ...value, kdf: { ...value.kdf, ...change } }), sealed);
  }
});
