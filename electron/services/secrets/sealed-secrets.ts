import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';

import { z } from '#contract/zod.ts';

/**
 * Secrets as text that only a passphrase opens. Three lines:
 *
 * 1. what is needed to derive the key, as JSON. It is authenticated (AAD), so it cannot be changed either;
 * 2. base64 of key check (32 bytes), IV (12), ciphertext and GCM tag (16). All secrets are one message: neither their
 *    names nor their number can be seen, and none can be put in the place of another;
 * 3. SHA-256 of the lines before. No protection, only a way to tell damage from a wrong passphrase, before asking.
 *
 * docs/decisions/0004-secrets-file.md says why.
 */

export type SealedSecretsProblem = 'damaged' | 'unsupported' | 'wrong passphrase';

/** Why sealed secrets were not opened. Its message is for people and carries no secret. */
export class SealedSecretsError extends Error {
  override readonly name = 'SealedSecretsError';
  readonly problem: SealedSecretsProblem;

  constructor(problem: SealedSecretsProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

/** Parameters of scrypt: https://www.rfc-editor.org/rfc/rfc7914. It takes 128 · r · 2^logN bytes of memory. */
export interface KeyDerivation {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
}

/** Two keys of 32 bytes: one seals, the other tells whether a passphrase is right. Zero it with `destroyKey`. */
export interface SealingKey {
  readonly bytes: Buffer;
}

export interface SealedSecrets {
  readonly derivation: KeyDerivation;
  /** The first line as it stands. */
  readonly header: string;
  readonly keyCheck: Buffer;
  readonly iv: Buffer;
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

/** 2^17, 8, 1: what OWASP asks of scrypt. 128 MiB and about a third of a second. */
export const standardLogN = 17;
const keyCheckBytes = 32;
const ivBytes = 12;
const tagBytes = 16;
const saltBytes = 32;
/** The length of a message tells no more than in which of these steps it is. */
const paddingBytes = 1024;
const mostMemoryBytes = 512 * 1024 * 1024;

const headerSchema = z.strictObject({
  format: z.literal('steward secrets'),
  version: z.number().int(),
  cipher: z.literal('aes-256-gcm'),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    logN: z.number().int(),
    r: z.number().int(),
    p: z.number().int(),
    salt: z.string(),
  }),
});

const entriesSchema = z.array(z.tuple([z.string(), z.string()]));

/** Parameters for a new file: a salt of its own, and today's cost. */
export function newDerivation(logN: number = standardLogN): KeyDerivation {
  return { logN, r: 8, p: 1, salt: randomBytes(saltBytes) };
}

/**
 * The key of a passphrase, worked out in another thread. The passphrase is brought to Unicode's composed form (NFC)
 * first, since keyboards differ in how they type `é`.
 */
export async function deriveKey(passphrase: string, derivation: KeyDerivation): Promise<SealingKey> {
  const { logN, r, p, salt } = derivation;
  const typed = Buffer.from(passphrase.normalize('NFC'), 'utf8');
  try {
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      const options = { N: 2 ** logN, r, p, maxmem: memoryBytes(derivation) + 32 * 1024 * 1024 };
      scrypt(typed, salt, 64, options, (error, key) => (error ? reject(error) : resolve(key)));
    });
    return { bytes };
  } finally {
    typed.fill(0);
  }
}

/** Overwrites a key that is not needed any more. */
export function destroyKey(key: SealingKey): void {
  key.bytes.fill(0);
}

/** Seals all secrets under a fresh IV. `key` must come from `derivation`. */
export function sealSecrets(secrets: ReadonlyMap<string, string>, key: SealingKey, derivation: KeyDerivation): string {
  const { logN, r, p, salt } = derivation;
  const header = JSON.stringify({
    format: 'steward secrets',
    version: 1,
    cipher: 'aes-256-gcm',
    kdf: { name: 'scrypt', logN, r, p, salt: salt.toString('base64') },
  });
  const iv = randomBytes(ivBytes);
  const plaintext = padded(JSON.stringify([...secrets]));
  const cipher = createCipheriv('aes-256-gcm', sealingHalf(key), iv, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(header));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  plaintext.fill(0);
  const body = Buffer.concat([keyCheckOf(key, header), iv, ciphertext, cipher.getAuthTag()]).toString('base64');
  return `${header}\n${body}\n${checksum(header, body)}\n`;
}

/**
 * Takes a sealed text apart without opening it. Throws `damaged` where a byte is not as it was written, and where the
 * parameters ask for more than any file of ours (a hostile file must not make us take 64 GB); `unsupported` for a
 * file of a later Steward.
 */
export function readSealedSecrets(text: string): SealedSecrets {
  const lines = /^(?<header>\{[^\n]*\})\n(?<body>[A-Za-z0-9+/]+={0,2})\n(?<sum>[0-9a-f]{64})\n$/.exec(text)?.groups;
  const { header = '', body = '', sum = '' } = lines ?? {};
  if (!lines || checksum(header, body) !== sum) throw damaged('its checksum does not fit');
  const parsed = headerSchema.safeParse(parseJson(header));
  if (!parsed.success) throw damaged('its first line is not of this kind of file');
  const { version, kdf } = parsed.data;
  if (version !== 1)
    throw new SealedSecretsError(
      'unsupported',
      `The secrets file has version ${version}; this Steward reads version 1`,
    );
  const derivation = { logN: kdf.logN, r: kdf.r, p: kdf.p, salt: Buffer.from(kdf.salt, 'base64') };
  const wrong = refuseDerivation(derivation);
  if (wrong !== undefined) throw damaged(wrong);
  const bytes = Buffer.from(body, 'base64');
  if (bytes.length < keyCheckBytes + ivBytes + tagBytes || bytes.toString('base64') !== body)
    throw damaged('its second line is cut short');
  return {
    derivation,
    header,
    keyCheck: bytes.subarray(0, keyCheckBytes),
    iv: bytes.subarray(keyCheckBytes, keyCheckBytes + ivBytes),
    ciphertext: bytes.subarray(keyCheckBytes + ivBytes, -tagBytes),
    tag: bytes.subarray(-tagBytes),
  };
}

/** Opens sealed secrets. Throws `wrong passphrase` where the key is another's, `damaged` where only the key fits. */
export function openSecrets(sealed: SealedSecrets, key: SealingKey): Map<string, string> {
  if (!timingSafeEqual(keyCheckOf(key, sealed.header), sealed.keyCheck))
    throw new SealedSecretsError('wrong passphrase', 'The passphrase is wrong');
  const decipher = createDecipheriv('aes-256-gcm', sealingHalf(key), sealed.iv, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(sealed.header));
  decipher.setAuthTag(sealed.tag);
  let plaintext: Buffer;
  try {
    plaintext = Buffer.concat([decipher.update(sealed.ciphertext), decipher.final()]);
  } catch {
    throw damaged('the passphrase is right, but what it opens was changed');
  }
  const entries = entriesSchema.safeParse(parseJson(plaintext.toString('utf8')));
  plaintext.fill(0);
  if (!entries.success) throw damaged('what it holds is not of this kind of file');
  return new Map(entries.data);
}

function refuseDerivation(derivation: KeyDerivation): string | undefined {
  const { logN, r, p, salt } = derivation;
  const fits = logN >= 14 && logN <= 22 && r >= 1 && r <= 32 && p >= 1 && p <= 4 && salt.length === saltBytes;
  if (!fits || memoryBytes(derivation) > mostMemoryBytes)
    return `its parameters (scrypt 2^${logN}, ${r}, ${p}) are outside of what Steward writes`;
  return undefined;
}

/** https://www.rfc-editor.org/rfc/rfc7914#section-6: V, and B for each lane. */
function memoryBytes({ logN, r, p }: KeyDerivation): number {
  return 128 * r * (2 ** logN + p);
}

function sealingHalf(key: SealingKey): Buffer {
  return key.bytes.subarray(0, 32);
}

function keyCheckOf(key: SealingKey, header: string): Buffer {
  return createHmac('sha256', key.bytes.subarray(32)).update(header).digest();
}

function checksum(header: string, body: string): string {
  return createHash('sha256').update(`${header}\n${body}\n`).digest('hex');
}

/** JSON may end in spaces. */
function padded(json: string): Buffer {
  const bytes = Buffer.from(json, 'utf8');
  const full = Buffer.alloc(Math.ceil((bytes.length + 1) / paddingBytes) * paddingBytes, ' ');
  bytes.copy(full);
  bytes.fill(0);
  return full;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(why: string): SealedSecretsError {
  return new SealedSecretsError('damaged', `The secrets file is damaged: ${why}`);
}
