import { TriangleAlert } from 'lucide-react';
import { useMemo, useState } from 'react';

import type { ImportCandidate } from '#contract/connections.ts';
import type { Failure } from '#contract/failure.ts';

import { countOf } from '../../../lib/format-count.ts';
import { client } from '../../../rpc/client.ts';
import { failureOf } from '../../../rpc/failure.ts';
import { useConnections } from '../../../rpc/live-lists.ts';
import { Badge, EnvironmentBadge } from '../../../ui/badge.tsx';
import { Button } from '../../../ui/button.tsx';
import { Checkbox } from '../../../ui/checkbox.tsx';
import { ConnectionDot } from '../../../ui/connection-dot.tsx';
import { DataTable } from '../../../ui/data-table.tsx';
import type { DataColumn } from '../../../ui/data-table.tsx';
import { Dialog, DialogSpacer } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { FailureView } from '../../../ui/failure-view.tsx';
import { SuggestField } from '../../../ui/suggest-field.tsx';
import { showToast } from '../../../ui/toast.tsx';
import { folderPaths } from '../list/list-model.ts';

import { sourceWords } from './detect-source.ts';
import type { ReadImport } from './import-dialog.tsx';
import styles from './import.module.css';

export interface CandidatesStepProps {
  readonly read: ReadImport;
  readonly onBack: () => void;
  readonly onClose: () => void;
}

/** A candidate with its place in what was read, which is what it is known by. */
interface Line {
  readonly index: number;
  readonly candidate: ImportCandidate;
}

/** What was found: everything new is picked, what is saved already is not. */
export function CandidatesStep({ read, onBack, onClose }: CandidatesStepProps) {
  const { candidates, warnings } = read.found;
  const { data: connections = [] } = useConnections();
  const [picked, setPicked] = useState<ReadonlySet<number>>(() => new Set(newOnes(candidates)));
  const [folder, setFolder] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const lines = useMemo(() => candidates.map((candidate, index): Line => ({ index, candidate })), [candidates]);

  function pick(index: number, on: boolean): void {
    setPicked((before) => {
      const next = new Set(before);
      if (on) next.add(index);
      else next.delete(index);
      return next;
    });
  }

  async function importPicked(): Promise<void> {
    setBusy(true);
    setFailure(null);
    try {
      const drafts = candidates.flatMap(({ draft }, index) =>
        picked.has(index) ? [{ ...draft, folder: [folder.trim(), draft.folder].filter(Boolean).join('/') }] : [],
      );
      const { ids } = await client.connections.import({ drafts });
      showToast({ kind: 'good', title: `${countOf(ids.length, 'connection')} imported` });
      onClose();
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
      size="large"
      title={`Import from ${sourceWords[read.source]}`}
      description={warnings.length > 0 ? <Warnings warnings={warnings} /> : undefined}
      footer={
        <>
          <Button onClick={onBack}>Back</Button>
          <DialogSpacer />
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={busy || picked.size === 0} onClick={() => void importPicked()}>
            {picked.size === 0 ? 'Import' : `Import ${picked.size}`}
          </Button>
        </>
      }
    >
      {failure !== null && <FailureView failure={failure} title="Not imported" />}
      {candidates.length === 0 ? (
        <EmptyState title="No connections found">Nothing in it can be made into a connection.</EmptyState>
      ) : (
        <>
          <div className={styles['pickBar']}>
            <Checkbox
              label="Pick all"
              checked={picked.size === candidates.length}
              mixed={picked.size > 0 && picked.size < candidates.length}
              onCheckedChange={(all) => setPicked(new Set(all ? candidates.keys() : []))}
            />
            <span>
              {picked.size} of {candidates.length} picked
            </span>
            <SuggestField
              className={styles['folder']}
              label="Put them into the folder"
              value={folder}
              onValueChange={setFolder}
              suggestions={folderPaths(connections)}
              placeholder="none"
            />
          </div>
          <div className={styles['candidates']} style={{ height: `min(52vh, ${heightOf(candidates)}px)` }}>
            <DataTable
              label="Connections that were found"
              columns={candidateColumns(picked, pick)}
              rows={lines}
              rowKey={({ index }) => String(index)}
              onOpen={({ index }) => pick(index, !picked.has(index))}
              renderDetail={({ candidate }) =>
                candidate.warnings.length > 0 ? <Notes notes={candidate.warnings} /> : null
              }
            />
          </div>
        </>
      )}
    </Dialog>
  );
}

/** As high as its content, about, so that three candidates do not stand in an empty box. */
function heightOf(candidates: readonly ImportCandidate[]): number {
  const notes = candidates.flatMap(({ warnings }) => (warnings.length === 0 ? [] : [12 + 16 * warnings.length]));
  return 40 + 29 * candidates.length + notes.reduce((sum, height) => sum + height, 0);
}

function newOnes(candidates: readonly ImportCandidate[]): number[] {
  return candidates.flatMap(({ existing }, index) => (existing === undefined ? [index] : []));
}

function candidateColumns(
  picked: ReadonlySet<number>,
  pick: (index: number, on: boolean) => void,
): readonly DataColumn<Line>[] {
  return [
    {
      id: 'pick',
      header: '',
      width: 40,
      sortable: false,
      value: () => null,
      cell: ({ index, candidate }) => (
        <Checkbox
          label={`Pick ${candidate.draft.name}`}
          checked={picked.has(index)}
          onCheckedChange={(on) => pick(index, on)}
        />
      ),
    },
    {
      id: 'name',
      header: 'Name',
      width: 180,
      grow: true,
      value: ({ candidate }) => candidate.draft.name,
      cell: ({ candidate: { draft, existing } }) => (
        <>
          <ConnectionDot color={draft.color} />
          <span className={styles['name']} title={draft.name}>
            {draft.name}
          </span>
          {existing !== undefined && (
            <span title={`Saved as ${existing}`}>
              <Badge>already there</Badge>
            </span>
          )}
        </>
      ),
    },
    {
      id: 'environment',
      header: 'Environment',
      width: 104,
      value: ({ candidate }) => candidate.draft.environment,
      cell: ({ candidate }) => <EnvironmentBadge environment={candidate.draft.environment} />,
    },
    {
      id: 'where',
      header: 'Where',
      width: 300,
      grow: true,
      value: ({ candidate }) => whereOf(candidate),
      cell: ({ candidate }) => (
        <span className={styles['mono']} title={whereOf(candidate)}>
          {whereOf(candidate)}
        </span>
      ),
    },
    {
      id: 'user',
      header: 'User',
      width: 100,
      value: ({ candidate }) => candidate.draft.user,
      cell: ({ candidate }) => <span className={styles['mono']}>{candidate.draft.user}</span>,
    },
    {
      id: 'origin',
      header: 'Found in',
      width: 190,
      value: ({ candidate }) => candidate.origin,
      cell: ({ candidate }) => (
        <span className={styles['origin']} title={candidate.origin}>
          {candidate.origin}
        </span>
      ),
    },
  ];
}

function whereOf({ draft }: ImportCandidate): string {
  const more = draft.otherHosts.length > 0 ? ` +${draft.otherHosts.length}` : '';
  const via = draft.ssh === undefined ? '' : ` via ${draft.ssh.host}`;
  return `${draft.host}${draft.host.startsWith('/') ? '' : `:${draft.port}`}${more}/${draft.database}${via}`;
}

function Notes({ notes }: { readonly notes: readonly string[] }) {
  return (
    <ul className={styles['notes']}>
      {notes.map((note) => (
        <li key={note}>{note}</li>
      ))}
    </ul>
  );
}

const mostWarnings = 4;

function Warnings({ warnings }: { readonly warnings: readonly string[] }) {
  const [all, setAll] = useState(false);
  const hidden = warnings.length - mostWarnings;
  return (
    <div className={styles['warnings']} role="status">
      {(all ? warnings : warnings.slice(0, mostWarnings)).map((warning) => (
        <p key={warning}>
          <TriangleAlert size={14} aria-hidden />
          {warning}
        </p>
      ))}
      {hidden > 0 && !all && (
        <Button size="small" look="quiet" onClick={() => setAll(true)}>
          Show {hidden} more
        </Button>
      )}
    </div>
  );
}
