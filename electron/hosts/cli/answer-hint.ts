import type { Question } from '#contract/failure.ts';

import { passphraseHint } from './given-passphrase.ts';

/** How a question is answered where nobody can be asked. */
export function answerHint(question: Question): string {
  switch (question.kind) {
    case 'superuser':
      return 'Use a role that can only read, or accept it with --accept-superuser "why this is acceptable".';
    case 'host-key':
      return `Compare the fingerprint ${question.fingerprint}, and connect once with ssh or in the app to accept the key.`;
    case 'secret':
      return question.purpose === 'password'
        ? 'Give the password in PGPASSWORD, in ~/.pgpass or with --password env:NAME.'
        : `Store the secret of ${question.subject} in the app, or use a key in the agent.`;
    case 'unlock':
      return passphraseHint;
    case 'destructive':
      return `Repeat the command with --confirm ${question.typedName}`;
  }
}
