import { useState } from 'react';

import type { Failure } from '#contract/failure.ts';
import type { HealthCheckResult, HealthFinding } from '#contract/health-model.ts';

import { client } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../ui/dialog.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { TextField } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';

import { refreshReports } from './health-store.ts';
import styles from './health.module.css';

export interface SuppressDialogProps {
  readonly check: HealthCheckResult;
  readonly finding: HealthFinding;
  readonly connectionId: string;
  readonly onClose: () => void;
}

type Span = '7' | '30' | '90' | '365' | 'ever';
type Scope = 'here' | 'check-here' | 'everywhere';

const spans: readonly { readonly value: Span; readonly label: string }[] = [
  { value: '7', label: 'For a week' },
  { value: '30', label: 'For a month' },
  { value: '90', label: 'For three months' },
  { value: '365', label: 'For a year' },
  { value: 'ever', label: 'Until it is taken back' },
];

/** Says that a finding is known and accepted: why, for how long, and how far. */
export function SuppressDialog({ check, finding, connectionId, onClose }: SuppressDialogProps) {
  const [reason, setReason] = useState('');
  const [span, setSpan] = useState<Span>('90');
  const [scope, setScope] = useState<Scope>('here');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  async function suppress(): Promise<void> {
    setBusy(true);
    try {
      await client.health.suppress({
        check: check.id,
        object: scope === 'check-here' ? null : finding.object,
        connectionId: scope === 'everywhere' ? null : connectionId,
        reason,
        until: span === 'ever' ? null : new Date(Date.now() + Number(span) * 86_400_000).toISOString(),
      });
      onClose();
      await refreshReports(connectionId);
    } catch (error) {
      setFailure(failureOf(error));
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Suppress ${check.title.toLowerCase()}`}
      description={finding.message}
      footer={
        <>
          <DialogSpacer />
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={busy || reason.trim() === ''} onClick={() => void suppress()}>
            Suppress
          </Button>
        </>
      }
    >
      <div className={styles['form']}>
        <TextField
          label="Why it is accepted"
          description="Who reads the report next sees this beside it."
          value={reason}
          onValueChange={setReason}
          maxLength={500}
          autoFocus
        />
        <Select label="How long" options={spans} value={span} onValueChange={setSpan} />
        <Select
          label="How far"
          options={[
            { value: 'here', label: `${finding.object} on this connection` },
            { value: 'check-here', label: `Everything that ${check.id} finds on this connection` },
            { value: 'everywhere', label: `${finding.object} on every connection` },
          ]}
          value={scope}
          onValueChange={setScope}
        />
        {failure !== null && <FailureView failure={failure} />}
      </div>
    </Dialog>
  );
}
