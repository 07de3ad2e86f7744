import { CircleCheck } from 'lucide-react';
import { useEffect, useState } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';

import { formatDuration } from '../../lib/format-duration.ts';
import { client } from '../../rpc/client.ts';
import type { Outputs } from '../../rpc/client.ts';
import { failureOf } from '../../rpc/failure.ts';
import { useConnection } from '../../rpc/live-lists.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../ui/dialog.tsx';
import { FailureView } from '../../ui/failure-view.tsx';
import { openAndSelect, saveConnection } from '../../workbench/connection-actions.ts';

import { ConnectionFields } from './connection-fields.tsx';
import { draftFrom, emptyForm, errorsOf, formOf } from './connection-form.ts';
import type { ConnectionForm } from './connection-form.ts';
import styles from './connections.module.css';
import { stopEditing, useConnectionsState } from './connections-store.ts';

/** Adds or edits a connection. */
export function ConnectionDialog() {
  const editing = useConnectionsState((state) => state.editing);
  const entry = useConnection(editing.kind === 'edit' ? editing.connectionId : null);
  if (editing.kind === 'none' || (editing.kind === 'edit' && entry === null)) return null;
  return <ConnectionEditor key={entry?.id ?? 'new'} entry={entry} />;
}

type Tested =
  | { readonly kind: 'ok'; readonly result: Outputs['connections']['test'] }
  | { readonly kind: 'failed'; readonly failure: Failure };

function ConnectionEditor({ entry }: { readonly entry: ConnectionEntry | null }) {
  const [form, setForm] = useState<ConnectionForm>(() => (entry === null ? emptyForm : formOf(entry)));
  const [complete, setComplete] = useState(false);
  const [busy, setBusy] = useState<'test' | 'save' | null>(null);
  const [tested, setTested] = useState<Tested | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const errors = errorsOf(form);
  const valid = Object.keys(errors).length === 0;

  useEffect(() => {
    setTested(null);
    setFailure(null);
  }, [form]);

  async function test(): Promise<void> {
    setComplete(true);
    // A connection can be tried before it has a name.
    const { name: _name, ...needed } = errors;
    if (Object.keys(needed).length > 0) return;
    setBusy('test');
    setTested(null);
    try {
      const draft = draftFrom({ ...form, name: form.name.trim() === '' ? form.database : form.name });
      setTested({ kind: 'ok', result: await client.connections.test(draft) });
    } catch (error) {
      setTested({ kind: 'failed', failure: failureOf(error) });
    } finally {
      setBusy(null);
    }
  }

  async function save(): Promise<void> {
    setComplete(true);
    if (!valid) return;
    setBusy('save');
    try {
      const saved = await saveConnection(draftFrom(form));
      stopEditing();
      if (entry === null) void openAndSelect(saved);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setBusy(null);
    }
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) stopEditing();
      }}
      size="wide"
      title={entry === null ? 'Add connection' : `Edit ${entry.name}`}
      footer={
        <>
          <Button disabled={busy !== null} onClick={() => void test()}>
            {busy === 'test' ? 'Testing…' : 'Test connection'}
          </Button>
          <DialogSpacer />
          <Button onClick={stopEditing}>Cancel</Button>
          <Button look="primary" disabled={busy === 'save'} onClick={() => void save()}>
            {entry === null ? 'Save and open' : 'Save'}
          </Button>
        </>
      }
    >
      <ConnectionFields form={form} onChange={setForm} errors={complete ? errors : {}} entry={entry} />
      {tested?.kind === 'ok' && <TestedOk result={tested.result} />}
      {tested?.kind === 'failed' && <FailureView failure={tested.failure} />}
      {failure !== null && <FailureView failure={failure} title="Not saved" />}
    </Dialog>
  );
}

function TestedOk({ result }: { readonly result: Outputs['connections']['test'] }) {
  const { server, latencyMs } = result;
  const facts = [
    `as ${server.user}${server.isSuperuser ? ' (superuser)' : ''}`,
    server.encrypted ? 'encrypted' : 'not encrypted',
    ...(server.inRecovery ? ['standby'] : []),
    `round trip ${formatDuration(latencyMs)}`,
  ];
  return (
    <div className={styles['tested']} role="status">
      <CircleCheck size={16} className={styles['good']} aria-hidden />
      <div>
        <p>
          Connected to PostgreSQL {server.version}, database {server.database}
        </p>
        <p>{facts.join(' · ')}</p>
      </div>
    </div>
  );
}
