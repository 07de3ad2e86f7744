import type { Duplex } from 'node:stream';

import ssh2, { type Client, type ClientErrorExtensions, type ServerHostKeyAlgorithm } from 'ssh2';

import type { StewardError } from '../failure.ts';
import { Deadline } from './deadline.ts';
import type { KnownHosts } from './known-hosts-file.ts';
import { type KnownHost, judgeHostKey, keyTypeOf, knownKeyTypes } from './known-hosts.ts';
import type { LocalUser } from './local-user.ts';
import type { RefusedPasswords } from './refused-passwords.ts';
import { SshAuthentication, type SshSecrets } from './ssh-authentication.ts';
import { askHostKey, hopUnreachable, revokedHostKey, socketFailure } from './ssh-failure.ts';
import type { SshHop } from './ssh-route.ts';

export interface HopOptions {
  readonly local: LocalUser;
  readonly secrets: SshSecrets;
  readonly knownHosts: KnownHosts;
  readonly refusedPasswords: RefusedPasswords;
  /** For each step: reaching the server, the handshake, each answer while logging in. */
  readonly connectTimeoutMs: number;
  readonly keepAliveMs: number;
}

/** In the order of preference of ssh2, which has no others. */
const hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
];

/**
 * Logs in at a server over a stream that leads to it. The client that comes back is ready; its `error` events are
 * listened to. Throws the failure that a person can do something with; the stream is closed then.
 */
export async function connectHop(
  hop: SshHop,
  stream: Duplex,
  options: HopOptions,
  signal: AbortSignal,
): Promise<Client> {
  const abandoned = new AbortController();
  const knownHosts = await options.knownHosts.read(hop.knownHostsFiles);
  const client = new ssh2.Client();
  using authentication = new SshAuthentication({
    hop,
    local: options.local,
    secrets: options.secrets,
    refusedPasswords: options.refusedPasswords,
    signal: AbortSignal.any([signal, abandoned.signal]),
    onWaiting: (forServer) => (forServer ? deadline.restart() : deadline.pause()),
  });
  let step = 'before the SSH handshake';
  let hostKeyFailure: StewardError | undefined;
  let fail: (failure: unknown) => void = () => {};
  const seconds = options.connectTimeoutMs / 1000;
  using deadline = new Deadline(options.connectTimeoutMs, () =>
    fail(
      hopUnreachable(
        hop.name,
        `no answer within ${seconds} s ${step}.`,
        'Check the network, and whether this is an SSH server.',
      ),
    ),
  );
  const onAbort = () => fail(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      fail = reject;
      client.once('ready', resolve);
      client.on('handshake', () => {
        step = 'while logging in';
        deadline.restart();
      });
      client.on('change password', (words: string) => {
        authentication.passwordExpired(words);
        reject(authentication.failure());
      });
      client.on('error', (error: Error & ClientErrorExtensions) => {
        // A key that could not be signed with; the next one is tried.
        if (error.level === 'agent') return;
        reject(hostKeyFailure ?? failureOf(hop, error, step, authentication));
      });
      const closed = () => reject(hopUnreachable(hop.name, `it closed the connection ${step}.`));
      client.once('end', closed);
      client.once('close', closed);
      client.connect({
        sock: stream,
        username: hop.user,
        algorithms: { serverHostKey: preferredAlgorithms(knownHosts, hop) },
        hostVerifier: (key: Buffer) => {
          hostKeyFailure = hostKeyProblem(knownHosts, hop, key);
          return hostKeyFailure === undefined;
        },
        authHandler: (methodsLeft, partial, hand) => authentication.next(methodsLeft, partial, hand),
        // The deadline waits for an agent that asks its user; ssh2's own would not.
        readyTimeout: 0,
        // Pings without an end: what comes back is watched by the connection.
        keepaliveInterval: options.keepAliveMs,
        keepaliveCountMax: Number.POSITIVE_INFINITY,
      });
      if (signal.aborted) onAbort();
    });
    return client;
  } catch (error) {
    abandoned.abort();
    client.end();
    stream.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Those of which a key is on file go first, as in OpenSSH: another type of the same server then does not look new. */
function preferredAlgorithms(knownHosts: readonly KnownHost[], { hostKeyName }: SshHop): ServerHostKeyAlgorithm[] {
  const types = new Set(knownKeyTypes(knownHosts, hostKeyName));
  const isKnown = (name: string) => types.has(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name);
  return [...hostKeyAlgorithms.filter(isKnown), ...hostKeyAlgorithms.filter((name) => !isKnown(name))];
}

function hostKeyProblem(
  knownHosts: readonly KnownHost[],
  { hostKeyName }: SshHop,
  key: Buffer,
): StewardError | undefined {
  const shown = { ...hostKeyName, keyType: keyTypeOf(key) ?? 'unknown', key };
  const verdict = judgeHostKey(knownHosts, hostKeyName, key);
  switch (verdict.kind) {
    case 'known':
      return undefined;
    case 'revoked':
      return revokedHostKey(shown);
    case 'unknown':
      return askHostKey(shown, []);
    case 'changed':
      return askHostKey(shown, verdict.known);
  }
}

function failureOf(
  hop: SshHop,
  error: Error & ClientErrorExtensions,
  step: string,
  authentication: SshAuthentication,
): StewardError {
  if (error.level === 'client-authentication') return authentication.failure();
  if (error.level === 'client-socket') return socketFailure(hop.name, error);
  const words = authentication.quote(error.message);
  // A server that has had enough says so and hangs up.
  if (/authentication|too many/i.test(words)) return authentication.failure(words);
  if (/no matching/i.test(words)) {
    return hopUnreachable(
      hop.name,
      `${words}.`,
      'It knows only old algorithms, which are not safe any more. Update the SSH server.',
      error,
    );
  }
  const hint = /before handshake/.test(words)
    ? 'It may not be an SSH server, or it lets nobody in from here, or has too many connections (MaxStartups).'
    : undefined;
  return hopUnreachable(hop.name, `${words} (${step}).`, hint, error);
}
