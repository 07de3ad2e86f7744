import type { Question } from '#contract/failure.ts';

import { StewardError } from '../failure.ts';
import { fingerprint } from './known-hosts.ts';

/** A failure that a person's answer can end. */
export function needsAnswer(message: string, question: Question, hint?: string): StewardError {
  return new StewardError({ code: 'needs_answer', message, retryable: false, question, ...(hint ? { hint } : {}) });
}

/** Asks for the password of a user at a server, or says that the one on file was not accepted. */
export function askPassword(hopName: string, message: string, hint?: string): StewardError {
  return needsAnswer(message, { kind: 'secret', purpose: 'ssh-password', subject: hopName }, hint);
}

/** Asks for the passphrase of a key file. */
export function askPassphrase(file: string, wrong: boolean): StewardError {
  return needsAnswer(
    wrong ? `The passphrase for ${file} is wrong.` : `The key file ${file} is encrypted and needs its passphrase.`,
    { kind: 'secret', purpose: 'ssh-key-passphrase', subject: file },
  );
}

interface ShownHostKey {
  readonly host: string;
  readonly port: number;
  readonly keyType: string;
  readonly key: Buffer;
}

/** Asks whether a host key is trusted; says plainly when another one was. */
export function askHostKey({ host, port, keyType, key }: ShownHostKey, known: readonly string[]): StewardError {
  const shown = fingerprint(key);
  const question: Question = {
    kind: 'host-key',
    host,
    port,
    keyType,
    fingerprint: shown,
    key: key.toString('base64'),
    known: [...known],
  };
  if (known.length === 0) {
    return needsAnswer(
      `The SSH server ${host}:${port} is not known yet. Its ${keyType} key is ${shown}.`,
      question,
      'Compare the fingerprint with the one that its administrator gives you.',
    );
  }
  return needsAnswer(
    `The key of the SSH server ${host}:${port} has changed. Somebody may be in between and read everything, ` +
      `passwords too, or the server was set up anew. It shows ${shown}; on file is ${known.join(', ')}.`,
    question,
    'Nothing was sent to it. Ask its administrator before you accept the new key.',
  );
}

/** For a key that a known-hosts file marks as `@revoked`. */
export function revokedHostKey({ host, port, keyType, key }: ShownHostKey): StewardError {
  return StewardError.of(
    'refused',
    `The SSH server ${host}:${port} shows a ${keyType} key that is marked as revoked: ${fingerprint(key)}.`,
    { hint: 'Somebody else may hold this key. Steward does not connect; ask the server’s administrator.' },
  );
}

/** A server on the way that cannot be reached, or does not speak SSH as it should. */
export function hopUnreachable(hopName: string, what: string, hint?: string, cause?: unknown): StewardError {
  return StewardError.of('unreachable', `The SSH server ${hopName} cannot be reached: ${what}`, {
    retryable: true,
    ...(hint ? { hint } : {}),
    ...(cause === undefined ? {} : { cause }),
  });
}

const socketHints: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens there. Check host and port, and whether the SSH server runs.',
  ENOTFOUND: 'The host name is not known. Check its spelling, ~/.ssh/config, and your DNS or VPN.',
  EAI_AGAIN: 'The host name could not be looked up. Check your network or VPN.',
  EHOSTUNREACH: 'There is no route to the host. Check your network or VPN.',
  ENETUNREACH: 'The network is not reachable. Check your network or VPN.',
  ETIMEDOUT: 'No answer in time. Check host, port and firewalls.',
};

/** What the system says about a connection to the first server. */
export function socketFailure(hopName: string, error: Error): StewardError {
  return hopUnreachable(hopName, error.message, socketHints[(error as NodeJS.ErrnoException).code ?? ''], error);
}

/** RFC 4254, section 5.1. */
const administrativelyProhibited = 1;

/** The last server could not, or may not, connect to where it was asked to. `words` are its own. */
export function forwardFailure(hopName: string, target: string, error: Error, words: string): StewardError {
  const { reason } = error as { reason?: unknown };
  const forbidden = reason === administrativelyProhibited;
  // As ssh prints it: the words alone are often no more than “open failed”.
  const said = forbidden ? `administratively prohibited: ${words}` : words;
  return StewardError.of('unreachable', `The SSH server ${hopName} could not reach ${target}: ${said}`, {
    retryable: !forbidden,
    hint: forbidden
      ? 'It may not forward there: see AllowTcpForwarding and PermitOpen in its sshd_config, and permitopen in authorized_keys.'
      : `Host and port are looked up from ${hopName}, not from here. Check that the server runs and lets that host in.`,
    cause: error,
  });
}

/** The connection was there, and is gone. */
export function tunnelLost(hopName: string, what: string): StewardError {
  return StewardError.of('connection_lost', `The SSH connection to ${hopName} was lost: ${what}`, {
    retryable: true,
    hint: 'The next use builds it again.',
  });
}

/** Another machine's words as they may stand in a message: one line, no control characters, nothing of the secrets. */
export function quoteWords(text: string, secrets: Iterable<string> = []): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '•••');
  return clean
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
}
