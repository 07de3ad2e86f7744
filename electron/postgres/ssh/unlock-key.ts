import ssh2 from 'ssh2';

/** A private key as PEM, for `crypto.sign`, with its public part in SSH's form. */
export interface UnlockedKey {
  readonly privatePem: string;
  readonly publicKey: Uint8Array;
}

/** The key in a file's text. A text says why not: `wrong-passphrase`, or that it cannot be read at all. */
export type UnlockAnswer = UnlockedKey | 'wrong-passphrase' | 'unreadable';

/** Opens a private key. Pure, and slow on purpose where there is a passphrase: hundreds of milliseconds. */
export function unlockKey(text: Uint8Array, passphrase?: string): UnlockAnswer {
  const parsed = ssh2.utils.parseKey(Buffer.from(text), passphrase);
  if (parsed instanceof Error) return passphrase === undefined ? 'unreadable' : 'wrong-passphrase';
  if (!parsed.isPrivateKey()) return 'unreadable';
  return { privatePem: parsed.getPrivatePEM(), publicKey: parsed.getPublicSSH() };
}
