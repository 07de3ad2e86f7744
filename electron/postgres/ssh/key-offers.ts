import { sign } from 'node:crypto';

import ssh2, { type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';

import { StewardError, toFailure } from '../failure.ts';
import { type KeyFile, readKeyFile } from './key-file.ts';
import type { LocalUser } from './local-user.ts';
import type { SshAgent } from './ssh-agent.ts';
import { askPassphrase, quoteWords } from './ssh-failure.ts';
import type { SshHop } from './ssh-route.ts';
import { unlockInWorker } from './unlock-in-worker.ts';
import { unlockKey } from './unlock-key.ts';

/** A key to offer to a server, and how to sign with it once the server wants it. */
export interface KeyOffer {
  readonly label: string;
  readonly publicKey: ParsedKey;
  sign(data: Buffer, options: SigningRequestOptions): Promise<Buffer>;
}

export interface KeyOfferOptions {
  readonly hop: SshHop;
  readonly local: LocalUser;
  readonly agent: SshAgent | undefined;
  readonly passphrase: (file: string) => Promise<string | undefined>;
  readonly signal: AbortSignal;
  /** Told what was not used, and why. */
  readonly onNote: (note: string) => void;
  /** Told that a passphrase is missing or wrong. */
  readonly onQuestion: (question: StewardError) => void;
}

/**
 * The keys for one server in OpenSSH's order: those of the agent that files name, other keys of the agent, and then
 * the files. Throws what makes a chosen file or a chosen agent unusable.
 */
export async function* keyOffers(options: KeyOfferOptions): AsyncGenerator<KeyOffer, undefined> {
  const { hop, agent, onNote } = options;
  const files = await keyFiles(options);
  const agentKeys = await keysOfAgent(options);
  const named = new Map(files.map((file) => [file, agentKeys.find((key) => isSameKey(key, file.publicKey))]));
  if (agent) {
    for (const [file, key] of named) if (key) yield agentOffer(agent, key, file.file);
    const others = hop.keys.only ? [] : agentKeys.filter((key) => ![...named.values()].includes(key));
    for (const key of others) yield agentOffer(agent, key);
  }
  for (const [file, key] of named) {
    if (key) continue;
    if (hop.method === 'agent' || file.privateText === undefined) {
      onNote(`The agent does not hold the key of ${file.file}.`);
      continue;
    }
    const offer = await fileOffer(file, file.privateText, options);
    if (offer) yield offer;
  }
  return undefined;
}

/** A file that a person has chosen must be usable. Others are left out, with a note unless they are just not there. */
async function keyFiles({ hop, local, onNote }: KeyOfferOptions): Promise<KeyFile[]> {
  const { files, namedBy } = hop.keys;
  if (hop.method === 'key' && namedBy === 'default') {
    throw StewardError.of('bad_input', `No key file is chosen for ${hop.name}, and ~/.ssh/config names none.`, {
      hint: 'Choose a key file.',
    });
  }
  // An agent is not asked for keys that were only guessed to be there.
  if (hop.method === 'agent' && namedBy === 'default') return [];
  const found: KeyFile[] = [];
  for (const name of files) {
    const wanted = namedBy === 'settings' || (hop.method === 'key' && files.length === 1);
    try {
      const file = await readKeyFile(name, local);
      if (file) found.push(file);
      else if (wanted) throw StewardError.of('bad_input', `The key file ${name} does not exist.`);
      else if (namedBy === 'config') onNote(`The key file ${name} does not exist.`);
    } catch (error) {
      if (wanted) throw error;
      onNote(toFailure(error).message);
    }
  }
  return found;
}

async function keysOfAgent({ hop, agent, onNote }: KeyOfferOptions): Promise<ParsedKey[]> {
  if (!agent) {
    if (hop.method !== 'agent') return [];
    throw StewardError.of('auth_failed', `There is no SSH agent to log in at ${hop.name}: SSH_AUTH_SOCK is not set.`, {
      hint: 'Start an agent and add the key with ssh-add, or choose a key file.',
    });
  }
  try {
    return await agent.identities();
  } catch (error) {
    const message = `The SSH agent at ${agent.socket} cannot be asked: ${(error as Error).message}.`;
    if (hop.method === 'agent') throw StewardError.of('auth_failed', message, { retryable: true, cause: error });
    onNote(message);
    return [];
  }
}

function isSameKey(one: ParsedKey, other: ParsedKey | undefined): boolean {
  return other !== undefined && one.getPublicSSH().equals(other.getPublicSSH());
}

function agentOffer(agent: SshAgent, key: ParsedKey, file?: string): KeyOffer {
  return {
    label: `${file ?? (quoteWords(key.comment) || key.type)} (agent)`,
    publicKey: key,
    sign: (data, options) => agent.sign(key, data, options),
  };
}

async function fileOffer(file: KeyFile, privateText: Buffer, options: KeyOfferOptions): Promise<KeyOffer | undefined> {
  const label = file.file;
  if (file.publicKey) {
    const { publicKey } = file;
    return {
      label,
      publicKey,
      sign: async (data, { hash }) => {
        const pem = await privatePem(file, privateText, options);
        if (pem === undefined) throw new Error(`${file.file} is locked`);
        return sign(hashFor(publicKey, hash), data, pem);
      },
    };
  }
  // An old file: which key it is can only be seen once it is open.
  const pem = await privatePem(file, privateText, options);
  const publicKey = pem === undefined ? undefined : ssh2.utils.parseKey(pem);
  if (pem === undefined || publicKey === undefined || publicKey instanceof Error) return undefined;
  return {
    label,
    publicKey,
    sign: (data, { hash }) => Promise.resolve(sign(hashFor(publicKey, hash), data, pem)),
  };
}

/** The private key. Undefined where the passphrase is missing or wrong: the question has been told then. */
async function privatePem(
  file: KeyFile,
  privateText: Buffer,
  { passphrase: ask, signal, onQuestion }: KeyOfferOptions,
): Promise<string | undefined> {
  const passphrase = file.encrypted ? await ask(file.file) : undefined;
  if (file.encrypted && !passphrase) {
    onQuestion(askPassphrase(file.file, false));
    return undefined;
  }
  const key = passphrase ? await unlockInWorker(privateText, passphrase, signal) : unlockKey(privateText);
  if (key === 'wrong-passphrase') {
    onQuestion(askPassphrase(file.file, true));
    return undefined;
  }
  if (key === 'unreadable') throw StewardError.of('bad_input', `The key file ${file.file} cannot be read.`);
  return key.privatePem;
}

/** `hash` is what the server and ssh2 agreed upon for RSA; the other types have one of their own. */
function hashFor({ type }: ParsedKey, hash: string | undefined): string | null {
  const ofType: Readonly<Record<string, string>> = {
    'ssh-rsa': hash ?? 'sha1',
    'ecdsa-sha2-nistp256': 'sha256',
    'ecdsa-sha2-nistp384': 'sha384',
    'ecdsa-sha2-nistp521': 'sha512',
  };
  return ofType[type] ?? null;
}

/** Lets ssh2 offer a key by its public part, and sign with it only when the server takes it. */
export class OfferedKey extends ssh2.BaseAgent<ParsedKey> {
  readonly #offer: KeyOffer;
  readonly #onWaiting: (forServer: boolean) => void;
  readonly #onError: (error: unknown) => void;

  constructor(offer: KeyOffer, onWaiting: (forServer: boolean) => void, onError: (error: unknown) => void) {
    super();
    this.#offer = offer;
    this.#onWaiting = onWaiting;
    this.#onError = onError;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [this.#offer.publicKey]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const [settings, done] = typeof options === 'function' ? [{}, options] : [options, callback];
    this.#onWaiting(false);
    this.#offer
      .sign(data, settings)
      .then(
        (signature) => {
          this.#onWaiting(true);
          done?.(undefined, signature);
        },
        (error: Error) => {
          this.#onError(error);
          this.#onWaiting(true);
          done?.(error);
        },
      )
      // ssh2 throws inside the callback where the connection has gone meanwhile.
      .catch(this.#onError);
  }
}
