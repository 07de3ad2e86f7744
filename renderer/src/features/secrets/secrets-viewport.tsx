import { ChoosePassphraseDialog } from './choose-passphrase-dialog.tsx';
import { useSecretsDialog } from './secrets-dialogs.ts';
import { UnlockSecretsDialog } from './unlock-secrets-dialog.tsx';

/** Where the dialogs for passphrases appear. Stands once in the app. */
export function SecretsViewport() {
  const asked = useSecretsDialog((state) => state.asked);
  if (asked === null) return null;
  return asked.kind === 'unlock' ? (
    <UnlockSecretsDialog />
  ) : (
    <ChoosePassphraseDialog key={asked.kind} kind={asked.kind} />
  );
}
