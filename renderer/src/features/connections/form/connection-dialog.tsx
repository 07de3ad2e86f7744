import { useEffect, useState } from 'react';

import type { ConnectionEntry } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';

import { client } from '../../../rpc/client.ts';
import type { Outputs } from '../../../rpc/client.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { useConnection, useConnections } from '../../../rpc/live-lists.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../../ui/dialog.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { Tabs } from '../../../ui/tabs.tsx';
import { openAndSelect, saveConnection } from '../../../workbench/connection-actions.ts';
import { withAnswers } from '../../../workbench/questions.ts';
import { stopEditing, useConnectionsState } from '../connections-store.ts';
import { folderPaths } from '../list/list-model.ts';

import { draftFrom, emptyForm, errorsOf, formOf } from './connection-form.ts';
import type { ConnectionForm } from './connection-form.ts';
import styles from './form.module.css';
import { formTabs, tabOfError } from './form-tabs.ts';
import type { FormTab } from './form-tabs.ts';
import { GeneralFields } from './general-fields.tsx';
import { SecurityFields } from './security-fields.tsx';
import { SessionFields } from './session-fields.tsx';
import { SshFields } from './ssh-fields.tsx';
import { TestResult } from './test-result.tsx';
import { UrlField } from './url-field.tsx';

/** Adds or edits a connection. */
export function ConnectionDialog() {
  const editing = useConnectionsState((state) => state.editing);
  const entry = useConnection(editing.kind === 'edit' ? editing.connectionId : null);
  if (editing.kind === 'none' || (editing.kind === 'edit' && entry === null)) return null;
  return (
    <ConnectionEditor key={entry?.id ?? 'new'} entry={entry} folder={editing.kind === 'new' ? editing.folder : ''} />
  );
}

type Tested =
  | { readonly kind: 'ok'; readonly result: Outputs['connections']['test'] }
  | { readonly kind: 'failed'; readonly failure: Failure };

interface EditorProps {
  readonly entry: ConnectionEntry | null;
  /** Where a new connection goes unless somebody says otherwise. */
  readonly folder: string;
}

function ConnectionEditor({ entry, folder }: EditorProps) {
  const { data: connections = [] } = useConnections();
  const [form, setForm] = useState<ConnectionForm>(() => (entry === null ? { ...emptyForm, folder } : formOf(entry)));
  const [tab, setTab] = useState<FormTab>('general');
  const [complete, setComplete] = useState(false);
  const [busy, setBusy] = useState<'test' | 'save' | null>(null);
  const [tested, setTested] = useState<Tested | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const errors = errorsOf(form);

  useEffect(() => {
    setTested(null);
    setFailure(null);
  }, [form]);

  /** Shows what is missing, on the tab where it is. Answers whether nothing is. */
  function check(needed: typeof errors): boolean {
    setComplete(true);
    const first = tabOfError(needed);
    if (first !== null && tabOfError(needed, tab) === null) setTab(first);
    return first === null;
  }

  async function test(): Promise<void> {
    // A connection can be tried before it has a name.
    const { name: _name, ...needed } = errors;
    if (!check(needed)) return;
    setBusy('test');
    setTested(null);
    try {
      const draft = draftFrom({ ...form, name: form.name.trim() === '' ? form.database : form.name });
      // What is typed here is not what a question would change: then the answer is to type something else.
      const asksFor = form.password === null ? (entry?.id ?? null) : null;
      const result = await withAnswers(asksFor, () => client.connections.test(draft));
      setTested({ kind: 'ok', result });
    } catch (error) {
      setTested({ kind: 'failed', failure: failureOf(error) });
    } finally {
      setBusy(null);
    }
  }

  async function save(): Promise<void> {
    if (!check(errors)) return;
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

  const fields = { form, onChange: setForm, errors: complete ? errors : {}, entry };
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
      {entry === null && <UrlField onChange={setForm} />}
      <Tabs label="Parts of the connection" items={formTabs(form, fields.errors)} value={tab} onValueChange={setTab} />
      <div className={styles['panel']}>
        {tab === 'general' && <GeneralFields {...fields} folders={folderPaths(connections)} />}
        {tab === 'security' && <SecurityFields {...fields} />}
        {tab === 'ssh' && <SshFields {...fields} />}
        {tab === 'session' && <SessionFields {...fields} />}
      </div>
      {tested?.kind === 'ok' && <TestResult result={tested.result} form={form} />}
      {tested?.kind === 'failed' && <TestFailure failure={tested.failure} saved={entry !== null} />}
      {failure !== null && <FailureView failure={failure} title="Not saved" />}
    </Dialog>
  );
}

/** What stands in the way of a test. A secret can only be asked for a connection that is saved. */
function TestFailure({ failure, saved }: { readonly failure: Failure; readonly saved: boolean }) {
  const { question } = failure;
  // The password is a field of the form; the other answers have a place only with a saved connection.
  const elsewhere = question?.kind === 'superuser' || (question?.kind === 'secret' && question.purpose !== 'password');
  const later = !saved && elsewhere;
  return <FailureView failure={later ? { ...failure, hint: 'Save it first. Steward asks when it opens.' } : failure} />;
}
