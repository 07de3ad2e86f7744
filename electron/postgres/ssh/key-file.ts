import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';

import ssh2, { type ParsedKey } from 'ssh2';

import { StewardError } from '../failure.ts';
import type { LocalUser } from './local-user.ts';

/** What a file of the kind that IdentityFile names holds. */
export interface KeyFile {
  readonly file: string;
  /** Undefined for old encrypted files, whose public part is encrypted as well and stands in no `.pub` beside. */
  readonly publicKey: ParsedKey | undefined;
  /** Undefined for a file with a public key only: the private one is in the agent. */
  readonly privateText: Buffer | undefined;
  readonly encrypted: boolean;
}

const maximumSizeBytes = 1_000_000;

/**
 * Reads a key file and its public part, without any passphrase. Undefined where there is no such file. Throws `refused`
 * for one that others can read, and `bad_input` for a format that is not supported.
 */
export async function readKeyFile(file: string, local: LocalUser): Promise<KeyFile | undefined> {
  const text = await readChecked(file, local);
  if (text === undefined) return undefined;
  const parsed = ssh2.utils.parseKey(text);
  if (!(parsed instanceof Error)) {
    return parsed.isPrivateKey()
      ? { file, publicKey: parsed, privateText: text, encrypted: false }
      : { file, publicKey: parsed, privateText: undefined, encrypted: false };
  }
  if (!/no passphrase given/.test(parsed.message)) throw unsupported(file, text.toString('latin1'), parsed);
  const publicKey = publicKeyInside(text) ?? (await publicKeyBeside(file));
  return { file, publicKey, privateText: text, encrypted: true };
}

async function readChecked(file: string, local: LocalUser): Promise<Buffer | undefined> {
  try {
    const status = await stat(file);
    if (!status.isFile()) throw StewardError.of('bad_input', `${file} is no file.`);
    if (status.size > maximumSizeBytes) throw StewardError.of('bad_input', `${file} is too large for an SSH key.`);
    const text = await readFile(file);
    // A public key is for everybody to read.
    if (text.includes('PRIVATE KEY') || text.includes('PuTTY-User-Key-File')) checkMode(file, status, local);
    return text;
  } catch (error) {
    if (error instanceof StewardError) throw error;
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw StewardError.of('input_output', `The key file ${file} cannot be read: ${(error as Error).message}`);
  }
}

/** As in OpenSSH: a private key of one's own that others can read is not used. */
function checkMode(file: string, { mode, uid }: Stats, local: LocalUser): void {
  const open = (Number(mode) & 0o077) !== 0;
  if (local.platform === 'win32' || !open || (local.uid !== undefined && Number(uid) !== local.uid)) return;
  const permissions = (Number(mode) & 0o777).toString(8).padStart(4, '0');
  throw StewardError.of('refused', `The permissions ${permissions} of ${file} let others read this private key.`, {
    hint: `It is not used, as ssh would not use it either: chmod 600 '${file}'`,
  });
}

/** The public key stands unencrypted in the file: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function publicKeyInside(text: Buffer): ParsedKey | undefined {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text.toString('latin1'))?.[1];
  if (body === undefined) return undefined;
  const data = Buffer.from(body, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const next = () => {
    const length = data.readUInt32BE(at);
    const field = data.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return field;
  };
  try {
    // Cipher, key derivation, its options; then the number of keys.
    for (let field = 0; field < 3; field += 1) next();
    at += 4;
    const parsed = ssh2.utils.parseKey(next());
    return parsed instanceof Error ? undefined : parsed;
  } catch {
    // Cut short: the private part will say so.
    return undefined;
  }
}

async function publicKeyBeside(file: string): Promise<ParsedKey | undefined> {
  try {
    const parsed = ssh2.utils.parseKey(await readFile(`${file}.pub`));
    return parsed instanceof Error ? undefined : parsed;
  } catch {
    return undefined;
  }
}

function unsupported(file: string, text: string, error: Error): StewardError {
  const [what, hint] = reason(file, text);
  return StewardError.of('bad_input', `${file} cannot be used: ${what ?? error.message}.`, { hint });
}

function reason(file: string, text: string): [what: string | undefined, hint: string] {
  const supported = 'Supported are Ed25519, ECDSA and RSA keys in OpenSSH’s format, and PuTTY’s version 2 with RSA.';
  if (text.startsWith('PuTTY-User-Key-File-')) {
    return [
      'of PuTTY’s formats only version 2 with RSA is read',
      `Convert it with PuTTYgen, Conversions, Export OpenSSH key. ${supported}`,
    ];
  }
  if (/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text)) {
    return ['PKCS#8 is not read', `Rewrite it in OpenSSH’s format: ssh-keygen -p -f '${file}'. ${supported}`];
  }
  if (publicKeyLabel(text).startsWith('sk-')) {
    return ['keys on a security token need ssh-agent or ssh itself', supported];
  }
  return [undefined, supported];
}

function publicKeyLabel(text: string): string {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text)?.[1] ?? '';
  return (
    /sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com/.exec(Buffer.from(body, 'base64').toString('latin1'))?.[0] ?? ''
  );
}
