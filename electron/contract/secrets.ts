import { eventIterator } from '@orpc/contract';

import { procedure } from './failure.ts';
import { z } from './zod.ts';

/** Where secrets are kept between two runs; the first that this system can do is taken. */
export const secretLevels = ['keychain', 'passphrase', 'session'] as const;
export type SecretLevel = (typeof secretLevels)[number];

export const secretsStateSchema = z.object({
  /** The one in use. `session`: in memory, until Steward quits. */
  level: z.enum(secretLevels),
  /** The secrets file is there, and its passphrase is to be given. */
  locked: z.boolean(),
  fileExists: z.boolean(),
  /** Where the secrets file is, or would be. */
  file: z.string(),
  /** Why the file cannot be opened by any passphrase; null where nothing is wrong with it. */
  damage: z.string().nullable(),
  /** Where secrets are kept, in words. */
  description: z.string(),
  /** Why the system's keychain is not used; null where it is, or where this host has none. */
  keychainProblem: z.string().nullable(),
  /** How many secrets are in memory that would be kept, had they a place. */
  unsaved: z.number().int(),
});
export type SecretsState = z.infer<typeof secretsStateSchema>;

export const shortestPassphrase = 8;
const longestPassphrase = 1000;

/** The length that counts: characters as people see them typed, whatever their encoding. */
export function passphraseLength(passphrase: string): number {
  return [...passphrase.normalize('NFC')].length;
}

const given = z.string().min(1, 'Enter the passphrase').max(longestPassphrase, 'This is too long for a passphrase');
const chosen = given.refine(
  (passphrase) => passphraseLength(passphrase) >= shortestPassphrase,
  `A passphrase has at least ${shortestPassphrase} characters`,
);

/** Nothing here answers a secret, and no secret is given but passphrases. */
export const secrets = {
  state: procedure.output(secretsStateSchema),
  /** Emits the state now and after every change. */
  watch: procedure.output(eventIterator(secretsStateSchema)),
  /** Starts a secrets file. What was to be remembered so far moves into it. */
  createPassphrase: procedure.input(z.object({ passphrase: chosen })).output(secretsStateSchema),
  /** A wrong passphrase fails with `auth_failed`, each one a little later than the one before. */
  unlock: procedure.input(z.object({ passphrase: given })).output(secretsStateSchema),
  /** Forgets the key and what it opened. Open connections stay open. */
  lock: procedure.output(secretsStateSchema),
  changePassphrase: procedure
    .input(z.object({ oldPassphrase: given, newPassphrase: chosen }))
    .output(secretsStateSchema),
  /** Goes on without the secrets file until Steward quits or it is unlocked. */
  sessionOnly: procedure.output(secretsStateSchema),
  /** Gives a file that cannot be opened (damaged, or its passphrase forgotten) another name, so that a new one can be started. */
  keepDamagedAside: procedure.output(z.object({ file: z.string(), state: secretsStateSchema })),
};
