import { useRef, useState } from 'react';

import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { Button } from '../../ui/button.tsx';
import { SecretField } from '../../ui/secret-field.tsx';

import { PassphraseDialog } from './passphrase-dialog.tsx';
import { leaveSecretsDialog, setSecretsState } from './secrets-dialogs.ts';

/** Asks for the passphrase of the secrets file. */
export function UnlockSecretsDialog() {
  const [passphrase, setPassphrase] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);

  async function run(call: () => ReturnType<typeof client.secrets.unlock>): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      setSecretsState(await call());
      leaveSecretsDialog(true);
    } catch (thrown) {
      const { message, hint } = failureOf(thrown);
      setError(hint === undefined ? message : `${message}. ${hint}`);
      field.current?.select();
      field.current?.focus();
    } finally {
      setBusy(false);
    }
  }

  async function unlock(): Promise<void> {
    if (passphrase === '') setError('Enter the passphrase');
    else await run(() => client.secrets.unlock({ passphrase }));
  }

  return (
    <PassphraseDialog
      title="Unlock your secrets"
      description="The passwords you let Steward remember are in a file that your passphrase opens. It is asked for once after each start."
      action="Unlock"
      busy={busy ? 'Unlocking…' : null}
      onSubmit={unlock}
      onLeave={() => leaveSecretsDialog(false)}
      otherAction={
        <Button look="quiet" disabled={busy} onClick={() => void run(() => client.secrets.sessionOnly())}>
          Go on without them
        </Button>
      }
    >
      <SecretField
        ref={field}
        label="Passphrase"
        autoComplete="off"
        value={passphrase}
        onValueChange={(next) => {
          setPassphrase(next);
          setError(null);
        }}
        readOnly={busy}
        error={error}
        description="Each wrong one makes the next answer a little slower."
      />
    </PassphraseDialog>
  );
}
