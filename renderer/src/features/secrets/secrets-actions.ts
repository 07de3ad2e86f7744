import { client } from '../../rpc/client.ts';
import { askUser } from '../../ui/ask-dialog.tsx';
import { showFailureToast, showToast } from '../../ui/toast.tsx';

import { askForPassphrase, secretsState, setSecretsState } from './secrets-dialogs.ts';

/** Locks the secrets file, and says what that means. */
export async function lockSecrets(): Promise<void> {
  try {
    setSecretsState(await client.secrets.lock());
    showToast({ kind: 'good', title: 'Secrets are locked', description: 'Open connections stay open.' });
  } catch (error) {
    showFailureToast(error, 'Secrets were not locked');
  }
}

/** Gives a file that cannot be opened another name, once the user agreed, and offers to start a new one. */
export async function startOver(): Promise<void> {
  const state = secretsState();
  if (state === null) return;
  const agreed = await askUser({
    title: 'Keep the secrets file aside',
    words:
      state.damage === null
        ? `Without its passphrase nobody can open ${state.file}. It gets another name beside it and is not deleted. Passwords of connections are asked for again.`
        : `${state.file} gets another name beside it and is not deleted. Passwords of connections are asked for again. If you have a backup of the file, put that in its place instead.`,
    action: 'Keep it aside',
  });
  if (!agreed) return;
  try {
    const { file, state: next } = await client.secrets.keepDamagedAside();
    setSecretsState(next);
    showToast({ kind: 'good', title: 'The secrets file was kept aside', description: file });
    await askForPassphrase('create');
  } catch (error) {
    showFailureToast(error, 'The secrets file was not kept aside');
  }
}
