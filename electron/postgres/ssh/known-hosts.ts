import { createHash, createHmac } from 'node:crypto';

import { matchesPatterns } from './host-pattern.ts';

/** A line of a known-hosts file: https://man.openbsd.org/sshd#SSH_KNOWN_HOSTS_FILE_FORMAT */
export interface KnownHost {
  readonly revoked: boolean;
  /** Patterns separated by commas, or one hashed name. */
  readonly names: string;
  readonly keyType: string;
  /** Base64. */
  readonly key: string;
}

/** A server, by the name that its key is filed under. */
export interface HostName {
  readonly host: string;
  readonly port: number;
}

/** A host key that a person has accepted. */
export interface HostKey extends HostName {
  readonly keyType: string;
  /** The public key, base64. */
  readonly key: string;
}

export type HostKeyVerdict =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  /** Fingerprints of what is on file for this host instead. */
  | { readonly kind: 'changed'; readonly known: readonly string[] }
  | { readonly kind: 'revoked' };

const sshPort = 22;

/** The keys in a known-hosts file. Comments, certificate authorities and lines that are none are left out. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const known = parseLine(line);
    return known ? [known] : [];
  });
}

function parseLine(line: string): KnownHost | undefined {
  const words = line.trim().split(/[ \t]+/);
  if (words[0] === '' || words[0]?.startsWith('#')) return undefined;
  const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
  const [names, keyType, key] = words;
  if (names === undefined || keyType === undefined || key === undefined) return undefined;
  if (marker !== undefined && marker !== '@revoked') return undefined;
  return keyTypeOf(Buffer.from(key, 'base64')) === keyType
    ? { revoked: marker === '@revoked', names, keyType, key }
    : undefined;
}

/** How a server is written in the file: the port only where it is not 22. */
export function knownHostName({ host, port }: HostName): string {
  return port === sshPort ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

function isNamed({ names }: KnownHost, name: string): boolean {
  const [, salt, hash] = /^\|1\|([^|]+)\|([^|]+)$/.exec(names) ?? [];
  if (salt !== undefined && hash !== undefined) {
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  return matchesPatterns(names.toLowerCase().split(','), name);
}

/**
 * What the files say about a key that a server has shown. As in OpenSSH, a key filed without a port vouches for
 * another port too; but only one filed with the port can say that the key has changed.
 */
export function judgeHostKey(hosts: readonly KnownHost[], server: HostName, key: Buffer): HostKeyVerdict {
  const shown = key.toString('base64');
  const named = hosts.filter((host) => isNamed(host, knownHostName(server)));
  const bare = hosts.filter((host) => isNamed(host, server.host.toLowerCase()));
  const same = [...named, ...bare].filter((host) => canonical(host.key) === shown);
  if (same.some((host) => host.revoked)) return { kind: 'revoked' };
  if (same.length > 0) return { kind: 'known' };
  const known = new Set(
    named.filter((host) => !host.revoked).map((host) => fingerprint(Buffer.from(host.key, 'base64'))),
  );
  return known.size > 0 ? { kind: 'changed', known: [...known] } : { kind: 'unknown' };
}

/** The types of the keys on file for a server: it is asked for one of these, so that another type does not look new. */
export function knownKeyTypes(hosts: readonly KnownHost[], server: HostName): string[] {
  const usable = hosts.filter((host) => !host.revoked);
  const named = usable.filter((host) => isNamed(host, knownHostName(server)));
  const chosen = named.length > 0 ? named : usable.filter((host) => isNamed(host, server.host.toLowerCase()));
  return [...new Set(chosen.map((host) => host.keyType))];
}

/** As OpenSSH prints it: `SHA256:` and base64 without padding. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a public key begins with; undefined for what is no key. */
export function keyTypeOf(key: Buffer): string | undefined {
  if (key.length < 5) return undefined;
  const length = key.readUInt32BE(0);
  const type = key.toString('latin1', 4, 4 + length);
  return length <= key.length - 5 && /^[\w@.-]+$/.test(type) ? type : undefined;
}

/** The text of a file with a key added, in place of one of the same type for exactly this server. */
export function withHostKey(text: string, hostKey: HostKey): string {
  const name = knownHostName(hostKey);
  const lines = text.split(/\r?\n/).filter((line) => {
    const known = parseLine(line);
    return !(known && !known.revoked && known.names === name && known.keyType === hostKey.keyType);
  });
  while (lines.at(-1) === '') lines.pop();
  return `${[...lines, `${name} ${hostKey.keyType} ${canonical(hostKey.key)}`].join('\n')}\n`;
}

function canonical(key: string): string {
  return Buffer.from(key, 'base64').toString('base64');
}
