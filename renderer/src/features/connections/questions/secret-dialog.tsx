import { useState } from 'react';
import type { FormEvent } from 'react';

import type { Failure, Question, SecretPurpose } from '#contract/failure.ts';
import type { SecretLevel } from '#contract/secrets.ts';

import { client } from '../../../rpc/client.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { useConnection, useSecrets } from '../../../rpc/live-lists.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../../ui/dialog.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { SecretField } from '../../../ui/secret-field.tsx';
import { SwitchField } from '../../../ui/switch-field.tsx';

import styles from './questions.module.css';

export interface SecretDialogProps {
  readonly question: Extract<Question, { readonly kind: 'secret' }>;
  readonly connectionId: string | null;
  readonly reason: string;
  readonly onAnswer: (answered: boolean) => void;
}

const words: Readonly<Record<SecretPurpose, { readonly title: string; readonly label: string }>> = {
  password: { title: 'Password for', label: 'Password' },
  'key-passphrase': { title: 'Passphrase of the client key', label: 'Passphrase' },
  'ssh-password': { title: 'SSH password for', label: 'Password' },
  'ssh-key-passphrase': { title: 'Passphrase of the SSH key', label: 'Passphrase' },
};
const places: Readonly<Record<SecretLevel, string>> = {
  keychain: 'In the keychain of this system.',
  passphrase: 'In the file that your passphrase opens.',
  session: 'There is no place for it yet, so it is known until Steward quits. Settings, Secrets makes one.',
};
const formId = 'secret-question';

/** Asks for a password or a passphrase, and whether to keep it. */
export function SecretDialog({ question, connectionId, reason, onAnswer }: SecretDialogProps) {
  const connection = useConnection(connectionId);
  const { data: secrets } = useSecrets();
  const [value, setValue] = useState('');
  const [remember, setRemember] = useState(connection?.password === 'stored');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const { title, label } = words[question.purpose];

  async function answer(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (value === '' || connectionId === null) return;
    setBusy(true);
    setFailure(null);
    try {
      const { purpose, subject } = question;
      await client.connections.provideSecret({ id: connectionId, purpose, subject, value, remember });
      onAnswer(true);
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onAnswer(false);
      }}
      title={`${title} ${question.subject}`}
      description={`${reason}${/[.!?]$/.test(reason) ? '' : '.'}`}
      footer={
        <>
          <DialogSpacer />
          <Button onClick={() => onAnswer(false)}>Cancel</Button>
          <Button look="primary" type="submit" form={formId} disabled={busy || value === ''}>
            Open
          </Button>
        </>
      }
    >
      <form id={formId} className={styles['form']} onSubmit={(event) => void answer(event)}>
        <SecretField label={label} autoComplete="off" value={value} onValueChange={setValue} />
        <SwitchField
          label="Remember it"
          description={secrets === undefined ? undefined : places[secrets.level]}
          checked={remember}
          onCheckedChange={setRemember}
        />
      </form>
      {failure !== null && <FailureView failure={failure} />}
    </Dialog>
  );
}
