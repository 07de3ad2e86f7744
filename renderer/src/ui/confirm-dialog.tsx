import { useState } from 'react';
import type { ReactNode } from 'react';

import type { Failure } from '#contract/failure.ts';

import { failureOf } from '../rpc/failure.ts';

import { Button } from './button.tsx';
import { Dialog, DialogSpacer } from './dialog.tsx';
import { FailureView } from './failure-view.tsx';
import { TextField } from './field.tsx';

export interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** What will happen: `Remove orders-prod`. */
  readonly title: string;
  /** What it touches, what is kept, and the way back. */
  readonly children: ReactNode;
  /** The verb on the button. */
  readonly action: string;
  readonly danger?: boolean;
  readonly wide?: boolean;
  /** Must be typed before the button works: the name of a production database. */
  readonly typedName?: string | null;
  readonly onConfirm: () => void | Promise<void>;
}

/** Asks before an act that changes something. Stays open and says why when the act fails. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  children,
  action,
  danger = false,
  wide = false,
  typedName = null,
  onConfirm,
}: ConfirmDialogProps) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  function change(next: boolean): void {
    if (!next) {
      setTyped('');
      setFailure(null);
    }
    onOpenChange(next);
  }

  async function confirm(): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      await onConfirm();
      change(false);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={title}
      size={wide ? 'wide' : 'normal'}
      footer={
        <>
          <DialogSpacer />
          <Button onClick={() => change(false)}>Cancel</Button>
          <Button
            look={danger ? 'danger' : 'primary'}
            disabled={busy || (typedName !== null && typed !== typedName)}
            onClick={() => void confirm()}
          >
            {action}
          </Button>
        </>
      }
    >
      {children}
      {typedName !== null && (
        <TextField label={`Type “${typedName}” to go on`} value={typed} onValueChange={setTyped} mono autoFocus />
      )}
      {failure !== null && <FailureView failure={failure} />}
    </Dialog>
  );
}
