import type { SecretLevel, SecretsState } from '#contract/secrets.ts';

/** What can be done about secrets in a state, the usual first. */
export type SecretsAct = 'create' | 'unlock' | 'retry' | 'lock' | 'change' | 'startOver' | 'forgotten';

export interface SecretsSummary {
  readonly title: string;
  readonly words: readonly string[];
  readonly acts: readonly SecretsAct[];
}

/** The three places, what each protects against and what not. */
export const secretLevelWords: readonly {
  readonly level: SecretLevel;
  readonly name: string;
  readonly safe: string;
  readonly unsafe: string;
}[] = [
  {
    level: 'keychain',
    name: 'Keychain of the system',
    safe: 'Anyone who copies your files, backups or disk, and other users of this machine.',
    unsafe: 'Programs that run as you while you are logged in.',
  },
  {
    level: 'passphrase',
    name: 'File with a passphrase',
    safe: 'The same, as far as the passphrase is hard to guess. While it is locked, programs that run as you, too.',
    unsafe: 'Programs that run as you while it is unlocked, and somebody who watches you type. A forgotten passphrase.',
  },
  {
    level: 'session',
    name: 'Memory, for this session',
    safe: 'Anyone who reads files: nothing is written.',
    unsafe: 'Programs that run as you and read the memory of others. You type passwords again after each start.',
  },
];

/** Why the keychain is not the place in use, in a few words; null where it is. Pure. */
export function keychainAbsence(state: SecretsState): string | null {
  if (state.level === 'keychain') return null;
  return state.keychainProblem === null ? 'in the desktop app' : 'cannot be used now';
}

/** What to say of a state, and what can be done. Pure. */
export function summaryOf(state: SecretsState): SecretsSummary {
  const keychain = state.keychainProblem === null ? [] : [state.keychainProblem];
  const unsaved =
    state.unsaved === 0
      ? []
      : [`${state.unsaved === 1 ? '1 secret' : `${state.unsaved} secrets`} to be remembered, not saved yet.`];
  if (state.damage !== null) {
    return {
      title: 'The secrets file cannot be opened',
      words: [
        `${state.damage}.`,
        'Steward leaves it as it is and keeps passwords in memory meanwhile. Put back a good copy and unlock it, or keep it aside and start a new one.',
        ...unsaved,
      ],
      acts: ['retry', 'startOver'],
    };
  }
  switch (state.level) {
    case 'keychain':
      return {
        title: 'Passwords are kept in the keychain of this system',
        words: ['Encrypted with a key that the system guards for your login.'],
        acts: [],
      };
    case 'passphrase':
      return state.locked
        ? {
            title: 'Passwords are kept in a file that your passphrase opens',
            words: [
              'Those that are stored cannot be used until you unlock it. Open connections stay open.',
              ...keychain,
            ],
            acts: ['unlock', 'change', 'forgotten'],
          }
        : {
            title: 'Passwords are kept in a file that your passphrase opens',
            words: [
              'Encrypted with AES-256-GCM; the key is made from your passphrase with scrypt.',
              ...keychain,
              ...unsaved,
            ],
            acts: ['lock', 'change'],
          };
    case 'session':
      return state.fileExists
        ? {
            title: 'Passwords are kept in memory only, until Steward quits',
            words: [
              'You went on without the secrets file. What it holds is used again once you unlock it.',
              ...unsaved,
            ],
            acts: ['unlock'],
          }
        : {
            title: 'Passwords are kept in memory only, until Steward quits',
            words: [...keychain, 'With a passphrase Steward can remember them in an encrypted file.', ...unsaved],
            acts: ['create'],
          };
  }
}
