import { ShieldAlert } from 'lucide-react';
import { useRef } from 'react';

import type { Question } from '#contract/failure.ts';

import { client } from '../../../rpc/client.ts';
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx';

import styles from './questions.module.css';

export interface HostKeyDialogProps {
  readonly question: Extract<Question, { readonly kind: 'host-key' }>;
  readonly onAnswer: (answered: boolean) => void;
}

/** Asks whether the key of an SSH server is the right one. A key that has changed takes typing the host's name. */
export function HostKeyDialog({ question, onAnswer }: HostKeyDialogProps) {
  const { host, port, keyType, fingerprint, key, known } = question;
  const changed = known.length > 0;
  const address = port === 22 ? host : `${host}:${port}`;
  const trusted = useRef(false);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onAnswer(trusted.current);
      }}
      title={changed ? `The key of ${address} has changed` : `First connection to ${address}`}
      action={changed ? 'Trust the new key' : 'Trust this key'}
      danger={changed}
      typedName={changed ? host : null}
      onConfirm={async () => {
        await client.connections.trustHostKey({ host, port, keyType, key });
        trusted.current = true;
      }}
    >
      {changed ? (
        <div className={styles['danger']} role="alert">
          <ShieldAlert size={16} aria-hidden />
          <p>
            Either this SSH server was set up anew, or somebody stands between you and it and would read your password.
            Ask whoever runs the server before you go on.
          </p>
        </div>
      ) : (
        <p>
          Steward has not met this SSH server before, so it cannot know whether it is the right one. Compare the
          fingerprint with the one that whoever runs the server gives you.
        </p>
      )}
      <dl className={styles['prints']}>
        {known.map((print) => (
          <Print key={print} name="Known until now" print={print} />
        ))}
        <Print name={changed ? `Now (${keyType})` : keyType} print={fingerprint} strong />
      </dl>
      {!changed && (
        <p className={styles['dim']}>
          On the server itself, <code>ssh-keygen -lf</code> with the file of its key in <code>/etc/ssh</code> prints it.
        </p>
      )}
    </ConfirmDialog>
  );
}

interface PrintProps {
  readonly name: string;
  readonly print: string;
  readonly strong?: boolean;
}

function Print({ name, print, strong = false }: PrintProps) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={strong ? styles['strong'] : undefined}>{print}</dd>
    </>
  );
}
