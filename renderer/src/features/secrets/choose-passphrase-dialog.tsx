import { useRef, useState } from 'react';

import { passphraseLength, shortestPassphrase } from '#contract/secrets.ts';

import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { SecretField } from '../../ui/secret-field.tsx';
import { showToast } from '../../ui/toast.tsx';

import { PassphraseDialog } from './passphrase-dialog.tsx';
import { leaveSecretsDialog, setSecretsState } from './secrets-dialogs.ts';
import styles from './secrets.module.css';

const words = {
  create: {
    title: 'Create a passphrase',
    description:
      'Steward then remembers passwords in a file that only this passphrase opens. It is asked for once after each start.',
    action: 'Create the passphrase',
    done: 'The passphrase is set',
  },
  change: {
    title: 'Change the passphrase',
    description: 'Everything in the secrets file is sealed anew. Copies of the old file still open with the old one.',
    action: 'Change the passphrase',
    done: 'The passphrase is changed',
  },
} as const;

type Problems = { readonly [Field in 'old' | 'new' | 'again']?: string | null };

/** Takes a new passphrase, twice; with `change` also the one that holds now. */
export function ChoosePassphraseDialog({ kind }: { readonly kind: 'create' | 'change' }) {
  const [oldPassphrase, setOld] = useState('');
  const [newPassphrase, setNew] = useState('');
  const [again, setAgain] = useState('');
  const oldField = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Problems>({});
  const { title, description, action, done } = words[kind];

  async function submit(): Promise<void> {
    const found = problemsOf(kind, oldPassphrase, newPassphrase, again);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      setSecretsState(
        kind === 'create'
          ? await client.secrets.createPassphrase({ passphrase: newPassphrase })
          : await client.secrets.changePassphrase({ oldPassphrase, newPassphrase }),
      );
      leaveSecretsDialog(true);
      showToast({ kind: 'good', title: done });
    } catch (error) {
      const { code, message } = failureOf(error);
      setProblems({ [code === 'auth_failed' ? 'old' : 'new']: message });
      oldField.current?.select();
    } finally {
      setBusy(false);
    }
  }

  return (
    <PassphraseDialog
      title={title}
      description={description}
      action={action}
      busy={busy ? 'Sealing…' : null}
      onSubmit={submit}
      onLeave={() => leaveSecretsDialog(false)}
    >
      {kind === 'change' && (
        <SecretField
          ref={oldField}
          label="Passphrase until now"
          autoComplete="off"
          value={oldPassphrase}
          onValueChange={(next) => {
            setOld(next);
            setProblems({ ...problems, old: null });
          }}
          readOnly={busy}
          error={problems.old}
        />
      )}
      <SecretField
        label="New passphrase"
        autoComplete="new-password"
        value={newPassphrase}
        onValueChange={(next) => {
          setNew(next);
          setProblems({ ...problems, new: null, again: null });
        }}
        readOnly={busy}
        error={problems.new}
        description={lengthWords(newPassphrase)}
      />
      <SecretField
        label="The same again"
        autoComplete="new-password"
        value={again}
        onValueChange={(next) => {
          setAgain(next);
          setProblems({ ...problems, again: null });
        }}
        readOnly={busy}
        error={again !== '' && !newPassphrase.startsWith(again) ? notTheSame : problems.again}
      />
      <p className={styles['note']}>
        There is no way back from a forgotten passphrase: nobody can open the file without it, and the passwords in it
        have to be entered again.
      </p>
    </PassphraseDialog>
  );
}

const notTheSame = 'The two are not the same';

function problemsOf(kind: 'create' | 'change', oldPassphrase: string, newPassphrase: string, again: string): Problems {
  return {
    ...(kind === 'change' && oldPassphrase === '' ? { old: 'Enter the passphrase that holds now' } : {}),
    ...(passphraseLength(newPassphrase) < shortestPassphrase
      ? { new: `At least ${shortestPassphrase} characters; this has ${passphraseLength(newPassphrase)}` }
      : {}),
    ...(again === newPassphrase ? {} : { again: notTheSame }),
  };
}

function lengthWords(passphrase: string): string {
  const length = passphraseLength(passphrase);
  if (length === 0)
    return `At least ${shortestPassphrase} characters. Four unrelated words are easy to remember and hard to guess.`;
  const counted = length === 1 ? '1 character' : `${length} characters`;
  return length < shortestPassphrase ? `${counted} of at least ${shortestPassphrase}` : counted;
}
