import { useEffect, useState } from 'react';
import type { DragEvent } from 'react';

import type { ImportSource } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';

import { client } from '../../../rpc/client.ts';
import type { Outputs } from '../../../rpc/client.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog, DialogSpacer } from '../../../ui/dialog.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { setImporting, useConnectionsState } from '../connections-store.ts';

import { CandidatesStep } from './candidates-step.tsx';
import { detectSource } from './detect-source.ts';
import styles from './import.module.css';
import { SourceStep } from './source-step.tsx';

/** What was read, and from where. */
export interface ReadImport {
  readonly source: ImportSource;
  readonly found: Outputs['connections']['readImport'];
}

const longest = 5_000_000;

/** Takes connections over from where they are already. */
export function ImportDialog() {
  const importing = useConnectionsState((state) => state.importing);
  if (importing.kind === 'none') return null;
  return <Importer file={importing.kind === 'file' ? importing.file : null} />;
}

function Importer({ file }: { readonly file: File | null }) {
  const [read, setRead] = useState<ReadImport | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const close = () => setImporting({ kind: 'none' });

  async function readSource(source: ImportSource, text?: string): Promise<void> {
    setFailure(null);
    try {
      const found = await client.connections.readImport(text === undefined ? { source } : { source, text });
      setRead({ source, found });
    } catch (error) {
      setFailure(failureOf(error));
    }
  }

  async function readFile(dropped: File): Promise<void> {
    if (dropped.size > longest) {
      setFailure({ code: 'bad_input', message: `${dropped.name} is longer than 5 MB.`, retryable: false });
      return;
    }
    const text = await dropped.text();
    await readSource(detectSource(text), text);
  }

  useEffect(() => {
    if (file !== null) void readFile(file);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once for the file that was dropped
  }, [file]);

  if (read !== null) return <CandidatesStep read={read} onBack={() => setRead(null)} onClose={close} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) close();
      }}
      size="wide"
      title="Import connections"
      footer={
        <>
          <DialogSpacer />
          <Button onClick={close}>Cancel</Button>
        </>
      }
    >
      <div
        className={styles['drop']}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event: DragEvent) => {
          event.preventDefault();
          const [dropped] = event.dataTransfer.files;
          if (dropped !== undefined) void readFile(dropped);
        }}
      >
        {failure !== null && <FailureView failure={failure} title="Nothing could be read" />}
        <SourceStep
          onMachine={(source) => void readSource(source)}
          onFile={(chosen) => void readFile(chosen)}
          onText={(text) => void readSource(detectSource(text), text)}
        />
      </div>
    </Dialog>
  );
}
