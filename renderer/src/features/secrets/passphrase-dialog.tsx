import { useId } from 'react';
import type { FormEvent, ReactNode } from 'react';

import { Button } from '../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../ui/dialog.tsx';

import styles from './secrets.module.css';

export interface PassphraseDialogProps {
  readonly title: string;
  readonly description: ReactNode;
  /** The verb on the button. */
  readonly action: string;
  /** What stands on it meanwhile; null while nothing runs. */
  readonly busy: string | null;
  readonly onSubmit: () => Promise<void>;
  readonly onLeave: () => void;
  readonly otherAction?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of a dialog that takes passphrases: Enter goes on, Escape leaves. */
export function PassphraseDialog({
  title,
  description,
  action,
  busy,
  onSubmit,
  onLeave,
  otherAction,
  children,
}: PassphraseDialogProps) {
  const formId = useId();
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (busy === null) void onSubmit();
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onLeave();
      }}
      title={title}
      description={description}
      footer={
        <>
          {otherAction}
          <DialogSpacer />
          <Button onClick={onLeave}>Cancel</Button>
          <Button look="primary" type="submit" form={formId} disabled={busy !== null} focusableWhenDisabled>
            {busy ?? action}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className={styles['form']}
        onSubmit={submit}
        autoComplete="off"
        noValidate
        aria-busy={busy !== null}
      >
        {children}
      </form>
    </Dialog>
  );
}
